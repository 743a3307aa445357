//! New lines for the go.sum file of the project.

use std::io;
use std::path::Path;

use gomod_cache::ModCache;
use gomod_module::{H1, ModuleVersion};
use gomod_sum::go_sum::WriteGoSumError;
use gomod_sum::{GoSum, Kind};
use support::obstacle::Obstacle;

/// A line to be.
pub(crate) type Line = (ModuleVersion, Kind, H1);

/// Adds lines where the go command puts them, under the locks that it takes; returns how many there were not.
///
/// # Errors
/// [`WriteGoSumError`].
pub(crate) fn add(path: &Path, cache: &ModCache, lines: &[Line]) -> Result<usize, WriteGoSumError> {
    // As for the go command: better without than not at all.
    let _lock = (!lines.is_empty()).then(|| cache.lock_go_files().ok());
    GoSum::transform(path, |go_sum| {
        let mut added = 0;
        for (module, kind, hash) in lines {
            added += usize::from(go_sum.insert(module, *kind, hash)?);
        }
        Ok(added)
    })
}

/// What to do where go.sum is not written.
pub(crate) fn next_step(error: &WriteGoSumError) -> Option<String> {
    let WriteGoSumError::Io { path, source, .. } = error else { return None };
    let path = path.display();
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Some(format!("make {path} writable and run this again: what was downloaded stays in the cache"))
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some(format!("make room for {path} and run this again: what was downloaded stays in the cache"))
        }
        _ => Obstacle::of(error).map(|obstacle| obstacle.next_step().to_owned()),
    }
}
