//! The file of a zip while it comes, and the SHA-256 of what is written into it: so that it need not be read again.

use std::io::{self, Read as _, Seek as _, Write as _};

use gomod_cache::{Action, CacheError, EntryLock, ZipDownload};
use gomod_proxy_client::transport::Partial;
use gomod_sum::hash::FileHasher;

/// What has come of a zip. Its methods wait for the disk.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) incoming: ZipDownload,
    size: u64,
    digest: Option<FileHasher>,
    /// Whether an earlier run has written what is there, and it was not hashed yet.
    unread: bool,
}

impl Arriving {
    /// The file of an earlier run whose download broke off, or a new one. `digest` where its SHA-256 is wanted.
    pub(super) fn kept_or_new(lock: &EntryLock, digest: bool) -> Result<(Self, Option<Partial>), CacheError> {
        let digest = digest.then(FileHasher::new);
        if let Some((incoming, note)) = lock.resume_zip()?
            && let Ok(partial) = note.parse::<Partial>()
        {
            let size = incoming.len()?;
            return Ok((Self { incoming, size, digest, unread: true }, Some(partial.have(size))));
        }
        Ok((Self { incoming: lock.zip_download()?, size: 0, digest, unread: false }, None))
    }

    /// How much of it there is.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Throws all of it away.
    pub(super) fn restart(&mut self) -> Result<(), CacheError> {
        self.digest = self.digest.take().map(|_| FileHasher::new());
        (self.size, self.unread) = (0, false);
        self.incoming.restart()
    }

    /// What is there stands. What an earlier run has written is read once, to be hashed.
    pub(super) fn resume(&mut self) -> Result<(), CacheError> {
        if std::mem::take(&mut self.unread)
            && let Some(digest) = &mut self.digest
        {
            let mut file = self.incoming.file();
            // It ends where the next bytes are written.
            let read = file.rewind().and_then(|()| io::copy(&mut file.take(self.size), digest));
            read.map_err(|source| self.failed(Action::Read, source))?;
        }
        Ok(())
    }

    /// Writes the next bytes. A `note` lets a later run go on from there.
    pub(super) fn write(&mut self, chunk: &[u8], note: Option<&Partial>) -> Result<(), CacheError> {
        if let Some(note) = note {
            // Only a later run, which begins again, would miss it.
            let _ = self.incoming.persist_partial(&note.to_string());
        }
        if let Err(source) = self.incoming.write_all(chunk) {
            // On a full disk there is no room for it.
            self.incoming.discard_partial();
            return Err(self.failed(Action::Write, source));
        }
        self.size += chunk.len() as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(chunk);
        }
        Ok(())
    }

    /// The file, and its SHA-256 in hexadecimal digits.
    pub(super) fn finish(self) -> (ZipDownload, Option<String>) {
        (self.incoming, self.digest.map(|digest| digest.finish().to_string()))
    }

    fn failed(&self, action: Action, source: io::Error) -> CacheError {
        CacheError::Io { action, path: self.incoming.path().to_owned(), source }
    }
}
