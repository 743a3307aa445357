//! Zips that broke off, and are gone on with.

use std::fs;
use std::io::Write as _;

use gomod_cache::CacheFile;

use crate::fixture::{TestCache, hash};
use crate::install::in_version_directory;

#[test]
fn a_zip_that_broke_off_can_be_kept_and_gone_on_with() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    assert!(lock.resume_zip().expect("a look").is_none());
    let mut incoming = lock.zip_download().expect("a file");
    incoming.persist_partial("how to go on").expect("a note");
    incoming.write_all(b"half").expect("a write");
    let path = incoming.path().to_path_buf();
    drop((incoming, lock));
    let note = path.with_extension("resume.tmp");
    assert_eq!(entry.stale_files().expect("leftovers"), [note.clone(), path.clone()]);

    // What others left goes.
    let lock = entry.lock().expect("a lock");
    for name in ["v1.0.0.zip7.tmp", "v1.0.0.zip8.resume.tmp"] {
        fs::write(entry.path(CacheFile::Zip).with_file_name(name), b"").expect("a file");
    }
    let (mut incoming, said) = lock.resume_zip().expect("a look").expect("a zip");
    assert_eq!((said.as_str(), incoming.len().expect("a length")), ("how to go on", 4));
    assert_eq!(entry.stale_files().expect("leftovers"), [note.clone(), path.clone()]);
    incoming.write_all(b" and half").expect("a write");
    drop(incoming);
    let (mut incoming, _) = lock.resume_zip().expect("a look").expect("it is kept again");
    incoming.write_all(b"!").expect("a write");
    lock.commit_zip(incoming, &hash(1)).expect("installed");
    assert_eq!(fs::read(entry.path(CacheFile::Zip)).expect("a zip"), b"half and half!");
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.0.zip", "v1.0.0.ziphash"]);
}

#[test]
fn what_is_not_to_be_kept_is_not() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let start = || {
        let mut incoming = lock.zip_download().expect("a file");
        incoming.persist_partial("note").expect("a note");
        incoming.write_all(b"half").expect("a write");
        incoming
    };
    let mut restarted = start();
    restarted.restart().expect("a restart");
    restarted.write_all(b"other").expect("a write");
    drop(restarted);
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock"]);
    let mut ended = start();
    ended.discard_partial();
    drop(ended);
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock"]);
    let mut empty = lock.zip_download().expect("a file");
    empty.persist_partial("note").expect("a note");
    drop(empty);
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock"]);
    fs::create_dir(entry.path(CacheFile::ZipHash)).expect("a directory in the way");
    lock.commit_zip(start(), &hash(1)).expect_err("no hash");
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.0.ziphash"]);
    drop(start());
    drop(lock.zip_download().expect("a new file"));
    assert_eq!(in_version_directory(&test), ["v1.0.0.lock", "v1.0.0.ziphash"]);
}

#[test]
fn what_only_looks_like_a_kept_zip_is_none() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let beside = |name: &str| entry.path(CacheFile::Zip).with_file_name(name);
    let (zip, note) = (beside("v1.0.0.zip1.tmp"), beside("v1.0.0.zip1.resume.tmp"));
    let refused = || assert!(lock.resume_zip().expect("a look").is_none());
    fs::write(&zip, b"half").expect("a file");
    refused();
    fs::write(&note, b"\xff").expect("a file");
    refused();
    fs::remove_file(&note).expect("removed");
    fs::create_dir(&note).expect("a directory");
    refused();
    fs::remove_dir(&note).expect("removed");
    fs::write(&note, b"note").expect("a file");
    fs::remove_file(&zip).expect("removed");
    refused();
    fs::create_dir(&zip).expect("a directory");
    refused();
    fs::remove_dir(&zip).expect("removed");
    #[cfg(unix)]
    {
        let elsewhere = test.root.path().join("elsewhere");
        fs::write(&elsewhere, b"half").expect("a file");
        std::os::unix::fs::symlink(&elsewhere, &zip).expect("a link");
        refused();
        drop(lock.zip_download().expect("a file"));
        assert_eq!(fs::read(elsewhere).expect("a file"), b"half");
    }
}
