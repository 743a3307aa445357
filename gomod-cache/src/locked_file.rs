//! Whole-file advisory locks as the go command takes them (`cmd/go/internal/lockedfile`): flock where there is flock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::path::Path;

use crate::error::{Action, CacheError, at};
use crate::regular_file;

/// An open file and the lock held on it.
///
/// The lock is given up explicitly: closing is not enough while a child process that is about to call `exec` still
/// holds a copy of the descriptor.
#[derive(Debug)]
pub(crate) struct LockedFile(File);

impl LockedFile {
    /// Creates the file if need be, never truncates it, and waits for the exclusive lock.
    pub(crate) fn exclusive(path: &Path) -> Result<Self, CacheError> {
        let file = open(path)?;
        retry(|| file.lock()).map_err(at(Action::Lock, path))?;
        Ok(Self(file))
    }

    /// As [`exclusive`](Self::exclusive), but `None` instead of waiting.
    pub(crate) fn try_exclusive(path: &Path) -> Result<Option<Self>, CacheError> {
        let file = open(path)?;
        let locked = retry(|| match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        });
        Ok(locked.map_err(at(Action::Lock, path))?.then_some(Self(file)))
    }

    /// Opens an existing file for reading and waits for the shared lock; `None` when there is no file.
    pub(crate) fn shared(path: &Path) -> Result<Option<Self>, CacheError> {
        let Some(file) = regular_file::open(path)? else { return Ok(None) };
        retry(|| file.lock_shared()).map_err(at(Action::Read, path))?;
        Ok(Some(Self(file)))
    }
}

impl Deref for LockedFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

fn open(path: &Path) -> Result<File, CacheError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(at(Action::Create, path))
}

fn retry<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
