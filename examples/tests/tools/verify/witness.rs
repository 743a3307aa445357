//! `verify --repair` asks the checksum database which of go.sum and the bytes is right, where it may be asked.

use gomod_cache::CacheFile;
use serde_json::Value;

use super::{put, used, verify};
use crate::download::witness::{lookups, other, other_sums, with_database};
use crate::download::world::{ALPHA, Run, World, database, go_sum, tree};

const REPAIR: [&str; 6] = ["--project", "project", "--repair", "--retries", "none", "--json"];

fn mismatch(run: &Run) -> Value {
    let records = run.records();
    records.into_iter().find(|record| record["mismatch"] == ALPHA).unwrap_or_else(|| panic!("{}", run.stderr))
}

fn repair(world: &World, proxy: &str, variable: (&str, &str)) -> Run {
    let mut command = world.tool("verify", proxy, &REPAIR);
    command.env("GOSUMDB", database().key()).env(variable.0, variable.1);
    Run::of(command)
}

/// Whatever is in the cache and whatever go.sum says of it, the one that is wrong is named.
#[test]
fn the_side_that_the_database_contradicts_is_named() {
    let right = database();
    let right = right.update(|log| log.get("lookup/example.com/alpha@v1.0.0")).unwrap();
    let right = String::from_utf8(right).unwrap();
    // A line of other bytes, and the right ones in cache and proxy.
    let (world, proxy) = (World::new(), with_database(tree()));
    world.download(&proxy.url()).expect(0);
    world.write("go.sum", &other_sums());
    let before = world.files();
    let run = repair(&world, &proxy.url(), ("LANG", "C")).expect(1);
    run.says(&["the checksum database agrees with the hash found, so line 3 of "]);
    let record = mismatch(&run);
    assert_eq!((&record["wrong"], lookups(&proxy)), (&"go.sum".into(), 1), "{record}");
    assert!(right.contains(record["database"].as_str().unwrap()), "{record}");
    let mut after = world.files();
    after.retain(|path, _| !path.starts_with("cache/download/sumdb/"));
    assert!(after == before);
    // The right line, and other bytes in cache and proxy.
    let (world, proxy) = (World::new(), with_database(other()));
    world.write("go.sum", &other_sums());
    world.download(&proxy.url()).expect(0);
    world.write("go.sum", &go_sum());
    let run = repair(&world, &proxy.url(), ("LANG", "C")).expect(1);
    run.says(&[
        "the checksum database agrees with line 3 of ",
        "so what came is not what was published first",
    ]);
    assert_eq!(mismatch(&run)["wrong"], "source", "{}", run.stdout);
    // And a source that has the right ones.
    repair(&world, &with_database(tree()).url(), ("LANG", "C")).expect(0);
}

/// What the line itself shows is enough, and is borne out.
#[test]
fn an_edited_line_is_borne_out() {
    let (world, proxy) = (World::new(), with_database(tree()));
    world.download(&proxy.url()).expect(0);
    let sums = go_sum();
    let hash = sums.lines().nth(2).unwrap().split(' ').nth(2).unwrap();
    let swapped = format!("h1:{}{}{}", &hash[4..5], &hash[3..4], &hash[5..]);
    world.write("go.sum", &sums.replace(hash, &swapped));
    let run = repair(&world, &proxy.url(), ("LANG", "C")).expect(1);
    run.says(&[
        "two characters exchanged",
        "the checksum database agrees with the hash found, so line 3 of ",
    ]);
    assert_eq!(mismatch(&run)["database"], hash);
    // Without --repair nobody is asked.
    let asked = proxy.hits();
    verify(&world, &proxy.url(), &["--project", "project"]).expect(1).says(&["two characters exchanged"]);
    assert_eq!(proxy.hits(), asked);
    world.write("go.sum", &sums);
    repair(&world, &proxy.url(), ("LANG", "C")).expect(0);
}

#[test]
fn nobody_is_asked_where_nobody_may_be() {
    for (name, value) in [("GOPRIVATE", "example.com/alpha"), ("GOSUMDB", "off"), ("GOPROXY", "off")] {
        let (world, proxy) = (World::new(), with_database(tree()));
        world.download(&proxy.url()).expect(0);
        put(&world.entry(ALPHA).path(CacheFile::Info), b"{nonsense");
        let before = used(&world);
        world.write("go.sum", &other_sums());
        let run = repair(&world, &proxy.url(), (name, value)).expect(1);
        assert!(!run.stderr.contains("checksum database agrees"), "{name}: {}", run.stderr);
        assert_eq!(lookups(&proxy), 0, "{name}");
        assert!(used(&world) == before, "{name}");
    }
}
