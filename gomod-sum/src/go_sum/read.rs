//! Reading a go.sum file from the disk.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gomod_module::text::Printable;
use thiserror::Error;

use super::lint::encoding::utf16;
use super::lint::problem::LintProblem;
use super::lint::why_no_lines;
use super::parse::{GoSum, MalformedGoSumError};

/// The largest go.sum that [`GoSum::read`] takes, in bytes. The largest known ones have 2 MiB.
pub const MAX_GO_SUM: u64 = 64 << 20;

impl GoSum {
    /// Returns the lines of the go.sum file at `path`, as [`parse`](Self::parse) does. A file that is not there is an empty
    /// one, as for the go command (`readGoSum` of cmd/go): then nothing is proved by it.
    ///
    /// A file in UTF-16 is not taken for one that knows nothing, which is what it is to the go command.
    ///
    /// ```
    /// use gomod_sum::GoSum;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("go.sum");
    /// assert_eq!(GoSum::read(&path)?.entries().len(), 0);
    /// std::fs::write(&path, "x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
    /// assert_eq!(GoSum::read(&path)?.entries().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadGoSumError`].
    #[doc(alias = "readGoSum")]
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadGoSumError> {
        let path = path.as_ref();
        match File::open(path) {
            Ok(file) => Self::read_from(&file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ReadGoSumError::Io { path: path.to_owned(), source }),
        }
    }

    /// Returns the lines of the open file, whose name is for errors.
    pub(super) fn read_from(file: impl Read, path: &Path) -> Result<Self, ReadGoSumError> {
        let mut text = Vec::new();
        let read = file.take(MAX_GO_SUM + 1).read_to_end(&mut text);
        read.map_err(|source| ReadGoSumError::Io { path: path.to_owned(), source })?;
        if text.len() as u64 > MAX_GO_SUM {
            return Err(ReadGoSumError::TooLarge { path: path.to_owned() });
        }
        Self::of_text(&text, path)
    }

    fn of_text(text: &[u8], path: &Path) -> Result<Self, ReadGoSumError> {
        let not_lines =
            |problem| ReadGoSumError::NotLines { path: path.to_owned(), problem: Box::new(problem) };
        // No other text holds zeros.
        let start = text.get(..text.len().min(256)).unwrap_or_default();
        if let Some(problem) = utf16(text).filter(|_| start.contains(&0)) {
            return Err(not_lines(problem));
        }
        Self::parse(text).map_err(|problem| match why_no_lines(text) {
            Some(problem) => not_lines(problem),
            None => ReadGoSumError::Malformed { path: path.to_owned(), problem },
        })
    }
}

/// A go.sum file on the disk cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadGoSumError {
    /// The system refuses.
    #[error("read {}", Printable::path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It has more than [`MAX_GO_SUM`] bytes.
    #[error("{} is larger than {MAX_GO_SUM} bytes", Printable::path(path))]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is no text of lines as they are meant: UTF-16, cut off by a crash, or in the midst of a merge.
    #[error("{}:{}:{}: {}", Printable::path(path), problem.line, problem.column, problem.kind)]
    NotLines {
        /// The file.
        path: PathBuf,
        /// What it is.
        problem: Box<LintProblem>,
    },
    /// A line has the wrong number of fields.
    #[error("{}:{}: malformed go.sum: wrong number of fields {}", Printable::path(path), problem.line, problem.fields)]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The first such line.
        problem: MalformedGoSumError,
    },
}

impl ReadGoSumError {
    /// Returns the file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::TooLarge { path }
            | Self::NotLines { path, .. }
            | Self::Malformed { path, .. } => path,
        }
    }
}
