//! New lines for a go.sum file.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use gomod_cache::ModCache;
use gomod_module::{H1, ModuleVersion};
use gomod_sum::{GoSum, Kind, MalformedGoSum, Mismatch};
use thiserror::Error;

use crate::new_file;

/// The largest go.sum that is read, in bytes; the largest known ones have 2 MiB.
pub(crate) const MAX_GO_SUM: u64 = 64 << 20;

/// A line to be.
pub type Line = (ModuleVersion, Kind, H1);

/// Why go.sum stays as it is.
#[derive(Debug, Error)]
#[error("{} is not written", path.display())]
#[non_exhaustive]
pub struct GoSumFileError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: Reason,
}

/// The reasons.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Somebody has damaged it meanwhile.
    #[error(transparent)]
    Malformed(#[from] MalformedGoSum),
    /// Somebody has added another hash meanwhile.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
}

/// Adds lines where the go command puts them; returns how many there were not. Every other line stays as it is, and the
/// file is the old one or the new one at any time.
///
/// The file is read again under the lock that the go command takes to write it: what others have added stays.
///
/// # Errors
/// [`GoSumFileError`].
pub fn add(path: &Path, cache: &ModCache, lines: &[Line]) -> Result<usize, GoSumFileError> {
    // A link stays one.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    write(&path, cache, lines).map_err(|source| GoSumFileError { path, source })
}

fn write(path: &Path, cache: &ModCache, lines: &[Line]) -> Result<usize, Reason> {
    // As for the go command: better without than not at all.
    let _lock = cache.lock_go_files().ok();
    let (old, permissions) = match File::open(path) {
        Ok(file) => {
            let permissions = file.metadata()?.permissions();
            let mut text = Vec::new();
            file.take(MAX_GO_SUM + 1).read_to_end(&mut text)?;
            if text.len() as u64 > MAX_GO_SUM {
                return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
            }
            (text, Some(permissions))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), None),
        Err(error) => return Err(error.into()),
    };
    let mut go_sum = GoSum::parse(&old)?;
    let mut added = 0;
    for (module, kind, hash) in lines {
        let is_new = go_sum.insert(module, *kind, hash);
        added += usize::from(is_new.map_err(|mismatch| Reason::Mismatch(Box::new(mismatch)))?);
    }
    if added > 0 {
        let mut file = new_file::beside(path)?;
        file.write_all(go_sum.text())?;
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
    }
    Ok(added)
}
