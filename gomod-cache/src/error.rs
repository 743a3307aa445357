use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use gomod_module::text::{Printable, quote};
use thiserror::Error;

/// What failed while a cache entry was read, locked or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The operating system refused.
    #[error("{action} {}", Printable::path(path))]
    Io {
        /// What was tried.
        action: Action,
        /// On which file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file is larger than anything the go command would store there, and was not read.
    #[error("{} is larger than {limit} bytes", Printable::path(path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// [`EntryLock::begin_extract`](crate::EntryLock::begin_extract) found a complete tree: builds may be reading it.
    #[error("{} is extracted already", Printable::path(dir))]
    AlreadyExtracted {
        /// The extracted tree.
        dir: PathBuf,
    },
    /// A symbolic link stands where following it would write, move or remove something outside the cache.
    #[error("{} is a symbolic link, and is not followed", Printable::path(path))]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// [`EntryLock::commit_zip`](crate::EntryLock::commit_zip) was given a file of another lock.
    #[error("{} was not written under this lock", Printable::path(path))]
    ForeignIncoming {
        /// The temporary file, removed by now.
        path: PathBuf,
    },
    /// The caller found the content of a file wrong: from [`Entry::rejected`](crate::Entry::rejected).
    #[error("{} is rejected", Printable::path(path))]
    Rejected {
        /// The file.
        path: PathBuf,
        /// The caller's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// [`ModCache::restore`](crate::ModCache::restore) was given a quarantine with more than one module version, or none.
    #[error("{} is not the quarantine of one module", path.display())]
    NotOneModule {
        /// The quarantine.
        path: PathBuf,
    },
    /// Something was to be written into a cache of which only the download directory is there
    /// ([`ModCache::from_download_dir`](crate::ModCache::from_download_dir)).
    #[error("{} is a download directory, which is only read", Printable::path(root))]
    ReadOnly {
        /// The directory.
        root: PathBuf,
    },
    /// [`SumDbFiles`](crate::SumDbFiles) was asked for what no checksum database has: neither `tile/…` nor `lookup/…`, or a
    /// path that leads elsewhere.
    #[error("{} is no file of a checksum database", quote(path.as_os_str().as_encoded_bytes()))]
    NoSumDbFile {
        /// The path as given.
        path: PathBuf,
    },
}

impl CacheError {
    /// Whether the cache cannot be written: the disk is full, a permission is missing, a file stands where a
    /// directory belongs, the file system cannot lock.
    ///
    /// Everything already in such a cache can still be used.
    pub fn is_unwritable(&self) -> bool {
        match self {
            Self::Io { action, .. } => action.writes(),
            Self::ReadOnly { .. } => true,
            _ => false,
        }
    }

    /// The file or directory that the error is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Symlink { path }
            | Self::Rejected { path, .. }
            | Self::ForeignIncoming { path }
            | Self::NotOneModule { path }
            | Self::NoSumDbFile { path } => path,
            Self::AlreadyExtracted { dir } | Self::ReadOnly { root: dir } => dir,
        }
    }
}

/// What was tried on a file or directory of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Create a directory and its parents.
    CreateDirectory,
    /// Create a file, or open it for writing.
    Create,
    /// Write, truncate or extend a file.
    Write,
    /// Force a file's content to the disk.
    Sync,
    /// Give a temporary file its final name.
    Rename,
    /// Remove a file or a tree.
    Remove,
    /// Take a lock.
    Lock,
    /// Ask for a file's type, size or position.
    Inspect,
    /// Read a file or list a directory.
    Read,
}

impl Action {
    /// Whether the action belongs to writing.
    pub fn writes(self) -> bool {
        !matches!(self, Self::Inspect | Self::Read)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateDirectory => "create directory",
            Self::Create => "create",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Rename => "rename to",
            Self::Remove => "remove",
            Self::Lock => "lock",
            Self::Inspect => "inspect",
            Self::Read => "read",
        })
    }
}

/// For `map_err`: says what was tried on which path.
pub(crate) fn at(action: Action, path: &Path) -> impl FnOnce(io::Error) -> CacheError {
    move |source| CacheError::Io { action, path: path.to_path_buf(), source }
}
