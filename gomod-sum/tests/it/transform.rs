//! Laws: a go.sum file on the disk changes as is asked for, and no line is ever lost.

use std::fs;
use std::path::PathBuf;
use std::thread;

use gomod_module::{H1, ModuleVersion};
use gomod_sum::go_sum::{MAX_GO_SUM, ReadGoSumError, WriteGoSumError};
use gomod_sum::{GoSum, Kind, Mismatch};
use tempfile::TempDir;

fn go_sum(text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("go.sum");
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn add(path: &PathBuf, version: usize) -> Result<bool, WriteGoSumError> {
    let module: ModuleVersion = format!("x.y/m@v1.0.{version}").parse().unwrap();
    GoSum::transform(path, |sum| sum.insert(&module, Kind::Zip, &H1::from_digest([7; 32])))
}

#[test]
fn what_cannot_be_read_is_not_written() {
    // The last line of all would be the one that is cut off.
    let mut text = vec![b'\n'; usize::try_from(MAX_GO_SUM).unwrap()];
    text.extend_from_slice(b"x.y/n v1.0.0 h1:n\n");
    let (_dir, path) = go_sum(&text);
    let error = add(&path, 0).expect_err("not the whole file was read");
    assert!(matches!(error, WriteGoSumError::Read { source: ReadGoSumError::TooLarge { .. } }), "{error}");
    assert!(error.to_string().ends_with("go.sum is not written"), "{error}");
    assert!(fs::read(&path).unwrap() == text, "it was written");

    for text in [&b"x y\n"[..], b"\xff\xfex\0 \0y\0 \0z\0\n\0", b"<<<<<<< a\n", b"x y z\n\0\0\0"] {
        let (_dir, path) = go_sum(text);
        let error = add(&path, 0).unwrap_err();
        assert!(matches!(error, WriteGoSumError::Read { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), text);
    }
    let (_dir, path) = go_sum("x.y/m v1.0.0 h1:other\n");
    let error = add(&path, 0).unwrap_err();
    assert!(matches!(error, WriteGoSumError::Edit { .. }) && error.path() == path, "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "x.y/m v1.0.0 h1:other\n");
}

#[test]
fn lines_are_added_and_taken_out_in_place() {
    let (_dir, path) = go_sum("x.y/n v1.0.0 h1:n\n");
    assert!(add(&path, 0).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("x.y/m v1.0.0 h1:") && text.ends_with("\nx.y/n v1.0.0 h1:n\n"), "{text}");
    let removed = GoSum::transform(&path, |sum| Ok(sum.retain(|line| line.path == b"x.y/n"))).unwrap();
    assert_eq!((removed, &*fs::read_to_string(&path).unwrap()), (1, "x.y/n v1.0.0 h1:n\n"));
}

#[cfg(unix)]
#[test]
fn what_needs_no_change_is_not_written() {
    use std::os::unix::fs::MetadataExt as _;

    let (dir, path) = go_sum("");
    assert!(add(&path, 0).unwrap());
    let before = fs::metadata(&path).unwrap();
    assert!(!add(&path, 0).unwrap());
    let after = fs::metadata(&path).unwrap();
    assert_eq!((before.mtime_nsec(), before.ino()), (after.mtime_nsec(), after.ino()));
    // Nor is one made that would be empty.
    let none = dir.path().join("none.sum");
    let edit = |sum: &mut GoSum| -> Result<usize, Mismatch> { Ok(sum.entries().len()) };
    assert_eq!(GoSum::transform(&none, edit).unwrap(), 0);
    assert!(!none.exists());
}

#[test]
fn what_others_add_meanwhile_stays() {
    let (_dir, path) = go_sum("");
    thread::scope(|scope| {
        for version in 0..16 {
            let path = &path;
            scope.spawn(move || assert!(add(path, version).unwrap()));
        }
    });
    assert_eq!(GoSum::read(&path).unwrap().entries().len(), 16);
}
