//! A `.mod` or `.info` that a login page or an error left in the cache is found, and replaced by the right one.

use std::fs;
use std::process::Command;

use gomod_cache::CacheFile;
use gomod_testkit::LoopbackProxy;

use super::{full, kinds, put, used};
use crate::download::world::{ALPHA, Run, World};

const PAGE: &[u8] = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>";

const CONTENTS: [(&str, &[u8]); 7] = [
    ("HTML", PAGE),
    ("JSON", br#"{"errors":[{"status":404}]}"#),
    ("empty", b""),
    ("text", b"not found\n"),
    ("gzip", b"\x1f\x8b\x08\0\0\0\0\0"),
    ("a pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
    ("no path", b"module \"..\"\n"),
];

/// Nothing proves anything: go.sum is not given, and GOSUMDB is off.
fn unproven(world: &World, proxy: &str, args: &[&str]) -> Run {
    let mut command: Command = world.tool("verify", proxy, args);
    command.env("GOSUMDB", "off");
    Run::of(command)
}

#[test]
fn by_its_kind_and_beside_its_zip() {
    for (name, content) in CONTENTS.into_iter().chain([("another", &b"module example.com/other\n"[..])]) {
        let (world, _proxy) = full();
        let right = used(&world);
        let path = world.entry(ALPHA).path(CacheFile::Mod);
        put(&path, content);
        for args in [&["--json"][..], &["--json", ALPHA]] {
            let run = unproven(&world, "off", args).expect(1);
            let kind = if name == "another" { "go_mod_zip" } else { "go_mod" };
            assert_eq!(kinds(&run, ALPHA), [kind], "{name}: {}", run.stderr);
            run.says(&[&path.display().to_string()]);
        }
        // Its zip has the right one: nobody is asked.
        unproven(&world, "off", &["--repair"]).expect(0).says(&["its go.mod from its zip"]);
        assert!(used(&world) == right, "{name}");
    }
}

#[test]
fn where_there_is_no_zip() {
    for (name, content) in CONTENTS {
        let (world, proxy) = full();
        let right = fs::read(world.entry(ALPHA).path(CacheFile::Mod)).unwrap();
        let entry = world.entry(ALPHA);
        gomod_testkit::remove_tree(&entry.dir()).unwrap();
        for file in [CacheFile::Zip, CacheFile::ZipHash] {
            fs::remove_file(entry.path(file)).unwrap();
        }
        put(&entry.path(CacheFile::Mod), content);
        let before = world.files();
        let run = unproven(&world, "off", &["--json"]).expect(1);
        assert_eq!(kinds(&run, ALPHA), ["go_mod"], "{name}");
        unproven(&world, "off", &["--repair"]).expect(1).says(&["not repaired"]);
        assert!(world.files() == before, "{name}");
        unproven(&world, &proxy.url(), &["--repair"]).expect(0);
        assert_eq!(fs::read(entry.path(CacheFile::Mod)).unwrap(), right, "{name}");
    }
}

/// Of a module that is named, the zip that is missing comes before anything is replaced by its word.
#[test]
fn the_zip_of_a_named_module_comes_first() {
    let (world, proxy) = full();
    let right = used(&world);
    let entry = world.entry(ALPHA);
    gomod_testkit::remove_tree(&entry.dir()).unwrap();
    for file in [CacheFile::Zip, CacheFile::ZipHash] {
        fs::remove_file(entry.path(file)).unwrap();
    }
    put(&entry.path(CacheFile::Mod), PAGE);
    let run = unproven(&world, &proxy.url(), &["--repair", ALPHA]).expect(1);
    run.says(&["next: the zip is there now"]);
    unproven(&world, "off", &[ALPHA]).expect(1).says(&["v1.0.0.mod is not the go.mod file of a module"]);
    unproven(&world, "off", &["--repair", ALPHA]).expect(0);
    assert!(used(&world) == right);
}

#[test]
fn a_page_for_an_info() {
    for content in [PAGE, br#"{"errors":[{"status":404}]}"#, b"", br#"{"Version":"v9.9.9"}"#] {
        let (world, _proxy) = full();
        let right = used(&world);
        put(&world.entry(ALPHA).path(CacheFile::Info), content);
        let before = world.files();
        unproven(&world, "off", &["--repair"]).expect(1).says(&["v1.0.0.info", "not repaired"]);
        assert!(world.files() == before);
        let proxy = LoopbackProxy::serve(crate::download::world::tree());
        unproven(&world, &proxy.url(), &["--repair"]).expect(0);
        assert!(used(&world) == right);
    }
}

/// A fork keeps the path of what it was forked from: go builds from it, so it is odd and no more.
#[test]
fn a_fork_is_no_damage() {
    let (world, _proxy) = full();
    let fork = world.entry("example.com/fork@v1.0.0");
    fork.store_mod(b"module example.com/alpha\n").unwrap();
    unproven(&world, "off", &["-v"]).expect(0).says(&["declares its path as example.com/alpha"]);
}
