//! The law: `dir_hash`, where it is given, is what hashing the tree alone gives, and the zip has the hash that hashing
//! it alone gives.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_sum::hash::{CompareError, DifferenceKind, Extracted, compare_extracted};
use gomod_sum::{HashDirError, HashZipError, hash_go_mod, hash_module_dir, hash_zip};
use gomod_testkit::ModuleZip;
use proptest::prelude::*;

fn module() -> ModuleVersion {
    "x.y/m@v1.0.0".parse().unwrap()
}

fn zip() -> ModuleZip {
    ModuleZip::new("x.y/m", "v1.0.0")
}

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
    }
    dir
}

fn compare(zip: &[u8], dir: &Path, threads: usize) -> Result<Extracted, CompareError> {
    let archive = Archive::open(zip, &Limits::default()).unwrap();
    compare_extracted(&archive, dir, &module(), NonZeroUsize::new(threads).unwrap())
}

fn differences(found: &Extracted) -> Vec<(&str, DifferenceKind)> {
    found.differences.iter().map(|difference| (&*difference.name, difference.kind)).collect()
}

#[test]
fn a_tree_like_its_zip_has_its_hash() {
    let large = vec![7; 3_000_000];
    let files =
        [("go.mod", &b"module x.y/m\n"[..]), ("a/b.go", b"package b\n"), ("empty", b""), ("large", &large)];
    let zip = files.iter().fold(zip(), |zip, (name, data)| zip.file(name, *data)).build();
    let dir = tree(&files);
    fs::create_dir(dir.path().join("nothing")).unwrap();
    for threads in [1, 2, 8] {
        let found = compare(&zip, dir.path(), threads).unwrap();
        assert!(found.is_equal() && found.is_one_to_one() && found.odd_modes.is_empty(), "{found:?}");
        let alone = hash_module_dir(dir.path(), &module(), NonZeroUsize::MIN).unwrap();
        assert_eq!(found.dir_hash(), Some(alone));
        assert_eq!(found.zip, alone);
        assert_eq!(found.go_mod, Some(hash_go_mod(b"module x.y/m\n")));
    }
}

#[test]
fn every_difference_is_named() {
    let large = vec![7; 3_000_000];
    let mut other = large.clone();
    other[2_999_999] = 8;
    let zip = [("a", &b"1"[..]), ("b", b"2"), ("c", b"3"), ("large", &large), ("longer", b"x")]
        .iter()
        .fold(zip(), |zip, (name, data)| zip.file(name, *data))
        .build();
    let dir = tree(&[("a", b"1"), ("b", b"X"), ("d/e", b""), ("large", &other), ("longer", b"xy")]);
    let found = compare(&zip, dir.path(), 2).unwrap();
    assert_eq!(
        differences(&found),
        [
            ("b", DifferenceKind::Changed),
            ("c", DifferenceKind::Missing),
            ("d/e", DifferenceKind::Extra),
            ("large", DifferenceKind::Changed),
            ("longer", DifferenceKind::Changed),
        ]
    );
    assert_eq!(found.dir_hash(), None);
}

#[test]
fn names_that_count_twice_prove_nothing() {
    let files: [(&str, &[u8]); 1] = [("d/a", b"1")];
    let dir = tree(&files);
    let directory = zip().directory("d").file("d/a", "1").build();
    let twice = zip().file("d/a", "0").file("d/a", "1").build();
    for zip in [directory, twice] {
        let found = compare(&zip, dir.path(), 1).unwrap();
        assert!(found.is_equal() && !found.is_one_to_one(), "{found:?}");
        assert_eq!(found.dir_hash(), None);
        let archive = Archive::open(&zip[..], &Limits::default()).unwrap();
        assert_eq!(found.zip, hash_zip(&archive, NonZeroUsize::MIN).unwrap());
    }
}

#[test]
fn names_of_another_module_are_never_opened() {
    let dir = tree(&[("a", b"1")]);
    let zip =
        zip().raw_name("x.y/m@v1.0.0/../../../etc/passwd", "0").raw_name("/etc/passwd", "0").file("a", "1");
    let found = compare(&zip.build(), dir.path(), 1).unwrap();
    assert_eq!(
        differences(&found),
        [("../../../etc/passwd", DifferenceKind::Missing), ("/etc/passwd", DifferenceKind::Missing)]
    );
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let zip = zip().file("a", "1").build();
    let missing = compare(&zip, Path::new("/nonexistent/tree"), 1).unwrap_err();
    assert!(matches!(missing, CompareError::Dir(HashDirError::Io { .. })), "{missing}");
    let dir = tree(&[("a", b"1")]);
    let mut damaged = zip;
    // The stored or deflated byte of the one file.
    let at = damaged.windows(14).position(|window| window == b"x.y/m@v1.0.0/a").unwrap() + 14;
    damaged[at] ^= 0xff;
    let error = compare(&damaged, dir.path(), 1).unwrap_err();
    assert!(matches!(error, CompareError::Zip(HashZipError::Entry { .. })), "{error}");
}

#[cfg(unix)]
#[test]
fn links_and_modes_are_seen_and_not_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let outside = tree(&[("a", b"1"), ("sub/b", b"2")]);
    let zip = zip().file("a", "1").file("sub/b", "2").file("c", "3").build();
    let dir = tree(&[("c", b"3")]);
    symlink(outside.path().join("a"), dir.path().join("a")).unwrap();
    symlink(outside.path().join("sub"), dir.path().join("sub")).unwrap();
    let path = dir.path().join("c");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let found = compare(&zip, dir.path(), 1).unwrap();
    assert_eq!(
        differences(&found),
        [
            ("a", DifferenceKind::NotAFile),
            ("sub", DifferenceKind::NotAFile),
            ("sub/b", DifferenceKind::Missing)
        ]
    );
    assert_eq!(found.odd_modes, [path]);
    let umask = fs::Permissions::from_mode(0o400);
    fs::set_permissions(dir.path().join("c"), umask).unwrap();
    assert!(compare(&zip, dir.path(), 1).unwrap().odd_modes.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hash_that_is_said_is_the_right_one(
        packed in prop::collection::btree_map("[a-c]{1,2}/[a-c]", prop::collection::vec(any::<u8>(), 0..4), 0..6),
        changes in prop::collection::btree_map("[a-c]{1,2}/[a-c]", prop::option::of(prop::collection::vec(any::<u8>(), 0..4)), 0..2),
        threads in 1_usize..4,
    ) {
        let zip = packed.iter().fold(zip(), |zip, (name, data)| zip.file(name, data.clone())).build();
        let mut files = packed;
        for (name, change) in changes {
            match change {
                Some(data) => _ = files.insert(name, data),
                None => _ = files.remove(&name),
            }
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, data)| (&**name, &**data)).collect();
        let dir = tree(&files);
        let found = compare(&zip, dir.path(), threads).unwrap();
        let alone = hash_module_dir(dir.path(), &module(), NonZeroUsize::MIN).unwrap();
        let archive = Archive::open(&zip[..], &Limits::default()).unwrap();
        prop_assert_eq!(found.zip, hash_zip(&archive, NonZeroUsize::MIN).unwrap());
        prop_assert_eq!(found.is_equal(), alone == found.zip);
        if let Some(hash) = found.dir_hash() {
            prop_assert_eq!(hash, alone);
        }
    }
}
