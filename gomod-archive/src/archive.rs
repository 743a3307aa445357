use std::fmt;

use crate::cancel::CancelToken;
use crate::directory;
use crate::end_record;
use crate::entry::Entry;
use crate::error::{ContentTooLarge, OpenError, ReadError, ReadToVecError};
use crate::limits::Limits;
use crate::read::EntryReader;
use crate::read_all::{self, Sink};
use crate::read_at::ReadAt;
use crate::threads::Threads;

/// A zip file whose directory has been read.
///
/// ```
/// use gomod_archive::{Archive, Limits};
///
/// // An archive without entries is just an end record.
/// let file = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0hi".as_slice();
/// let archive = Archive::open(file, &Limits::default())?;
/// assert!(archive.entries().is_empty());
/// assert_eq!(archive.comment(), b"hi");
/// # Ok::<(), gomod_archive::OpenError>(())
/// ```
#[doc(alias = "Reader")]
pub struct Archive<R> {
    reader: R,
    size: u64,
    comment: Box<[u8]>,
    entries: Vec<Entry>,
    limits: Limits,
}

impl<R: ReadAt> Archive<R> {
    /// Returns the archive in a file, with all of its directory in memory, as
    /// [`zip.NewReader`](https://pkg.go.dev/archive/zip#NewReader) reads it.
    ///
    /// # Errors
    /// [`OpenError::NotAZip`] and [`OpenError::UnexpectedEof`] where Go has an error too,
    /// [`OpenError::TooManyEntries`] and [`OpenError::DirectoryTooLarge`] beyond the limits, and the reader's own
    /// errors.
    #[doc(alias = "NewReader")]
    pub fn open(reader: R, limits: &Limits) -> Result<Self, OpenError> {
        let size = reader.size().map_err(OpenError::Size)?;
        let signed_size = i64::try_from(size).map_err(|_| OpenError::NotAZip)?;
        let end = end_record::find(&reader, signed_size)?;
        let entries = directory::read(&reader, size, &end, limits)?;
        Ok(Self { reader, size, comment: end.comment, entries, limits: limits.clone() })
    }

    /// Reads an entry to its end, hands its bytes to `each` in order and checks them as Go does: size, CRC-32 and
    /// data descriptor.
    ///
    /// There are never more bytes than the entry declares. Small entries come in one piece, after the check; of
    /// larger ones `each` may have seen pieces before an error shows. The first error of `each` ends the reading
    /// and is returned.
    ///
    /// To read many entries, use [`read_all`](Self::read_all), which keeps its buffers.
    ///
    /// # Errors
    /// Any [`ReadError`], and what `each` returns.
    #[doc(alias = "Open")]
    pub fn read<E: From<ReadError>>(
        &self,
        entry: &Entry,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.entry_reader(CancelToken::new()).read(entry, &mut each)
    }

    /// Returns the bytes of an entry that declares at most `limit` of them.
    ///
    /// # Errors
    /// [`ReadToVecError::TooLarge`] before anything is read, else as [`read`](Self::read).
    pub fn read_to_vec(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, ReadToVecError> {
        if entry.size() > limit {
            return Err(ReadToVecError::TooLarge { size: entry.size(), limit });
        }
        let mut bytes = Vec::new();
        self.read(entry, |piece| {
            bytes.extend_from_slice(piece);
            Ok::<_, ReadError>(())
        })?;
        Ok(bytes)
    }

    /// Reads all entries for which `make_sink` makes a [`Sink`], each once, on up to `threads` threads, and returns
    /// what the sinks made of them, in the order of [`entries`](Self::entries).
    ///
    /// `make_sink` gets the entry's index and is called on the thread that reads the entry, in no particular
    /// order. The calling thread is one of the threads: with one thread none is started. The results do not depend
    /// on the number of threads. Once the token of [`Threads::cancelled_by`] is cancelled, no further sink is made, and
    /// the sinks that are at work end with [`ReadError::Cancelled`].
    ///
    /// # Panics
    /// Only if a sink or `make_sink` panics.
    pub fn read_all<S: Sink>(
        &self,
        threads: impl Into<Threads>,
        make_sink: impl Fn(usize, &Entry) -> Option<S> + Sync,
    ) -> Vec<Option<S::Out>>
    where
        R: Sync,
    {
        let threads = threads.into();
        let make_reader = || self.entry_reader(threads.cancel().clone());
        read_all::read_all(&self.entries, &threads, make_reader, make_sink)
    }

    fn entry_reader(&self, cancel: CancelToken) -> EntryReader<'_, R> {
        EntryReader::new(&self.reader, self.size, &self.limits, cancel)
    }
}

impl<R> Archive<R> {
    /// Returns the entries in the order of the directory, duplicates included.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Says that no entry is beyond [`Limits::max_content_bytes`], so that all of them can be read.
    ///
    /// # Errors
    /// [`ContentTooLarge`], without anything being read.
    pub fn check_content(&self) -> Result<(), ContentTooLarge> {
        if self.entries.iter().any(|entry| entry.beyond_limit) {
            return Err(ContentTooLarge { limit: self.limits.max_content_bytes });
        }
        Ok(())
    }

    /// Returns the comment in the end record.
    pub fn comment(&self) -> &[u8] {
        &self.comment
    }

    /// Returns the size of the file in bytes, as it was when the archive was opened.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns what the archive is read from.
    pub fn reader(&self) -> &R {
        &self.reader
    }

    /// Returns what the archive was read from and forgets the rest.
    pub fn into_reader(self) -> R {
        self.reader
    }
}

impl<R> fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("size", &self.size)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}
