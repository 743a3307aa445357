//! Directories that are not what they seem.
#![cfg(unix)]

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use gomod_module::ModuleVersion;
use gomod_testkit::skip;
use gomod_zip::{CheckDirError, CreateError, FileReason, check_dir, create_from_dir};

fn module() -> ModuleVersion {
    ModuleVersion::parse("x.y/m", "v1.0.0").unwrap()
}

#[test]
fn the_root_is_a_directory_and_no_link() {
    let root = tempfile::tempdir().unwrap();
    let (dir, file, link) = (root.path().join("dir"), root.path().join("file"), root.path().join("link"));
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("a.go"), "package a\n").unwrap();
    fs::write(&file, "").unwrap();
    symlink(&dir, &link).unwrap();
    for path in [&file, &link] {
        let error = check_dir(path).unwrap_err();
        assert!(
            matches!(&error, CheckDirError::NotADirectory { path: named, .. } if named == path),
            "{error:?}"
        );
        let mut zip = Vec::new();
        let error = create_from_dir(&mut zip, &module(), path).unwrap_err();
        assert!(matches!(error, CreateError::List(CheckDirError::NotADirectory { .. })), "{error:?}");
        assert!(zip.is_empty());
    }
    let error = check_dir(&root.path().join("missing")).unwrap_err();
    assert!(
        matches!(&error, CheckDirError::Io { operation: "stat", source, .. } if source.kind() == io::ErrorKind::NotFound)
    );
    // As for any program, a slash behind a link means what the link points at.
    let behind = PathBuf::from(format!("{}/", link.display()));
    assert_eq!(check_dir(&behind).unwrap().valid, ["a.go"]);
}

/// Go reads without end here.
#[test]
fn a_go_mod_that_is_a_device_or_a_pipe_is_not_read() {
    for target in ["/dev/zero", "pipe"] {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("vendor")).unwrap();
        fs::write(root.path().join("vendor/modules.txt"), "").unwrap();
        if target == "pipe" {
            let made = std::process::Command::new("mkfifo").arg(root.path().join("pipe")).status();
            if !made.is_ok_and(|status| status.success()) {
                skip("there is no mkfifo: pipes are not tested");
                continue;
            }
        }
        symlink(target, root.path().join("go.mod")).unwrap();
        let checked = check_dir(root.path()).unwrap();
        assert!(checked.is_valid());
        assert_eq!(checked.valid, ["vendor/modules.txt"]);
        assert!(
            checked.omitted.iter().all(|error| error.reason == FileReason::NotRegular),
            "{:?}",
            checked.omitted
        );
        create_from_dir(io::sink(), &module(), root.path()).unwrap();
    }
}

#[test]
fn a_link_to_a_go_mod_decides_about_vendored_packages() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("vendor")).unwrap();
    fs::write(root.path().join("vendor/modules.txt"), "").unwrap();
    fs::write(root.path().join("real.mod"), "module x.y/m\n\ngo 1.24\n").unwrap();
    symlink("real.mod", root.path().join("go.mod")).unwrap();
    assert_eq!(check_dir(root.path()).unwrap().valid, ["real.mod"]);
}

/// The writer changes the directory while the zip is made of it.
#[test]
fn a_file_that_changes_meanwhile_is_an_error() {
    for (length, text) in
        [(999_999, "cannot read z"), (1_000_001, r#"file "z" is larger than declared size"#)]
    {
        let root = tempfile::tempdir().unwrap();
        // Enough for the writer to be called before the second file is opened.
        fs::write(root.path().join("a"), gomod_testkit::source_text(1, 3_000_000)).unwrap();
        fs::write(root.path().join("z"), vec![0; 1_000_000]).unwrap();
        let writer = Meddler { file: root.path().join("z"), length };
        let error = create_from_dir(writer, &module(), root.path()).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), gomod_testkit::source_text(1, 3_000_000)).unwrap();
    fs::write(root.path().join("z"), "").unwrap();
    let error = create_from_dir(Remover(&root.path().join("z")), &module(), root.path()).unwrap_err();
    assert!(matches!(error, CreateError::Open { .. }), "{error:?}");
}

struct Meddler {
    file: PathBuf,
    length: u64,
}

impl io::Write for Meddler {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        fs::OpenOptions::new().write(true).open(&self.file)?.set_len(self.length)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Remover<'a>(&'a Path);

impl io::Write for Remover<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop(fs::remove_file(self.0));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
