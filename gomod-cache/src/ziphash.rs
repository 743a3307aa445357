use std::io::{Read, Write};
use std::path::Path;

use gomod_module::H1;

use crate::error::{Action, CacheError, at};
use crate::locked_file::LockedFile;

/// The length of `h1:` and the base64 of 32 bytes.
const LEN: usize = 47;

/// White space around the hash is allowed; more than this is never written.
const MAX_FILE: u64 = 4096;

/// What a `.ziphash` file says, by the go command's rules (`modfetch.isValidSum`).
///
/// The go command takes the *text* for the hash of zip and extracted tree; only `go mod verify` computes it again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ZipHash {
    /// There is no such file.
    Absent,
    /// Not 47 bytes after trimming white space, or with a NUL: a write that never ended. It is computed again from the zip.
    Invalid,
    /// The recorded hash.
    H1(H1),
    /// 47 bytes that are no `h1:` hash. The go command gives up here (`unexpected ziphash`) or finds a mismatch.
    Foreign(Box<[u8]>),
}

impl ZipHash {
    /// The verdict on the content of a `.ziphash` file.
    ///
    /// ```
    /// use gomod_cache::ZipHash;
    ///
    /// let text = b"h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    /// assert!(matches!(ZipHash::from_bytes(text), ZipHash::H1(_)));
    /// assert_eq!(ZipHash::from_bytes(&[0; 47]), ZipHash::Invalid);
    /// assert_eq!(ZipHash::from_bytes(b""), ZipHash::Invalid);
    /// ```
    #[doc(alias = "isValidSum")]
    pub fn from_bytes(data: &[u8]) -> Self {
        let text = trim_space(data);
        if text.len() != LEN || text.contains(&0) {
            return Self::Invalid;
        }
        match std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
            Some(hash) => Self::H1(hash),
            None => Self::Foreign(text.into()),
        }
    }

    /// The recorded hash, if there is a usable one.
    pub fn h1(&self) -> Option<&H1> {
        match self {
            Self::H1(hash) => Some(hash),
            _ => None,
        }
    }

    /// Whether the file exists, whatever is in it.
    pub fn exists(&self) -> bool {
        *self != Self::Absent
    }
}

/// Go's `bytes.TrimSpace`: Unicode white space, in text that may be no UTF-8.
fn trim_space(data: &[u8]) -> &[u8] {
    // Replacing bad bytes changes lengths, but no white space at the ends.
    let text = String::from_utf8_lossy(data);
    let end = text.len() - text.trim_end().len();
    let trimmed = data.get(..data.len().saturating_sub(end)).unwrap_or_default();
    let start = text.len() - text.trim_start().len();
    trimmed.get(start..).unwrap_or_default()
}

pub(crate) fn read(path: &Path) -> Result<ZipHash, CacheError> {
    let Some(file) = LockedFile::shared(path)? else { return Ok(ZipHash::Absent) };
    let mut data = Vec::new();
    (&*file).take(MAX_FILE + 1).read_to_end(&mut data).map_err(at(Action::Read, path))?;
    if data.len() as u64 > MAX_FILE {
        return Ok(ZipHash::Invalid);
    }
    Ok(ZipHash::from_bytes(&data))
}

/// Writes in place, as the go command does: an interrupted write leaves NULs, which are never taken for a hash.
pub(crate) fn write(path: &Path, hash: &H1) -> Result<(), CacheError> {
    let file = LockedFile::exclusive(path)?;
    let text = hash.to_string();
    file.set_len(0)
        .and_then(|()| file.set_len(text.len() as u64))
        .and_then(|()| (&*file).write_all(text.as_bytes()))
        .map_err(at(Action::Write, path))
}
