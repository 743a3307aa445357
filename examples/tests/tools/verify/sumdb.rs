//! With `--sumdb` the checksum database has its say: what it contradicts is broken, and what it does not confirm is no
//! success.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use gomod_cache::CacheFile;
use gomod_testkit::{LoopbackProxy, ModuleTree, SumDb};

use super::{full, kinds, used};
use crate::download::world::{ALPHA, BETA, Run, World, add, database, sum_lines, tree};

const HEAD: &str = "gopath/pkg/sumdb/sum.example.org/latest";

/// Modules of the same names and with other bytes.
fn forged() -> ModuleTree {
    let go_mod = b"module example.com/alpha\n\ngo 1.21\n";
    tree().module("example.com/alpha", "v1.0.0", &[("go.mod", go_mod), ("alpha.go", b"package alpha\n")])
}

fn proxy(tree: ModuleTree, database: &SumDb) -> LoopbackProxy {
    LoopbackProxy::builder(tree).proxied_database(database).start()
}

fn command(world: &World, proxy: &str, args: &[&str]) -> Command {
    let mut command = world.tool("verify", proxy, &[&["--sumdb", "--json"], args].concat());
    command.env("GOSUMDB", database().key());
    command
}

fn verify(world: &World, proxy: &str, args: &[&str]) -> Run {
    Run::of(command(world, proxy, args))
}

/// A cache that was filled by a proxy with forged bytes, whose hashes are recorded; go.sum has them, or nothing.
fn forged_cache(in_go_sum: bool) -> World {
    let world = World::new();
    let lines = [BETA, ALPHA].map(|module| sum_lines(&forged(), module)).concat();
    world.write("go.sum", &lines);
    world.download(&LoopbackProxy::serve(forged()).url()).expect(0);
    if !in_go_sum {
        world.write("go.sum", "");
    }
    world
}

/// The files of the modules.
fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut files = used(world);
    files.retain(|path, _| !path.starts_with("cache/download/sumdb/"));
    files
}

fn lookups(proxy: &LoopbackProxy) -> usize {
    proxy.requests().iter().filter(|path| path.contains("/lookup/")).count()
}

#[test]
fn what_is_right_is_confirmed() {
    let (world, _proxy) = full();
    let source = proxy(tree(), &database());
    let run = verify(&world, &source.url(), &[]).expect(0);
    run.says(&["2 checked, 0 broken", "checksum database: 2 confirmed, 0 contradicted"]);
    let records = run.records();
    let record = records.iter().find(|record| record["module"] == ALPHA).unwrap();
    assert_eq!(record["sumdb"], serde_json::json!({"verdict": "confirmed", "record": 0}));
    assert_eq!(records.last().unwrap()["sumdb"]["confirmed"], 2);
    assert_eq!(lookups(&source), 2);
    // What was kept proves them again. And nobody is asked where nobody wants it.
    verify(&world, "off", &["--project", "project"]).expect(0);
    assert!(super::verify(&world, "off", &["--json"]).expect(0).records()[0]["sumdb"].is_null());
}

#[test]
fn what_everybody_else_got_is_brought_back() {
    let right = files(&full().0);
    let world = forged_cache(false);
    super::verify(&world, "off", &["--project", "project"]).expect(0);
    let database = database();
    let source = proxy(tree(), &database);
    let run = verify(&world, &source.url(), &["--project", "project"]).expect(1);
    assert_eq!(kinds(&run, ALPHA), ["zip_sumdb", "go_mod_sumdb"]);
    assert!(kinds(&run, BETA).is_empty());
    run.says(&["everybody else got other bytes", "1 confirmed, 1 contradicted", "2 checked, 1 broken"]);

    // The recorded hash is that of the forged zip, and counts no more.
    let run = verify(&world, &proxy(forged(), &database).url(), &[ALPHA, "--repair"]).expect(1);
    run.says(&["not repaired", "checksum mismatch"]);
    let mut command = command(&world, &source.url(), &["--project", "project", "--repair"]);
    let run = Run::of_mut(command.env("GOPRIVATE", "https://git.corp.test")).expect(0);
    run.says(&["repaired: "]);
    // Once, though the database was asked and then the proxy.
    assert_eq!(run.stderr.matches("warning: GOPRIVATE: ").count(), 1, "{}", run.stderr);
    assert!(files(&world) == right);
}

#[test]
fn a_go_sum_that_the_database_contradicts_stops_the_repair() {
    let world = forged_cache(true);
    let before = files(&world);
    let source = proxy(tree(), &database());
    let run = verify(&world, &source.url(), &["--project", "project", "--repair"]).expect(1);
    run.says(&["go.sum has the hash of these bytes, and everybody else got others", "not repaired"]);
    assert!(files(&world) == before, "no copy could please both");
}

/// The zip is damaged, and what is recorded of it is no better: the hash that Go trusts is held against the database.
#[test]
fn a_recorded_hash_is_not_believed_where_the_zip_cannot_be_read() {
    let right = files(&full().0);
    let world = forged_cache(false);
    super::put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    let source = proxy(tree(), &database());
    let run = verify(&world, &source.url(), &[ALPHA, "--repair"]).expect(0);
    assert_eq!(kinds(&run, ALPHA), ["zip", "zip_sumdb", "go_mod_sumdb"]);
    assert!(files(&world) == right);
}

#[test]
fn private_modules_are_skipped_and_nothing_confirmed_is_no_success() {
    let (world, _proxy) = full();
    let source = proxy(tree(), &database());
    let mut private = command(&world, &source.url(), &[]);
    private.env("GOPRIVATE", "example.com/alpha");
    let run = Run::of(private).expect(0);
    run.says(&["1 confirmed, 0 contradicted, 1 skipped: private by GONOSUMDB or GOPRIVATE"]);
    assert_eq!(lookups(&source), 1);
    for (name, value, why) in [
        ("GONOSUMDB", "example.com/*", "private by GONOSUMDB or GOPRIVATE"),
        ("GOSUMDB", "off", "GOSUMDB=off"),
    ] {
        let mut none = command(&world, &source.url(), &[]);
        none.env(name, value);
        let run = Run::of(none).expect(1);
        run.says(&[&format!("2 skipped: {why}"), "nothing was held against the checksum database"]);
        run.says(&["2 checked, 0 broken"]);
    }
    assert_eq!(lookups(&source), 1);
    let mut garbage = command(&world, "off", &[]);
    garbage.env("GOSUMDB", "garbage");
    assert!(Run::of(garbage).expect(1).error().contains("invalid GOSUMDB"));
    let run = verify(&world, "off", &["example.com/none@v1.0.0"]).expect(1);
    run.says(&["1 skipped: nothing in the cache that has a hash"]);
}

#[test]
fn nobody_to_ask_is_not_broken_and_no_success() {
    let (world, _proxy) = full();
    let nowhere = format!("{} {}", database().key(), LoopbackProxy::refused_url());
    let mut alone = command(&world, "off", &["--repair"]);
    alone.env("GOSUMDB", &nowhere);
    let run = Run::of(alone).expect(1);
    run.says(&[
        "2 checked, 0 broken",
        "2 skipped: the checksum database could not be asked",
        "unconfirmed: ",
    ]);
    let record = &run.records()[0]["sumdb"];
    assert_eq!((&record["verdict"], record["cause"].is_string()), (&"skipped".into(), true));

    // It knows the one and not the other.
    let database = database();
    database.roll_back(Some(1));
    let source = proxy(tree(), &database);
    let run = verify(&world, &source.url(), &[]).expect(1);
    run.says(&["1 confirmed", "1 skipped: not known to the checksum database", "should have confirmed more"]);
    run.says(&["0 broken"]);
}

#[test]
fn a_fork_ends_the_run_with_its_evidence() {
    let (world, _proxy) = full();
    let database = database();
    let source = proxy(tree(), &database);
    verify(&world, &source.url(), &[ALPHA]).expect(0);
    let head = fs::read(world.dir().join(HEAD)).unwrap();
    database.update(|log| {
        log.rewrite(0, "example.com/alpha v1.0.0 h1:other\n");
        add(log, "example.com/new@v1.0.0", "example.com/new v1.0.0 h1:x\n");
    });
    let run = verify(&world, &source.url(), &["--repair"]).expect(1);
    run.says(&["SECURITY ERROR", "proof of misbehavior:"]);
    assert!(run.records().iter().any(|record| record["evidence"].is_string()));
    assert_eq!(fs::read(world.dir().join(HEAD)).unwrap(), head);
    assert!(files(&world) == files(&full().0));
}
