//! A walk meets every entry once, reports what does not belong here, and ends for nothing but its end.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_cache::{CacheFile, Defect, Found, ModCache, UnexpectedReason};

use crate::fixture::{TestCache, extract, install_zip};

/// The items of a walk as text, with paths below the root.
fn walk(cache: &ModCache) -> Vec<String> {
    let below = |path: &Path| path.strip_prefix(cache.root()).expect("below").display().to_string();
    let item = |found| match found {
        Found::Entry(entry) => format!("entry {}", entry.module()),
        Found::StaleList { module, path } => format!("stale {module} {}", below(&path)),
        Found::StaleFile(path) => format!("leftover {}", below(&path)),
        Found::Repository(path) => format!("repository {}", below(&path)),
        Found::Quarantine(path) => format!("quarantine {}", below(&path)),
        Found::Unexpected { path, reason } => format!("foreign {} {reason:?}", below(&path)),
        Found::Unreadable(error) => format!("unreadable {}", below(error.path())),
        other => panic!("{other:?}"),
    };
    cache.entries().map(item).collect()
}

fn write(root: &Path, path: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, b"").expect("a file");
}

#[test]
fn no_cache_is_an_empty_one() {
    let test = TestCache::new();
    assert_eq!(walk(&test.cache), [""; 0]);
    let cache = ModCache::new(test.root.path().join("none")).expect("an absolute path");
    assert_eq!(walk(&cache), [""; 0]);
    assert!(!cache.root().exists());
}

#[test]
fn a_root_that_is_a_file_is_unreadable() {
    let test = TestCache::new();
    let root = test.root.path().join("file");
    fs::write(&root, b"").expect("a file");
    let found: Vec<_> = ModCache::new(root).expect("an absolute path").entries().collect();
    assert!(matches!(&found[..], [Found::Unreadable(error)] if !error.is_unwritable()), "{found:?}");
}

#[test]
fn every_kind_of_file_is_known() {
    let test = TestCache::new();
    let root = test.root.path();
    let vcs = "0123456789abcdef".repeat(4);
    for path in [
        "cache/lock",
        "cache/download/sumdb/sum.golang.org/lookup/x@v1.0.0",
        "cache/download/example.com/!upper/@v/list",
        "cache/download/example.com/!upper/@v/v1.0.0.info",
        "cache/download/example.com/!upper/@v/v1.0.0.mod",
        "cache/download/example.com/!upper/@v/v1.0.0.lock",
        "cache/download/example.com/!upper/@v/v1.0.0.zip123.tmp",
        "cache/download/example.com/!upper/@v/v1.0.0.zip123.resume.tmp",
        "cache/download/example.com/!upper/@v/v1.1.0-!r!c1.zip",
        "cache/download/example.com/!upper/@v/v1.2.0.ziphash",
        "cache/download/example.com/!upper/@v/v1.3.0.partial",
        "cache/download/example.com/!upper/@v/v1.4.0.lock",
        "cache/download/example.com/!upper/@v/v1.5.0.mod7.tmp",
        "cache/download/example.com/!upper/v2/@v/v3.0.0.zip",
        "cache/download/example.com/!upper/v2/@v/v2.0.0.zip",
        "cache/download/gopkg.in/yaml.v3/@v/v3.0.1.mod",
        "example.com/!upper@v1.0.0/m.go",
        "example.com/!upper/v2@v2.0.1/m.go",
        "example.com/!upper@v1.0.0.tmp-123/m.go",
        "golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64/bin/go",
    ] {
        write(root, path);
    }
    for path in ["", ".info", ".lock"] {
        write(root, &format!("cache/vcs/{vcs}{path}"));
    }
    let want = [
        "leftover cache/download/example.com/!upper/@v/v1.0.0.zip123.resume.tmp".to_owned(),
        "leftover cache/download/example.com/!upper/@v/v1.0.0.zip123.tmp".to_owned(),
        "leftover cache/download/example.com/!upper/@v/v1.5.0.mod7.tmp".to_owned(),
        "entry example.com/Upper@v1.0.0".to_owned(),
        "entry example.com/Upper@v1.1.0-RC1".to_owned(),
        "entry example.com/Upper@v1.2.0".to_owned(),
        "entry example.com/Upper@v1.3.0".to_owned(),
        "stale example.com/Upper cache/download/example.com/!upper/@v/list".to_owned(),
        "foreign cache/download/example.com/!upper/v2/@v/v3.0.0.zip Name".to_owned(),
        "entry example.com/Upper/v2@v2.0.0".to_owned(),
        "entry gopkg.in/yaml.v3@v3.0.1".to_owned(),
        format!("repository cache/vcs/{vcs}"),
        // The tree of v1.0.0 was met with its files.
        "entry example.com/Upper/v2@v2.0.1".to_owned(),
        "leftover example.com/!upper@v1.0.0.tmp-123".to_owned(),
        "entry golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64".to_owned(),
    ];
    assert_eq!(walk(&test.cache), want);
}

#[test]
fn hostile_names_are_values() {
    let test = TestCache::new();
    let root = test.root.path();
    for path in [
        "README",
        "UPPER.com/m@v1.0.0/m.go",
        "nodot/m@v1.0.0/m.go",
        "example.com/m@v1.0/m.go",
        "example.com/m@v1.0.0@v2.0.0/m.go",
        "example.com/m@v2.0.0/m.go",
        "example.com/@v1.0.0/m.go",
        "example.com/a b/m@v1.0.0/m.go",
        "cache/other",
        "cache/vcs/nothex",
        "cache/download/@v/list",
        "cache/download/example.com/m/@v/v1.0.0",
        "cache/download/example.com/m/@v/v1.0.0.zip.bak",
        "cache/download/example.com/m/@v/v1.0.0.zip.tmp",
        "cache/download/example.com/m/@v/V1.0.0.zip",
        "cache/download/example.com/m/@v/.zip",
        "cache/download/example.com/m/@v/12.tmp",
        "cache/download/example.com/m/@latest",
        "cache/download/example.com/m\n/@v/v1.0.0.zip",
        "cache/download/example.com/x!/@v/v1.0.0.zip",
        "cache/download/example.com/con/@v/v1.0.0.zip",
    ] {
        write(root, path);
    }
    let found = walk(&test.cache);
    assert!(found.iter().all(|item| item.starts_with("foreign ")), "{found:#?}");
    assert_eq!(found.len(), 21, "{found:#?}");
}

/// Deeper than any path that the system opens by its full name.
#[cfg(unix)]
#[test]
fn depth_ends_in_a_value() {
    let test = TestCache::new();
    let mut path = PathBuf::from("cache/download/example.com");
    let element = "d".repeat(200);
    while path.as_os_str().len() < 3500 {
        path.push(&element);
    }
    fs::create_dir_all(test.root.path().join(&path)).expect("directories");
    assert_eq!(walk(&test.cache), [""; 0]);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use gomod_cache::Parts;

    use super::*;

    #[test]
    fn links_are_not_followed() {
        let (test, outside) = (TestCache::new(), TestCache::new());
        let lock = outside.entry().lock().expect("a lock");
        install_zip(&lock, 1).expect("installed");
        extract(&lock, 1).expect("extracted");
        let (root, outside) = (test.root.path(), outside.root.path());
        fs::create_dir_all(root.join("cache/download/example.com/m/@v")).expect("directories");
        symlink(outside.join("cache/download/example.com"), root.join("cache/download/example.org"))
            .expect("a link");
        symlink(root, root.join("cache/download/example.com/loop")).expect("a link");
        symlink(outside.join("x"), root.join("cache/download/example.com/m/@v/v1.0.0.zip")).expect("a link");
        symlink(outside.join("example.com"), root.join("example.com")).expect("a link");
        let found = walk(&test.cache);
        assert_eq!(
            found,
            [
                "foreign cache/download/example.com/loop Symlink",
                "entry example.com/m@v1.0.0",
                "foreign cache/download/example.org Symlink",
                "foreign example.com Symlink",
            ]
        );
        let links = test.entry().links().expect("a look");
        assert_eq!(links, [(test.entry().path(CacheFile::Zip), Parts::new().zip(true))]);
    }

    #[test]
    fn names_that_are_no_text_are_values() {
        let test = TestCache::new();
        let name = OsStr::from_bytes(b"\xff.com");
        if fs::create_dir(test.root.path().join(name)).is_err() {
            return gomod_testkit::skip("a file system that holds text only: other names are not tested");
        }
        let [Found::Unexpected { path, reason: UnexpectedReason::Name }] =
            &test.cache.entries().collect::<Vec<_>>()[..]
        else {
            panic!("one foreign name")
        };
        assert!(path.ends_with(name));
    }
}

/// Of a cache with many modules, what is held at a time is one directory.
#[test]
fn many_entries_are_met_once_each() {
    let test = TestCache::new();
    for path in 0..20 {
        let versions = test.root.path().join(format!("cache/download/example.com/m{path}/@v"));
        fs::create_dir_all(&versions).expect("a directory");
        for version in 0..500 {
            fs::write(versions.join(format!("v1.{version}.0.mod")), b"").expect("a file");
        }
    }
    let found = walk(&test.cache);
    let mut unique = found.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((found.len(), unique.len()), (10_000, 10_000));
}

#[test]
fn flaws_say_exactly_what_is_missing() {
    let test = TestCache::new();
    let entry = test.entry();
    assert!(entry.state().expect("a state").is_absent());
    let lock = entry.lock().expect("a lock");
    assert!(entry.state().expect("a state").is_absent(), "a lock file is nothing");
    install_zip(&lock, 1).expect("installed");
    let flaws = || entry.state().expect("a state").defects();
    let [no_info, no_mod] = [CacheFile::Info, CacheFile::Mod].map(Defect::Missing);
    assert_eq!(flaws(), [no_info, no_mod, Defect::NoTree]);
    entry.store_info(b"{}").expect("stored");
    entry.store_mod(b"").expect("stored");
    extract(&lock, 1).expect("extracted");
    let state = entry.state().expect("a state");
    assert!(state.is_complete() && !state.is_absent(), "{state:?}");

    let ziphash = entry.path(CacheFile::ZipHash);
    let recorded = fs::read_to_string(&ziphash).expect("a hash");
    fs::write(&ziphash, recorded.replace("h1:", "h2:")).expect("a file");
    assert_eq!(flaws(), [Defect::ForeignZipHash]);
    fs::write(&ziphash, b"").expect("a file");
    assert_eq!(flaws(), [Defect::InvalidZipHash]);
    fs::remove_file(&ziphash).expect("a file");
    assert_eq!(flaws(), [Defect::Missing(CacheFile::ZipHash), Defect::UnknownTree]);
    fs::write(&ziphash, recorded).expect("a file");
    fs::write(entry.path(CacheFile::Partial), b"").expect("a file");
    assert_eq!(flaws(), [Defect::PartialTree]);
    fs::remove_file(entry.path(CacheFile::Mod)).expect("a file");
    fs::create_dir(entry.path(CacheFile::Mod)).expect("a directory");
    assert_eq!(flaws(), [Defect::NotAFile(CacheFile::Mod), Defect::PartialTree]);
}

#[test]
fn a_list_that_says_something_else_is_stale() {
    let test = TestCache::new();
    let entry = test.entry();
    entry.store_mod(b"module example.com/m\n").expect("stored");
    assert_eq!(walk(&test.cache), ["entry example.com/m@v1.0.0"]);
    let list = entry.path(CacheFile::List);
    let stale = "stale example.com/m cache/download/example.com/m/@v/list";
    for content in [&b""[..], b"v1.0.0", b"v1.1.0\n", b"v1.0.0\nv1.1.0\n", &[0; 7]] {
        fs::write(&list, content).expect("written");
        assert_eq!(walk(&test.cache), ["entry example.com/m@v1.0.0", stale]);
    }
    test.cache.rewrite_list(entry.module().path()).expect("written");
    assert_eq!(fs::read(&list).expect("a list"), b"v1.0.0\n");
    assert_eq!(walk(&test.cache), ["entry example.com/m@v1.0.0"]);

    // Also where no version is left. One that is not there is legal, and is not made.
    fs::remove_file(entry.path(CacheFile::Mod)).expect("removed");
    assert_eq!(walk(&test.cache), [stale]);
    test.cache.rewrite_list(entry.module().path()).expect("written");
    assert_eq!(walk(&test.cache), [""; 0]);
    fs::remove_file(&list).expect("removed");
    test.cache.rewrite_list(entry.module().path()).expect("nothing to do");
    assert!(!list.exists());
}

/// 100,000 versions, of 100 modules: what the walk holds at a time is what the largest directories on its way have.
#[test]
fn the_memory_of_a_walk_does_not_grow_with_the_cache() {
    let test = TestCache::new();
    let fill = |modules: std::ops::Range<u32>| {
        for module in modules {
            let versions = test.root.path().join(format!("cache/download/example.com/m{module}/@v"));
            fs::create_dir_all(&versions).expect("a directory");
            let first = versions.join("v1.0.0.mod");
            fs::write(&first, b"").expect("a file");
            for version in 1..1000 {
                // Some disks take minutes for so many new files.
                fs::hard_link(&first, versions.join(format!("v1.0.{version}.mod"))).expect("a link");
            }
        }
    };
    let measure = || {
        let mut count = 0;
        let measured = allocation_counter::measure(|| {
            count = test.cache.entries().filter(|found| matches!(found, Found::Entry(_))).count();
        });
        (count, measured.bytes_max)
    };
    fill(0..1);
    let (count, small) = measure();
    assert_eq!(count, 1000);
    fill(1..100);
    let (count, large) = measure();
    assert_eq!(count, 100_000);
    // The names of 99 modules more.
    assert!(large < small + 99 * 256, "{small} bytes for 1,000 versions, {large} for 100,000");
}
