use std::fmt::{self, Display, Formatter};

use thiserror::Error;

use crate::path::split_path_version;
use crate::text::quote::{quote, quote_char};
use crate::text::unicode::is_letter;

/// Which of the three kinds of path a check was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathKind {
    /// A module path, such as `github.com/user/repo/v2`.
    Module,
    /// A package's import path.
    Import,
    /// The path of a file in a module, with slashes.
    File,
}

impl Display for PathKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Module => "module",
            Self::Import => "import",
            Self::File => "file",
        })
    }
}

/// A path that [`check_path`], [`check_import_path`] or [`check_file_path`] refuses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[error("malformed {kind} path {}: {reason}", quote(path))]
#[non_exhaustive]
pub struct InvalidPathError {
    /// The kind whose rules the path breaks.
    pub kind: PathKind,
    /// The path as given, which need not be UTF-8.
    pub path: Box<[u8]>,
    /// The first rule that it breaks.
    pub reason: PathReason,
}

/// Why a path is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum PathReason {
    /// The path is not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// The path is empty.
    #[error("empty string")]
    Empty,
    /// A module or import path starts with `-`.
    #[error("leading dash")]
    LeadingDash,
    /// The path holds `//`.
    #[error("double slash")]
    DoubleSlash,
    /// The path ends in `/`.
    #[error("trailing slash")]
    TrailingSlash,
    /// An element is empty: the path starts with `/`.
    #[error("empty path element")]
    EmptyElement,
    /// An element, given here, consists of dots only.
    #[error("invalid path element {}", quote(.0.as_bytes()))]
    DotsOnly(String),
    /// An element of a module path starts with a dot.
    #[error("leading dot in path element")]
    LeadingDot,
    /// An element ends in a dot.
    #[error("trailing dot in path element")]
    TrailingDot,
    /// A character that this kind of path may not hold.
    #[error("invalid char {}", quote_char(*.0))]
    InvalidChar(char),
    /// Windows reserves the text before an element's first dot, given here.
    #[error("{} disallowed as path element component on Windows", quote(.0.as_bytes()))]
    Reserved(String),
    /// The text before an element's first dot ends in `~` and digits, as a short name of Windows does.
    #[error("trailing tilde and digits in path element")]
    TildeDigits,
    /// The first element of a module path has no dot.
    #[error("missing dot in first path element")]
    MissingDot,
    /// A character that the first element of a module path may not hold.
    #[error("invalid char {} in first path element", quote_char(*.0))]
    InvalidFirstChar(char),
    /// A module path ends in something like `/v1` or `/v2.0`, or starts with `gopkg.in/` and does not end in `.vN`.
    #[error("invalid version")]
    InvalidMajor,
}

/// Checks that `path` is a module path (`module.CheckPath`, <https://go.dev/ref/mod#go-mod-file-ident>).
///
/// # Errors
/// [`InvalidPathError`] of the kind [`PathKind::Module`].
#[doc(alias = "CheckPath")]
pub fn check_path(path: &str) -> Result<(), InvalidPathError> {
    check_module(path).map_err(|reason| invalid(PathKind::Module, path.as_bytes(), reason))
}

/// Checks that `path` is an import path (`module.CheckImportPath`).
///
/// # Errors
/// [`InvalidPathError`] of the kind [`PathKind::Import`].
#[doc(alias = "CheckImportPath")]
pub fn check_import_path(path: &str) -> Result<(), InvalidPathError> {
    check(path, PathKind::Import).map_err(|reason| invalid(PathKind::Import, path.as_bytes(), reason))
}

/// Returns `path` as text if it may name a file in a module zip (`module.CheckFilePath`,
/// <https://go.dev/ref/mod#zip-path-size-constraints>): relative, with slashes, without `.` and `..` elements,
/// and made of characters that every file system takes. Letters are those of Unicode 15.0, as in Go 1.26.
///
/// ```
/// use gomod_module::path::{PathReason, check_file_path};
///
/// assert_eq!(check_file_path(b"testdata/caf\xc3\xa9.txt")?, "testdata/café.txt");
/// assert_eq!(check_file_path(b"aux.go").unwrap_err().reason, PathReason::Reserved("aux".into()));
/// assert_eq!(check_file_path(b"../etc").unwrap_err().reason, PathReason::DotsOnly("..".into()));
/// # Ok::<(), gomod_module::path::InvalidPathError>(())
/// ```
///
/// # Errors
/// [`InvalidPathError`] of the kind [`PathKind::File`].
#[doc(alias = "CheckFilePath")]
pub fn check_file_path(path: &[u8]) -> Result<&str, InvalidPathError> {
    std::str::from_utf8(path)
        .map_err(|_| PathReason::InvalidUtf8)
        .and_then(|text| check(text, PathKind::File).map(|()| text))
        .map_err(|reason| invalid(PathKind::File, path, reason))
}

fn invalid(kind: PathKind, path: &[u8], reason: PathReason) -> InvalidPathError {
    InvalidPathError { kind, path: path.into(), reason }
}

fn check_module(path: &str) -> Result<(), PathReason> {
    check(path, PathKind::Module)?;
    let first = path.split('/').next().unwrap_or_default();
    if !first.contains('.') {
        return Err(PathReason::MissingDot);
    }
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-');
    if let Some(c) = first.chars().find(|&c| !allowed(c)) {
        return Err(PathReason::InvalidFirstChar(c));
    }
    if split_path_version(path).is_none() {
        return Err(PathReason::InvalidMajor);
    }
    Ok(())
}

fn check(path: &str, kind: PathKind) -> Result<(), PathReason> {
    if path.is_empty() {
        return Err(PathReason::Empty);
    }
    if path.starts_with('-') && kind != PathKind::File {
        return Err(PathReason::LeadingDash);
    }
    if path.contains("//") {
        return Err(PathReason::DoubleSlash);
    }
    if path.ends_with('/') {
        return Err(PathReason::TrailingSlash);
    }
    path.split('/').try_for_each(|element| check_element(element, kind))
}

/// Checks one element; a version is escaped only if it could be one of a file path.
pub(crate) fn check_element(element: &str, kind: PathKind) -> Result<(), PathReason> {
    if element.is_empty() {
        return Err(PathReason::EmptyElement);
    }
    if element.bytes().all(|b| b == b'.') {
        return Err(PathReason::DotsOnly(element.into()));
    }
    if element.starts_with('.') && kind == PathKind::Module {
        return Err(PathReason::LeadingDot);
    }
    if element.ends_with('.') {
        return Err(PathReason::TrailingDot);
    }
    if let Some(c) = element.chars().find(|&c| !is_allowed(c, kind)) {
        return Err(PathReason::InvalidChar(c));
    }
    let short = element.split('.').next().unwrap_or_default();
    if is_reserved(short) {
        return Err(PathReason::Reserved(short.into()));
    }
    if kind != PathKind::File && ends_in_tilde_and_digits(short) {
        return Err(PathReason::TildeDigits);
    }
    Ok(())
}

fn is_allowed(c: char, kind: PathKind) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~' => true,
        '+' => kind != PathKind::Module,
        _ if kind != PathKind::File => false,
        '!' | '#' | '$' | '%' | '&' | '(' | ')' | ',' | '=' | '@' | '[' | ']' | '^' | '{' | '}' | ' ' => true,
        _ => !c.is_ascii() && is_letter(c),
    }
}

/// Device names of Windows, which open the device in every directory and with every extension.
fn is_reserved(name: &str) -> bool {
    if ["con", "prn", "aux", "nul"].iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return true;
    }
    match name.as_bytes() {
        [port @ .., b'1'..=b'9'] => port.eq_ignore_ascii_case(b"com") || port.eq_ignore_ascii_case(b"lpt"),
        _ => false,
    }
}

fn ends_in_tilde_and_digits(name: &str) -> bool {
    let digits = name.rsplit_once('~').map_or("", |(_, digits)| digits);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
