//! Files that are complete before they have their final name.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Action, CacheError, at};

/// A new file `<final name><digits>.tmp` beside its final name; removed on drop unless it was renamed.
#[derive(Debug)]
pub(crate) struct Temporary {
    pub(crate) file: File,
    path: PathBuf,
    target: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// Creates the file; its directory must exist.
    pub(crate) fn create(target: PathBuf) -> Result<Self, CacheError> {
        let random = RandomState::new();
        // The go command gives up after as many names, too.
        for attempt in 0_u32..10_000 {
            let mut name = target.clone().into_os_string();
            name.push(format!("{}.tmp", random.hash_one(attempt) % 1_000_000_000));
            let path = PathBuf::from(name);
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, target, renamed: false }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(at(Action::Create, &path)(error)),
            }
        }
        Err(at(Action::Create, &target)(ErrorKind::AlreadyExists.into()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn rename(mut self) -> Result<(), CacheError> {
        fs::rename(&self.path, &self.target).map_err(at(Action::Rename, &self.target))?;
        // From now on another process may own a new file of the temporary name.
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Installs a small file in one step.
pub(crate) fn store(target: PathBuf, data: &[u8]) -> Result<(), CacheError> {
    let mut temporary = Temporary::create(target)?;
    temporary.file.write_all(data).map_err(at(Action::Write, temporary.path()))?;
    temporary.rename()
}

/// Whether `name` is what [`Temporary::create`], or the go command, calls a temporary file of `target`.
pub(crate) fn is_temporary_of(name: &str, target: &str) -> bool {
    name.strip_prefix(target)
        .and_then(|rest| rest.strip_suffix(".tmp"))
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}
