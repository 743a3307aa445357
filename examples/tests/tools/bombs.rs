//! A small zip that comes to terabytes is refused by every tool that opens a zip: at once, in few words, and with nothing left.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use gomod_cache::CacheFile;
use gomod_testkit::{Bomb, LoopbackProxy, ModuleTree, ModuleZip};
use serde_json::json;

use crate::download::world::{ALPHA, Run, World};
use crate::tool::tool;
use crate::verify::{full, kinds, put, verify};

const MODULE: &str = "example.com/m@v1.0.0";

/// What a terminal holds.
const FEW: usize = 8 << 10;

/// Each kind, for a module.
fn bombs(module: &str) -> Vec<(&'static str, Vec<u8>)> {
    let gib = 1 << 10;
    let of =
        |bomb: Bomb, count, name: &str| bomb.entries(count, |i| name.replace('#', &i.to_string())).build();
    let named = format!("{module}/#");
    vec![
        ("foreign names", of(Bomb::new(gib), 5000, "x#")),
        ("names that are not clean", of(Bomb::new(gib), 5000, &format!("{module}/a/../#"))),
        ("names of the module", of(Bomb::new(gib), 5000, &named)),
        ("names that differ in case", of(Bomb::new(gib), 2, &format!("{module}/a"))),
        ("many that overlap", of(Bomb::new(1), 60_000, &named)),
        ("little is declared", of(Bomb::new(gib).declared(100), 5000, &named)),
    ]
}

/// The run of a tool in this directory, which ended with 1 and few words.
#[track_caller]
fn refused(name: &str, dir: &Path, args: &[&str], what: &str) -> Run {
    let mut command = Command::new(tool(name));
    command.env_clear().env("TMPDIR", dir).args(args).current_dir(dir).stdin(Stdio::null());
    let run = Run::within(command);
    assert!(run.code == Some(1) && run.stderr.len() < FEW, "{what}: {args:?}: {run:?}");
    run
}

#[test]
fn hash_zip_and_fetch_refuse_them() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    let good = ModuleZip::new("example.com/m", "v1.0.0").file("go.mod", "module example.com/m\n").build();
    fs::write(dir.join("good.zip"), &good).unwrap();
    for (what, bomb) in bombs(MODULE) {
        fs::write(dir.join("bomb.zip"), &bomb).unwrap();
        refused("hash", dir, &["zip", "bomb.zip"], what);
        refused("zip", dir, &["check", "bomb.zip", MODULE, "--json"], what);
        refused("zip", dir, &["unzip", "bomb.zip", MODULE, "out"], what);
        refused("zip", dir, &["diff", "bomb.zip", "good.zip"], what);
        refused("zip", dir, &["diff", "good.zip", "bomb.zip"], what);
        let tree = ModuleTree::new().version("example.com/m", "v1.0.0", b"module example.com/m\n", &bomb);
        let proxy = LoopbackProxy::serve(tree);
        let hash = "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=";
        refused("zip", dir, &["fetch", &proxy.url(), MODULE, hash, "fetched.zip"], what);
        let index = json!({"file": "bomb.zip", "path": "example.com/m", "version": "v1.0.0"});
        fs::write(dir.join("index.jsonl"), format!("{index}\n")).unwrap();
        let mut command = Command::new(tool("conformance"));
        command.args(["zips", "index.jsonl"]).env("TMPDIR", dir).current_dir(dir).stdin(Stdio::null());
        let answers = Run::within(command).expect(0).records();
        for operation in ["hash_zip", "unzip"] {
            assert_eq!(answers[0][operation]["ok"], false, "{what}: {operation}");
        }
        let mut left: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["bomb.zip", "good.zip", "index.jsonl"], "{what}");
    }
}

#[test]
fn download_refuses_them_from_a_proxy_and_in_the_cache() {
    for (what, bomb) in bombs(MODULE) {
        let tree = ModuleTree::new().version("example.com/m", "v1.0.0", b"module example.com/m\n", &bomb);
        let (world, proxy) = (World::new(), LoopbackProxy::serve(tree));
        let download = |args: &[&str]| {
            let mut command = world.command(&proxy.url(), args);
            let run = Run::within({
                command.env("GOSUMDB", "off");
                command
            });
            assert!(run.code == Some(1) && run.stderr.len() < FEW, "{what}: {run:?}");
            run
        };
        download(&[MODULE, "--retries", "none"]);
        world.assert_without_zip(MODULE);
        // As an earlier run may have left it, with or without a hash.
        let entry = world.entry(MODULE);
        let zip = entry.path(CacheFile::Zip);
        put(&zip, &bomb);
        let advice = format!("next: move {} away", zip.display());
        download(&[MODULE, "--retries", "none"]).says(&[&advice]);
        let ziphash = entry.path(CacheFile::ZipHash);
        put(&ziphash, b"h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=");
        let advice = format!("next: move {} and {} away", zip.display(), ziphash.display());
        fs::create_dir_all(entry.dir()).unwrap();
        download(&[MODULE, "--retries", "none", "--verify"]).says(&[&advice]);
        // It leads further: the zip is fetched anew.
        fs::remove_file(&zip).unwrap();
        fs::remove_file(&ziphash).unwrap();
        download(&[MODULE, "--retries", "none"]).says(&["was rejected"]);
    }
}

#[test]
fn verify_refuses_them() {
    let (world, _proxy) = full();
    for (what, bomb) in bombs(ALPHA) {
        put(&world.entry(ALPHA).path(CacheFile::Zip), &bomb);
        let run = Run::within(world.tool("verify", "off", &["--json"]));
        assert!(
            run.code == Some(1) && run.stderr.len() < FEW && run.stdout.len() < 2 * FEW,
            "{what}: {run:?}"
        );
        // The zip of another module is one fault; of other faults ten are named.
        let most = if what == "foreign names" { 9 } else { 19 };
        assert!(run.stderr.lines().count() <= most, "{what}: {}", run.stderr);
        let kinds = kinds(&run, ALPHA);
        assert!(kinds.iter().any(|kind| kind == "zip" || kind == "zip_rules"), "{what}: {kinds:?}");
    }
    verify(&world, "off", &[ALPHA]).expect(1);
}

/// One line, as go says it.
#[test]
fn the_zip_of_another_module_is_called_that() {
    let zip = (0..20_000).fold(ModuleZip::new("example.com/other", "v1.0.0"), |zip, i| {
        zip.file(&format!("file{i}.go"), "package other\n")
    });
    let tree = ModuleTree::new().version("example.com/m", "v1.0.0", b"module example.com/m\n", &zip.build());
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree));
    let mut command = world.command(&proxy.url(), &[MODULE, "--retries", "none"]);
    command.env("GOSUMDB", "off");
    let run = Run::within(command).expect(1);
    assert!(run.error().contains("has unexpected file example.com/other@v1.0.0/file0.go"), "{}", run.stderr);
    assert!(run.stderr.lines().count() < 10 && run.stderr.len() < 2000, "{}", run.stderr);
}
