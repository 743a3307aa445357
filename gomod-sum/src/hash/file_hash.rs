//! The SHA-256 of one file's content.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use gomod_archive::CancelToken;
use sha2::{Digest as _, Sha256};

/// Bytes asked of a reader at a time.
const CHUNK: usize = 64 << 10;

/// The SHA-256 of one file's content: what a line of the `h1:` summary holds beside the name.
///
/// Its `Display` is the 64 lower-case hexadecimal digits of that line.
///
/// ```
/// use gomod_sum::FileHash;
///
/// let hash = FileHash::of(b"hello\n");
/// assert_eq!(hash.to_string(), "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash([u8; 32]);

impl FileHash {
    /// Returns the hash of a whole content.
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// Returns the hash of everything that `reader` gives, read in pieces of 64 KiB.
    ///
    /// There is no limit but the reader's end.
    ///
    /// # Errors
    /// The first error of the reader other than [`io::ErrorKind::Interrupted`].
    pub fn from_reader(mut reader: impl Read) -> io::Result<Self> {
        let mut buffer = vec![0; CHUNK];
        let mut hasher = FileHasher::new();
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(hasher.finish()),
                Ok(n) => hasher.update(buffer.get(..n).unwrap_or_default()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Returns the hash of the file at `path`, such as a zip for a bill of materials: go.sum records another one of it, that of
    /// the files inside ([`hash_zip`](crate::hash_zip)). Cancelling the token ends it between two pieces.
    ///
    /// # Errors
    /// What the system says; an error of the kind [`io::ErrorKind::Other`] with [`Cancelled`](gomod_archive::Cancelled) in it.
    pub fn of_file(path: impl AsRef<Path>, cancel: &CancelToken) -> io::Result<Self> {
        Self::from_reader(Cancellable { file: File::open(path)?, cancel })
    }

    /// Returns the hash with this digest, computed elsewhere.
    pub fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Returns the 32 bytes of the digest.
    pub fn digest(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digits of a summary line.
    pub(crate) fn hex(&self) -> [u8; 64] {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut hex = [0; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        hex
    }
}

/// As text.
#[cfg(feature = "serde")]
impl serde::Serialize for FileHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileHash({self})")
    }
}

/// A file that is read until that is cancelled.
struct Cancellable<'a> {
    file: File,
    cancel: &'a CancelToken,
}

impl Read for Cancellable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Not `Interrupted`, after which a reader is asked again.
        self.cancel.check().map_err(io::Error::other)?;
        self.file.read(buffer)
    }
}

/// A [`FileHash`] in the making, for content that comes in pieces and goes elsewhere as well.
///
/// ```
/// use gomod_sum::hash::FileHasher;
/// use gomod_sum::FileHash;
///
/// let mut hasher = FileHasher::new();
/// hasher.update(b"hel");
/// hasher.update(b"lo\n");
/// assert_eq!(hasher.finish(), FileHash::of(b"hello\n"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct FileHasher(Sha256);

impl FileHasher {
    /// Returns the hasher of a content of which nothing was seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Returns the hash of all pieces together.
    pub fn finish(self) -> FileHash {
        FileHash(self.0.finalize().into())
    }
}

impl Write for FileHasher {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
