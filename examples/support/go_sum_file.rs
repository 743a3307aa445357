//! New lines for a go.sum file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use gomod_cache::ModCache;
use gomod_module::{H1, ModuleVersion};
use gomod_sum::{GoSum, Kind, MalformedGoSumError, Mismatch};
use thiserror::Error;

use crate::obstacle::Obstacle;

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
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Another process has damaged it meanwhile.
    #[error(transparent)]
    Malformed(#[from] MalformedGoSumError),
    /// Another process has added another hash meanwhile.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
}

impl GoSumFileError {
    /// What to do now.
    pub fn next_step(&self) -> Option<String> {
        let Reason::Io(error) = &self.source else { return None };
        let path = self.path.display();
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(format!(
                "make {path} writable and run this again: what was downloaded stays in the cache"
            )),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(format!(
                "make room for {path} and run this again: what was downloaded stays in the cache"
            )),
            _ => Obstacle::of(self).map(|obstacle| obstacle.next_step().to_owned()),
        }
    }
}

/// Adds lines where the go command puts them; returns how many there were not. Every other line stays as it is.
///
/// The file is written in place, as the go command does (`lockedfile.Transform`): it keeps its owner, its mode and its
/// links, and a file that may not be written is an error. It is read again under the locks that the go command takes to
/// write it: what others have added stays. A write that fails is undone; a kill in the midst of it may leave part of it.
///
/// # Errors
/// [`GoSumFileError`].
pub fn add(path: &Path, cache: &ModCache, lines: &[Line]) -> Result<usize, GoSumFileError> {
    write(path, cache, lines).map_err(|source| GoSumFileError { path: path.to_owned(), source })
}

fn write(path: &Path, cache: &ModCache, lines: &[Line]) -> Result<usize, Reason> {
    // What needs no new line need not be writable.
    let old = match File::open(path) {
        Ok(mut file) => read(&mut file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if with_lines(&old, lines)?.1 == 0 {
        return Ok(0);
    }
    // As for the go command: better without than not at all.
    let _lock = cache.lock_go_files().ok();
    let is_new = !fs::exists(path)?;
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    // Some file systems know no locks.
    let _ = file.lock();
    let old = read(&mut file)?;
    let (go_sum, added) = with_lines(&old, lines)?;
    if added > 0
        && let Err(error) = overwrite(&mut file, &old, go_sum.text())
    {
        if is_new {
            let _ = fs::remove_file(path);
        }
        return Err(error.into());
    }
    Ok(added)
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(MAX_GO_SUM + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_GO_SUM { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(text) }
}

/// The file with the lines, and how many it lacked.
fn with_lines(text: &[u8], lines: &[Line]) -> Result<(GoSum, usize), Reason> {
    let mut go_sum = GoSum::parse(text)?;
    let mut added = 0;
    for (module, kind, hash) in lines {
        let is_new = go_sum.insert(module, *kind, hash);
        added += usize::from(is_new.map_err(|mismatch| Reason::Mismatch(Box::new(mismatch)))?);
    }
    Ok((go_sum, added))
}

/// Puts the new text, which is longer, in place of the old one.
fn overwrite(file: &mut File, old: &[u8], new: &[u8]) -> io::Result<()> {
    let mut put = |at: usize, text: &[u8]| {
        file.seek(SeekFrom::Start(at as u64))?;
        file.write_all(text)
    };
    // What there is no room for shows before anything of the old text is lost.
    let (head, tail) = new.split_at(old.len().min(new.len()));
    let written = put(old.len(), tail).and_then(|()| put(0, head).inspect_err(|_| _ = put(0, old)));
    if written.is_err() {
        let _ = file.set_len(old.len() as u64);
        return written;
    }
    file.sync_data()
}
