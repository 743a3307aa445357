//! The files of an archive, hashed as they are and with other line endings.

use std::collections::{HashMap, HashSet};

use gomod_archive::{Archive, Entry, ReadAt, ReadError, Sink, Threads};

use super::rewriting::{Conversion, Rewriting};
use crate::{FileHash, FileHasher};

/// The hashes of one file, as it is and with its line endings converted.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileHashes {
    pub(super) plain: FileHash,
    lf: FileHash,
    crlf: FileHash,
    is_text: bool,
}

impl FileHashes {
    pub(super) fn converted(&self, how: Rewriting, text_only: bool) -> FileHash {
        match how {
            _ if text_only && !self.is_text => self.plain,
            Rewriting::CrlfToLf => self.lf,
            Rewriting::LfToCrlf => self.crlf,
            _ => self.plain,
        }
    }
}

/// An archive, whatever it is read from.
pub(super) trait Files {
    /// The entries in the order of the directory. As in the hash of a zip, the last content of a name is that of all its
    /// entries.
    fn hashes(&self, threads: &Threads) -> Result<Vec<(Vec<u8>, FileHashes)>, ReadError>;
}

impl<R: ReadAt + Sync> Files for Archive<R> {
    fn hashes(&self, threads: &Threads) -> Result<Vec<(Vec<u8>, FileHashes)>, ReadError> {
        self.check_content()?;
        let last: HashMap<&[u8], usize> = self.entries().iter().map(Entry::name).zip(0..).collect();
        let last_indexes: HashSet<usize> = last.values().copied().collect();
        let contents =
            self.read_all(threads, |index, _| last_indexes.contains(&index).then(FileSink::default));
        threads.cancel().check()?;
        let contents = contents.into_iter().map(Option::transpose).collect::<Result<Vec<_>, _>>()?;
        let hashes = |name: &[u8]| contents.get(*last.get(name)?).copied().flatten();
        let entries = self.entries().iter();
        Ok(entries.filter_map(|entry| Some((entry.name().to_vec(), hashes(entry.name())?))).collect())
    }
}

/// How much of a file git looks at to tell a text.
const TEXT_START: usize = 8000;

/// Bytes converted at a time.
const CHUNK: usize = 64 << 10;

struct FileSink {
    plain: FileHasher,
    lf: Converted,
    crlf: Converted,
    seen: usize,
    has_nul: bool,
}

struct Converted {
    conversion: Conversion,
    hasher: FileHasher,
    buffer: Vec<u8>,
}

impl Converted {
    fn new(how: Rewriting) -> Self {
        Self { conversion: Conversion::new(how), hasher: FileHasher::new(), buffer: Vec::new() }
    }

    fn write(&mut self, piece: &[u8]) {
        for chunk in piece.chunks(CHUNK) {
            self.buffer.clear();
            self.conversion.push(chunk, &mut self.buffer);
            self.hasher.update(&self.buffer);
        }
    }

    fn finish(mut self) -> FileHash {
        self.buffer.clear();
        self.conversion.finish(&mut self.buffer);
        self.hasher.update(&self.buffer);
        self.hasher.finish()
    }
}

impl Default for FileSink {
    fn default() -> Self {
        let [lf, crlf] = [Rewriting::CrlfToLf, Rewriting::LfToCrlf].map(Converted::new);
        Self { plain: FileHasher::new(), lf, crlf, seen: 0, has_nul: false }
    }
}

impl Sink for FileSink {
    type Error = ReadError;
    type Out = Result<FileHashes, ReadError>;

    fn write(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        self.plain.update(piece);
        self.lf.write(piece);
        self.crlf.write(piece);
        let start = TEXT_START.saturating_sub(self.seen).min(piece.len());
        self.has_nul |= piece[..start].contains(&0);
        self.seen += piece.len();
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result.map(|()| FileHashes {
            plain: self.plain.finish(),
            lf: self.lf.finish(),
            crlf: self.crlf.finish(),
            is_text: !self.has_nul,
        })
    }
}
