//! The `hash` tool as its users meet it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use gomod_testkit::ModuleZip;

use crate::tool::{Run, sha256, tool};

fn run(dir: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(tool("hash"));
    command.env_clear().env("TMPDIR", dir).args(args).current_dir(dir).stdin(Stdio::null());
    Run::of(command)
}

#[test]
fn hashes_are_those_of_go() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    // The values are Go's: its dirhash was asked for them.
    fs::create_dir(root.join("m")).unwrap();
    fs::write(root.join("m/a.txt"), "hello\n").unwrap();
    fs::write(root.join("m/go.mod"), "module x.y/m\n").unwrap();
    let zip = ModuleZip::new("x.y/m", "v1.0.0").file("a.txt", "hello\n").file("go.mod", "module x.y/m\n");
    fs::write(root.join("m.zip"), zip.build()).unwrap();
    let files = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";
    let go_mod = "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=";
    assert_eq!(run(root, &["zip", "m.zip"]).expect(0).stdout, format!("{files}  m.zip\n"));
    assert_eq!(run(root, &["dir", "m", "x.y/m@v1.0.0"]).expect(0).stdout, format!("{files}  m\n"));
    assert_eq!(run(root, &["mod", "m/go.mod"]).expect(0).stdout, format!("{go_mod}  m/go.mod\n"));
    let records = run(root, &["zip", "m.zip", "m.zip", "--json", "--threads", "1"]).expect(0).records();
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|record| record["h1"] == files && record["schema"] == 1), "{records:?}");
}

/// Two hashes of one zip, and which is which.
#[test]
fn the_sha256_of_a_zip_is_beside_its_h1() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for (name, text) in [("one.zip", "1"), ("two.zip", "2")] {
        fs::write(root.join(name), ModuleZip::new("x.y/m", "v1.0.0").file("a.txt", text).build()).unwrap();
    }
    let digests = [sha256(&root.join("one.zip")), sha256(&root.join("two.zip"))];
    let records = run(root, &["--json", "zip", "one.zip", "two.zip"]).expect(0).records();
    for (record, digest) in records.iter().zip(&digests) {
        assert_eq!(record["sha256"], **digest);
        assert!(record["h1"].as_str().unwrap().starts_with("h1:"), "{record}");
    }
    let text = run(root, &["zip", "--sha256", "two.zip"]).expect(0).stdout;
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("h1:") && lines[1] == format!("sha256:{}  two.zip", digests[1]), "{text}");
    assert_eq!(run(root, &["zip", "two.zip"]).expect(0).stdout.lines().count(), 1);
    // It is a hash of zips, and nothing is said of what is none.
    fs::write(root.join("bad.zip"), "no zip").unwrap();
    let bad = run(root, &["zip", "bad.zip", "--json"]).expect(1).records();
    assert!(bad[0]["sha256"].is_null() && bad[0]["error"].is_string(), "{bad:?}");
    let go_mod = root.join("go.mod");
    fs::write(&go_mod, "module x.y/m\n").unwrap();
    assert!(run(root, &["mod", "go.mod", "--json"]).expect(0).records()[0]["sha256"].is_null());
    run(root, &["mod", "go.mod", "--sha256"]).expect(2);
}

#[test]
fn what_cannot_be_hashed_is_named_and_the_rest_is_hashed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::write(root.join("good.mod"), "module x.y/m\n").unwrap();
    fs::write(root.join("bad.zip"), "no zip").unwrap();
    fs::File::create(root.join("large.mod")).unwrap().set_len((16 << 20) + 1).unwrap();
    let mixed = run(root, &["mod", "absent.mod", "large.mod", "good.mod", "--json"]).expect(1);
    mixed.says(&["error: absent.mod: ", "error: large.mod: larger than 16777216 bytes"]);
    let records = mixed.records();
    assert!(records[0]["error"].is_string() && records[1]["h1"].is_null() && records[2]["h1"].is_string());
    for (args, text) in [
        (&["zip", "bad.zip"][..], "bad.zip: not a valid zip file"),
        (&["zip", "absent.zip"], "absent.zip"),
        (&["dir", "bad.zip", "x.y/m@v1.0.0"], "bad.zip is not a directory"),
        (&["dir", "absent", "x.y/m@v1.0.0"], "absent"),
    ] {
        let failed = run(root, args).expect(1);
        assert!(failed.error().contains(text) && failed.stdout.is_empty(), "{}", failed.stderr);
    }
}

#[test]
fn the_sample_and_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let sample = run(dir.path(), &["--sample"]).expect(0);
    assert_eq!(sample.stdout.matches("h1:WbrQxRPWCK/TZnBMRmKz3Wwb/Nw55W67aYChO2tQ6TM=").count(), 2);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "something is left");
    for args in
        [&[][..], &["zip"], &["dir", "m"], &["dir", "m", "x.y/m"], &["mod", "--threads", "0", "a"], &["what"]]
    {
        run(dir.path(), args).expect(2);
    }
    assert!(run(dir.path(), &["--help"]).expect(0).stdout.contains("Exit status:"));
}
