//! What is hostile is refused before it is read, what is cancelled ends, and no number of threads is too large.

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use gomod_archive::{Archive, CancelToken, Limits, Threads};
use gomod_module::ModuleVersion;
use gomod_sum::explain::FindingKind;
use gomod_sum::hash::{CompareError, compare_extracted};
use gomod_sum::{
    Evidence, FileHash, GoSum, HashDirError, HashZipError, Kind, hash_dir, hash_go_mod, hash_module_dir,
    hash_zip, hash_zip_file,
};
use gomod_testkit::{Bomb, ModuleZip};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn module() -> ModuleVersion {
    "x.y/m@v1.0.0".parse().unwrap()
}

#[test]
fn a_bomb_has_no_hash() {
    let names = ["x#", "x.y/m@v1.0.0/#", "x.y/m@v1.0.0/a/../#", "x.y/m@v1.0.0/a"];
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), "a").unwrap();
    for kind in names {
        let zip = Bomb::new(1 << 10).entries(5000, |i| kind.replace('#', &i.to_string())).build();
        let path = dir.path().join("bomb.zip");
        fs::write(&path, &zip).unwrap();
        let archive = Archive::open(&*zip, &Limits::default()).unwrap();
        let is_refused = |error| matches!(error, HashZipError::ContentTooLarge(_));
        assert!(is_refused(hash_zip(&archive, TWO).unwrap_err()), "{kind}");
        assert!(is_refused(hash_zip_file(&path, TWO).unwrap_err()), "{kind}");
        match compare_extracted(&archive, dir.path(), &module(), TWO).unwrap_err() {
            CompareError::Zip(error) => assert!(is_refused(error), "{kind}"),
            error => panic!("{kind}: {error}"),
        }
        let mut sum = GoSum::default();
        sum.insert(&module(), Kind::Zip, &hash_go_mod(b"recorded")).unwrap();
        let mismatch = sum.lookup(&module(), Kind::Zip, &hash_go_mod(b"found")).unwrap_err();
        let findings = mismatch.explain(&Evidence::new().archive(&archive).threads(TWO));
        assert!(findings.iter().any(|found| found.kind == FindingKind::Unreadable), "{kind}: {findings:?}");
    }
}

/// The caller may choose a larger or a smaller limit.
#[test]
fn the_limit_is_the_callers() {
    let zip = ModuleZip::new("x.y/m", "v1.0.0").file("a", "1234").file("b", "5678").build();
    let hash = |limit| hash_zip(&Archive::open(&*zip, &Limits::new().max_content_bytes(limit)).unwrap(), TWO);
    assert!(hash(100).is_ok());
    assert!(matches!(hash(7), Err(HashZipError::ContentTooLarge(error)) if error.limit == 7));
}

/// So large that it would take hours; on the disk there is nothing of it.
fn endless(path: &Path) {
    File::create(path).unwrap().set_len(1 << 42).unwrap();
}

#[test]
fn cancelled_hashing_ends() {
    let dir = tempfile::tempdir().unwrap();
    endless(&dir.path().join("a"));
    endless(&dir.path().join("b"));
    for count in [1, 2, 3] {
        let token = CancelToken::new();
        let threads = Threads::new(NonZeroUsize::new(count).unwrap()).cancelled_by(&token);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::yield_now();
                token.cancel();
            });
            let error = hash_dir(dir.path(), "m", &threads).unwrap_err();
            assert!(matches!(error, HashDirError::Cancelled(_)), "{error}");
        });
        let zip = ModuleZip::new("x.y/m", "v1.0.0").file("a", "1").build();
        let archive = Archive::open(&*zip, &Limits::default()).unwrap();
        assert!(matches!(hash_zip(&archive, &threads), Err(HashZipError::Cancelled(_))));
        let compared = compare_extracted(&archive, dir.path(), &module(), &threads);
        assert!(matches!(compared, Err(CompareError::Dir(HashDirError::Cancelled(_)))), "{compared:?}");
    }
}

/// Also after an error, when what was set aside is still to be hashed.
#[cfg(target_os = "linux")]
#[test]
fn cancelled_hashing_ends_after_an_error() {
    let dir = tempfile::tempdir().unwrap();
    endless(&dir.path().join("a"));
    std::os::unix::fs::symlink("/proc/self/mem", dir.path().join("b")).unwrap();
    let token = CancelToken::new();
    let threads = Threads::new(TWO).cancelled_by(&token);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::yield_now();
            token.cancel();
        });
        // Which it is depends on the order of the directory.
        let error = hash_dir(dir.path(), "m", &threads).unwrap_err();
        assert!(matches!(error, HashDirError::Cancelled(_) | HashDirError::Io { .. }), "{error}");
    });
}

#[test]
fn a_file_is_hashed_until_that_is_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let (path, token) = (dir.path().join("a"), CancelToken::new());
    fs::write(&path, "a").unwrap();
    assert_eq!(FileHash::of_file(&path, &token).unwrap(), FileHash::of(b"a"));
    token.cancel();
    assert_eq!(FileHash::of_file(&path, &token).unwrap_err().to_string(), "cancelled");
}

#[cfg(target_os = "linux")]
#[test]
fn no_number_of_threads_is_too_large() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let dir = tempfile::tempdir().unwrap();
    let files = std::env::var("GOMOD_FILES").map_or(5000_u32, |files| files.parse().unwrap());
    for i in 0..files {
        fs::write(dir.path().join(i.to_string()), "x").unwrap();
    }
    let (done, begun) = (AtomicBool::new(false), AtomicBool::new(false));
    let most = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(fs::read_dir("/proc/self/task").unwrap().count());
                begun.store(true, Ordering::Relaxed);
            }
            most
        });
        while !begun.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        let hash = hash_module_dir(dir.path(), &module(), NonZeroUsize::MAX).unwrap();
        assert_eq!(hash, hash_module_dir(dir.path(), &module(), TWO).unwrap());
        done.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    });
    // Other tests have threads of their own, but no thousands.
    assert!(most < 1000, "{most} threads");
}
