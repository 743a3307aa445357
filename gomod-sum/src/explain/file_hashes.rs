//! The files of an archive, hashed as they are and with other line endings.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gomod_archive::{Archive, Entry, ReadAt, ReadError, Sink, Threads};
use gomod_module::LfsPointer;

use super::rewriting::{Conversion, Rewriting};
use crate::hash::file_hash::{FileHash, FileHasher};

/// The hashes of one file, as it is and with its line endings converted.
#[derive(Debug, Clone)]
pub(super) struct FileHashes {
    pub(super) plain: FileHash,
    lf: FileHash,
    crlf: FileHash,
    is_text: bool,
    pub(super) size: u64,
    /// The git-lfs pointer that the file is.
    pub(super) pointer: Option<LfsPointer>,
    /// The content of a `.gitattributes` file.
    pub(super) attributes: Option<Arc<[u8]>>,
}

impl FileHashes {
    /// Whether converting its line endings makes another file of it.
    pub(super) fn changes(&self, how: Rewriting) -> bool {
        self.converted(how, true) != self.plain
    }

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
        let contents = self.read_all(threads, |index, entry| {
            last_indexes.contains(&index).then(|| FileSink::of(entry.name(), entry.size()))
        });
        threads.cancel().check()?;
        let contents = contents.into_iter().map(Option::transpose).collect::<Result<Vec<_>, _>>()?;
        let hashes = |name: &[u8]| contents.get(*last.get(name)?).cloned().flatten();
        let entries = self.entries().iter();
        Ok(entries.filter_map(|entry| Some((entry.name().to_vec(), hashes(entry.name())?))).collect())
    }
}

/// How much of a file git looks at to tell a text.
const TEXT_START: usize = 8000;

/// The largest `.gitattributes` file that is looked at, in bytes.
const MAX_ATTRIBUTES: u64 = 64 << 10;

/// Bytes converted at a time.
const CHUNK: usize = 64 << 10;

struct FileSink {
    plain: FileHasher,
    lf: Converted,
    crlf: Converted,
    seen: u64,
    has_nul: bool,
    /// The content of a small file that may mean something to git.
    content: Option<Vec<u8>>,
    is_attributes: bool,
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

impl FileSink {
    fn of(name: &[u8], size: u64) -> Self {
        let [lf, crlf] = [Rewriting::CrlfToLf, Rewriting::LfToCrlf].map(Converted::new);
        let is_attributes = name.ends_with(b"/.gitattributes") && size <= MAX_ATTRIBUTES;
        let content = (is_attributes || size < LfsPointer::MAX as u64).then(Vec::new);
        Self { plain: FileHasher::new(), lf, crlf, seen: 0, has_nul: false, content, is_attributes }
    }
}

impl Sink for FileSink {
    type Error = ReadError;
    type Out = Result<FileHashes, ReadError>;

    fn write(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        self.plain.update(piece);
        self.lf.write(piece);
        self.crlf.write(piece);
        let seen = usize::try_from(self.seen).unwrap_or(usize::MAX);
        let start = TEXT_START.saturating_sub(seen).min(piece.len());
        self.has_nul |= piece[..start].contains(&0);
        self.seen += piece.len() as u64;
        // No more comes than the entry declares.
        if let Some(content) = &mut self.content {
            content.extend_from_slice(piece);
        }
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result.map(|()| FileHashes {
            plain: self.plain.finish(),
            lf: self.lf.finish(),
            crlf: self.crlf.finish(),
            is_text: !self.has_nul,
            size: self.seen,
            pointer: self.content.as_deref().and_then(LfsPointer::parse),
            attributes: self.content.filter(|_| self.is_attributes).map(Into::into),
        })
    }
}
