//! Reading go.mod and go.work files from the disk.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::GoModError;
use super::go_mod::{GoMod, MAX_GO_MOD};
use super::go_work::GoWork;
use crate::text::Printable;

impl GoMod {
    /// Returns the statements of the main module's go.mod file at `path`, as [`parse`](Self::parse) does. Where the go
    /// command would ask a proxy which version a short form such as `v1.2` means, that is an error
    /// (`ReadModFile` of cmd/go).
    ///
    /// ```
    /// use gomod_module::GoMod;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("go.mod");
    /// assert!(GoMod::read(&path).unwrap_err().is_not_found());
    /// std::fs::write(&path, "module x.y/m\n")?;
    /// assert_eq!(GoMod::read(&path)?.module.map(|module| module.path).as_deref(), Some("x.y/m"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadGoModError`].
    #[doc(alias = "ReadModFile")]
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadGoModError> {
        let path = path.as_ref();
        let malformed = |problems| ReadGoModError::Malformed { path: path.to_owned(), problems };
        let go_mod = Self::parse(&read_go_mod(path)?).map_err(malformed)?;
        match go_mod.shortened {
            Some(line) => Err(ReadGoModError::NotCanonical { path: path.to_owned(), line }),
            None => Ok(go_mod),
        }
    }
}

impl GoWork {
    /// Returns the statements of the go.work file at `path`, as [`parse`](Self::parse) does (`ReadWorkFile` of cmd/go).
    ///
    /// # Errors
    /// [`ReadGoModError::Io`], [`ReadGoModError::TooLarge`], [`ReadGoModError::Malformed`].
    #[doc(alias = "ReadWorkFile")]
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadGoModError> {
        let path = path.as_ref();
        let malformed = |problems| ReadGoModError::Malformed { path: path.to_owned(), problems };
        Self::parse(&read_go_mod(path)?).map_err(malformed)
    }
}

/// Returns the content of a go.mod or go.work file of at most [`MAX_GO_MOD`] bytes, whatever it says: that of a directory
/// which replaces a module is read by the rules of a dependency (`rawGoModData` of cmd/go).
///
/// # Errors
/// [`ReadGoModError::Io`], [`ReadGoModError::TooLarge`].
#[doc(alias = "rawGoModData")]
pub fn read_go_mod(path: impl AsRef<Path>) -> Result<Vec<u8>, ReadGoModError> {
    let path = path.as_ref();
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_GO_MOD + 1).read_to_end(&mut content))
        .map_err(|source| ReadGoModError::Io { path: path.to_owned(), source })?;
    if content.len() as u64 > MAX_GO_MOD {
        return Err(ReadGoModError::TooLarge { path: path.to_owned() });
    }
    Ok(content)
}

/// A go.mod or go.work file on the disk cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadGoModError {
    /// The system refuses, or there is no such file.
    #[error("read {}", Printable::path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It has more than [`MAX_GO_MOD`] bytes.
    #[error("{} is larger than {MAX_GO_MOD} bytes", Printable::path(path))]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is malformed: the text is that of the go command, a line for each problem.
    #[error("{}", problems.go_text(&Printable::path(path).to_string()))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Every line that is.
        problems: GoModError,
    },
    /// A version is not canonical, such as `v1.2`: the go command would ask which one that is.
    #[error(
        "{}:{line}: a version is not in its canonical form; `go mod tidy` makes it so",
        Printable::path(path)
    )]
    NotCanonical {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
}

impl ReadGoModError {
    /// Returns the file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::TooLarge { path }
            | Self::Malformed { path, .. }
            | Self::NotCanonical { path, .. } => path,
        }
    }

    /// Returns whether there is no such file.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
