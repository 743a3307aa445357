//! What is moved aside is whole, what is removed is gone, and neither reaches outside the root.

use std::fs;

use gomod_cache::{CacheFile, DirState, Found, Parts, Pruned, Restored};

use crate::fixture::{TestCache, extract, hash, install_zip, tree_tag, zip};

fn full() -> TestCache {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_info(b"{}").expect("stored");
    entry.store_mod(b"module example.com/m\n").expect("stored");
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");
    extract(&lock, 1).expect("extracted");
    test
}

#[test]
fn all_of_an_entry_is_moved_as_a_whole() {
    let test = full();
    let entry = test.entry();
    let moved = entry.lock().expect("a lock").quarantine(Parts::all()).expect("moved").expect("something");
    assert_eq!(moved.cache.root(), test.root.path().join("cache/quarantine/1"));
    assert!(entry.state().expect("a state").is_absent());
    assert_eq!(fs::read(entry.path(CacheFile::List)).expect("a list"), b"");

    // What was moved is an entry of a cache.
    let there = moved.cache.entry(entry.module());
    let state = there.state().expect("a state");
    assert!(state.is_complete(), "{state:?}");
    assert_eq!(state.ziphash.h1(), Some(&hash(1)));
    assert_eq!(fs::read(there.path(CacheFile::Zip)).expect("a zip"), zip(1));
    assert_eq!(tree_tag(&there.dir()), Some(1));
    assert!(fs::metadata(there.dir()).expect("a tree").permissions().readonly());
    let files =
        [CacheFile::ZipHash, CacheFile::Zip, CacheFile::Mod, CacheFile::Info].map(|file| entry.path(file));
    assert_eq!(moved.moved, [&files[..], &[entry.dir()]].concat());

    // There is room for the next.
    let lock = entry.lock().expect("a lock");
    assert!(lock.quarantine(Parts::all()).expect("nothing").is_none());
    install_zip(&lock, 2).expect("installed");
    let second = lock.quarantine(Parts::new().zip(true)).expect("moved").expect("something");
    assert!(second.cache.root().ends_with("cache/quarantine/2"));
    let found: Vec<_> = test.cache.entries().collect();
    assert!(matches!(&found[..], [Found::Quarantine(_), Found::Quarantine(_)]), "{found:?}");
}

#[test]
fn parts_go_alone_where_others_do_not_vouch_for_them() {
    let test = full();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    lock.quarantine(Parts::new().tree(true)).expect("moved").expect("a tree");
    let state = entry.state().expect("a state");
    assert!(state.has_zip() && state.dir == DirState::Absent && !state.partial, "{state:?}");
    extract(&lock, 1).expect("extracted");

    lock.quarantine(Parts::new().go_mod(true)).expect("moved").expect("a file");
    assert_eq!(fs::read(entry.path(CacheFile::List)).expect("a list"), b"");
    lock.quarantine(Parts::new().info(true)).expect("moved").expect("a file");
    let state = entry.state().expect("a state");
    assert!(state.is_extracted() && state.has_zip(), "{state:?}");
    assert_eq!(entry.read_mod().expect("no file"), None);
    assert_eq!(entry.read_info().expect("no file"), None);

    // Zip and hash never go without the tree.
    lock.quarantine(Parts::new().zip(true)).expect("moved").expect("files");
    assert!(entry.state().expect("a state").is_absent());
}

#[test]
fn whatever_has_the_name_is_moved() {
    let test = full();
    let entry = test.entry();
    gomod_testkit::remove_tree(&entry.dir()).expect("removed");
    fs::write(entry.dir(), b"a file").expect("a file");
    fs::remove_file(entry.path(CacheFile::Zip)).expect("a zip");
    fs::create_dir_all(entry.path(CacheFile::Zip).join("below")).expect("a directory");
    let moved = entry.lock().expect("a lock").quarantine(Parts::all()).expect("moved").expect("something");
    assert!(entry.state().expect("a state").is_absent());
    assert!(moved.cache.entry(entry.module()).path(CacheFile::Zip).join("below").is_dir());
}

#[test]
fn a_removed_version_is_gone() {
    let test = full();
    let entry = test.entry();
    let other = test.cache.entry(&"example.com/m@v1.1.0".parse().expect("a module version"));
    other.store_mod(b"module example.com/m\n").expect("stored");
    let old = test.root.path().join("example.com/m@v1.0.0.tmp-12");
    fs::create_dir_all(old.join("sub")).expect("a directory");
    for name in ["v1.0.0.zip1.tmp", "v1.0.0.mod2.tmp"] {
        fs::write(entry.path(CacheFile::Zip).with_file_name(name), b"").expect("a file");
    }
    entry.lock().expect("a lock").remove().expect("removed");
    assert!(entry.state().expect("a state").is_absent() && !old.exists());
    assert_eq!(entry.stale_files().expect("none"), crate::fixture::NOTHING);
    assert_eq!(fs::read_to_string(entry.path(CacheFile::List)).expect("a list"), "v1.1.0\n");
    assert!(entry.path(CacheFile::Lock).exists(), "somebody may wait for it");
    let found: Vec<_> = test.cache.entries().collect();
    assert!(matches!(&found[..], [Found::Entry(left)] if left.module() == other.module()), "{found:?}");
    // What is gone can be removed.
    entry.lock().expect("a lock").remove().expect("nothing to remove");
}

#[test]
fn a_quarantine_goes_back_as_a_whole_or_not_at_all() {
    let test = full();
    let entry = test.entry();
    let quarantine = |number: usize| test.cache.quarantines().expect("a list").remove(number - 1);
    drop(entry.lock().expect("a lock").quarantine(Parts::all()).expect("moved"));
    let first = quarantine(1);
    assert_eq!((first.number, &first.modules[..]), (1, &[(entry.module().clone(), Parts::all())][..]));
    assert!(!first.replaced && first.bytes > 1000 && first.since.is_some());
    {
        let _held = entry.lock().expect("a lock");
        assert!(matches!(test.cache.restore(&first, true).expect("a try"), Restored::Busy));
        assert_eq!(test.cache.remove_quarantine(&first).expect("a try"), Pruned::Busy);
    }
    assert!(matches!(test.cache.restore(&first, false).expect("restored"), Restored::Restored(None)));
    assert!(entry.state().expect("a state").is_complete());
    assert!(test.cache.quarantines().expect("a list").is_empty());
    assert!(!test.root.path().join("cache/staging").exists());

    // What is in its place stays, or is displaced by one that can be put back in turn.
    let lock = entry.lock().expect("a lock");
    lock.quarantine(Parts::all()).expect("moved").expect("something");
    install_zip(&lock, 2).expect("installed");
    drop(lock);
    let occupied = test.cache.restore(&quarantine(1), false).expect("a try");
    assert!(
        matches!(&occupied, Restored::Occupied(path) if *path == entry.path(CacheFile::ZipHash)),
        "{occupied:?}"
    );
    assert_eq!(quarantine(1).modules[0].1, Parts::all());
    let Restored::Restored(Some(aside)) = test.cache.restore(&quarantine(1), true).expect("restored") else {
        panic!("nothing displaced")
    };
    let state = entry.state().expect("a state");
    assert!(state.is_complete() && state.ziphash.h1() == Some(&hash(1)), "{state:?}");
    assert_eq!(fs::read(aside.cache.entry(entry.module()).path(CacheFile::Zip)).expect("a zip"), zip(2));
    assert!(quarantine(1).replaced && quarantine(1).why.contains("quarantine 1"));

    // A step that fails: both are as they were.
    fs::create_dir_all(entry.path(CacheFile::Partial).join("in the way")).expect("a directory");
    let before = crate::staging::files(test.root.path());
    test.cache.restore(&quarantine(1), true).expect_err("a mark that stays");
    assert!(crate::staging::files(test.root.path()) == before);
    fs::remove_dir_all(entry.path(CacheFile::Partial)).expect("removed");
    assert_eq!(test.cache.remove_quarantine(&quarantine(1)).expect("removed"), Pruned::Removed);
    assert!(!test.root.path().join("cache/quarantine").exists());
    assert!(entry.state().expect("a state").is_complete());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use gomod_cache::{CacheError, ModCache, PruneRules};

    use super::*;

    /// Everything below a directory, as text.
    fn snapshot(root: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![root.to_path_buf()];
        while let Some(path) = pending.pop() {
            let metadata = fs::symlink_metadata(&path).expect("a file");
            if metadata.is_dir() {
                pending.extend(
                    fs::read_dir(&path).expect("a directory").map(|file| file.expect("a file").path()),
                );
            }
            found.push(format!("{} {:?} {}", path.display(), metadata.permissions(), metadata.is_dir()));
        }
        found.sort();
        found
    }

    fn assert_refused(cache: &ModCache, link: &Path) {
        let entry = cache.entry(&crate::fixture::module());
        let is_link = |error: CacheError| match error {
            CacheError::Symlink { path } => assert_eq!(path, link),
            error => panic!("{error}"),
        };
        is_link(entry.check_inside_root().expect_err("a link"));
        let lock = entry.lock().expect("a lock");
        is_link(lock.quarantine(Parts::all()).expect_err("a link"));
        is_link(lock.remove().expect_err("a link"));
    }

    #[test]
    fn nothing_outside_is_touched_through_a_directory() {
        for link in ["cache/download/example.com", "cache/download/example.com/m", "example.com"] {
            let (outside, test) = (full(), TestCache::new());
            let link = test.root.path().join(link);
            let to = outside.root.path().join(link.strip_prefix(test.root.path()).expect("below"));
            fs::create_dir_all(link.parent().expect("a parent")).expect("directories");
            symlink(&to, &link).expect("a link");
            drop(outside.entry().lock().expect("a lock"));
            let before = snapshot(outside.root.path());
            assert_refused(&test.cache, &link);
            let plan = test.cache.plan_prune(&PruneRules::new().max_bytes(0));
            assert!(plan.remove.is_empty(), "{plan:?}");
            assert_eq!(snapshot(outside.root.path()), before, "{}", link.display());
        }
    }

    #[test]
    fn nothing_outside_is_written_through_a_file() {
        for file in [CacheFile::ZipHash, CacheFile::Partial, CacheFile::List] {
            let (outside, test) = (TestCache::new(), full());
            let link = test.entry().path(file);
            let _ = fs::remove_file(&link);
            let target = outside.root.path().join("target");
            fs::write(&target, b"untouched").expect("a file");
            symlink(&target, &link).expect("a link");
            assert_refused(&test.cache, &link);
            assert_eq!(fs::read(&target).expect("a file"), b"untouched");
        }
    }

    /// A link in the place of a tree or a zip is itself what is moved or removed.
    #[test]
    fn links_to_trees_and_zips_are_not_followed() {
        let outside = full();
        let before = snapshot(outside.root.path());
        for remove in [true, false] {
            let test = TestCache::new();
            let (entry, target) = (test.entry(), outside.entry());
            let lock = entry.lock().expect("a lock");
            fs::create_dir_all(entry.dir().parent().expect("a parent")).expect("a directory");
            symlink(target.dir(), entry.dir()).expect("a link");
            symlink(target.path(CacheFile::Zip), entry.path(CacheFile::Zip)).expect("a link");
            symlink(target.path(CacheFile::Mod), entry.path(CacheFile::Mod)).expect("a link");
            if remove {
                lock.remove().expect("removed");
            } else {
                let moved = lock.quarantine(Parts::all()).expect("moved").expect("links");
                assert!(moved.cache.entry(entry.module()).dir().is_symlink());
            }
            assert!(entry.state().expect("a state").is_absent());
        }
        // But for the time at which they were read.
        assert_eq!(snapshot(outside.root.path()), before);
    }

    #[test]
    fn a_quarantine_that_is_a_link_is_refused() {
        let (outside, test) = (TestCache::new(), full());
        let link = test.root.path().join("cache/quarantine");
        symlink(outside.root.path(), &link).expect("a link");
        let error = test.entry().lock().expect("a lock").quarantine(Parts::all()).expect_err("a link");
        assert!(matches!(&error, CacheError::Symlink { path } if *path == link), "{error}");
        assert_eq!(fs::read_dir(outside.root.path()).expect("a directory").count(), 0);
        assert!(test.entry().state().expect("a state").is_complete());
    }
}

#[test]
fn what_was_moved_and_never_came_back_is_known() {
    let test = full();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let all = Parts::all();
    let pending_replacements = |number: u32| {
        let quarantine = test.root.path().join(format!("cache/quarantine/{number}"));
        test.cache.pending_replacements(&quarantine)
    };
    assert!(pending_replacements(1).is_empty(), "there is none");
    let moved = lock.quarantine(all).expect("moved").expect("something");
    let found = pending_replacements(1);
    let [gone] = &found[..] else { panic!("{found:?}") };
    assert_eq!((gone.entry.module(), gone.parts), (entry.module(), all));
    assert_eq!(gone.quarantined.dir(), moved.cache.entry(entry.module()).dir());
    assert!(gone.since.is_some());

    entry.store_info(b"{}").expect("stored");
    install_zip(&lock, 2).expect("installed");
    assert_eq!(pending_replacements(1)[0].parts, Parts::new().tree(true).go_mod(true));
    entry.store_mod(b"module example.com/m\n").expect("stored");
    extract(&lock, 2).expect("extracted");
    assert!(pending_replacements(1).is_empty());

    // The zip alone may go: the tree and its hash are all that a build needs.
    fs::remove_file(entry.path(CacheFile::Zip)).expect("removed");
    assert!(pending_replacements(1).is_empty());
    lock.remove().expect("removed");
    assert_eq!(pending_replacements(1)[0].parts, all);
}
