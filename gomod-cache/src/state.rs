use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::layout::CacheFile;
use crate::ziphash::{self, ZipHash};

/// The one module that is unpacked from GOROOT and has no `.ziphash`.
const UNHASHED: &str = "golang.org/fips140";

/// What is there of an entry and what is broken, as far as can be said without hashing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryState {
    /// The `.info` file.
    pub info: FileState,
    /// The `.mod` file. One that starts with `//vgo 0.0.` counts as absent.
    pub go_mod: FileState,
    /// The `.zip` file.
    pub zip: FileState,
    /// What the `.ziphash` file says.
    pub ziphash: ZipHash,
    /// The extracted tree.
    pub dir: DirState,
}

impl EntryState {
    /// Whether the go command would use the zip without downloading it: `.zip` and `.ziphash` exist, whatever is in
    /// them (`modfetch.DownloadZip`).
    #[doc(alias = "DownloadZip")]
    pub fn has_zip(&self) -> bool {
        self.zip == FileState::Present && self.ziphash.exists()
    }

    /// Whether the go command would build from the extracted tree without looking at the zip
    /// (`modfetch.DownloadDir`).
    #[doc(alias = "DownloadDir")]
    pub fn is_extracted(&self) -> bool {
        self.dir == DirState::Complete
    }
}

/// Whether a cache file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileState {
    /// There is nothing of this name.
    Absent,
    /// There is a regular file.
    Present,
    /// Something else has this name.
    NotAFile,
}

/// What the extracted tree is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DirState {
    /// There is nothing of this name.
    Absent,
    /// Something else has this name; the next extraction replaces it.
    NotADirectory,
    /// A `.partial` file says that an extraction did not end; the next one replaces the tree.
    Partial,
    /// There is a tree, but no `.ziphash` that says what is in it; the next extraction replaces it.
    WithoutZipHash,
    /// The go command uses the tree.
    Complete,
}

impl Entry {
    /// What is there of this entry and what is broken, without hashing anything.
    ///
    /// The answer is sound without the entry's lock, but may be old when it arrives: whoever takes the lock asks
    /// again. Waits for a process that is just writing the `.ziphash`.
    ///
    /// # Errors
    /// [`CacheError::Io`] when a file can be neither read nor said to be absent.
    pub fn state(&self) -> Result<EntryState, CacheError> {
        Ok(EntryState {
            info: self.file_state(CacheFile::Info)?,
            go_mod: match self.file_state(CacheFile::Mod)? {
                FileState::Present if self.is_old_vgo()? => FileState::Absent,
                state => state,
            },
            zip: self.file_state(CacheFile::Zip)?,
            ziphash: ziphash::read(&self.path(CacheFile::ZipHash))?,
            dir: self.dir_state()?,
        })
    }

    fn file_state(&self, file: CacheFile) -> Result<FileState, CacheError> {
        let path = self.path(file);
        Ok(match inspect(&path).map_err(at(Action::Inspect, &path))? {
            None => FileState::Absent,
            Some(metadata) if metadata.is_file() => FileState::Present,
            Some(_) => FileState::NotAFile,
        })
    }

    /// The order matters: `.partial` is looked for last, because a writer creates it before anything else and
    /// removes it after everything else.
    pub(crate) fn dir_state(&self) -> Result<DirState, CacheError> {
        let dir = self.dir();
        match inspect(&dir).map_err(at(Action::Inspect, &dir))? {
            None => return Ok(DirState::Absent),
            Some(metadata) if !metadata.is_dir() => return Ok(DirState::NotADirectory),
            Some(_) => {}
        }
        let hashed = self.module().path().as_str() == UNHASHED
            || self.file_state(CacheFile::ZipHash)? != FileState::Absent;
        if self.file_state(CacheFile::Partial)? != FileState::Absent {
            return Ok(DirState::Partial);
        }
        Ok(if hashed { DirState::Complete } else { DirState::WithoutZipHash })
    }
}

fn inspect(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
