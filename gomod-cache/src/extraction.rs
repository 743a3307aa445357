use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use crate::error::{Action, CacheError, at};
use crate::layout::CacheFile;
use crate::lock::{LockGuard, remove_file};
use crate::tree;

/// A tree that is being extracted to its final place, where it is not used before [`commit`](Self::commit).
///
/// Dropping it removes the tree, and then the mark `.partial` if the tree is gone. The lock is held until then.
#[derive(Debug)]
#[must_use = "the tree is removed when this value is dropped"]
pub struct Extraction {
    held: Arc<LockGuard>,
    dir: PathBuf,
    ended: bool,
}

impl Extraction {
    pub(crate) fn new(held: Arc<LockGuard>) -> Self {
        Self { dir: held.entry.dir(), held, ended: false }
    }

    /// Where the tree belongs: nothing is there yet, but its parent directory exists.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Declares the tree complete: removes `.partial`, and then the write permission of its directories unless
    /// [`ModCache::writable_directories`](crate::ModCache::writable_directories) says otherwise. Files are the
    /// caller's affair: mode 0444.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the directory was not made, or when `.partial` cannot be removed; the tree is removed.
    pub fn commit(mut self) -> Result<(), CacheError> {
        let inspected = fs::symlink_metadata(&self.dir).and_then(|metadata| {
            if metadata.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
        });
        inspected.map_err(at(Action::Inspect, &self.dir))?;
        remove_file(&self.held.entry, CacheFile::Partial)?;
        self.ended = true;
        if !self.held.entry.cache().keeps_directories_writable() {
            tree::make_directories_read_only(&self.dir);
        }
        Ok(())
    }

    /// Removes the tree, as dropping does, and says how that went.
    ///
    /// # Errors
    /// [`CacheError::Io`] when something of the tree could not be removed. Its mark `.partial` stays then, so that
    /// it is not used.
    pub fn abort(mut self) -> Result<(), CacheError> {
        self.clean_up()
    }

    fn clean_up(&mut self) -> Result<(), CacheError> {
        self.ended = true;
        tree::remove(&self.dir).map_err(at(Action::Remove, &self.dir))?;
        remove_file(&self.held.entry, CacheFile::Partial)
    }
}

impl Drop for Extraction {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.clean_up();
        }
    }
}
