//! A repair touches what is broken and nothing else, keeps what was there, and believes nothing that go.sum contradicts.

use std::fs;

use gomod_cache::CacheFile;
use gomod_testkit::{LoopbackProxy, remove_tree};

use super::{full, kinds, put, used, verify};
use crate::download::world::{ALPHA, BETA, Run, World, tree};

#[test]
fn the_sample_is_broken_and_repaired() {
    let world = World::new();
    let mut command = world.tool("verify", "off", &["--sample"]);
    command.env("TMPDIR", world.dir()).env("GOMODCACHE", "/nonexistent/cache");
    let run = Run::of(command).expect(0);
    run.says(&[
        "not a valid zip file",
        "changed \"greeting.go\"",
        "2 checked, 2 broken, 2 repaired",
        "rm -r ",
    ]);
    assert!(run.stdout.is_empty());
}

#[test]
fn the_whole_cache_needs_no_project() {
    let (world, proxy) = full();
    let run = verify(&world, "off", &[]).expect(0);
    run.says(&["2 modules: 2 checked, 0 broken, 0 skipped", "2 go.mod files"]);
    fs::File::options()
        .write(true)
        .open(world.entry(ALPHA).path(CacheFile::Zip))
        .unwrap()
        .set_len(99)
        .unwrap();
    verify(&world, "off", &[])
        .expect(1)
        .says(&["broken: example.com/alpha@v1.0.0", "--repair fetches it anew"]);
    // The hash that was recorded when it was downloaded proves the new copy.
    verify(&world, &proxy.url(), &["--repair"]).expect(0).says(&["1 broken, 1 repaired"]);
    verify(&world, "off", &[]).expect(0).says(&["1 × quarantine"]);
    let kept = world.cache().join("cache/quarantine/1/cache/download/example.com/alpha/@v/v1.0.0.zip");
    assert_eq!(fs::metadata(kept).unwrap().len(), 99);
}

#[test]
fn nothing_checked_is_no_success() {
    let world = World::new();
    for args in [&[][..], &[ALPHA], &["--project", "project"]] {
        let run = verify(&world, "off", args).expect(1);
        run.says(&["0 checked, 0 broken", "nothing was checked"]);
    }
    assert!(!world.cache().exists(), "a cache that is only looked at is not made");
}

#[test]
fn a_module_that_is_not_cached_is_not_broken() {
    let (world, _proxy) = full();
    let run = verify(&world, "off", &[ALPHA, "example.com/none@v1.0.0", "--json"]).expect(0);
    run.says(&["2 modules: 1 checked, 0 broken, 1 skipped (1 not in the cache)"]);
    let record =
        run.records().into_iter().find(|record| record["module"] == "example.com/none@v1.0.0").unwrap();
    assert_eq!((record["verdict"].as_str(), record["schema"].as_u64()), (Some("skipped"), Some(1)));
    assert!(run.records().last().unwrap()["checked"] == 1);
}

#[test]
fn only_what_is_broken_is_touched() {
    let (world, proxy) = full();
    let right = used(&world);
    put(&world.entry(ALPHA).dir().join("LICENSE"), b"Mine.\n");
    let asked = proxy.hits();
    // From its own zip: nobody is asked.
    verify(&world, "off", &["--project", "project", "--repair"]).expect(0);
    assert_eq!(proxy.hits(), asked);
    assert!(used(&world) == right);
    let kept = world.cache().join("cache/quarantine/1/example.com/alpha@v1.0.0/LICENSE");
    assert_eq!(fs::read(kept).unwrap(), b"Mine.\n");

    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    verify(&world, &proxy.url(), &["--project", "project", "--repair"]).expect(0);
    assert!(used(&world) == right);
    let new = proxy.requests().split_off(asked);
    assert_eq!(new, ["example.com/alpha/@v/v1.0.0.zip"]);
}

#[test]
fn a_colleagues_cache_will_do() {
    let (world, _proxy) = full();
    let (other, _proxy) = full();
    let right = used(&world);
    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    remove_tree(&world.entry(BETA).dir()).unwrap();
    fs::remove_file(world.entry(BETA).path(CacheFile::Zip)).unwrap();
    let from = other.cache().display().to_string();
    let mut command = world.tool("verify", "off", &["--project", "project", "--repair", "--from", &from]);
    // Names nothing that would go past it.
    command.env("GOPRIVATE", "example.com/*");
    Run::of(command).expect(0).says(&["fetched from file://"]);
    assert!(used(&world) == right);

    // Or somebody's proxy.
    let proxy = LoopbackProxy::serve(tree());
    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    let run = verify(&world, "off", &["--project", "project", "--repair", "--from", &proxy.url()]).expect(0);
    run.says(&[&format!("fetched from {}", proxy.url())]);
    assert!(used(&world) == right);
    assert_eq!(proxy.requests(), ["example.com/alpha/@v/v1.0.0.zip"]);

    let run = verify(&world, "off", &["--repair", "--from", "nowhere"]).expect(1);
    assert!(run.error().contains("--from nowhere: "), "{}", run.stderr);
}

/// The proxy has other bytes than go.sum records, and the copy in the cache is broken.
#[test]
fn a_fresh_copy_that_go_sum_contradicts_stops_the_repair() {
    let (world, _proxy) = full();
    let other = tree().module(
        "example.com/alpha",
        "v1.0.0",
        &[
            ("go.mod", b"module example.com/alpha\n\ngo 1.20\n"),
            ("alpha.go", b"// Package alpha.\npackage alpha\n"),
            ("LICENSE", b"Something else.\n"),
            ("backdoor.go", b"package alpha\n"),
        ],
    );
    let proxy = LoopbackProxy::serve(other);
    // Readable, but not what is recorded: there are two zips to compare.
    let zip = gomod_testkit::ModuleZip::new("example.com/alpha", "v1.0.0").file("LICENSE", "None.\n").build();
    put(&world.entry(ALPHA).path(CacheFile::Zip), &zip);
    put(&world.entry(BETA).path(CacheFile::Zip), b"no zip");
    let before = world.files();
    let run = verify(&world, &proxy.url(), &[ALPHA, BETA, "--sum", "project/go.sum", "--repair", "--json"])
        .expect(1);
    run.says(&[
        "checksum mismatch",
        "diff: + backdoor.go",
        "diff: ~ LICENSE",
        "stopped here: 1 more were not tried",
        "kept: nothing was taken out of the cache",
    ]);
    // Nothing that is proven could take its place.
    assert!(world.files() == before);
    // Asked once: such bytes are not asked for again.
    let zips = proxy.requests().iter().filter(|path| path.ends_with("alpha/@v/v1.0.0.zip")).count();
    assert_eq!(zips, 1);
    assert!(run.records().iter().any(|record| record["mismatch"] == ALPHA));
}

/// A record does not grow with what a source sends: it says how much more there is.
#[test]
fn a_difference_of_many_files_is_counted() {
    let (world, _proxy) = full();
    let with = |number: usize| {
        let names: Vec<_> = (0..number).map(|i| format!("f{i:04}.go")).collect();
        let mut files: Vec<(&str, &[u8])> = vec![("go.mod", b"module example.com/alpha\n\ngo 1.20\n")];
        files.extend(names.iter().map(|name| (&**name, b"package alpha\n".as_slice())));
        tree().module("example.com/alpha", "v1.0.0", &files)
    };
    let proxy = LoopbackProxy::serve(with(1200));
    let old = with(10).get("example.com/alpha/@v/v1.0.0.zip").unwrap();
    put(&world.entry(ALPHA).path(CacheFile::Zip), &old);
    let run = verify(&world, &proxy.url(), &["--project", "project", "--repair", "--json"]).expect(1);
    let record = run.records().into_iter().find(|record| record["mismatch"] == ALPHA).unwrap();
    assert_eq!((record["diff"].as_array().unwrap().len(), &record["diff_more"]), (1000, &190.into()));
    run.says(&["diff: and 1170 files more"]);
    assert_eq!(run.stderr.matches("diff: + ").count(), 20);
}

#[test]
fn a_repair_that_finds_no_source_can_be_run_again() {
    let (world, proxy) = full();
    let right = used(&world);
    put(&world.entry(ALPHA).path(CacheFile::Zip), b"no zip");
    let run = verify(&world, "off", &["--project", "project", "--repair"]).expect(1);
    run.says(&["not repaired", "GOPROXY=off forbids downloads", "kept: nothing was taken out of the cache"]);
    verify(&world, &proxy.url(), &["--project", "project", "--repair"]).expect(0);
    assert!(used(&world) == right);
}

#[test]
fn every_go_sum_file_is_asked() {
    let (world, _proxy) = full();
    let line = format!("example.com/alpha v1.0.0 {}\n", gomod_sum::hash_go_mod(b"another"));
    fs::write(world.dir().join("other.sum"), line).unwrap();
    let run = verify(&world, "off", &["--sum", "project/go.sum", "--sum", "other.sum", "--json"]).expect(1);
    assert_eq!(kinds(&run, ALPHA), ["zip_sum"]);
    run.says(&["is not what other.sum line 1 records"]);
}

/// Go never reads the list of its own cache; whoever is served it does.
#[test]
fn a_version_list_is_kept_right() {
    let (world, _proxy) = full();
    let list = world.entry(ALPHA).path(CacheFile::List);
    fs::write(&list, b"v9.9.9\n").unwrap();
    let run = verify(&world, "off", &["-v", "--json"]).expect(0);
    run.says(&["1 × version list", "stale_list: "]);
    assert_eq!(run.records().last().unwrap()["stale_lists"], 1);
    verify(&world, "off", &["--repair"]).expect(0).says(&["repaired: the version list of example.com/alpha"]);
    assert_eq!(fs::read(&list).unwrap(), b"v1.0.0\n");
    assert!(!verify(&world, "off", &[]).expect(0).stderr.contains("version list"));
}
