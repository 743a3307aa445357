//! A replacement is made beside what it is to replace, and takes its place as a whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gomod_cache::{CacheFile, DirState, EntryLock, Found, Parts, Staging};

use crate::fixture::{TestCache, extract, hash, install_zip, tree_tag, zip};

const GO_MOD: &[u8] = b"module example.com/m\n";

pub(crate) fn fill(cache: &gomod_cache::ModCache, tag: u8) {
    let entry = cache.entry(&crate::fixture::module());
    entry.store_info(&[b'i', tag]).expect("stored");
    entry.store_mod(&[GO_MOD, &[tag]].concat()).expect("stored");
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, tag).expect("installed");
    extract(&lock, tag).expect("extracted");
}

fn full() -> TestCache {
    let test = TestCache::new();
    fill(&test.cache, 1);
    test
}

fn staged(lock: &EntryLock, tag: u8) -> Staging {
    let staging = lock.staging().expect("a place");
    fill(staging.cache(), tag);
    staging
}

/// Every file below a directory but locks, by its path.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(dir) = pending.pop() {
        for file in fs::read_dir(dir).expect("a directory") {
            let path = file.expect("a file").path();
            if path.is_dir() {
                pending.push(path.clone());
            }
            if path.extension().is_none_or(|extension| extension != "lock") {
                let name = path.strip_prefix(root).expect("below").to_str().expect("text").to_owned();
                found.insert(name, fs::read(path).unwrap_or_default());
            }
        }
    }
    found
}

#[test]
fn a_replacement_takes_the_place_of_the_old_which_is_kept() {
    let test = full();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let aside = staged(&lock, 2).replace(Parts::all(), "it was bad\n").expect("replaced").expect("something");
    let state = entry.state().expect("a state");
    assert!(state.is_complete(), "{state:?}");
    assert_eq!((state.ziphash.h1(), tree_tag(&entry.dir())), (Some(&hash(2)), Some(2)));
    assert_eq!(fs::read(entry.path(CacheFile::Zip)).expect("a zip"), zip(2));
    assert_eq!(entry.read_info().expect("a file"), Some(vec![b'i', 2]));
    assert_eq!(fs::read_to_string(entry.path(CacheFile::List)).expect("a list"), "v1.0.0\n");
    let old = aside.cache.entry(entry.module());
    assert!(old.state().expect("a state").is_complete());
    assert_eq!(tree_tag(&old.dir()), Some(1));
    assert_eq!(aside.moved.len(), 5);
    assert!(!test.root.path().join("cache/staging").exists());
    // It came back, and whoever removes it later does not take it for lost.
    lock.remove().expect("removed");
    assert!(test.cache.pending_replacements(aside.cache.root()).is_empty());
}

#[test]
fn parts_are_replaced_alone() {
    let test = full();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    staged(&lock, 2).replace(Parts::new().go_mod(true), "").expect("replaced");
    assert_eq!(entry.read_mod().expect("a file"), Some([GO_MOD, &[2]].concat()));
    assert_eq!(tree_tag(&entry.dir()), Some(1));

    // A tree brings its hash, where that is another or none was.
    fs::remove_file(entry.path(CacheFile::ZipHash)).expect("removed");
    let aside = staged(&lock, 3).replace(Parts::new().tree(true), "").expect("replaced").expect("a tree");
    let state = entry.state().expect("a state");
    assert_eq!(
        (state.dir, state.ziphash.h1(), tree_tag(&entry.dir())),
        (DirState::Complete, Some(&hash(3)), Some(3))
    );
    assert_eq!(fs::read(entry.path(CacheFile::Zip)).expect("a zip"), zip(1));
    assert_eq!(aside.moved, [entry.dir()]);
    // Nothing is there to be moved aside.
    fs::remove_file(entry.path(CacheFile::Info)).expect("removed");
    assert!(staged(&lock, 4).replace(Parts::new().info(true), "").expect("replaced").is_none());
    assert_eq!(entry.read_info().expect("a file"), Some(vec![b'i', 4]));
}

#[test]
fn what_is_staged_and_dropped_leaves_nothing() {
    let test = full();
    let before = files(test.root.path());
    let lock = test.entry().lock().expect("a lock");
    let staging = staged(&lock, 2);
    let known = test.cache.staged().expect("a list");
    assert_eq!((known.len(), &known[0].module, known[0].is_sealed), (1, test.entry().module(), false));
    assert!(
        test.cache.entries().any(|found| matches!(found, Found::StaleFile(path) if path == known[0].path))
    );
    drop(staging);
    assert!(files(test.root.path()) == before);
}

/// As of a process that was killed: what it had fetched is gone on with, and of other modules it is no business.
#[test]
fn the_place_of_a_dead_process_is_found_again() {
    let test = full();
    let lock = test.entry().lock().expect("a lock");
    let staging = staged(&lock, 2);
    let place = staging.cache().root().to_path_buf();
    std::mem::forget(staging);
    let other = test.cache.entry(&"example.com/m@v1.1.0".parse().expect("a module version"));
    let other = other.lock().expect("a lock");
    assert_ne!(other.staging().expect("a place").cache().root(), place);
    let staging = lock.staging().expect("a place");
    assert_eq!(staging.cache().root(), place);
    assert!(staging.entry().state().expect("a state").is_complete() && !staging.is_sealed());
    drop(staging);
    assert!(!test.root.path().join("cache/staging").exists());
}

#[test]
fn what_was_abandoned_is_removed_and_nothing_else() {
    let test = full();
    let (lock, path) = (test.entry().lock().expect("a lock"), test.root.path().join("cache/staging"));
    let staging = staged(&lock, 2);
    let before = files(test.root.path());
    test.cache.remove_abandoned().expect("a look");
    assert!(files(test.root.path()) == before, "somebody is at work there");
    std::mem::forget(staging);
    let places = ["example.com/m@v1.1.0", "example.com/m@v1.2.0", "example.com/other@v1.0.0"];
    for place in places {
        fs::create_dir_all(path.join(place)).expect("a directory");
    }
    // One is sealed, and two are what is left where a replacement had taken its place, or had just begun.
    for place in &places[..2] {
        fs::write(path.join(place).join("sealed"), b"").expect("a seal");
    }
    let module = "example.com/m@v1.2.0".parse().expect("a module version");
    let sealed = gomod_cache::ModCache::new(path.join(places[1])).expect("a path");
    sealed.entry(&module).store_mod(b"x").expect("stored");
    test.cache.remove_abandoned().expect("a look");
    assert!(path.join("example.com/m@v1.0.0").exists() && path.join(places[1]).join("sealed").exists());
    assert!(!path.join(places[0]).exists() && !path.join(places[2]).exists());
}

#[test]
fn a_step_that_fails_takes_the_others_back() {
    let test = full();
    let entry = test.entry();
    // It can be neither made nor removed.
    fs::create_dir_all(entry.path(CacheFile::Partial).join("in the way")).expect("a directory");
    let before = files(test.root.path());
    let lock = entry.lock().expect("a lock");
    staged(&lock, 2).replace(Parts::all(), "").expect_err("a mark that stays");
    assert!(files(test.root.path()) == before);
    lock.quarantine(Parts::all()).expect_err("a mark that stays");
    assert!(files(test.root.path()) == before);
}

#[test]
fn a_lent_zip_is_never_written() {
    let test = full();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    for _ in 0..2 {
        let staging = lock.staging().expect("a place");
        staging.borrow_zip().expect("a zip");
        // Twice, as after a kill.
        staging.borrow_zip().expect("a zip");
        assert_eq!(fs::read(staging.entry().path(CacheFile::Zip)).expect("a zip"), zip(1));
    }
    assert_eq!(fs::read(entry.path(CacheFile::Zip)).expect("a zip"), zip(1));
    fs::remove_file(entry.path(CacheFile::Zip)).expect("removed");
    lock.staging().expect("a place").borrow_zip().expect_err("none");
}
