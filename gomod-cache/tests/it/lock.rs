//! Who holds the lock of an entry is the only one who writes it: other locks, other threads, other processes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use gomod_cache::{CacheFile, Entry, EntryLock, Extraction, ZipDownload};

use crate::fixture::{TestCache, hash, module, part, play};

fn is_free(entry: &Entry) -> bool {
    entry.try_lock().expect("a cache that can be written").is_some()
}

#[test]
fn locks_can_be_sent() {
    fn owned<T: Send + Sync + 'static>() {}
    owned::<EntryLock>();
    owned::<ZipDownload>();
    owned::<Extraction>();
}

#[test]
fn a_lock_excludes_other_locks_of_the_same_process() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    assert!(!is_free(&entry));
    let other = test.cache.entry(&"example.com/m@v1.0.1".parse().expect("a module version"));
    assert!(is_free(&other));
    drop(lock);
    assert!(is_free(&entry));
}

#[test]
fn what_is_being_written_keeps_the_lock() {
    let test = TestCache::new();
    let entry = test.entry();
    let lock = entry.lock().expect("a lock");
    let incoming = lock.zip_download().expect("a file");
    drop(lock);
    assert!(!is_free(&entry));
    drop(incoming);
    assert!(is_free(&entry));

    let lock = entry.lock().expect("a lock");
    let extraction = lock.begin_extract().expect("an extraction");
    drop(lock);
    assert!(!is_free(&entry));
    drop(extraction);
    assert!(is_free(&entry));
}

#[test]
fn a_lock_file_is_neither_truncated_nor_removed() {
    let test = TestCache::new();
    let entry = test.entry();
    let path = entry.path(CacheFile::Lock);
    drop(entry.lock().expect("a lock"));
    assert_eq!(fs::read(&path).expect("a lock file"), b"");
    fs::write(&path, b"content").expect("a lock file");
    drop(entry.try_lock().expect("a lock"));
    assert_eq!(fs::read(&path).expect("a lock file"), b"content");
}

#[test]
fn of_many_threads_one_at_a_time_is_inside() {
    let test = TestCache::new();
    let inside = AtomicUsize::new(0);
    let turns = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let lock = test.entry().lock().expect("a lock");
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    turns.fetch_add(1, Ordering::SeqCst);
                    thread::yield_now();
                    assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                    drop(lock);
                }
            });
        }
    });
    assert_eq!(turns.into_inner(), 8 * 25);
}

/// Starts a process that takes the lock, and returns once it has it.
fn holder(test: &TestCache) -> Child {
    let mut child = play("lock::part_hold_until_told", test.root.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert!(lines.any(|line| line.expect("text").ends_with("locked")), "the process said nothing");
    // Whoever closes the pipe here would break the other end's output.
    thread::spawn(move || lines.count());
    child
}

#[test]
fn part_hold_until_told() {
    let Some(cache) = part() else { return };
    let _lock = cache.entry(&module()).lock().expect("a lock");
    println!("locked");
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the end of standard input");
}

#[test]
fn part_try() {
    let Some(cache) = part() else { return };
    println!("free: {}", is_free(&cache.entry(&module())));
}

#[test]
fn a_lock_of_another_process_excludes_ours() {
    let test = TestCache::new();
    let entry = test.entry();
    let mut child = holder(&test);
    assert!(!is_free(&entry));
    drop(child.stdin.take());
    // Blocks until the process is done with it.
    drop(entry.lock().expect("a lock"));
    assert!(child.wait().expect("its end").success());
}

#[test]
fn a_killed_process_holds_no_lock() {
    let test = TestCache::new();
    let mut child = holder(&test);
    child.kill().expect("a running process");
    child.wait().expect("its end");
    assert!(is_free(&test.entry()));
}

/// The file is the one that go locks before it writes go.sum; its lock says nothing about entries.
#[test]
fn the_lock_for_go_files_is_that_of_go() {
    let test = TestCache::new();
    let lock = test.cache.lock_go_files().expect("a lock");
    let theirs = fs::File::open(test.root.path().join("cache/lock")).expect("a file");
    assert!(theirs.try_lock().is_err());
    assert!(is_free(&test.entry()));
    drop(lock);
    theirs.try_lock().expect("free");
}

#[test]
fn our_lock_excludes_another_process() {
    let test = TestCache::new();
    let lock = test.entry().lock().expect("a lock");
    let says = |free: bool| {
        let output = play("lock::part_try", test.root.path()).output().expect("this program");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(&format!("free: {free}")), "{said}");
    };
    says(false);
    let mut incoming = lock.zip_download().expect("a file");
    incoming.write_all(b"zip").expect("a write");
    lock.commit_zip(incoming, &hash(1)).expect("installed");
    says(false);
    drop(lock);
    says(true);
}
