//! A cache is judged as the go command judges it, and nothing comes out of a zip that was not hashed.

use std::fs;
use std::path::Path;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, remove_tree};

use super::world::{ALPHA, BETA, World, go_sum, tree};
use crate::tool::sha256;

/// A world whose cache is full, and its proxy.
fn full() -> (World, LoopbackProxy) {
    let proxy = LoopbackProxy::serve(tree());
    let world = World::new();
    world.download(&proxy.url()).expect(0);
    (world, proxy)
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Beside go's own fields, whether the zip was fetched or there already; not for a zip that is wrong.
#[test]
fn the_sha256_of_the_zip_is_beside_its_h1() {
    let proxy = LoopbackProxy::serve(tree());
    let world = World::new();
    for source in [proxy.url(), "off".to_owned()] {
        let run = world.download(&source).expect(0);
        for module in [ALPHA, BETA] {
            let record = run.record(module);
            let digest = sha256(&world.entry(module).path(CacheFile::Zip));
            assert_eq!(record["ZipSHA256"], *digest, "{record}");
            assert!(record["Sum"].as_str().unwrap().starts_with("h1:"), "{record}");
        }
    }
    let bad = LoopbackProxy::builder(tree()).fault(Endpoint::Zip, Fault::Body(b"no zip".to_vec())).start();
    let record = World::new().download(&bad.url()).expect(1).record(ALPHA);
    assert!(record["ZipSHA256"].is_null() && record["Error"].is_string(), "{record}");
}

/// As the go command does it, but not without a word.
#[test]
fn a_bad_info_is_fetched_anew_and_named() {
    let other = br#"{"Version":"v0.9.0","Time":"2024-01-02T03:04:05Z"}"#.as_slice();
    for (content, why) in [(b"{nonsense".as_slice(), ""), (b"", ""), (other, "it names \"v0.9.0\"")] {
        let (world, proxy) = full();
        let path = world.entry(ALPHA).path(CacheFile::Info);
        let right = fs::read(&path).unwrap();
        fs::write(&path, content).unwrap();
        let run = world.download(&proxy.url()).expect(0);
        let warning = format!("warning: {ALPHA}: {} was damaged, and is fetched anew: {why}", path.display());
        run.says(&[&warning]);
        assert_eq!(fs::read(&path).unwrap(), right);
        let run = world.download(&proxy.url()).expect(0);
        assert!(!run.stderr.contains("damaged"), "{}", run.stderr);
    }
}

#[test]
fn a_full_cache_needs_no_request() {
    let (world, _proxy) = full();
    let before = world.files();
    for args in [&["--project", "project", "--json"][..], &["--project", "project", "--json", "--verify"]] {
        let run = world.run("off", args).expect(0);
        run.says(&["2 already in the cache", "0 requests"]);
        for record in run.records() {
            assert_eq!(record["Attempts"].as_array().map(Vec::len), Some(0));
            assert!(record["Source"].is_null() && record["Zip"].is_string());
        }
    }
    assert_eq!(world.files(), before);
}

#[test]
fn what_is_lost_comes_from_what_is_left() {
    let (world, _proxy) = full();
    let before = world.files();
    let entry = world.entry(ALPHA);
    // The tree, from the zip.
    remove_tree(&entry.dir()).unwrap();
    world.download("off").expect(0);
    assert_eq!(world.files(), before);
    // Half a tree, from the zip.
    fs::write(entry.path(CacheFile::Partial), b"").unwrap();
    fs::remove_file(entry.dir().join("alpha.go")).unwrap();
    world.download("off").expect(0);
    assert_eq!(world.files(), before);
    // The hash, from the zip: absent, and cut short by a crash.
    fs::remove_file(entry.path(CacheFile::ZipHash)).unwrap();
    world.download("off").expect(0);
    assert_eq!(world.files(), before);
    fs::write(entry.path(CacheFile::ZipHash), b"").unwrap();
    world.download("off").expect(0);
    assert_eq!(world.files(), before);
}

#[test]
fn a_lost_zip_is_fetched_again() {
    let (world, proxy) = full();
    let before = world.files();
    fs::remove_file(world.entry(ALPHA).path(CacheFile::Zip)).unwrap();
    let asked = proxy.hits();
    world.download(&proxy.url()).expect(0);
    assert_eq!(world.files(), before);
    assert_eq!(proxy.hits(), asked + 1);
}

#[test]
fn nothing_is_extracted_from_a_damaged_zip() {
    let (world, proxy) = full();
    let entry = world.entry(ALPHA);
    let zip = entry.path(CacheFile::Zip);
    damage(&zip);
    // The go command does not look either, while there is a tree.
    world.download("off").expect(0);
    let run = world.run("off", &["--project", "project", "--verify"]).expect(1);
    run.says(&[ALPHA]);

    remove_tree(&entry.dir()).unwrap();
    let run = world.download("off").expect(1);
    run.says(&[ALPHA]);
    assert!(!entry.dir().exists());
    // The advice is good.
    fs::remove_file(&zip).unwrap();
    world.download(&proxy.url()).expect(0);
}

#[test]
fn a_changed_tree_is_found_by_verify() {
    let (world, _proxy) = full();
    let dir = world.entry(ALPHA).dir();
    damage(&dir.join("LICENSE"));
    world.download("off").expect(0);
    let run = world.run("off", &["--project", "project", "--verify"]).expect(1);
    assert!(run.error().contains(&format!("{} has been modified", dir.display())), "{}", run.stderr);
}

#[test]
fn a_cache_that_disagrees_with_go_sum_is_not_used() {
    let (world, proxy) = full();
    let entry = world.entry(ALPHA);
    let hash = go_sum().lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    fs::write(entry.path(CacheFile::ZipHash), &hash).unwrap();
    let run = world.download(&proxy.url()).expect(1);
    run.says(&[&entry.path(CacheFile::ZipHash).display().to_string(), "is not what go.sum records", &hash]);

    let (world, proxy) = full();
    let file = world.entry(ALPHA).path(CacheFile::Mod);
    damage(&file);
    let run = world.download(&proxy.url()).expect(1);
    run.says(&[&file.display().to_string(), "is not what go.sum records"]);
    assert_eq!(proxy.hits(), 6, "it was not asked for again");
}

#[test]
fn a_read_only_cache_can_be_used_when_it_is_full() {
    // What cannot be written is a lock here: its name is taken by a directory.
    let (world, _proxy) = full();
    let lock = world.entry(ALPHA).path(CacheFile::Lock);
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    world.download("off").expect(0);
    world.run("off", &["--project", "project", "--verify"]).expect(0);
}

/// One entry that is in the way does not keep the others from being downloaded.
#[test]
fn an_entry_that_cannot_be_written_is_reported_alone() {
    let (world, proxy) = (World::new(), LoopbackProxy::serve(tree()));
    fs::create_dir_all(world.entry(ALPHA).path(CacheFile::Lock)).unwrap();
    let run = world.download(&proxy.url()).expect(1);
    assert!(run.error().contains(ALPHA) && run.error().contains("v1.0.0.lock"), "{}", run.stderr);
    assert!(world.entry(super::world::BETA).state().unwrap().is_extracted());
}
