//! Reading a go.sum file from the disk.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gomod_module::text::Printable;
use thiserror::Error;

use super::parse::{GoSum, MalformedGoSumError};

/// The largest go.sum that [`GoSum::read`] takes, in bytes. The largest known ones have 2 MiB.
pub const MAX_GO_SUM: u64 = 64 << 20;

impl GoSum {
    /// Returns the lines of the go.sum file at `path`, as [`parse`](Self::parse) does. A file that is not there is an empty
    /// one, as for the go command (`readGoSum` of cmd/go): then nothing is proved by it.
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
    /// [`ReadGoSumReason::Io`], [`ReadGoSumReason::TooLarge`] and [`ReadGoSumReason::Malformed`], with the path.
    #[doc(alias = "readGoSum")]
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadGoSumError> {
        let path = path.as_ref();
        let error = |source| ReadGoSumError { path: path.to_owned(), source };
        let mut text = Vec::new();
        match File::open(path).and_then(|file| file.take(MAX_GO_SUM + 1).read_to_end(&mut text)) {
            Ok(_) => {}
            Err(source) if source.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(error(source.into())),
        }
        if text.len() as u64 > MAX_GO_SUM {
            return Err(error(ReadGoSumReason::TooLarge));
        }
        Self::parse(&text).map_err(|source| error(source.into()))
    }
}

/// A go.sum file cannot be read.
#[derive(Debug, Error)]
#[error("read {}", Printable::path(path))]
#[non_exhaustive]
pub struct ReadGoSumError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: ReadGoSumReason,
}

/// Why a go.sum file cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadGoSumReason {
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It has more than [`MAX_GO_SUM`] bytes.
    #[error("larger than {MAX_GO_SUM} bytes")]
    TooLarge,
    /// A line has the wrong number of fields.
    #[error(transparent)]
    Malformed(#[from] MalformedGoSumError),
}
