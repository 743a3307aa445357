//! `zip fetch`: the bytes that have the hash, or nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule, source_text};

use crate::download::world::sum_lines;
use crate::kills::{kill_at, moments};
use crate::tool::{Run, sha256, tool};

const HASH: &str = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";

fn tree() -> ModuleTree {
    // The hash is Go's: its dirhash was asked for it.
    ModuleTree::new().module("x.y/m", "v1.0.0", &[("a.txt", b"hello\n"), ("go.mod", b"module x.y/m\n")])
}

fn fetch(args: &[&str], dir: &Path) -> Run {
    let mut command = Command::new(tool("zip"));
    command.env_clear().arg("fetch").args(args).current_dir(dir).stdin(Stdio::null());
    Run::of(command)
}

#[test]
fn the_zip_with_the_hash_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let cut = Rule::new(Endpoint::Zip, Fault::CutBody { after: 100, reset: false }).times(1);
    let a = LoopbackProxy::builder(tree()).rule(cut).ranges(true).start();
    let run = fetch(&[&a.url(), "x.y/m@v1.0.0", HASH, "m.zip"], dir).expect(0);
    run.says(&["asked again after", "from byte 100: 206 Partial Content"]);
    assert_eq!(fs::read(dir.join("m.zip")).ok(), tree().get("x.y/m/@v/v1.0.0.zip"));

    let json = fetch(&["--json", &a.url(), "x.y/m@v1.0.0", HASH, "m.zip"], dir).expect(0).records();
    let [object] = &json[..] else { panic!("{json:?}") };
    assert_eq!((&object["h1"], &object["source"]), (&HASH.into(), &a.url().into()));
    assert_eq!(object["sha256"], sha256(&dir.join("m.zip")));

    // Another source is asked behind `|` where the bytes are wrong.
    let wrong = LoopbackProxy::builder(tree()).fault(Endpoint::Zip, Fault::FlipByte { offset: 50 }).start();
    let list = format!("{}|{}", wrong.url(), a.url());
    fetch(&[&list, "x.y/m@v1.0.0", HASH, "again.zip"], dir).expect(0);
    let run = fetch(&[&wrong.url(), "x.y/m@v1.0.0", HASH, "none.zip"], dir).expect(1);
    assert!(run.error().contains("x.y/m@v1.0.0") && !dir.join("none.zip").exists(), "{}", run.stderr);
    let run = fetch(&[&wrong.url(), "x.y/m@v1.0.0", HASH, "none.zip", "--json"], dir).expect(1);
    assert!(run.records()[0]["error"].as_str().unwrap().contains("x.y/m@v1.0.0"), "{}", run.stdout);
}

/// What is there under the name is whole, be it that of before.
#[test]
fn killed_at_any_moment_it_leaves_no_half_file() {
    let content = source_text(1, 3 << 20);
    let tree = ModuleTree::new().module("x.y/m", "v1.0.0", &[("a.txt", content.as_ref())]);
    let zip = tree.get("x.y/m/@v/v1.0.0.zip").unwrap();
    let lines = sum_lines(&tree, "x.y/m@v1.0.0");
    let hash = lines.split_whitespace().nth(2).unwrap().to_owned();
    let proxy = LoopbackProxy::serve(tree);
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("m.zip");
    let command = || {
        let mut command = Command::new(tool("zip"));
        command
            .env_clear()
            .args(["fetch", &proxy.url(), "x.y/m@v1.0.0", &hash, "m.zip"])
            .current_dir(root.path());
        command
    };
    let started = Instant::now();
    Run::of(command()).expect(0);
    let whole = started.elapsed();
    for before in [None, Some(&b"before"[..])] {
        for (at, moment) in moments(whole) {
            let _ = fs::remove_file(&file);
            if let Some(before) = before {
                fs::write(&file, before).unwrap();
            }
            kill_at(at, command());
            let after = fs::read(&file).ok();
            assert!(after.as_deref() == before || after.as_ref() == Some(&zip), "{moment}");
        }
    }
}

/// A pipe or a device stays what it is.
#[cfg(unix)]
#[test]
fn a_device_is_written_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let dir = tempfile::tempdir().unwrap();
    let proxy = LoopbackProxy::serve(tree());
    fetch(&[&proxy.url(), "x.y/m@v1.0.0", HASH, "/dev/null"], dir.path()).expect(0);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    fetch(&[], dir.path()).expect(2).says(&["Usage: zip fetch <GOPROXY> <PATH@VERSION>"]);
    for (at, wrong) in
        [(0, "ftp://a.example"), (0, ""), (1, "x.y/m@v1"), (1, "x.y/m"), (2, "h1:x"), (2, "h2:x")]
    {
        let mut args = ["https://a.example", "x.y/m@v1.0.0", HASH, "m.zip"];
        args[at] = wrong;
        let run = fetch(&args, dir.path()).expect(2);
        assert!(run.error().contains(wrong), "{}", run.stderr);
    }
}
