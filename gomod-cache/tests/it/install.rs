//! What is written under the lock, and what is left when it goes wrong.

use std::fs;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use gomod_cache::{Action, CacheError, CacheFile, DirState, FileState, ZipHash};

use crate::fixture::{NOTHING, TestCache, extract, hash, install_zip, tree_tag, write_tree, zip};

/// All files and directories below `dir`, sorted.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(directory) = pending.pop() {
        for file in fs::read_dir(&directory).expect("a directory") {
            let path = file.expect("an entry").path();
            found.push(path.strip_prefix(dir).expect("below").to_str().expect("text").replace('\\', "/"));
            if path.is_dir() && !path.is_symlink() {
                pending.push(path);
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn in_version_directory(test: &TestCache) -> Vec<String> {
    names(&test.root.path().join("cache/download/example.com/m/@v"))
}

#[test]
fn an_installed_zip_has_its_hash_beside_it() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");
    assert_eq!(fs::read(entry.path(CacheFile::Zip)).expect("a zip"), zip(1));
    let recorded = fs::read(entry.path(CacheFile::ZipHash)).expect("a hash");
    assert_eq!(recorded, hash(1).to_string().as_bytes());
    assert_eq!(recorded.len(), 47);
    assert!(entry.state().expect("a state").has_zip());
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.0.zip", "v1.0.0.ziphash"]);
}

#[test]
fn an_incoming_zip_starts_again_and_is_read_by_position() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let mut incoming = lock.zip_download().expect("a file");
    incoming.write_all(b"half of a longer answer").expect("a write");
    assert_eq!(incoming.len().expect("a length"), 23);
    incoming.restart().expect("a restart");
    assert_eq!(incoming.len().expect("a length"), 0);
    incoming.write_all(b"whole").expect("a write");
    let mut file = incoming.file();
    file.rewind().expect("a file");
    let mut whole = String::new();
    file.read_to_string(&mut whole).expect("a file");
    assert_eq!(whole, "whole");
    assert_eq!(entry.stale_files().expect("leftovers"), [incoming.path()]);
    incoming.sync().expect("a disk");
    lock.commit_zip(incoming, &hash(1)).expect("installed");
    assert_eq!(fs::read(entry.path(CacheFile::Zip)).expect("a zip"), b"whole");
}

#[test]
fn a_dropped_zip_leaves_nothing() {
    let test = TestCache::new();
    let lock = test.entry().lock().expect("a lock");
    let mut incoming = lock.zip_download().expect("a file");
    incoming.write_all(b"zip").expect("a write");
    drop(incoming);
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock"]);
}

#[test]
fn stale_zips_are_removed_under_the_lock_and_no_others() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let foreign =
        ["v1.0.0.zip.tmp", "v1.0.0.zipx1.tmp", "v1.0.0.mod1.tmp", "v1.0.00.zip1.tmp", "v1.0.0-a.zip1.tmp"];
    for name in foreign.iter().chain(&["v1.0.0.zip0.tmp", "v1.0.0.zip951850796.tmp"]) {
        fs::write(entry.path(CacheFile::Zip).with_file_name(name), b"").expect("a file");
    }
    drop(lock.zip_download().expect("a file"));
    let mut want: Vec<_> = foreign.into_iter().chain(["v1.0.0.lock"]).collect();
    want.sort_unstable();
    assert_eq!(in_version_directory(&test), want);
}

#[test]
fn a_zip_of_another_lock_is_refused() {
    let test = TestCache::new();
    let lock = test.entry().lock().expect("a lock");
    let other = test.cache.entry(&"example.com/m@v1.0.1".parse().expect("a module version"));
    let other = other.lock().expect("a lock");
    let incoming = other.zip_download().expect("a file");
    let error = lock.commit_zip(incoming, &hash(1)).expect_err("a foreign file");
    assert!(matches!(error, CacheError::ForeignIncoming { .. }), "{error}");
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.1.lock"]);
}

#[test]
fn a_hash_that_cannot_be_written_stops_the_zip() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let incoming = lock.zip_download().expect("a file");
    fs::create_dir(entry.path(CacheFile::ZipHash)).expect("a directory in the way");
    lock.commit_zip(incoming, &hash(1)).expect_err("no hash");
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.0.ziphash"]);
}

#[test]
fn a_zip_that_cannot_be_named_leaves_nothing() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    fs::create_dir(entry.path(CacheFile::Zip)).expect("a directory in the way");
    let error = install_zip(&lock, 1).expect_err("a directory in the way");
    assert!(error.is_unwritable(), "{error}");
    assert_eq!(entry.state().expect("a state").zip, FileState::NotAFile);
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.0.zip"]);
}

#[test]
fn another_hash_vouches_for_nothing_old() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");
    extract(&lock, 1).expect("extracted");

    // The same hash: the zip is replaced, the tree stays.
    fs::write(entry.path(CacheFile::Zip), b"damaged").expect("a zip");
    install_zip(&lock, 1).expect("installed");
    assert!(entry.state().expect("a state").is_extracted());

    install_zip(&lock, 2).expect("installed");
    let state = entry.state().expect("a state");
    assert_eq!((state.ziphash.h1(), state.dir), (Some(&hash(2)), DirState::Partial));
    extract(&lock, 2).expect("extracted");
    assert_eq!(tree_tag(&entry.dir()), Some(2));
    assert!(entry.state().expect("a state").is_extracted());
}

#[test]
fn a_lost_hash_is_stored_again() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");
    extract(&lock, 1).expect("extracted");
    lock.store_ziphash(&hash(1)).expect("recorded already");
    assert!(entry.state().expect("a state").is_extracted());

    fs::remove_file(entry.path(CacheFile::ZipHash)).expect("a hash");
    let state = entry.state().expect("a state");
    assert_eq!((state.has_zip(), state.dir), (false, DirState::WithoutZipHash));
    lock.store_ziphash(&hash(1)).expect("stored");
    let state = entry.state().expect("a state");
    assert_eq!((state.has_zip(), state.dir), (true, DirState::Partial));

    fs::write(entry.path(CacheFile::ZipHash), [0; 47]).expect("a hash");
    assert_eq!(entry.state().expect("a state").ziphash, ZipHash::Invalid);
    lock.store_ziphash(&hash(1)).expect("stored");
    assert_eq!(entry.state().expect("a state").ziphash, ZipHash::H1(hash(1)));
}

#[test]
fn a_complete_tree_is_not_extracted_again() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");
    extract(&lock, 1).expect("extracted");
    let error = lock.begin_extract().expect_err("a complete tree");
    assert!(matches!(error, CacheError::AlreadyExtracted { .. }), "{error}");
    assert!(entry.state().expect("a state").is_extracted());
}

#[test]
fn the_module_that_comes_with_go_needs_no_hash() {
    let test = TestCache::new();
    let entry = test.cache.entry(&"golang.org/fips140@v1.0.0".parse().expect("a module version"));
    let lock = entry.lock().expect("a lock");
    extract(&lock, 1).expect("extracted");
    assert_eq!(entry.state().expect("a state").dir, DirState::Complete);
}

#[test]
fn an_extraction_ends_in_a_whole_tree_or_in_none() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");
    let partial = entry.path(CacheFile::Partial);

    let extraction = lock.begin_extract().expect("an extraction");
    assert!(partial.exists() && !extraction.dir().exists());
    write_tree(extraction.dir(), 1);
    assert_eq!(entry.state().expect("a state").dir, DirState::Partial);
    drop(extraction);
    assert!(!partial.exists() && !entry.dir().exists());

    let extraction = lock.begin_extract().expect("an extraction");
    write_tree(extraction.dir(), 1);
    extraction.abort().expect("nothing in the way");
    assert!(!partial.exists() && !entry.dir().exists());

    let error = lock.begin_extract().expect("an extraction").commit().expect_err("no tree");
    assert!(matches!(error, CacheError::Io { action: Action::Inspect, .. }), "{error}");
    assert!(!partial.exists());

    extract(&lock, 1).expect("extracted");
    assert!(!partial.exists());
    assert_eq!(tree_tag(&entry.dir()), Some(1));
}

#[test]
fn an_extraction_replaces_whatever_is_not_a_complete_tree() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    install_zip(&lock, 1).expect("installed");

    fs::create_dir_all(entry.dir().parent().expect("a parent")).expect("a directory");
    fs::write(entry.dir(), b"a file").expect("a file");
    assert_eq!(entry.state().expect("a state").dir, DirState::NotADirectory);
    extract(&lock, 1).expect("extracted");

    fs::write(entry.path(CacheFile::Partial), b"with content").expect("a file");
    let old = entry.dir().with_file_name("m@v1.0.0.tmp-123");
    write_tree(&old, 9);
    assert_eq!(entry.state().expect("a state").dir, DirState::Partial);
    extract(&lock, 1).expect("extracted");
    assert!(entry.state().expect("a state").is_extracted());
    assert_eq!(entry.stale_files().expect("leftovers"), NOTHING);
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;

    use gomod_cache::{CacheError, CacheFile, Defect, DirState, Parts};

    use crate::fixture::{TestCache, extract, install_zip, tree_tag, write_tree};

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).expect("a file").permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn directories_lose_write_permission_unless_told_otherwise() {
        let test = TestCache::new();
        for writable in [true, false] {
            let version = if writable { "v1.0.0" } else { "v1.0.1" };
            let cache = test.cache.clone().writable_directories(writable);
            let entry = cache.entry(&format!("example.com/m@{version}").parse().expect("a module version"));
            let lock = entry.lock().expect("a lock");
            install_zip(&lock, 1).expect("installed");
            let extraction = lock.begin_extract().expect("an extraction");
            write_tree(extraction.dir(), 1);
            set_mode(&extraction.dir().join("sub"), 0o750);
            extraction.commit().expect("extracted");
            let want = if writable { 0o750 } else { 0o550 };
            assert_eq!(mode(&entry.dir().join("sub")), want);
            for directory in ["", "sub/deep"] {
                assert_eq!(mode(&entry.dir().join(directory)) & 0o222 != 0, writable);
            }
            assert_eq!(mode(&entry.dir().join("sub/s.go")) & 0o222, 0);
        }
    }

    #[test]
    fn removing_a_tree_follows_no_link_out_of_it() {
        let test = TestCache::new();
        let entry = test.entry();
        let outside = test.root.path().join("outside");
        write_tree(&outside, 7);
        set_mode(&outside.join("sub"), 0o500);
        let lock = entry.lock().expect("a lock");
        install_zip(&lock, 1).expect("installed");

        // Inside the tree.
        let extraction = lock.begin_extract().expect("an extraction");
        write_tree(extraction.dir(), 1);
        symlink(&outside, extraction.dir().join("link")).expect("a link");
        symlink(outside.join("sub"), extraction.dir().join("sub/deep/link")).expect("a link");
        symlink("nowhere", extraction.dir().join("dangling")).expect("a link");
        for directory in ["sub/deep", "sub", ""] {
            set_mode(&extraction.dir().join(directory), 0);
        }
        extraction.abort().expect("removed");
        assert!(!entry.dir().exists());

        // In place of the tree, and of an old one.
        for name in ["m@v1.0.0", "m@v1.0.0.tmp-1"] {
            symlink(&outside, entry.dir().with_file_name(name)).expect("a link");
        }
        fs::write(entry.path(CacheFile::Partial), b"").expect("a file");
        extract(&lock, 1).expect("extracted");
        assert!(!entry.dir().is_symlink());

        // And when it is made read-only.
        assert_eq!(crate::fixture::tree_tag(&outside), Some(7));
        assert_eq!(mode(&outside.join("sub")), 0o500);
        assert_ne!(mode(&outside) & 0o200, 0);
        set_mode(&outside.join("sub"), 0o755);
    }

    #[test]
    fn committing_a_tree_follows_no_link_out_of_it() {
        let test = TestCache::new();
        let outside = test.root.path().join("outside");
        write_tree(&outside, 7);
        let lock = test.entry().lock().expect("a lock");
        install_zip(&lock, 1).expect("installed");
        let extraction = lock.begin_extract().expect("an extraction");
        write_tree(extraction.dir(), 1);
        symlink(&outside, extraction.dir().join("link")).expect("a link");
        extraction.commit().expect("extracted");
        assert_ne!(mode(&outside) & 0o200, 0);
        assert_ne!(mode(&outside.join("sub")) & 0o200, 0);
    }

    #[test]
    fn a_link_in_the_place_of_a_tree_is_replaced_and_what_it_leads_to_stays() {
        let test = TestCache::new();
        let entry = test.entry();
        let outside = test.root.path().join("outside");
        write_tree(&outside, 1);
        let lock = entry.lock().expect("a lock");
        install_zip(&lock, 2).expect("installed");
        fs::create_dir_all(entry.dir().parent().expect("a parent")).expect("a directory");
        symlink(&outside, entry.dir()).expect("a link");
        assert_eq!(entry.state().expect("a state").dir, DirState::NotADirectory);
        assert_eq!(entry.links().expect("a look"), [(entry.dir(), Parts::new().tree(true))]);
        extract(&lock, 2).expect("extracted");
        assert!(entry.state().expect("a state").is_extracted() && !entry.dir().is_symlink());
        assert_eq!((tree_tag(&entry.dir()), tree_tag(&outside)), (Some(2), Some(1)));
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_no_file_of_the_entry() {
        let none = Parts::new();
        for (file, part) in [
            (CacheFile::Info, none.info(true)),
            (CacheFile::Mod, none.go_mod(true)),
            (CacheFile::Zip, none.zip(true)),
        ] {
            let test = TestCache::new();
            let entry = test.entry();
            entry.store_info(b"{}").expect("stored");
            entry.store_mod(b"module example.com/m\n").expect("stored");
            install_zip(&entry.lock().expect("a lock"), 1).expect("installed");
            entry.check_without_links().expect("no links");
            let (link, outside) = (entry.path(file), test.root.path().join("outside"));
            fs::rename(&link, &outside).expect("moved");
            symlink(&outside, &link).expect("a link");
            let state = entry.state().expect("a state");
            assert!(state.defects().contains(&Defect::NotAFile(file)), "{state:?}");
            assert_eq!(entry.links().expect("a look"), [(link.clone(), part)]);
            entry.check_inside_root().expect("nothing is written through it");
            let refused = entry.check_without_links().expect_err("a link");
            assert!(matches!(&refused, CacheError::Symlink { path } if *path == link), "{refused}");
        }
    }
}
