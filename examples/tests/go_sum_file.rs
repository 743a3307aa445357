//! Lines are added to a go.sum file, and none is ever lost.

use std::fs;

use gomod_cache::ModCache;
use gomod_module::H1;
use gomod_sum::Kind;
use support::go_sum_file::add;

#[test]
fn what_is_too_large_to_be_read_is_not_written() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("go.sum");
    let cache = ModCache::new(dir.path().join("mod")).expect("an absolute path");
    let line = ("x.y/m@v1.0.0".parse().expect("a module"), Kind::Zip, H1::from_digest([7; 32]));

    // The last line of all would be the one that is cut off.
    let mut text = vec![b'\n'; 64 << 20];
    text.extend_from_slice(b"x.y/n v1.0.0 h1:n\n");
    fs::write(&path, &text).expect("written");
    let error = add(&path, &cache, std::slice::from_ref(&line)).expect_err("not the whole file was read");
    assert!(error.to_string().ends_with("go.sum is not written"), "{error}");
    assert!(fs::read(&path).expect("read") == text, "it was written");

    fs::write(&path, "x.y/n v1.0.0 h1:n\n").expect("written");
    assert_eq!(add(&path, &cache, &[line.clone(), line]).expect("added"), 1);
    let added = fs::read_to_string(&path).expect("read");
    assert!(added.starts_with("x.y/m v1.0.0 h1:") && added.ends_with("\nx.y/n v1.0.0 h1:n\n"), "{added}");
}
