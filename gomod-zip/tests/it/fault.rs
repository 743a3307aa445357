//! What goes wrong while extracting: the error says where, and the target is as it was found.

use std::error::Error as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use gomod_archive::{Archive, Limits, ReadAt, ReadError};
use gomod_module::ModuleVersion;
use gomod_testkit::ModuleZip;
#[cfg(target_os = "linux")]
use gomod_testkit::confined::in_own_mounts;
use gomod_zip::{CheckError, Options, UnzipError, Unzipped, unzip};

use crate::tree::tree;

#[cfg(target_os = "linux")]
const TMPFS: &str = "GOMOD_ZIP_TEST_TMPFS";

fn zip() -> ModuleZip {
    ModuleZip::new("x.y/m", "v1.0.0")
}

fn extract(zip: &[u8], dir: &Path, threads: usize) -> Result<Unzipped, UnzipError> {
    let archive = Archive::open(zip, &Limits::default()).unwrap();
    let m = ModuleVersion::parse("x.y/m", "v1.0.0").unwrap();
    unzip(&archive, &m, dir, &Options::new().threads(NonZeroUsize::new(threads).unwrap()))
}

#[test]
fn files_are_read_only_and_never_executable() {
    let root = tempfile::tempdir().unwrap();
    let zip = zip()
        .file("go.mod", *b"module x.y/m\n")
        .mode(0o100_755)
        .file("a/b/link", *b"/etc/passwd")
        .mode(0o120_777)
        .file("a/empty", *b"")
        .directory("unused")
        .build();
    let dir = root.path().join("not/yet/there");
    let unzipped = extract(&zip, &dir, 2).unwrap();
    assert_eq!((unzipped.files, unzipped.bytes), (3, 24));
    let found = tree(&dir);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "a/b", "a/b/link", "a/empty", "go.mod"]);
    assert_eq!(found["a/b/link"].as_deref(), Some(b"/etc/passwd".as_slice()));
    for (name, content) in &found {
        let permissions = fs::metadata(dir.join(name)).unwrap().permissions();
        assert_eq!(permissions.readonly(), content.is_some(), "{name}");
        #[cfg(unix)]
        if content.is_some() {
            let mode = std::os::unix::fs::PermissionsExt::mode(&permissions);
            assert_eq!(mode & 0o7333, 0, "{name} {mode:o}");
        }
    }
}

#[test]
fn a_target_with_something_in_it_is_refused() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("mine"), "kept").unwrap();
    let error = extract(&zip().file("a", *b"a").build(), root.path(), 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("target directory {} exists and is not empty", root.path().display())
    );
    assert_eq!(tree(root.path()).len(), 1);
}

#[test]
fn a_file_where_a_directory_should_be_is_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "kept").unwrap();
    for dir in [file.clone(), file.join("below"), file.join("far/below")] {
        let error = extract(&zip().file("a", *b"a").build(), &dir, 1).unwrap_err();
        assert!(matches!(&error, UnzipError::Io { path, .. } if *path == dir), "{error:?}");
        assert!(error.source().is_some());
    }
    assert_eq!(fs::read(file).unwrap(), b"kept");
}

#[cfg(unix)]
#[test]
fn a_link_to_an_empty_directory_is_a_target_and_one_to_nowhere_is_not() {
    let root = tempfile::tempdir().unwrap();
    let (real, link, lost) = (root.path().join("real"), root.path().join("link"), root.path().join("lost"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    std::os::unix::fs::symlink(root.path().join("nowhere"), &lost).unwrap();
    extract(&zip().file("d/a", *b"a").build(), &link, 1).unwrap();
    assert!(real.join("d/a").exists());
    let error = extract(&zip().file("d/a", *b"a").build(), &lost, 1).unwrap_err();
    assert!(matches!(error, UnzipError::Io { operation: "create directory", .. }), "{error:?}");
    assert!(!root.path().join("nowhere").exists());
}

#[test]
fn nothing_is_written_of_an_invalid_zip() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("a/b");
    let error = extract(&zip().file("fine", *b"").file("../x", *b"").build(), &dir, 1).unwrap_err();
    assert!(matches!(error, UnzipError::Check(CheckError::Files(_))), "{error:?}");
    assert!(tree(root.path()).is_empty());
}

/// The first damaged file is named, whoever comes first, and nothing stays.
#[test]
fn damage_leaves_the_target_as_it_was_found() {
    let content = |i: usize| format!("content of file {i} ").into_bytes();
    let mut bytes =
        (0..40).fold(zip(), |zip, i| zip.file(&format!("d{}/f{i:02}", i % 5), content(i)).stored()).build();
    for damaged in [17, 31, 38] {
        let content = content(damaged);
        let at = bytes.windows(content.len()).position(|window| window == content).unwrap();
        bytes[at] ^= 1;
    }
    for threads in 1..6 {
        let root = tempfile::tempdir().unwrap();
        for dir in [root.path().to_owned(), root.path().join("a/missing/dir")] {
            let error = extract(&bytes, &dir, threads).unwrap_err();
            assert!(
                matches!(&error, UnzipError::Read { path, source: ReadError::Checksum } if path == "d2/f17"),
                "{error:?}"
            );
            assert_eq!(error.to_string(), "cannot unzip d2/f17");
            assert!(tree(root.path()).is_empty());
            assert!(root.path().exists());
        }
    }
}

/// Large entries are read first: what goes wrong with one must not hide a file before it.
#[test]
fn the_first_damaged_file_in_the_zip_is_reported() {
    let mut bytes = zip()
        .file("a", *b"small file a")
        .stored()
        .file("b", *b"small file b")
        .stored()
        .file("large", [b"large file".as_slice(), &vec![0; 1 << 20]].concat())
        .stored()
        .build();
    for damaged in ["small file b", "large file"] {
        let at = bytes.windows(damaged.len()).position(|window| window == damaged.as_bytes()).unwrap();
        bytes[at] ^= 1;
    }
    for threads in 1..4 {
        let root = tempfile::tempdir().unwrap();
        let error = extract(&bytes, root.path(), threads).unwrap_err();
        assert!(matches!(&error, UnzipError::Read { path, .. } if path == "b"), "{error:?}");
        assert!(tree(root.path()).is_empty());
    }
}

/// Longer than any path may be, but valid in a zip.
#[cfg(unix)]
#[test]
fn names_that_the_system_cannot_hold_are_its_error() {
    let root = tempfile::tempdir().unwrap();
    for name in ["n".repeat(300), format!("{}/", "d".repeat(200)).repeat(50) + "x"] {
        let error = extract(&zip().file("a/b", *b"").file(&name, *b"").build(), root.path(), 2).unwrap_err();
        assert!(
            matches!(&error, UnzipError::Io { source, .. } if source.kind() == ErrorKind::InvalidFilename),
            "{error:?}"
        );
        assert!(tree(root.path()).is_empty());
    }
}

/// Runs `inside_small_tmpfs` where a small file system is mounted, in a mount namespace of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    for options in ["size=64k", "nr_inodes=12"] {
        let root = tempfile::tempdir().unwrap();
        let script = format!("mount -t tmpfs -o {options} none \"${TMPFS}\" && exec \"$@\"");
        let mut inner = Command::new(std::env::current_exe().unwrap());
        inner.args(["--ignored", "--exact", "fault::inside_small_tmpfs", "--nocapture"]);
        inner.env(TMPFS, root.path());
        let Some(mut command) = in_own_mounts(&script, &inner) else { return };
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("1 passed"), "{text}");
    }
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "run by a_full_disk_is_an_error_and_leaves_nothing"]
fn inside_small_tmpfs() {
    let Some(root) = std::env::var_os(TMPFS).map(PathBuf::from) else { return };
    let big = |i: u8| vec![i; 30_000];
    let zip = (0..20).fold(zip(), |zip, i| zip.file(&format!("d{}/f{i}", i % 3), big(i))).build();
    for threads in [1, 2] {
        for dir in [root.clone(), root.join("new/target")] {
            let error = extract(&zip, &dir, threads).unwrap_err();
            let UnzipError::Io { operation, path, source } = &error else { panic!("{error:?}") };
            assert!(["write file", "create file"].contains(operation), "{error:?}");
            assert_eq!(source.kind(), ErrorKind::StorageFull);
            assert!(path.starts_with(&dir));
            assert!(tree(&root).is_empty());
        }
    }
}

/// A zip beside which something happens when the byte at `at` is read for the first time.
struct Trigger<'a, F> {
    zip: &'a [u8],
    at: u64,
    happens: F,
    happened: AtomicBool,
}

impl<F: Fn() -> io::Result<()>> ReadAt for Trigger<'_, F> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if (offset..offset + buf.len() as u64).contains(&self.at)
            && !self.happened.swap(true, Ordering::SeqCst)
        {
            (self.happens)()?;
        }
        self.zip.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.zip.size()
    }
}

/// Extracts while `happens` is done as the content of the first file is read.
fn extract_while(zip: &[u8], dir: &Path, happens: impl Fn() -> io::Result<()> + Sync) -> UnzipError {
    let at = zip.windows(8).position(|window| window == b"content-").unwrap() as u64;
    let trigger = Trigger { zip, at, happens, happened: AtomicBool::new(true) };
    let archive = Archive::open(&trigger, &Limits::default()).unwrap();
    trigger.happened.store(false, Ordering::SeqCst);
    let m = ModuleVersion::parse("x.y/m", "v1.0.0").unwrap();
    unzip(&archive, &m, dir, &Options::new()).unwrap_err()
}

fn three_files() -> Vec<u8> {
    ["d/a", "d/b", "d/c"]
        .iter()
        .fold(zip(), |zip, name| zip.file(name, format!("content-{name}").into_bytes()).stored())
        .build()
}

#[test]
fn a_file_in_the_way_is_kept_and_everything_else_goes() {
    let root = tempfile::tempdir().unwrap();
    let error = extract_while(&three_files(), root.path(), || fs::write(root.path().join("d/b"), "foreign"));
    let UnzipError::Io { operation: "create file", path, source } = &error else { panic!("{error:?}") };
    assert_eq!((path, source.kind()), (&root.path().join("d/b"), ErrorKind::AlreadyExists));
    let found = tree(root.path());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["d", "d/b"]);
    assert_eq!(found["d/b"].as_deref(), Some(b"foreign".as_slice()));
}

#[cfg(unix)]
#[test]
fn a_link_in_the_way_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("target");
    let outside = root.path().join("outside");
    fs::write(&outside, "untouched").unwrap();
    for target in [outside.clone(), root.path().join("nowhere")] {
        let link = dir.join("d/b");
        let error = extract_while(&three_files(), &dir, || std::os::unix::fs::symlink(&target, &link));
        assert!(matches!(&error, UnzipError::Io { operation: "create file", .. }), "{error:?}");
        fs::remove_file(&link).unwrap();
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(tree(root.path()).len(), 1);
        assert_eq!(fs::read(&outside).unwrap(), b"untouched");
    }
}

#[test]
fn a_zip_that_cannot_be_read_leaves_the_target_as_it_was_found() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("new/target");
    let error = extract_while(&three_files(), &dir, || Err(io::Error::other("the cable is out")));
    assert!(matches!(&error, UnzipError::Read { source: ReadError::Io { .. }, .. }), "{error:?}");
    assert!(tree(root.path()).is_empty());
}
