//! What keeps a process from writing or reading a file although nothing is wrong with the file: no room, a limit, permissions.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use gomod_cache::CacheError;
use gomod_module::modfile::ReadGoModError;
use gomod_sum::HashDirError;
use gomod_sum::go_sum::{ReadGoSumError, WriteGoSumError};
use gomod_zip::{CheckDirError, UnzipError};

use crate::failure::sources;
use crate::progress::Progress;
use crate::project::ProjectError;
use crate::settings::SettingsError;

/// Why the system refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    kind: Kind,
    /// The file or directory, where the error names it.
    path: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// ENOSPC: no bytes, or no inodes.
    Full,
    /// EDQUOT.
    Quota,
    /// EFBIG: `ulimit -f`, or what the file system can hold.
    FileSize,
    /// EROFS.
    ReadOnly,
    /// EACCES, EPERM.
    Permission,
}

impl Kind {
    fn of(error: &io::Error) -> Option<Self> {
        // The system has said it, or there is an error inside whose path was added. A kind alone is what the tools say of a
        // file that they do not read: `FileTooLarge`.
        if error.raw_os_error().is_none() && error.get_ref().is_none() {
            return None;
        }
        match error.kind() {
            io::ErrorKind::StorageFull => Some(Self::Full),
            io::ErrorKind::QuotaExceeded => Some(Self::Quota),
            io::ErrorKind::FileTooLarge => Some(Self::FileSize),
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
            io::ErrorKind::PermissionDenied => Some(Self::Permission),
            _ => None,
        }
    }
}

impl Obstacle {
    /// What the system says, below the layers of an error; `None` where that is something else.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut path = None;
        for error in sources(error) {
            path = place(error).or(path);
            if let Some(kind) = error.downcast_ref().and_then(Kind::of) {
                return Some(Self { kind, path: path.map(Path::to_owned) });
            }
        }
        None
    }

    /// The limit that was met, as far as the system tells.
    pub fn limit(&self) -> Option<String> {
        limit::of(self.kind, &nearest(self.path.as_deref()?)?)
    }

    /// What to do where the file is the user's choice.
    pub fn next_step(&self) -> &'static str {
        match self.kind {
            Kind::Full => "make room there, or write to another file system",
            Kind::Quota => "make room within the quota, have it raised, or write to another file system",
            Kind::FileSize if limit::of_files().is_none() => {
                "this file system holds no file of that size: write to another one"
            }
            Kind::FileSize => {
                "raise the limit on the size of files, `ulimit -f unlimited`, and run this again"
            }
            Kind::ReadOnly => "write to another file system, or have this one mounted for writing",
            Kind::Permission => "change its owner or mode, or run this as a user who may do that",
        }
    }

    /// What to do where the file is in the module cache. `writes` where it cannot be written.
    pub fn next_step_in_cache(&self, writes: bool) -> &'static str {
        match self.kind {
            Kind::Full => "make room on this disk, or set GOMODCACHE to a directory on another one",
            Kind::Quota => {
                "make room within the quota, have it raised, or set GOMODCACHE to a directory on another disk"
            }
            Kind::FileSize => self.next_step(),
            Kind::ReadOnly => "make the module cache writable, or set GOMODCACHE to another directory",
            Kind::Permission if writes => {
                "make the module cache writable, or set GOMODCACHE to another directory"
            }
            Kind::Permission => {
                "change its owner or mode so that this user may read it, or set GOMODCACHE to another directory"
            }
        }
    }
}

/// Tells people what to do, and before that which limit was met.
pub fn tell_next(next_step: Option<String>, obstacle: Option<Obstacle>, progress: &Progress) {
    if let Some(limit) = obstacle.as_ref().and_then(Obstacle::limit) {
        progress.warn(format_args!("     limit: {limit}"));
    }
    if let Some(step) = next_step.or_else(|| Some(obstacle?.next_step().to_owned())) {
        progress.warn(format_args!("      next: {step}"));
    }
}

/// The file or directory that one layer of an error names.
fn place<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Path> {
    if let Some(error) = error.downcast_ref::<InFile>() {
        return Some(&error.path);
    }
    if let Some(error) = error.downcast_ref::<CacheError>() {
        return Some(error.path());
    }
    if let Some(error) = error.downcast_ref::<ReadGoSumError>() {
        return Some(error.path());
    }
    if let Some(error) = error.downcast_ref::<WriteGoSumError>() {
        return Some(error.path());
    }
    if let Some(UnzipError::Io { path, .. }) = error.downcast_ref() {
        return Some(path);
    }
    if let Some(HashDirError::Io { path, .. }) = error.downcast_ref() {
        return Some(path);
    }
    if let Some(CheckDirError::Io { path, .. }) = error.downcast_ref() {
        return Some(path);
    }
    if let Some(path) = error.downcast_ref().and_then(ProjectError::path) {
        return Some(path);
    }
    if let Some(error) = error.downcast_ref::<ReadGoModError>() {
        return Some(error.path());
    }
    match error.downcast_ref() {
        Some(SettingsError::Cache { root, .. }) => Some(root),
        _ => None,
    }
}

/// The path, or the first directory above it of which the system tells anything.
fn nearest(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find(|path| path.symlink_metadata().is_ok()).map(Path::to_owned)
}

/// A file, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
#[expect(clippy::exhaustive_structs, reason = "a path and a cause, and no more")]
pub struct InFile {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What is wrong.
    pub source: Box<dyn Error>,
}

/// For `map_err`.
pub fn in_file<E: Into<Box<dyn Error>>>(path: &Path) -> impl FnOnce(E) -> InFile {
    move |source| InFile { path: path.to_owned(), source: source.into() }
}

#[cfg(unix)]
mod limit {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use indicatif::HumanBytes;
    use rustix::fs::statvfs;
    use rustix::process::{Resource, geteuid, getrlimit};

    use super::Kind;

    /// The largest file that this process may write, in bytes.
    pub(super) fn of_files() -> Option<u64> {
        getrlimit(Resource::Fsize).current
    }

    /// In words, where the path is there.
    pub(super) fn of(kind: Kind, path: &Path) -> Option<String> {
        let shown = path.display();
        match kind {
            Kind::Full => {
                let stat = statvfs(path).ok()?;
                let bytes = |blocks: u64| HumanBytes(blocks.saturating_mul(stat.f_frsize));
                let (free, all) = (bytes(stat.f_bavail), bytes(stat.f_blocks));
                // Where a file system does not count them it says 0.
                let inodes = match stat.f_files {
                    0 => String::new(),
                    all => format!(" and {} of {all} inodes", stat.f_favail),
                };
                Some(format!("the file system of {shown} has {free} of {all}{inodes} free"))
            }
            Kind::Quota => Some(format!("the quota of user {} for {shown}", geteuid().as_raw())),
            Kind::FileSize => Some(match of_files() {
                Some(bytes) => format!("files of this process may have {bytes} bytes (`ulimit -f`)"),
                None => format!("the largest file of the file system of {shown}"),
            }),
            Kind::ReadOnly => Some(format!("the file system of {shown} is mounted read-only")),
            Kind::Permission => {
                let metadata = fs::symlink_metadata(path).ok()?;
                let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
                let user = geteuid().as_raw();
                Some(format!("{shown} belongs to user {owner} with mode {mode:04o}, and this is user {user}"))
            }
        }
    }
}

#[cfg(not(unix))]
mod limit {
    use std::path::Path;

    use super::Kind;

    /// There is none on this system.
    pub(super) fn of_files() -> Option<u64> {
        None
    }

    /// This system is not asked.
    pub(super) fn of(_kind: Kind, _path: &Path) -> Option<String> {
        None
    }
}
