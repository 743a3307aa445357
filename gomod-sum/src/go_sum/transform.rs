//! Changing a go.sum file on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use gomod_module::text::Printable;
use thiserror::Error;

use super::parse::GoSum;
use super::read::ReadGoSumError;
use super::verify::Mismatch;

impl GoSum {
    /// Changes the go.sum file at `path` and returns what `edit` returns.
    ///
    /// The file is written in place under its lock, as the go command does (`lockedfile.Transform`): it keeps its owner, its
    /// mode and its links, and a file that may not be written is an error. `edit` is called on what is read without the lock,
    /// and where that changes anything again on what is read under it: what other processes have added stays, and what needs no
    /// change need not be writable. A write that fails is undone; a kill in the midst of it may leave part of it.
    ///
    /// The go command has a second lock, in its module cache, that it holds while it writes go.mod and go.sum (`SideLock`): it
    /// is the caller's to take.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind, hash_go_mod};
    ///
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("go.sum");
    /// let module = "x.y/m@v1.0.0".parse()?;
    /// let hash = hash_go_mod(b"module x.y/m\n");
    /// assert!(GoSum::transform(&path, |sum| sum.insert(&module, Kind::GoMod, &hash))?);
    /// assert!(!GoSum::transform(&path, |sum| sum.insert(&module, Kind::GoMod, &hash))?);
    /// assert!(GoSum::read(&path)?.have_sum(&module, Kind::GoMod));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`WriteGoSumError`]; the file is as it was.
    #[doc(alias = "Transform")]
    #[doc(alias = "WriteGoSum")]
    pub fn transform<T>(
        path: impl AsRef<Path>,
        mut edit: impl FnMut(&mut Self) -> Result<T, Mismatch>,
    ) -> Result<T, WriteGoSumError> {
        let path = path.as_ref();
        let io = |source| WriteGoSumError::Io { path: path.to_owned(), source };
        let mut edited = |old: &Self| -> Result<(Self, T), WriteGoSumError> {
            let mut new = old.clone();
            match edit(&mut new) {
                Ok(done) => Ok((new, done)),
                Err(source) => Err(WriteGoSumError::Edit { path: path.to_owned(), source: Box::new(source) }),
            }
        };
        let old = Self::read(path)?;
        let (new, done) = edited(&old)?;
        if new.text() == old.text() {
            return Ok(done);
        }
        let (mut file, is_new) = open(path).map_err(io)?;
        lock(&file).map_err(io)?;
        let old = Self::read_from(&file, path)?;
        let (new, done) = edited(&old)?;
        if new.text() != old.text()
            && let Err(error) = overwrite(&mut file, old.text(), new.text())
        {
            // Another process may have written to it before the lock was ours.
            if is_new && old.text().is_empty() {
                let _ = fs::remove_file(path);
            }
            return Err(io(error));
        }
        Ok(done)
    }
}

/// Opens the file for reading and writing; returns whether this call has made it.
fn open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    if let Ok(file) = options.clone().create_new(true).open(path) {
        return Ok((file, true));
    }
    // It is there, or is a link that leads to no file yet. What else is wrong shows here as well.
    Ok((options.create(true).truncate(false).open(path)?, false))
}

/// Waits for the lock.
fn lock(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            // By a signal.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Some file systems know no locks.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
            locked => return locked,
        }
    }
}

/// Puts the new text in place of the old one, which is there again where that fails.
fn overwrite(file: &mut File, old: &[u8], new: &[u8]) -> io::Result<()> {
    let (head, tail) = new.split_at(old.len().min(new.len()));
    // What there is no room for shows before anything of the old text is lost; on some file systems only when it is synced.
    let appended =
        if tail.is_empty() { Ok(()) } else { put(file, old.len(), tail).and_then(|()| file.sync_data()) };
    let written = appended.and_then(|()| {
        let replaced = replace_head(file, head, new.len() < old.len());
        replaced.inspect_err(|_| _ = put(file, 0, old))
    });
    written.inspect_err(|_| _ = file.set_len(old.len() as u64))
}

/// Writes the beginning of the new text, and cuts off what a longer old one has behind it.
fn replace_head(file: &mut File, head: &[u8], is_shorter: bool) -> io::Result<()> {
    put(file, 0, head)?;
    if is_shorter {
        file.set_len(head.len() as u64)?;
    }
    file.sync_data()
}

fn put(file: &mut File, at: usize, text: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at as u64))?;
    file.write_all(text)
}

/// A go.sum file on the disk stays as it is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteGoSumError {
    /// The system refuses.
    #[error("{} is not written", Printable::path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("{} is not written", Printable::path(source.path()))]
    Read {
        /// Why not.
        #[from]
        source: ReadGoSumError,
    },
    /// It cannot be changed in this way: it records another hash.
    #[error("{} is not written", Printable::path(path))]
    Edit {
        /// The file.
        path: PathBuf,
        /// Which.
        source: Box<Mismatch>,
    },
}

impl WriteGoSumError {
    /// Returns the file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. } | Self::Edit { path, .. } => path,
            Self::Read { source } => source.path(),
        }
    }
}
