//! A checksum database over HTTP: by itself, behind a proxy, and when it misbehaves.

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule, SumDb, SumDbLog};

use crate::client::get;

const LOOKUP: &str = "lookup/x.y/!m0@v1.0.0";

fn database(size: usize) -> SumDb {
    let mut log = SumDbLog::new("sum.example.org", 8);
    for i in 0..size {
        log.add(&format!("x.y/M{i}"), "v1.0.0", &format!("x.y/M{i} v1.0.0 h1:{i}\n"));
    }
    SumDb::new(log)
}

fn body(proxy: &LoopbackProxy, path: &str) -> Option<Vec<u8>> {
    let (head, body) = get(proxy, &format!("/{}", path.replace('!', "%21")));
    head.starts_with("HTTP/1.1 200 ").then_some(body)
}

#[test]
fn is_served_at_the_root_and_behind_a_proxy() {
    let database = database(3);
    let served = LoopbackProxy::builder(ModuleTree::new()).database(&database).start();
    let proxied = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database).start();
    for path in [LOOKUP, "tile/8/0/000.p/3", "latest"] {
        let answer = database.update(|log| log.get(path));
        assert!(answer.is_some());
        assert_eq!(body(&served, path), answer, "{path}");
        assert_eq!(body(&proxied, &format!("sumdb/sum.example.org/{path}")), answer, "{path}");
        assert_eq!(body(&proxied, path), None, "{path}");
    }
    assert_eq!(body(&served, "supported"), None);
    assert_eq!(body(&proxied, "sumdb/sum.example.org/supported"), Some(Vec::new()));
    assert_eq!(body(&proxied, "sumdb/other.example.org/supported"), None);
    assert_eq!(served.requests(), [LOOKUP, "tile/8/0/000.p/3", "latest", "supported"]);
}

#[test]
fn what_changes_is_served_from_then_on() {
    let database = database(3);
    let served = LoopbackProxy::builder(ModuleTree::new()).database(&database).start();
    let (before, tile) = (body(&served, LOOKUP), body(&served, "tile/8/0/000.p/3"));

    database.corrupt("tile/8/0/000.p/3", 96 + 5);
    let corrupt = body(&served, "tile/8/0/000.p/3").unwrap();
    let tile = tile.unwrap();
    let differing: Vec<_> = (0..96).filter(|i| corrupt[*i] != tile[*i]).collect();
    assert_eq!(differing, [5]);

    database.roll_back(Some(2));
    assert_eq!(body(&served, "lookup/x.y/!m2@v1.0.0"), None);
    assert_eq!(body(&served, "latest").unwrap(), database.update(|log| log.head(2)).into_bytes());

    database.recover();
    assert_eq!((body(&served, LOOKUP), body(&served, "tile/8/0/000.p/3")), (before.clone(), Some(tile)));
    database.update(|log| log.rewrite(0, "x.y/M0 v1.0.0 h1:other\n"));
    assert_ne!(body(&served, LOOKUP), before);
}

#[test]
fn faults_meet_it_as_they_meet_everything() {
    let database = database(1);
    let fault = Rule::new(Endpoint::SumDb, Fault::status(503)).times(1);
    let proxy = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database).rule(fault).start();
    assert_eq!(body(&proxy, "sumdb/sum.example.org/supported"), None);
    assert_eq!(body(&proxy, "sumdb/sum.example.org/supported"), Some(Vec::new()));
}
