//! The file `list`: what a server of this cache answers to `$module/@v/list`. The go command never reads its own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use gomod_module::Version;

use crate::error::{Action, CacheError, at};
use crate::locked_file::LockedFile;
use crate::regular_file;

/// Writes the versions that have a `.mod` file in `directory` into its `list`, in place and under its lock.
pub(crate) fn rewrite(directory: &Path) -> Result<(), CacheError> {
    let path = directory.join("list");
    let file = LockedFile::exclusive(&path)?;
    let text = versions(directory).map_err(at(Action::Read, directory))?;
    if content_is(&file, &text).map_err(at(Action::Read, &path))? {
        return Ok(());
    }
    // The final size first: a write that never ends leaves NULs, which a reader can tell from versions.
    file.set_len(0)
        .and_then(|()| file.set_len(text.len() as u64))
        .and_then(|()| overwrite(&file, text.as_bytes()))
        .map_err(at(Action::Write, &path))
}

/// Whether there is a list, and it says something else than [`rewrite`] would. Does not wait: one that is being written
/// may say something else, too.
pub(crate) fn is_stale(directory: &Path) -> Result<bool, CacheError> {
    let path = directory.join("list");
    let Some(file) = regular_file::open(&path)? else { return Ok(false) };
    let text = versions(directory).map_err(at(Action::Read, directory))?;
    Ok(!content_is(&file, &text).map_err(at(Action::Read, &path))?)
}

/// The *escaped* names are taken for versions, as the go command does: one with capital letters (`v1.0.0-!r!c1`) is
/// none and never appears.
fn versions(directory: &Path) -> io::Result<String> {
    let mut versions = Vec::new();
    for file in fs::read_dir(directory)? {
        let name = file?.file_name();
        let version = name.to_str().and_then(|name| name.strip_suffix(".mod"));
        versions.extend(version.and_then(|version| Version::new(version).ok()));
    }
    versions.sort();
    Ok(versions.iter().flat_map(|version| [version.as_str(), "\n"]).collect())
}

fn content_is(file: &File, text: &str) -> io::Result<bool> {
    let limit = text.len() as u64;
    if file.metadata()?.len() != limit {
        return Ok(false);
    }
    let mut old = Vec::new();
    file.take(limit).read_to_end(&mut old)?;
    io::Seek::rewind(&mut &*file)?;
    Ok(old == text.as_bytes())
}

fn overwrite(file: &LockedFile, data: &[u8]) -> io::Result<()> {
    let written = (&**file).write_all(data);
    if written.is_err() {
        let _ = file.set_len(0);
    }
    written
}
