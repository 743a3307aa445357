//! A cache of which only `cache/download` is there is read like the whole one, and never written.

use std::fs;

use gomod_cache::{CacheError, CacheFile, CachedZip, Found, ModCache, SumDbFiles, ZipHash};

use crate::fixture::{TestCache, hash, module};
use crate::staging::{files, fill};

#[test]
fn it_is_read_like_the_whole_cache() {
    let test = TestCache::new();
    fill(&test.cache, 1);
    let bare = ModCache::from_download_dir(test.root.path().join("cache/download")).expect("a path");
    let (whole, entry) = (test.entry(), bare.entry(&module()));
    for file in [CacheFile::Zip, CacheFile::Mod, CacheFile::Info, CacheFile::ZipHash, CacheFile::List] {
        assert_eq!(entry.path(file), whole.path(file));
    }
    assert!(entry.state().expect("a state").has_zip());
    assert_eq!(entry.read_mod().expect("a file"), whole.read_mod().expect("a file"));
    entry.check_inside_root().expect("no links");
    let modules = |cache: &ModCache| {
        let mut walk = cache.entries();
        let found: Vec<_> = walk.by_ref().collect();
        let named = found.iter().map(|found| match found {
            Found::Entry(entry) => entry.module().to_string(),
            other => panic!("{other:?}"),
        });
        (named.collect::<Vec<_>>(), walk.modules())
    };
    assert_eq!(modules(&bare), (vec![module().to_string()], 1));
    assert_eq!(modules(&bare), modules(&test.cache));
}

/// Given where a whole cache belongs, or the other way round, the walk says that it saw no module.
#[test]
fn the_wrong_directory_is_seen_by_the_count() {
    let test = TestCache::new();
    fill(&test.cache, 1);
    let whole = ModCache::from_download_dir(test.root.path()).expect("a path");
    let bare = ModCache::new(test.root.path().join("cache/download")).expect("a path");
    for cache in [whole, bare] {
        let mut walk = cache.entries();
        assert!(walk.by_ref().count() > 0);
        assert_eq!(walk.modules(), 0);
    }
}

#[test]
fn nothing_is_written() {
    let test = TestCache::new();
    fill(&test.cache, 1);
    let dir = test.root.path().join("cache/download");
    let before = files(test.root.path());
    let cache = ModCache::from_download_dir(&dir).expect("a path");
    let entry = cache.entry(&module());
    let sums = SumDbFiles::new(&cache, test.root.path(), "sum.example").expect("a name");
    for error in [
        entry.lock().map(drop).expect_err("read only"),
        entry.try_lock().map(drop).expect_err("read only"),
        entry.store_info(b"{}").expect_err("read only"),
        entry.store_mod(b"module m\n").expect_err("read only"),
        cache.rewrite_list(module().path()).expect_err("read only"),
        cache.lock_go_files().map(drop).expect_err("read only"),
        sums.write("lookup/example.com/m@v1.0.0", b"x").expect_err("read only"),
    ] {
        assert!(matches!(&error, CacheError::ReadOnly { root } if *root == dir), "{error:?}");
        assert!(error.is_unwritable());
    }
    assert!(files(test.root.path()) == before);
}

/// Law: a cached zip is used only where what is recorded beside it is the expected hash.
#[test]
fn what_is_recorded_is_held_against_what_is_expected() {
    let test = TestCache::new();
    let cached = || test.entry().state().expect("a state").cached_zip(&hash(1));
    assert_eq!(cached(), CachedZip::Absent);
    fill(&test.cache, 1);
    assert_eq!(cached(), CachedZip::Recorded);
    let record = test.entry().path(CacheFile::ZipHash);
    fs::write(&record, hash(2).to_string()).expect("written");
    assert_eq!(cached(), CachedZip::Mismatch(ZipHash::H1(hash(2))));
    fs::write(&record, "go1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF=").expect("written");
    assert!(matches!(cached(), CachedZip::Mismatch(ZipHash::Foreign(_))));
    fs::write(&record, "").expect("written");
    assert_eq!(cached(), CachedZip::Unrecorded);
    fs::write(&record, hash(1).to_string()).expect("written");
    fs::remove_file(test.entry().path(CacheFile::Zip)).expect("removed");
    assert_eq!(cached(), CachedZip::Absent);
}
