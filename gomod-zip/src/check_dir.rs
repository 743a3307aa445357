use std::io;
use std::path::{Path, PathBuf};

use gomod_archive::{CancelToken, Cancelled};
use gomod_module::text::Printable;
use thiserror::Error;

use crate::dir_files::list_dir;
use crate::{CheckedFiles, check_files};

/// Returns which files of a directory would become part of a module zip, which are left out, and which break a rule.
///
/// Besides what [`check_files`] leaves out, these are: directories that hold a go.mod, and directories of version
/// control (`.bzr`, `.git`, `.hg`, `.svn`), which are reported without what is in them. Links are not followed, and
/// empty directories are not mentioned. Paths in the result are relative to `dir`, with slashes.
///
/// This is the lint before a version is tagged: the result holds every file for which the go command would refuse it. See
/// [`largest_directories`](CheckedFiles::largest_directories) for when it is too large. Of go.mod no more than the `go` line
/// is looked at, and files are taken as they lie there, those that git ignores or export attributes leave out included.
///
/// As `CheckDir` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#CheckDir).
///
/// ```
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("go.mod"), "module example.com/m\n")?;
/// std::fs::write(dir.path().join("aux.go"), "package m\n")?;
/// let checked = gomod_zip::check_dir(dir.path())?;
/// assert_eq!(checked.valid, ["go.mod"]);
/// assert_eq!(
///     checked.invalid[0].to_string(),
///     r#"aux.go: malformed file path "aux.go": "aux" disallowed as path element component on Windows"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`CheckDirError`] when the directory cannot be listed. Whether its files can be read is not tried.
#[doc(alias = "CheckDir")]
pub fn check_dir(dir: &Path) -> Result<CheckedFiles, CheckDirError> {
    check_dir_cancellable(dir, &CancelToken::new())
}

/// As [`check_dir`], for a directory that may take long to list.
///
/// # Errors
/// As [`check_dir`]; besides [`CheckDirError::Cancelled`].
pub fn check_dir_cancellable(dir: &Path, cancel: &CancelToken) -> Result<CheckedFiles, CheckDirError> {
    let (files, omitted) = list_dir(dir, cancel)?;
    let mut checked = check_files(&files);
    checked.omitted.extend(omitted);
    Ok(checked)
}

/// Why a directory cannot be listed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckDirError {
    /// It is a file or a link. Go takes a link for an empty module.
    #[error("{} is not a directory", Printable::path(path))]
    #[non_exhaustive]
    NotADirectory {
        /// The path as given.
        path: PathBuf,
    },
    /// The listing was ended from outside.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The system refused.
    #[error("cannot {operation} {}", Printable::path(path))]
    #[non_exhaustive]
    Io {
        /// What was tried: `stat` for instance.
        operation: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
}

impl CheckDirError {
    pub(crate) fn io(operation: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { operation, path: path.into(), source }
    }
}
