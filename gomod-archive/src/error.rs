use std::io;

use thiserror::Error;

use crate::cancel::Cancelled;

/// Why an archive cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no end record, or what it points at is not a directory.
    #[doc(alias = "ErrFormat")]
    #[error("not a valid zip file")]
    NotAZip,
    /// The directory stops before its end, or the end record points behind the end of the file.
    #[doc(alias = "ErrUnexpectedEOF")]
    #[error("unexpected EOF")]
    UnexpectedEof,
    /// There are more entries than [`Limits::max_entries`](crate::Limits::max_entries).
    #[error("more than {limit} entries in zip file")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// The directory is larger than [`Limits::max_directory_bytes`](crate::Limits::max_directory_bytes).
    #[error("zip directory larger than {limit} bytes")]
    DirectoryTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The size of the file cannot be told.
    #[error("cannot tell the size of the zip file")]
    Size(#[source] io::Error),
    /// The file cannot be read.
    #[error("cannot read the zip file at byte {offset}")]
    Io {
        /// Where in the file.
        offset: u64,
        /// The error of the reader.
        source: io::Error,
    },
}

impl OpenError {
    /// Whether the file could not be read, which says nothing of the zip.
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Size(_) | Self::Io { .. })
    }
}

/// The entries of an archive come to more bytes than
/// [`Limits::max_content_bytes`](crate::Limits::max_content_bytes) allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("content of the zip file is too large (limit is {limit} bytes)")]
#[non_exhaustive]
pub struct ContentTooLarge {
    /// The limit, in bytes.
    pub limit: u64,
}

/// Why an entry cannot be read to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no local header where the directory says, or more data than the entry declares.
    #[doc(alias = "ErrFormat")]
    #[error("not a valid zip file")]
    Format,
    /// The compression method is neither 0 (stored) nor 8 (deflate).
    #[doc(alias = "ErrAlgorithm")]
    #[error("unsupported compression algorithm {method}")]
    Algorithm {
        /// The method.
        method: u16,
    },
    /// The CRC-32 of the data, of the directory and of the data descriptor are not the same.
    #[doc(alias = "ErrChecksum")]
    #[error("checksum error")]
    Checksum,
    /// The data stops before the end that the entry declares.
    #[doc(alias = "ErrUnexpectedEOF")]
    #[error("unexpected EOF")]
    UnexpectedEof,
    /// The compressed data is no deflate stream.
    #[doc(alias = "CorruptInputError")]
    #[error("corrupt deflate data before byte {offset} of the entry")]
    Corrupt {
        /// About where in the compressed data; Go's offset may be some bytes off.
        offset: u64,
    },
    /// This entry is one too many for the limit on all entries together; nothing of it was read.
    #[error(transparent)]
    ContentTooLarge(#[from] ContentTooLarge),
    /// The reading was ended by its [`CancelToken`](crate::CancelToken).
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The file cannot be read.
    #[error("cannot read the zip file at byte {offset}")]
    Io {
        /// Where in the file.
        offset: u64,
        /// The error of the reader.
        source: io::Error,
    },
}

/// Why an entry cannot be read into memory.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadToVecError {
    /// The entry declares more bytes than the caller wants.
    #[error("entry of {size} bytes is larger than {limit} bytes")]
    TooLarge {
        /// What the entry declares.
        size: u64,
        /// What the caller wants at most.
        limit: u64,
    },
    /// The entry cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
