//! Content that is something else than it should be.

use std::fmt;

/// What content looks like that should be a go.mod file and is not. Its `Display` completes "what came is".
///
/// ```
/// use gomod_sum::explain::LooksLike;
///
/// assert_eq!(LooksLike::of(b"\n<!DOCTYPE html>"), Some(LooksLike::Html));
/// assert_eq!(LooksLike::of(b"module x.y/m\n"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LooksLike {
    /// A page of HTML or XML, such as a login page or an error.
    Html,
    /// An answer whose compression was not undone.
    Gzip,
    /// A zip file.
    Zip,
    /// A JSON value, such as the answer of another endpoint or an error message.
    Json,
    /// The pointer that git-lfs leaves where the file should be.
    LfsPointer,
}

impl LooksLike {
    /// Returns what the content certainly is, by its first characters: no go.mod file starts with any of them.
    pub fn of(content: &[u8]) -> Option<Self> {
        let text = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content).trim_ascii_start();
        if content.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if content.starts_with(b"PK\x03\x04") {
            Some(Self::Zip)
        } else if text.starts_with(b"<") {
            Some(Self::Html)
        } else if text.starts_with(b"{") || text.starts_with(b"[") {
            Some(Self::Json)
        } else if text.starts_with(b"version https://git-lfs.github.com/spec/") {
            Some(Self::LfsPointer)
        } else {
            None
        }
    }
}

impl fmt::Display for LooksLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "a page of HTML or XML",
            Self::Gzip => "compressed with gzip",
            Self::Zip => "a zip file",
            Self::Json => "JSON",
            Self::LfsPointer => "a pointer of git-lfs",
        })
    }
}
