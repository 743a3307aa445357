//! Why a directory has no hash.

use std::io;
use std::path::{Path, PathBuf};

use gomod_archive::Cancelled;
use gomod_module::text::Printable;
use thiserror::Error;

use crate::hash::summary::NewlineInNameError;

/// A directory has no hash, or it could not be found out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HashDirError {
    /// The root is a file or a link.
    #[error("{} is not a directory", Printable::path(path))]
    #[non_exhaustive]
    NotADirectory {
        /// The root.
        path: PathBuf,
    },
    /// Something is no regular file: a link to a directory, a pipe, a socket, a device.
    #[error("{} is not a regular file", Printable::path(path))]
    #[non_exhaustive]
    NotAFile {
        /// Where it is.
        path: PathBuf,
    },
    /// The name of a file, or the prefix, holds a newline.
    #[error(transparent)]
    Name(#[from] NewlineInNameError),
    /// The prefix is not clean.
    #[error("prefix {prefix:?} is not clean")]
    #[non_exhaustive]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// The hashing was ended from outside.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The system failed.
    #[error("{operation} {}", Printable::path(path))]
    #[non_exhaustive]
    Io {
        /// What was tried: `stat`, `read directory`, `open` or `read`.
        operation: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

pub(crate) fn io_error(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HashDirError {
    move |source| HashDirError::Io { operation, path: path.into(), source }
}
