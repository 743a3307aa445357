use thiserror::Error;

use crate::path_check::check_element;
use crate::quote::quote;
use crate::{InvalidPath, InvalidVersion, PathKind, PathReason, VersionReason, check_path};

/// A text that no module path or version is escaped to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidEscape {
    /// It stands for no module path.
    #[error("invalid escaped module path {}", quote(escaped.as_bytes()))]
    Path {
        /// The text as given.
        escaped: String,
        /// What is wrong with the path, if the text could be unescaped.
        source: Option<InvalidPath>,
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
        source: InvalidVersion,
    },
}

/// A module path as file names and URLs write it, with `!` and the lower-case letter in place of each upper-case
/// one, so that paths stay apart where letter case does not count (`module.EscapePath`,
/// <https://go.dev/ref/mod#goproxy-protocol>).
///
/// # Errors
/// [`InvalidPath`] if it is no module path.
#[doc(alias = "EscapePath")]
pub fn escape_path(path: &str) -> Result<String, InvalidPath> {
    check_path(path).map(|()| escape(path))
}

/// A version, or any text that names a revision and could be a file name, as file names and URLs write it
/// (`module.EscapeVersion`).
///
/// ```
/// use gomod_module::escape_version;
///
/// assert_eq!(escape_version("v1.0.0-RC1")?, "v1.0.0-!r!c1");
/// assert!(escape_version("feature/x").is_err());
/// # Ok::<(), gomod_module::InvalidVersion>(())
/// ```
///
/// # Errors
/// [`InvalidVersion`] with [`VersionReason::Disallowed`].
#[doc(alias = "EscapeVersion")]
pub fn escape_version(version: &str) -> Result<String, InvalidVersion> {
    let allowed =
        check_element(version, PathKind::File).is_ok() && version.is_ascii() && !version.contains('!');
    if allowed {
        Ok(escape(version))
    } else {
        Err(InvalidVersion { version: version.into(), reason: VersionReason::Disallowed })
    }
}

/// The module path that [`escape_path`] writes as `escaped` (`module.UnescapePath`).
///
/// # Errors
/// [`InvalidEscape::Path`].
#[doc(alias = "UnescapePath")]
pub fn unescape_path(escaped: &str) -> Result<String, InvalidEscape> {
    let invalid = |source| InvalidEscape::Path { escaped: escaped.into(), source };
    let path = unescape(escaped).ok_or_else(|| invalid(None))?;
    check_path(&path).map_err(|source| invalid(Some(source)))?;
    Ok(path)
}

/// The version or other text that [`escape_version`] writes as `escaped` (`module.UnescapeVersion`).
///
/// # Errors
/// [`InvalidEscape::Version`].
#[doc(alias = "UnescapeVersion")]
pub fn unescape_version(escaped: &str) -> Result<String, InvalidEscape> {
    let version =
        unescape(escaped).ok_or_else(|| InvalidEscape::Version { version: escaped.into(), source: None })?;
    match check_element(&version, PathKind::File) {
        Ok(()) => Ok(version),
        Err(reason) => Err(InvalidEscape::Version { version, source: Some(reason) }),
    }
}

/// Escapes a text that is known to be ASCII without `!`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    escaped
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
