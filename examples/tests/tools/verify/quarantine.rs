//! What repairs took out is listed, put back and removed by commands.

use std::fs;

use gomod_cache::CacheFile;

use super::{full, put, used, verify};
use crate::download::world::ALPHA;

#[test]
fn a_quarantine_is_listed_put_back_and_removed() {
    let (world, proxy) = full();
    let right = used(&world);
    verify(&world, "off", &["--quarantine", "list"]).expect(0).says(&["0 quarantines"]);
    let zip = world.entry(ALPHA).path(CacheFile::Zip);
    put(&zip, b"no zip");
    verify(&world, &proxy.url(), &["--repair"]).expect(0);
    let run = verify(&world, "off", &["--quarantine", "list", "--json"]).expect(0);
    run.says(&["1: example.com/alpha@v1.0.0 (zip, tree)", "replaced on 20", "why: ", "not a valid zip file"]);
    let record = &run.records()[0];
    assert_eq!((&record["number"], &record["replaced"]), (&1.into(), &true.into()));
    assert_eq!(record["modules"][0]["module"], ALPHA);

    // What is in its place is not lost by it.
    let before = world.files();
    let run = verify(&world, "off", &["--quarantine", "restore", "1", "--json"]).expect(1);
    run.says(&["quarantine 1 is not restored", "v1.0.0.ziphash is there", "next: --yes"]);
    assert_eq!(run.records()[0]["outcome"], "occupied");
    assert!(world.files() == before);
    verify(&world, "off", &["--quarantine", "restore", "1", "--yes"])
        .expect(0)
        .says(&["restored: 1", "kept: "]);
    assert_eq!(fs::read(&zip).unwrap(), b"no zip");
    verify(&world, "off", &[]).expect(1).says(&["1 broken"]);
    verify(&world, "off", &["--quarantine", "restore", "1", "--yes"]).expect(0);
    assert!(used(&world) == right);
    verify(&world, "off", &[]).expect(0).says(&["1 × quarantine"]);

    let before = world.files();
    let run = verify(&world, "off", &["--quarantine", "prune", "--older-than", "1", "--yes"]).expect(0);
    run.says(&["younger, and left: 1", "0 quarantines"]);
    verify(&world, "off", &["--quarantine", "prune"]).expect(0).says(&["would remove: 1", "--yes does it"]);
    assert!(world.files() == before);
    verify(&world, "off", &["--quarantine", "prune", "--yes"])
        .expect(0)
        .says(&["removed: 1", "1 quarantines"]);
    assert!(used(&world) == right && !world.cache().join("cache/quarantine").exists());
}

#[test]
fn the_only_copy_stays_unless_it_is_named() {
    let (world, _proxy) = full();
    let right = used(&world);
    let take = || {
        let lock = world.entry(ALPHA).lock().unwrap();
        lock.quarantine(gomod_cache::Parts::all()).unwrap().unwrap();
    };
    take();
    verify(&world, "off", &["--quarantine", "prune", "--yes"]).expect(0).says(&["the only copy, and left"]);
    verify(&world, "off", &["--quarantine", "restore", "1"]).expect(0);
    assert!(used(&world) == right);
    verify(&world, "off", &[]).expect(0);
    take();
    verify(&world, "off", &["--quarantine", "prune", "1", "--yes"]).expect(0).says(&["removed: 1"]);
    verify(&world, "off", &[]).expect(0).says(&["1 module: 1 checked"]);
}

#[test]
fn what_cannot_be_meant_changes_nothing() {
    let (world, _proxy) = full();
    world.entry(ALPHA).lock().unwrap().quarantine(gomod_cache::Parts::all()).unwrap().unwrap();
    let before = world.files();
    for (args, code) in [
        (&["--quarantine"][..], 2),
        (&["--quarantine", "list", "--repair"], 2),
        (&["--quarantine", "list", "--prune"], 2),
        (&["--quarantine", "show"], 1),
        (&["--quarantine", "restore"], 1),
        (&["--quarantine", "restore", "x"], 1),
        (&["--quarantine", "restore", "9"], 1),
        (&["--quarantine", "prune", "1", "9", "--yes"], 1),
    ] {
        let run = verify(&world, "off", args);
        assert_eq!(run.code, Some(code), "{args:?}: {}", run.stderr);
        assert!(world.files() == before, "{args:?}");
    }
    let lock = world.entry(ALPHA).lock().unwrap();
    let run = verify(&world, "off", &["--quarantine", "restore", "1"]).expect(1);
    run.says(&["another process works on its module"]);
    verify(&world, "off", &["--quarantine", "prune", "1", "--yes"]).expect(0).says(&["in use, and left"]);
    drop(lock);
    assert!(world.files() == before);
}
