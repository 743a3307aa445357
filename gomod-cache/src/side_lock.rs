use std::fs;

use crate::ModCache;
use crate::error::{Action, CacheError, at};
use crate::locked_file::LockedFile;

/// The right to rewrite go.mod and go.sum files: [`ModCache::lock_go_files`]. Given up on drop.
#[derive(Debug)]
#[must_use = "the lock is given up when it is dropped"]
pub struct SideLock {
    _file: LockedFile,
}

impl ModCache {
    /// Waits until no go command with this cache rewrites a go.mod or go.sum file, and keeps it from doing so: the lock on
    /// `cache/lock` (`modfetch.SideLock`). It says nothing about the cache's own files.
    ///
    /// The go command goes on without it where it cannot be had.
    ///
    /// # Errors
    /// [`CacheError::ReadOnly`], [`CacheError::Io`].
    #[doc(alias = "SideLock")]
    pub fn lock_go_files(&self) -> Result<SideLock, CacheError> {
        self.check_writable()?;
        let path = self.root().join("cache").join("lock");
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(at(Action::CreateDirectory, dir))?;
        }
        Ok(SideLock { _file: LockedFile::exclusive(&path)? })
    }
}
