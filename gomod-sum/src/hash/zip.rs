//! The hash of a module zip.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use gomod_archive::{
    Archive, Cancelled, ContentTooLarge, Entry, Limits, OpenError, ReadAt, ReadError, Sink, Threads,
};
use gomod_module::H1;
use gomod_module::text::Printable;
use thiserror::Error;

use super::file_hash::{FileHash, FileHasher};
use super::pairing::Pairings;
use super::summary::{HashBuilder, NewlineInNameError, check_name};

/// Returns the hash of a module zip.
///
/// Names are taken from the directory of the zip byte for byte, nothing about them is checked but newlines. Entries for
/// directories count as empty files with a slash at the end of their name. Of several entries with one name each
/// counts, but with the content of the last. Times, modes, compression and comments do not matter. See `HashZip` of
/// golang.org/x/mod/sumdb/dirhash.
///
/// Every entry whose content counts is read to its end, `threads` at once, and no more of it than the directory
/// declares; a zip that declares more than the [`Limits::max_content_bytes`] of its archive is refused before anything is
/// read. The result, error or not, does not depend on the number of threads. Each thread holds one entry that is inflated in one step, compressed and
/// not, and the rest of another: at most 3 MiB with the [`Limits`] that are the default.
///
/// # Errors
/// - [`ContentTooLarge`](HashZipError::ContentTooLarge) and [`Name`](HashZipError::Name), when a name holds a newline;
///   nothing is read then.
/// - [`Entry`](HashZipError::Entry) for the entry, first by name, that cannot be read.
/// - [`Cancelled`](HashZipError::Cancelled) when `threads` are.
#[doc(alias = "HashZip")]
pub fn hash_zip<R: ReadAt + Sync>(
    archive: &Archive<R>,
    threads: impl Into<Threads>,
) -> Result<H1, HashZipError> {
    let pairings = Pairings::new();
    let mut contents = read_contents(archive, &threads.into(), |index, entry| {
        HashSink::new(index, entry.size(), &pairings)
    })?;
    for (index, hash) in pairings.finish() {
        contents[index] = Some(hash);
    }
    combine(archive, &contents)
}

/// The names with the indexes of their entries, sorted.
fn names<R: ReadAt>(archive: &Archive<R>) -> Vec<(&[u8], usize)> {
    let mut names: Vec<_> = archive.entries().iter().map(Entry::name).zip(0..).collect();
    names.sort_unstable();
    names
}

/// Reads each entry whose content counts into a sink; of several entries with one name that is the last.
pub(crate) fn read_contents<R: ReadAt + Sync, T: Send, S: Sink<Out = Result<T, ReadError>>>(
    archive: &Archive<R>,
    threads: &Threads,
    make_sink: impl Fn(usize, &Entry) -> S + Sync,
) -> Result<Vec<Option<T>>, HashZipError> {
    archive.check_content()?;
    let names = names(archive);
    archive.entries().iter().try_for_each(|entry| check_name(entry.name()))?;
    let mut is_last = vec![false; names.len()];
    let groups = || names.chunk_by(|(a, _), (b, _)| a == b);
    for &(_, index) in groups().filter_map(<[_]>::last) {
        is_last[index] = true;
    }
    let mut outs = archive.read_all(threads, |index, entry| is_last[index].then(|| make_sink(index, entry)));
    threads.cancel().check()?;
    let mut contents: Vec<Option<T>> = Vec::new();
    contents.resize_with(names.len(), || None);
    // By name, so that the error does not depend on the order of the directory.
    for &(name, index) in &names {
        if let Some(out) = outs[index].take() {
            let content = out.map_err(|source| HashZipError::Entry { name: name.into(), source })?;
            contents[index] = Some(content);
        }
    }
    Ok(contents)
}

/// The hash of the zip from those of its contents.
pub(crate) fn combine<R: ReadAt>(
    archive: &Archive<R>,
    contents: &[Option<FileHash>],
) -> Result<H1, HashZipError> {
    let mut hashes = HashBuilder::new();
    for group in names(archive).chunk_by(|(a, _), (b, _)| a == b) {
        let last = group.last().and_then(|&(name, index)| Some((name, contents[index]?)));
        let Some((name, hash)) = last else { continue };
        for _ in group {
            hashes.push(name, hash)?;
        }
    }
    Ok(hashes.finish())
}

/// Returns the hash of the module zip in a file: [`hash_zip`], within the [`Limits`] of an archive by default.
///
/// # Errors
/// As [`hash_zip`]; besides [`File`](HashZipError::File) when the file cannot be opened, and
/// [`Zip`](HashZipError::Zip) when it is no zip.
pub fn hash_zip_file(path: impl AsRef<Path>, threads: impl Into<Threads>) -> Result<H1, HashZipError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| HashZipError::File { path: path.into(), source })?;
    let archive = Archive::open(file, &Limits::default())
        .map_err(|source| HashZipError::Zip { path: path.into(), source })?;
    hash_zip(&archive, threads)
}

/// Hashes an entry: beside another one if it comes as a whole, alone if in pieces.
pub(crate) struct HashSink<'a> {
    index: usize,
    size: u64,
    pairings: &'a Pairings,
    pieces: FileHasher,
}

impl<'a> HashSink<'a> {
    pub(crate) fn new(index: usize, size: u64, pairings: &'a Pairings) -> Self {
        Self { index, size, pairings, pieces: FileHasher::new() }
    }
}

impl Sink for HashSink<'_> {
    type Error = ReadError;
    /// Of an entry that came as a whole, another hash takes the place of this one.
    type Out = Result<FileHash, ReadError>;

    fn write(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        if piece.len() as u64 == self.size {
            self.pairings.hash(self.index, piece);
        } else {
            self.pieces.update(piece);
        }
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result.map(|()| self.pieces.finish())
    }
}

/// A module zip has no hash, or it could not be found out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HashZipError {
    /// The file could not be opened.
    #[error("open {}", Printable::path(path))]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is no zip.
    #[error("read zip {}", Printable::path(path))]
    #[non_exhaustive]
    Zip {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: OpenError,
    },
    /// The zip comes to more than the limit of its archive.
    #[error(transparent)]
    ContentTooLarge(#[from] ContentTooLarge),
    /// The hashing was ended from outside.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// An entry cannot be read.
    #[error("read zip entry \"{}\"", Printable::name(name))]
    #[non_exhaustive]
    Entry {
        /// The name of the entry.
        name: Vec<u8>,
        /// Why not.
        source: ReadError,
    },
    /// The name of an entry holds a newline.
    #[error(transparent)]
    Name(#[from] NewlineInNameError),
}

impl HashZipError {
    /// Whether the file could not be read, or not to its end, which says nothing of the zip.
    pub fn is_io(&self) -> bool {
        match self {
            Self::File { .. } | Self::Cancelled(_) => true,
            Self::Zip { source, .. } => source.is_io(),
            Self::Entry { source, .. } => matches!(source, ReadError::Io { .. }),
            _ => false,
        }
    }
}
