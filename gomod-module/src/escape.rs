//! The escaping of module paths and versions in the names of files and URLs.

use std::fmt::{self, Display, Formatter, Write as _};

use thiserror::Error;

use crate::path::check::check_element;
use crate::path::{InvalidPathError, PathKind, PathReason, check_path};
use crate::text::quote::quote;
use crate::version::{InvalidVersionError, VersionReason};

/// A text that no module path or version is escaped to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidEscapeError {
    /// It stands for no module path.
    #[error("invalid escaped module path {}", quote(escaped.as_bytes()))]
    Path {
        /// The text as given.
        escaped: String,
        /// What is wrong with the path, if the text could be unescaped.
        source: Option<InvalidPathError>,
    },
    /// It stands for no version.
    #[error("invalid escaped version {}", quote(version.as_bytes()))]
    Version {
        /// The text, unescaped where `source` says what is wrong with it then.
        version: String,
        /// Why the version cannot name a file, if the text could be unescaped.
        source: Option<PathReason>,
    },
    /// It stands for a text that may name a file, such as a branch, but is no canonical version.
    #[error("escaped version is not canonical")]
    NotCanonical {
        /// The unescaped text and what is wrong with it.
        source: InvalidVersionError,
    },
}

/// A module path or version that `Display` writes as file names and URLs hold it: `!` and the lower-case letter in
/// place of each upper-case one. Nothing is allocated.
///
/// Source: [GOPROXY protocol](https://go.dev/ref/mod#goproxy-protocol), `module.EscapePath` and
/// `module.EscapeVersion`.
///
/// ```
/// use gomod_module::{Version, escape::Escaped};
///
/// let (path, version) = (Escaped::path("github.com/Azure/x")?, Version::new("v1.0.0-RC1")?);
/// let url = format!("/{path}/@v/{}.info", version.display_escaped());
/// assert_eq!(url, "/github.com/!azure/x/@v/v1.0.0-!r!c1.info");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Escaped<'a>(&'a str);

impl<'a> Escaped<'a> {
    /// Returns a module path in its escaped form.
    ///
    /// # Errors
    /// [`InvalidPathError`] if it is no module path.
    pub fn path(path: &'a str) -> Result<Self, InvalidPathError> {
        check_path(path).map(|()| Self(path))
    }

    /// Returns a version, or any text that names a revision and could be a file name, in its escaped form.
    ///
    /// # Errors
    /// [`InvalidVersionError`] with [`VersionReason::Disallowed`].
    pub fn version(version: &'a str) -> Result<Self, InvalidVersionError> {
        let allowed =
            check_element(version, PathKind::File).is_ok() && version.is_ascii() && !version.contains('!');
        if allowed {
            Ok(Self(version))
        } else {
            Err(InvalidVersionError { version: version.into(), reason: VersionReason::Disallowed })
        }
    }

    /// A text that is known to be ASCII without `!`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text)
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(|c: char| c.is_ascii_uppercase()) {
            match part.as_bytes().split_last() {
                Some((upper @ b'A'..=b'Z', _)) => {
                    f.write_str(part.get(..part.len() - 1).unwrap_or_default())?;
                    f.write_char('!')?;
                    f.write_char(char::from(upper.to_ascii_lowercase()))?;
                }
                _ => f.write_str(part)?,
            }
        }
        Ok(())
    }
}

/// A module path as file names and URLs write it, with `!` and the lower-case letter in place of each upper-case
/// one, so that paths stay apart where letter case does not count (`module.EscapePath`,
/// <https://go.dev/ref/mod#goproxy-protocol>).
///
/// # Errors
/// [`InvalidPathError`] if it is no module path.
#[doc(alias = "EscapePath")]
pub fn escape_path(path: &str) -> Result<String, InvalidPathError> {
    Escaped::path(path).map(|escaped| escaped.to_string())
}

/// A version, or any text that names a revision and could be a file name, as file names and URLs write it
/// (`module.EscapeVersion`).
///
/// ```
/// use gomod_module::escape::escape_version;
///
/// assert_eq!(escape_version("v1.0.0-RC1")?, "v1.0.0-!r!c1");
/// assert!(escape_version("feature/x").is_err());
/// # Ok::<(), gomod_module::version::InvalidVersionError>(())
/// ```
///
/// # Errors
/// [`InvalidVersionError`] with [`VersionReason::Disallowed`].
#[doc(alias = "EscapeVersion")]
pub fn escape_version(version: &str) -> Result<String, InvalidVersionError> {
    Escaped::version(version).map(|escaped| escaped.to_string())
}

/// The module path that [`escape_path`] writes as `escaped` (`module.UnescapePath`).
///
/// # Errors
/// [`InvalidEscapeError::Path`].
#[doc(alias = "UnescapePath")]
pub fn unescape_path(escaped: &str) -> Result<String, InvalidEscapeError> {
    let invalid = |source| InvalidEscapeError::Path { escaped: escaped.into(), source };
    let path = unescape(escaped).ok_or_else(|| invalid(None))?;
    check_path(&path).map_err(|source| invalid(Some(source)))?;
    Ok(path)
}

/// The version or other text that [`escape_version`] writes as `escaped` (`module.UnescapeVersion`).
///
/// # Errors
/// [`InvalidEscapeError::Version`].
#[doc(alias = "UnescapeVersion")]
pub fn unescape_version(escaped: &str) -> Result<String, InvalidEscapeError> {
    let version = unescape(escaped)
        .ok_or_else(|| InvalidEscapeError::Version { version: escaped.into(), source: None })?;
    match check_element(&version, PathKind::File) {
        Ok(()) => Ok(version),
        Err(reason) => Err(InvalidEscapeError::Version { version, source: Some(reason) }),
    }
}

fn unescape(escaped: &str) -> Option<String> {
    let mut text = String::with_capacity(escaped.len());
    let mut chars = escaped.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '!' => chars.next().filter(char::is_ascii_lowercase)?.to_ascii_uppercase(),
            _ if !c.is_ascii() || c.is_ascii_uppercase() => return None,
            _ => c,
        });
    }
    Some(text)
}
