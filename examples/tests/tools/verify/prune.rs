//! What could go is said first, and goes only when that is wanted.

use std::fs;
use std::time::{Duration, SystemTime};

use gomod_cache::CacheFile;

use super::{full, verify};
use crate::download::world::{ALPHA, BETA};

#[test]
fn nothing_goes_before_it_was_named() {
    let (world, _proxy) = full();
    let before = world.names();
    let old = SystemTime::now() - Duration::from_secs(100 * 86400);
    let zip = world.entry(ALPHA).path(CacheFile::Zip);
    fs::File::options().write(true).open(zip).unwrap().set_modified(old).unwrap();

    verify(&world, "off", &["--prune", "--older-than", "90"]).expect(0).says(&[
        "would remove: example.com/alpha@v1.0.0",
        "100 days old",
        "nothing was removed: --yes does it",
    ]);
    assert_eq!(world.names(), before);
    // The project needs it.
    let run =
        verify(&world, "off", &["--prune", "--older-than", "90", "--keep", "project", "--yes"]).expect(0);
    run.says(&["0 versions", "2 (", ") stay"]);
    assert_eq!(world.names(), before);

    let run = verify(&world, "off", &["--prune", "--older-than", "90", "--yes", "--json"]).expect(0);
    assert_eq!(run.records()[0]["prune"], ALPHA);
    assert!(world.entry(ALPHA).state().unwrap().is_absent());
    assert!(world.entry(BETA).state().unwrap().is_complete());
    verify(&world, "off", &[]).expect(0).says(&["1 module: 1 checked"]);
}

/// A line that names nothing keeps nothing: it is told, as by all that reads go.sum.
#[test]
fn a_go_sum_that_keeps_less_than_it_seems_to_is_warned_of() {
    let (world, _proxy) = full();
    let sums = fs::read_to_string(world.project().join("go.sum")).unwrap();
    let file = world.dir().join("broken.sum");
    for broken in [
        format!("{sums}\n<<<<<<< HEAD\n=======\n>>>>>>> x\n"),
        format!("\u{feff}{sums}"),
        sums.replace("h1:", "h1"),
    ] {
        fs::write(&file, &broken).unwrap();
        let run = verify(&world, "off", &["--prune", "--max-size", "0", "--keep", "broken.sum"]);
        run.says(&["broken.sum:", "next: "]);
    }
    fs::write(&file, &sums).unwrap();
    let run = verify(&world, "off", &["--prune", "--max-size", "0", "--keep", "broken.sum"]).expect(0);
    assert!(!run.stderr.contains("warning: "), "{}", run.stderr);
}

#[test]
fn rules_that_cannot_be_read_remove_nothing() {
    let (world, _proxy) = full();
    for (args, code) in [
        (&["--prune"][..], 2),
        (&["--prune", "--yes"], 2),
        (&["--yes"], 2),
        (&["--older-than", "3"], 2),
        (&["--keep", "project"], 2),
        (&["--prune", "--max-size", "many"], 2),
        (&["--prune", "--older-than", "-1"], 2),
        (&["--prune", "--max-size", "0", "--repair"], 2),
        (&["--prune", "--keep", "nowhere", "--yes"], 1),
    ] {
        let before = world.names();
        let run = verify(&world, "off", args).expect(code);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert_eq!(world.names(), before);
    }
    verify(&world, "off", &["--prune", "--max-size", "0KB", "--yes"]).expect(0);
    assert!(
        world.entry(ALPHA).state().unwrap().is_absent() && world.entry(BETA).state().unwrap().is_absent()
    );
}
