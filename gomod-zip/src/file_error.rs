use std::io::ErrorKind;

use gomod_module::path::InvalidPathError;
use gomod_module::text::Printable;
use thiserror::Error;

use crate::{MAX_DIRECTORIES, MAX_GO_MOD, MAX_LICENSE, UnportableElement};

/// One file and what is wrong with it, or why it is left out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("{}: {reason}", Printable::name(.path))]
#[non_exhaustive]
pub struct FileError {
    /// The name as it stands in the zip or in the list, which need not be UTF-8.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::lossy"))]
    pub path: Vec<u8>,
    /// The rule that speaks against it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::display"))]
    pub reason: FileReason,
}

/// The rules that keep a file out of a module zip, with the wording of `golang.org/x/mod/zip`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileReason {
    /// The name does not start with `path@version/`.
    #[error("path does not have prefix \"{prefix}\"")]
    Prefix {
        /// What the name should start with.
        prefix: String,
    },
    /// The path has an empty, `.` or `..` element that could be left out.
    #[error("file path is not clean")]
    NotClean,
    /// The path is not a file path that every common system can store.
    #[error(transparent)]
    Path(InvalidPathError),
    /// Another entry has the same path in other upper and lower case, or this path has a directory of which that
    /// is true.
    #[error(
        "case-insensitive file name collision: \"{}\" and \"{}\"",
        Printable::name(first),
        Printable::name(second)
    )]
    Collision {
        /// The path that came first, without the prefix.
        first: String,
        /// The path of this entry, or of a directory it lies in.
        second: String,
    },
    /// A path is a file by one entry and a directory by another.
    #[error("entry \"{}\" is both a file and a directory", Printable::name(path))]
    FileAndDirectory {
        /// The path of this entry, or of a directory it lies in, without the prefix.
        path: String,
    },
    /// An entry before this one is the same file.
    #[error("multiple entries for file \"{}\"", Printable::name(path))]
    MultipleEntries {
        /// The path without the prefix.
        path: String,
    },
    /// A `go.mod` outside the root: its directory would be another module.
    #[error("go.mod file not in module root directory")]
    GoModNotInRoot,
    /// The name is `go.mod`, but not in lower case.
    #[error("go.mod files must have lowercase names")]
    GoModCase,
    /// The root's `go.mod` is larger than [`MAX_GO_MOD`].
    #[error("go.mod file too large (max size is {MAX_GO_MOD} bytes)")]
    GoModTooLarge,
    /// The root's `LICENSE` is larger than [`MAX_LICENSE`].
    #[error("LICENSE file too large (max size is {MAX_LICENSE} bytes)")]
    LicenseTooLarge,
    /// The names up to this one mention more than [`MAX_DIRECTORIES`] directories. Go has no such rule.
    #[error("too many directories (limit is {MAX_DIRECTORIES})")]
    TooManyDirectories,
    /// The path starts with a slash.
    #[error("file path is not relative")]
    NotRelative,
    /// What the path names could not be found out.
    #[error(transparent)]
    Stat(StatError),
    /// Windows cannot hold an element of the path. Only checked where it is asked for.
    #[error(transparent)]
    Unportable(UnportableElement),
    /// Omitted: the file or directory belongs to a vendored package; see [`VendorRule`](gomod_module::modfile::VendorRule).
    #[error("file is in vendor directory")]
    Vendored,
    /// Omitted: a directory above the file holds a go.mod.
    #[error("file is in another module")]
    OtherModule,
    /// Omitted with all that is in it: the directory holds a go.mod.
    #[error("directory is in another module")]
    OtherModuleDirectory,
    /// Omitted with all that is in it: a directory named `.bzr`, `.git`, `.hg` or `.svn`.
    #[error("directory is a version control repository")]
    VersionControl,
    /// Omitted: the root's `.hg_archival.txt`.
    #[error("file is inserted by 'hg archive' and is always omitted")]
    HgArchival,
    /// Omitted: a symbolic link in a list of files.
    #[error("file is a symbolic link")]
    Symlink,
    /// Omitted: a directory, a pipe or a device in a list of files; the last two, or a symbolic link, in a directory.
    #[error("not a regular file")]
    NotRegular,
}

/// What a file is could not be found out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct StatError {
    /// The kind of the [`std::io::Error`].
    pub kind: ErrorKind,
    /// Its text.
    pub message: String,
}

impl From<std::io::Error> for StatError {
    fn from(error: std::io::Error) -> Self {
        Self { kind: error.kind(), message: error.to_string() }
    }
}
