//! The `fetch` tool: the bytes that have the hash, or nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule};

use crate::tool::{Run, tool};

const HASH: &str = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";

fn tree() -> ModuleTree {
    // The hash is Go's: its dirhash was asked for it.
    ModuleTree::new().module("x.y/m", "v1.0.0", &[("a.txt", b"hello\n"), ("go.mod", b"module x.y/m\n")])
}

fn fetch(args: &[&str], dir: &Path) -> Run {
    let mut command = Command::new(tool("fetch"));
    command.env_clear().args(args).current_dir(dir).stdin(Stdio::null());
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

    // Another source is asked behind `|` where the bytes are wrong.
    let wrong = LoopbackProxy::builder(tree()).fault(Endpoint::Zip, Fault::FlipByte { offset: 50 }).start();
    let list = format!("{}|{}", wrong.url(), a.url());
    fetch(&[&list, "x.y/m@v1.0.0", HASH, "again.zip"], dir).expect(0);
    let run = fetch(&[&wrong.url(), "x.y/m@v1.0.0", HASH, "none.zip"], dir).expect(1);
    assert!(run.error().contains("x.y/m@v1.0.0") && !dir.join("none.zip").exists(), "{}", run.stderr);
}

#[test]
fn wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    fetch(&[], dir.path()).expect(2).says(&["Usage: fetch <GOPROXY> <PATH@VERSION>"]);
    for (at, wrong) in
        [(0, "ftp://a.example"), (0, ""), (1, "x.y/m@v1"), (1, "x.y/m"), (2, "h1:x"), (2, "h2:x")]
    {
        let mut args = ["https://a.example", "x.y/m@v1.0.0", HASH, "m.zip"];
        args[at] = wrong;
        let run = fetch(&args, dir.path()).expect(2);
        assert!(run.error().contains(wrong), "{}", run.stderr);
    }
}
