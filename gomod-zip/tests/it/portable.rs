//! Paths that are valid for Go and break on Windows.

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_module::path::check_file_path;
use gomod_testkit::ModuleZip;
use gomod_zip::{CheckError, FileReason, Options, UnportableReason, UnzipError, check_portable, unzip};

use crate::tree::tree;

const REFUSED: &[(&str, UnportableReason)] = &[
    ("go.mod ", UnportableReason::TrailingSpaceOrDot),
    ("a /b", UnportableReason::TrailingSpaceOrDot),
    ("a/ /b", UnportableReason::TrailingSpaceOrDot),
    ("a. ", UnportableReason::TrailingSpaceOrDot),
    ("con ", UnportableReason::TrailingSpaceOrDot),
    ("con .txt", UnportableReason::Device),
    ("x/NUL  .tar.gz", UnportableReason::Device),
    ("CONIN$", UnportableReason::Device),
    ("conout$.log", UnportableReason::Device),
    ("com0", UnportableReason::Device),
    ("LPT0.txt", UnportableReason::Device),
    ("com1 .txt", UnportableReason::Device),
];

const ACCEPTED: &[&str] = &[
    "go.mod",
    " a",
    "a b",
    "a/b.c/d",
    ".git",
    ".x",
    "console",
    "nulx",
    "com",
    "com10",
    "com1x.txt",
    "conin",
    "x.con",
    "a$",
    "lpt",
    "~",
    "a~1",
    "comé",
];

#[test]
fn the_verdicts_are_these() {
    for (path, reason) in REFUSED {
        assert!(check_file_path(path.as_bytes()).is_ok(), "{path:?} is no file path at all");
        assert_eq!(check_portable(path).unwrap_err().reason, *reason, "{path:?}");
    }
    for path in ACCEPTED {
        assert_eq!(check_portable(path), Ok(()), "{path:?}");
        assert!(check_file_path(path.as_bytes()).is_ok(), "{path:?}");
    }
    // What `check_file_path` refuses for the same reasons.
    for path in ["a.", "a./b", "nul", "AUX.go", "com1", "com\u{b9}"] {
        assert!(check_portable(path).is_err(), "{path:?}");
        assert!(check_file_path(path.as_bytes()).is_err(), "{path:?}");
    }
    assert!(check_portable(&"é".repeat(127)).is_ok());
    assert_eq!(check_portable(&"é".repeat(128)).unwrap_err().reason, UnportableReason::TooLong);
}

#[test]
fn an_unportable_zip_is_refused_before_anything_is_written() {
    let root = tempfile::tempdir().unwrap();
    let zip = ModuleZip::new("x.y/m", "v1.0.0")
        .file("a", *b"")
        .file("b /c", *b"")
        .directory("d ")
        .file("nul .x", *b"");
    let archive = Archive::open(zip.build(), &Limits::default()).unwrap();
    let m = ModuleVersion::parse("x.y/m", "v1.0.0").unwrap();
    let dir = root.path().join("new/dir");
    let error = unzip(&archive, &m, &dir, &Options::new().portable(true)).unwrap_err();
    let UnzipError::Check(CheckError::Files(errors)) = &error else { panic!("{error:?}") };
    assert!(errors.as_slice().iter().all(|error| matches!(error.reason, FileReason::Unportable(_))));
    assert_eq!(
        error.to_string().lines().collect::<Vec<_>>(),
        [
            r#"x.y/m@v1.0.0/b /c: path element "b " ends in a space or dot, which Windows drops"#,
            r#"x.y/m@v1.0.0/nul .x: path element "nul .x" names a device on Windows"#,
        ]
    );
    assert!(tree(root.path()).is_empty());
    #[cfg(unix)]
    assert_eq!(unzip(&archive, &m, &dir, &Options::new()).unwrap().files, 3);
}
