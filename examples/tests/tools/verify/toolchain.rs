//! A toolchain that go has used is whole, one that somebody changed is not, and one that was repaired runs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gomod_cache::{CacheFile, Entry};
use gomod_testkit::{GoCommand, ModuleZip, remove_tree};

use super::{kinds, put, verify};
use crate::download::world::{Run, World};

const TOOLCHAIN: &str = "golang.org/toolchain@v0.0.1-go1.98.1.linux-amd64";

/// As the go command leaves one after its first use: neither `.mod` nor `.info`.
fn used() -> (World, Entry) {
    let world = World::new();
    let files: &[(&str, &[u8])] = &[
        ("VERSION", b"go1.98.1\n"),
        ("bin/go", b"#!/bin/sh\n"),
        ("src/_go.mod", b"module std\n\ngo 1.98\n"),
        ("src/cmd/_go.mod", b"module cmd\n\ngo 1.98\n"),
        ("src/fmt/print.go", b"package fmt\n"),
    ];
    let entry = world.entry(TOOLCHAIN);
    let (path, version) = TOOLCHAIN.split_once('@').unwrap();
    let zip =
        files.iter().fold(ModuleZip::new(path, version), |zip, (name, data)| zip.file(name, *data)).build();
    let archive = gomod_archive::Archive::open(&zip[..], &gomod_archive::Limits::default()).unwrap();
    let hash = gomod_sum::hash_zip(&archive, std::num::NonZeroUsize::MIN).unwrap();
    fs::create_dir_all(entry.path(CacheFile::Zip).parent().unwrap()).unwrap();
    fs::write(entry.path(CacheFile::Zip), zip).unwrap();
    fs::write(entry.path(CacheFile::ZipHash), hash.to_string()).unwrap();
    let tree = entry.dir();
    for (name, data) in files {
        let file = tree.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, data).unwrap();
        if let Some(dir) = file.to_str().unwrap().strip_suffix("_go.mod") {
            fs::copy(&file, format!("{dir}go.mod")).unwrap();
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = if name.starts_with("bin/") { 0o555 } else { 0o444 };
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
    (world, entry)
}

#[test]
fn what_go_adds_at_the_first_use_is_no_damage() {
    for without_zip in [false, true] {
        let (world, entry) = used();
        if without_zip {
            fs::remove_file(entry.path(CacheFile::Zip)).unwrap();
        }
        let before = world.files();
        for args in [&["--repair", "-v"][..], &[TOOLCHAIN]] {
            let run = verify(&world, "off", args).expect(0);
            run.says(&["1 checked, 0 broken"]);
            assert!(!run.stderr.contains("other modes"), "{}", run.stderr);
        }
        assert!(world.files() == before);
        // Half of the copies is as good: go makes the others.
        fs::remove_file(entry.dir().join("src/go.mod")).unwrap();
        verify(&world, "off", &[]).expect(0);
    }
}

#[test]
fn everything_else_is() {
    type Damage = fn(&Entry);
    let damages: [(&str, Damage); 6] = [
        ("another go.mod", |entry| put(&entry.dir().join("src/go.mod"), b"module std\n\ngo 1.99\n")),
        ("half a go.mod", |entry| put(&entry.dir().join("src/cmd/go.mod"), b"module cmd\n")),
        ("a go.mod beside none", |entry| {
            put(&entry.dir().join("src/fmt/go.mod"), b"module std\n\ngo 1.98\n");
        }),
        ("both changed", |entry| {
            for name in ["src/go.mod", "src/_go.mod"] {
                put(&entry.dir().join(name), b"module std\n\ngo 1.97\n");
            }
        }),
        ("no _go.mod", |entry| fs::remove_file(entry.dir().join("src/_go.mod")).unwrap()),
        ("an extra file", |entry| put(&entry.dir().join("src/extra.go"), b"package extra\n")),
    ];
    for (name, damage) in damages {
        for without_zip in [false, true] {
            let (world, entry) = used();
            damage(&entry);
            if without_zip {
                fs::remove_file(entry.path(CacheFile::Zip)).unwrap();
            }
            let run = verify(&world, "off", &["--json"]).expect(1);
            assert_eq!(kinds(&run, TOOLCHAIN), ["dir_modified"], "{name} {without_zip}: {}", run.stderr);
            if !without_zip {
                // From its zip, and nothing beside it that go does not store.
                verify(&world, "off", &["--repair"]).expect(0);
                let files = [CacheFile::Mod, CacheFile::Info].map(|file| entry.path(file).exists());
                assert_eq!(files, [false; 2], "{name}");
                verify(&world, "off", &[]).expect(0);
            }
        }
    }
    // Of other modules such a copy is no business.
    let (world, proxy) = super::full();
    let tree = world.entry(crate::download::world::ALPHA).dir();
    for name in ["_go.mod", "sub/_go.mod", "sub/go.mod"] {
        fs::create_dir_all(tree.join("sub")).unwrap();
        put(&tree.join(name), b"module x\n");
    }
    verify(&world, &proxy.url(), &[]).expect(1).says(&["extra \"_go.mod\", \"sub/_go.mod\", \"sub/go.mod\""]);
}

/// One that the go command here downloads and switches to: opt-in, `GOMOD_LIVE=1`. `GOMOD_TOOLCHAIN` names another one.
#[test]
fn a_live_one_runs_after_its_repair() {
    if std::env::var_os("GOMOD_LIVE").is_none() {
        return gomod_testkit::skip("a toolchain of the go command: GOMOD_LIVE=1 fetches one and repairs it");
    }
    if GoCommand::find("a toolchain that was repaired").is_none() {
        return;
    }
    let wanted = std::env::var("GOMOD_TOOLCHAIN").unwrap_or_else(|_| "go1.26.7".to_owned());
    let world = World::new();
    fs::create_dir_all(world.cache()).unwrap();
    let run = || {
        let mut command = Command::new("go");
        command.arg("version").current_dir(world.dir());
        command.env("GOTOOLCHAIN", &wanted).env("GOMODCACHE", world.cache()).env("GOFLAGS", "-modcacherw");
        command.env_remove("GOROOT").output().unwrap()
    };
    let first = run();
    if !first.status.success() {
        let why = String::from_utf8_lossy(&first.stderr).into_owned();
        gomod_testkit::skip(&format!("{wanted} cannot be had here, so no real toolchain is repaired: {why}"));
        return;
    }
    let version = String::from_utf8(first.stdout).unwrap();
    assert!(version.contains(&wanted), "{version}");
    verify(&world, "off", &[]).expect(0).says(&["1 checked, 0 broken"]);
    let tree = fs::read_dir(world.cache().join("golang.org")).unwrap().next().unwrap().unwrap().path();
    let go_mod: PathBuf = tree.join("src/go.mod");
    assert!(go_mod.exists(), "go has copied it");
    for path in [tree.join("src/fmt/print.go"), go_mod] {
        put(&path, b"changed\n");
    }
    let repaired: Run = verify(&world, "off", &["--repair"]).expect(0);
    repaired.says(&["1 broken, 1 repaired"]);
    let again = run();
    assert_eq!(String::from_utf8(again.stdout).unwrap(), version);
    verify(&world, "off", &[]).expect(0);
    remove_tree(&world.cache()).unwrap();
}
