//! What is reported, as programs read it.

use std::path::PathBuf;

use gomod_cache::{CacheFile, CachedZip, Defect, Found, ModCache, PruneRules, UnexpectedReason};
use serde_json::{json, to_value};

const H1: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

#[test]
fn the_state_of_an_entry() {
    let dir = tempfile::tempdir().unwrap();
    let entry = ModCache::new(dir.path()).unwrap().entry(&"example.com/M@v1.0.0".parse().unwrap());
    let lock = entry.lock().unwrap();
    lock.commit_zip(lock.zip_download().unwrap(), &H1.parse().unwrap()).unwrap();
    let state = entry.state().unwrap();
    let want = json!({
        "info": "absent", "go_mod": "absent", "zip": "present", "ziphash": H1, "dir": "absent", "partial": false,
    });
    assert_eq!(to_value(&state).unwrap(), want);
    assert_eq!(
        to_value(state.defects()).unwrap(),
        json!([{"missing": "info"}, {"missing": "mod"}, "no_tree"])
    );
    assert_eq!(to_value(state.cached_zip(&H1.parse().unwrap())).unwrap(), "recorded");
    assert_eq!(to_value(Defect::NotAFile(CacheFile::ZipHash)).unwrap(), json!({"not_a_file": "zip_hash"}));
    assert_eq!(to_value(CachedZip::Mismatch(state.ziphash)).unwrap(), json!({ "mismatch": H1 }));
}

#[test]
fn what_a_walk_finds_and_a_plan() {
    let dir = tempfile::tempdir().unwrap();
    let cache = ModCache::new(dir.path()).unwrap();
    let entry = cache.entry(&"example.com/m@v1.0.0".parse().unwrap());
    entry.store_mod(b"module example.com/m\n").unwrap();
    let found: Vec<_> = cache.entries().map(|found| to_value(&found).unwrap()).collect();
    assert_eq!(found, [json!({"entry": "example.com/m@v1.0.0"})]);
    let foreign = Found::Unexpected { path: PathBuf::from("/c/x"), reason: UnexpectedReason::Symlink };
    assert_eq!(to_value(&foreign).unwrap(), json!({"unexpected": {"path": "/c/x", "reason": "symlink"}}));
    let error = entry.rejected(CacheFile::Mod)("another hash");
    let text = format!("{error}: another hash");
    let path = entry.path(CacheFile::Mod);
    let want = json!({"unreadable": {"path": path, "error": text}});
    assert_eq!(to_value(Found::Unreadable(error)).unwrap(), want);
    let plan = to_value(cache.plan_prune(&PruneRules::new().max_bytes(0))).unwrap();
    assert_eq!(plan["remove"][0]["module"], "example.com/m@v1.0.0");
    let downloaded = plan["remove"][0]["usage"]["downloaded"].as_str().unwrap();
    assert!(downloaded.ends_with('Z') && downloaded.contains('T'), "{downloaded}");
}

/// Not every name of a file is text.
#[cfg(unix)]
#[test]
fn a_path_that_is_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let path = PathBuf::from(OsStr::from_bytes(b"/c/\xff"));
    assert_eq!(to_value(Found::StaleFile(path)).unwrap(), json!({"stale_file": "/c/\u{fffd}"}));
}
