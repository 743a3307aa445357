use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Action, CacheError, at};
use crate::layout::CacheFile;
use crate::lock::LockGuard;
use crate::temporary::Temporary;

/// A zip that is arriving: a temporary file under the lock of its entry.
///
/// Written with [`Write`], started again with [`restart`](Self::restart) when the next source is asked, read through
/// [`file`](Self::file) to be checked and hashed, installed with
/// [`EntryLock::commit_zip`](crate::EntryLock::commit_zip). Dropping it removes the file, unless it is to be
/// [kept](Self::persist_partial). The lock is held until then.
#[derive(Debug)]
#[must_use = "the temporary file is removed when this value is dropped, unless it is kept"]
pub struct ZipDownload {
    // Declared, and so dropped, before the lock.
    temporary: Temporary,
    held: Arc<LockGuard>,
}

impl ZipDownload {
    pub(crate) fn create(held: Arc<LockGuard>) -> Result<Self, CacheError> {
        Ok(Self { temporary: Temporary::create(held.entry.path(CacheFile::Zip))?, held })
    }

    pub(crate) fn reopen(held: &Arc<LockGuard>, path: PathBuf) -> Option<(Self, String)> {
        let (temporary, note) = Temporary::reopen(path, held.entry.path(CacheFile::Zip))?;
        Some((Self { temporary, held: Arc::clone(held) }, note))
    }

    /// Lets what is written from now on, as far as it comes, outlive this value and this process, beside a note that says
    /// how to go on: for [`EntryLock::resume_zip`](crate::EntryLock::resume_zip). Until [`restart`](Self::restart) or
    /// [`discard_partial`](Self::discard_partial).
    ///
    /// What is kept is not synchronised to the disk: it may be lost when the power fails.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the note cannot be written.
    pub fn persist_partial(&mut self, note: &str) -> Result<(), CacheError> {
        self.temporary.persist_partial(note)
    }

    /// Ends that: what was written is not to be resumed.
    pub fn discard_partial(&mut self) {
        self.temporary.discard_partial();
    }

    /// Throws away what was written, and the note.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the file cannot be truncated.
    pub fn restart(&mut self) -> Result<(), CacheError> {
        self.discard_partial();
        let file = &mut self.temporary.file;
        file.rewind().and_then(|()| file.set_len(0)).map_err(at(Action::Write, self.temporary.path()))
    }

    /// The file, for positional reads: its position is where the next write goes.
    pub fn file(&self) -> &File {
        &self.temporary.file
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// The number of bytes written.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the system does not say.
    #[expect(clippy::len_without_is_empty, reason = "no caller could do anything with an empty zip")]
    pub fn len(&self) -> Result<u64, CacheError> {
        Ok(self.file().metadata().map_err(at(Action::Inspect, self.path()))?.len())
    }

    /// Forces what was written to the disk. [`EntryLock::commit_zip`](crate::EntryLock::commit_zip) does so, too: called
    /// from another thread while the hash is computed, this takes the wait out of the commit.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the disk refuses.
    pub fn sync(&self) -> Result<(), CacheError> {
        self.file().sync_data().map_err(at(Action::Sync, self.path()))
    }

    /// Whether this is the file, or its note.
    pub(crate) fn is_made_of(&self, path: &Path) -> bool {
        self.temporary.is_made_of(path)
    }

    pub(crate) fn is_under(&self, held: &Arc<LockGuard>) -> bool {
        Arc::ptr_eq(&self.held, held)
    }

    pub(crate) fn rename(self) -> Result<(), CacheError> {
        self.temporary.rename()
    }
}

impl Write for ZipDownload {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.temporary.file.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.file.flush()
    }
}
