//! What a directory holds decides whether it has a hash. Links are made on Unix only.

use std::error::Error as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use gomod_sum::hash::hash_extracted;
use gomod_sum::{FileHash, HashBuilder, HashDirError, hash_dir};
use tempfile::TempDir;

const ONE: NonZeroUsize = NonZeroUsize::MIN;

fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn expected(files: &[(&str, &str)]) -> String {
    let mut hashes = HashBuilder::new();
    for (name, content) in files {
        hashes.push(name, FileHash::of(content.as_bytes())).unwrap();
    }
    hashes.finish().to_string()
}

fn hash(dir: &Path, prefix: &str) -> Result<String, HashDirError> {
    hash_dir(dir, prefix, ONE).map(|h1| h1.to_string())
}

#[test]
fn empty_directories_do_not_count() {
    let dir = tree(&[("a/b", "1"), (".git/HEAD", "2")]);
    fs::create_dir_all(dir.path().join("empty/too")).unwrap();
    assert_eq!(hash(dir.path(), "p").unwrap(), expected(&[("p/a/b", "1"), ("p/.git/HEAD", "2")]));
}

#[test]
fn the_prefix_is_what_go_finds_the_files_by() {
    let dir = tree(&[("a", "1")]);
    for (prefix, name) in [
        ("", "a"),
        (".", "a"),
        ("./", "a"),
        ("p/", "p/a"),
        ("..", "../a"),
        ("/", "/a"),
        ("/x", "/x/a"),
        ("q/..", "a"),
    ] {
        assert_eq!(hash(dir.path(), prefix).unwrap(), expected(&[(name, "1")]), "{prefix}");
    }
    for prefix in ["p//", "a//b", "./p", "a/../q", "q/./r"] {
        assert!(matches!(hash(dir.path(), prefix), Err(HashDirError::Prefix { .. })), "{prefix}");
    }
    // With this prefix the Go function would look for the file `git`.
    let dir = tree(&[(".git", "1")]);
    assert!(matches!(hash(dir.path(), "."), Err(HashDirError::Prefix { .. })));
}

#[test]
fn the_root_is_a_directory() {
    let dir = tree(&[("file", "1")]);
    let file = dir.path().join("file");
    let error = hash(&file, "").unwrap_err();
    assert_eq!(error.to_string(), format!("{} is not a directory", file.display()));
    let error = hash(&dir.path().join("none"), "").unwrap_err();
    assert!(matches!(error, HashDirError::Io { operation: "stat", .. }));
    assert!(error.source().is_some());
}

#[cfg(unix)]
#[test]
fn links_to_files_count_as_files_and_no_other_links() {
    use std::os::unix::fs::symlink;

    let dir = tree(&[("sub/file", "1")]);
    let root = dir.path().join("root");
    fs::create_dir(&root).unwrap();
    symlink("../sub/file", root.join("link")).unwrap();
    assert_eq!(hash(&root, "").unwrap(), expected(&[("link", "1")]));

    for (target, stat_fails) in [("../sub", false), ("none", true), ("loop", true), ("/dev/null", false)] {
        let path = root.join("loop");
        symlink(target, &path).unwrap();
        match hash(&root, "") {
            Err(HashDirError::NotAFile { path: named, .. }) if !stat_fails => assert_eq!(named, path),
            Err(HashDirError::Io { operation: "stat", path: named, .. }) if stat_fails => {
                assert_eq!(named, path);
            }
            other => panic!("{target}: {other:?}"),
        }
        fs::remove_file(path).unwrap();
    }

    let link = dir.path().join("linked");
    symlink("root", &link).unwrap();
    for path in [link.clone(), link.join(""), link.join(".")] {
        assert!(matches!(hash(&path, ""), Err(HashDirError::NotADirectory { .. })), "{}", path.display());
    }
    // As text, `linked/../root` is `root`.
    assert!(hash(&link.join("../root"), "").is_ok());
}

#[cfg(unix)]
#[test]
fn a_socket_is_refused() {
    let dir = tree(&[("a", "1")]);
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s")).unwrap();
    assert!(matches!(hash(dir.path(), ""), Err(HashDirError::NotAFile { .. })));
}

#[cfg(unix)]
#[test]
fn newlines_are_refused_and_other_odd_bytes_are_not() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let dir = tree(&[]);
    fs::write(dir.path().join(OsStr::from_bytes(b"\xff\r\t")), "1").unwrap();
    let mut hashes = HashBuilder::new();
    hashes.push(b"p/\xff\r\t", FileHash::of(b"1")).unwrap();
    assert_eq!(hash(dir.path(), "p").unwrap(), hashes.finish().to_string());

    fs::write(dir.path().join("a\nb"), "1").unwrap();
    let Err(HashDirError::Name(error)) = hash(dir.path(), "p") else { panic!("a hash") };
    assert_eq!(error.name, b"p/a\nb");
    assert_eq!(error.to_string(), r#"filenames with newlines are not supported: "p/a\nb""#);
}

#[cfg(unix)]
#[test]
fn an_extracted_tree_has_no_links_and_may_lack_files() {
    let dir = tempfile::tempdir().expect("a directory");
    let module: gomod_module::ModuleVersion = "x.y/m@v1.0.0".parse().expect("a module");
    for (name, text) in [("a.go", "a"), ("sub/b.go", "b"), ("sub/left-out", "c")] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    let all = gomod_sum::hash_module_dir(dir.path(), &module, ONE).expect("a hash");
    assert_eq!(hash_extracted(dir.path(), &module, |_| false, ONE).expect("a hash"), all);
    let without =
        hash_extracted(dir.path(), &module, |path| path.ends_with("left-out"), ONE).expect("a hash");
    std::fs::remove_file(dir.path().join("sub/left-out")).expect("removed");
    assert_eq!(gomod_sum::hash_module_dir(dir.path(), &module, ONE).expect("a hash"), without);
    std::os::unix::fs::symlink("a.go", dir.path().join("link")).expect("a link");
    gomod_sum::hash_module_dir(dir.path(), &module, ONE).expect("a hash");
    let error = hash_extracted(dir.path(), &module, |_| false, ONE).unwrap_err();
    assert!(matches!(&error, HashDirError::NotAFile { path, .. } if path.ends_with("link")), "{error}");
}
