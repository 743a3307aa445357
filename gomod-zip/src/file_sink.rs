use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gomod_archive::{ReadError, Sink};

/// Writes one entry to a new, read-only file.
#[derive(Debug)]
pub(crate) struct FileSink<'a> {
    path: PathBuf,
    /// Created with the first bytes, which come after the first checks.
    file: Option<File>,
    index: usize,
    first_failure: &'a AtomicUsize,
}

/// What became of one entry.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) created: bool,
    pub(crate) result: Result<(), FileFailure>,
}

#[derive(Debug)]
pub(crate) enum FileFailure {
    Read(ReadError),
    Io(&'static str, io::Error),
}

impl From<ReadError> for FileFailure {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl<'a> FileSink<'a> {
    pub(crate) fn new(path: PathBuf, index: usize, first_failure: &'a AtomicUsize) -> Self {
        Self { path, file: None, index, first_failure }
    }

    fn file(&mut self) -> Result<&mut File, FileFailure> {
        let file = match self.file.take() {
            Some(file) => file,
            None => create_new(&self.path).map_err(|error| FileFailure::Io("create file", error))?,
        };
        Ok(self.file.insert(file))
    }
}

impl Sink for FileSink<'_> {
    type Error = FileFailure;
    type Out = Written;

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileFailure> {
        self.file()?.write_all(bytes).map_err(|error| FileFailure::Io("write file", error))
    }

    fn finish(mut self, result: Result<(), FileFailure>) -> Written {
        let result = result.and_then(|()| {
            let file = self.file()?;
            make_read_only(file).map_err(|error| FileFailure::Io("write file", error))
        });
        if result.is_err() {
            self.first_failure.fetch_min(self.index, Ordering::Relaxed);
        }
        Written { created: self.file.is_some(), result }
    }
}

#[cfg(unix)]
fn create_new(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).create_new(true).mode(0o444).open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn make_read_only(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_read_only(file: &File) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions)
}
