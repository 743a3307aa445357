use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

use gomod_module::H1;

use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::layout::CacheFile;
use crate::ziphash::{self, ZipHash};

/// The one module that is unpacked from GOROOT and has no `.ziphash`.
const UNHASHED: &str = "golang.org/fips140";

/// What is there of an entry and what is broken, as far as can be said without hashing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// Whether there is a `.partial` file: an extraction is under way, or was killed.
    pub partial: bool,
}

/// One thing that is missing from an entry, or does not fit the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Defect {
    /// A file is not there.
    Missing(CacheFile),
    /// Something that is no regular file has the name of this one.
    NotAFile(CacheFile),
    /// The `.ziphash` file holds no hash: a write that never ended. The go command computes it again from the zip.
    InvalidZipHash,
    /// The `.ziphash` file holds something that the go command gives up on.
    ForeignZipHash,
    /// The tree is not extracted.
    NoTree,
    /// Something that is no directory has the name of the tree. The next extraction replaces it.
    NotADirectory,
    /// An extraction did not end; the next one replaces the tree.
    PartialTree,
    /// Nothing says what the tree should hold; the next extraction replaces it.
    UnknownTree,
}

impl EntryState {
    /// Returns what the cache holds where this hash is expected, that of go.sum or of the checksum database: the question
    /// before a cached zip is used, and before one is downloaded (`modfetch.DownloadZip` and `checkMod`).
    ///
    /// No bytes are hashed: the recorded hash is what the go command goes by. Whether the zip still has it, only reading it
    /// tells.
    ///
    /// ```
    /// use gomod_cache::{CachedZip, ModCache};
    /// use gomod_module::H1;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let entry = ModCache::new(directory.path())?.entry(&"example.com/m@v1.0.0".parse()?);
    /// let expected: H1 = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
    /// match entry.state()?.cached_zip(&expected) {
    ///     CachedZip::Recorded => println!("use it"),
    ///     CachedZip::Absent => println!("download it"),
    ///     CachedZip::Mismatch(recorded) => return Err(format!("the cache has another zip: {recorded:?}").into()),
    ///     other => return Err(format!("{other:?}").into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "checkMod")]
    pub fn cached_zip(&self, expected: &H1) -> CachedZip {
        match &self.ziphash {
            _ if !self.has_zip() => CachedZip::Absent,
            ZipHash::H1(recorded) if recorded == expected => CachedZip::Recorded,
            // The go command computes it again from the zip.
            ZipHash::Invalid => CachedZip::Unrecorded,
            recorded => CachedZip::Mismatch(recorded.clone()),
        }
    }

    /// Returns the hash that the go command takes the cached zip to have, where it would use it: that of the `.ziphash`, which is to
    /// be held against go.sum before the zip is used (`modfetch.DownloadZip` and `checkMod`). `None` where it has to be downloaded,
    /// or its hash computed again.
    ///
    /// [`cached_zip`](Self::cached_zip) compares, where one hash alone is expected.
    #[doc(alias = "DownloadZip")]
    pub fn recorded_zip(&self) -> Option<&H1> {
        self.ziphash.h1().filter(|_| self.has_zip())
    }

    /// Whether the go command would use the zip without downloading it: `.zip` and `.ziphash` exist, whatever is in
    /// them (`modfetch.DownloadZip`). Nothing is verified by that: [`cached_zip`](Self::cached_zip) holds it against a hash.
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

    /// Whether there is nothing of this entry, but perhaps its `.lock` file.
    pub fn is_absent(&self) -> bool {
        let files = [self.info, self.go_mod, self.zip];
        files == [FileState::Absent; 3]
            && !self.ziphash.exists()
            && self.dir == DirState::Absent
            && !self.partial
    }

    /// Whether everything is there that `go mod download` leaves, as far as can be said without hashing: no
    /// [flaws](Self::defects).
    pub fn is_complete(&self) -> bool {
        self.defects().is_empty()
    }

    /// Exactly what is missing or does not fit, in the order of the kinds.
    ///
    /// An entry with flaws need not be broken: a module that is only named in the module graph has a `.mod` file and
    /// nothing else.
    ///
    /// ```
    /// use gomod_cache::{CacheFile, Defect, ModCache};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let entry = ModCache::new(directory.path())?.entry(&"example.com/m@v1.0.0".parse()?);
    /// entry.store_mod(b"module example.com/m\n")?;
    /// let missing = [CacheFile::Info, CacheFile::Zip, CacheFile::ZipHash].map(Defect::Missing);
    /// assert_eq!(entry.state()?.defects(), [&missing[..], &[Defect::NoTree]].concat());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn defects(&self) -> Vec<Defect> {
        let files = [(CacheFile::Info, self.info), (CacheFile::Mod, self.go_mod), (CacheFile::Zip, self.zip)];
        let files = files.into_iter().filter_map(|(file, state)| match state {
            FileState::Absent => Some(Defect::Missing(file)),
            FileState::NotAFile => Some(Defect::NotAFile(file)),
            FileState::Present => None,
        });
        let ziphash = match &self.ziphash {
            // The module that comes with Go has a tree and nothing else.
            ZipHash::Absent if self.dir == DirState::Complete => None,
            ZipHash::Absent => Some(Defect::Missing(CacheFile::ZipHash)),
            ZipHash::Invalid => Some(Defect::InvalidZipHash),
            ZipHash::Foreign(_) => Some(Defect::ForeignZipHash),
            ZipHash::H1(_) => None,
        };
        let tree = match self.dir {
            DirState::Complete => None,
            DirState::Absent => Some(Defect::NoTree),
            DirState::NotADirectory => Some(Defect::NotADirectory),
            DirState::Partial => Some(Defect::PartialTree),
            DirState::WithoutZipHash => Some(Defect::UnknownTree),
        };
        files.chain(ziphash).chain(tree).collect()
    }
}

/// What a cache holds where a hash is expected. From [`EntryState::cached_zip`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[must_use = "a zip with another hash must not be used"]
#[non_exhaustive]
pub enum CachedZip {
    /// There is no zip, or none that the go command would use.
    Absent,
    /// There is a zip, recorded with the expected hash.
    Recorded,
    /// There is a zip, and what is recorded beside it is no hash: it has to be computed.
    Unrecorded,
    /// There is a zip, recorded with another hash: it is not the one that is expected.
    Mismatch(ZipHash),
}

/// Whether a cache file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FileState {
    /// There is nothing of this name.
    Absent,
    /// There is a regular file.
    Present,
    /// Something else has this name, be it a symbolic link to a file.
    NotAFile,
}

/// What the extracted tree is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DirState {
    /// There is nothing of this name.
    Absent,
    /// Something else has this name, be it a symbolic link to a directory; the next extraction replaces it. The go command
    /// builds from what a link leads to, and `go mod verify` says that it is not a directory.
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
    /// The answer is sound without the entry's lock, but may be old when it arrives: a process that takes the lock asks
    /// again. Waits for a process that is just writing the `.ziphash`. What a symbolic link in the place of a file or of the
    /// tree leads to is not looked at: [`links`](Self::links).
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
            partial: self.file_state(CacheFile::Partial)? != FileState::Absent,
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

/// A link counts as itself: as neither a file nor a directory.
fn inspect(path: &Path) -> io::Result<Option<Metadata>> {
    nothing_is_none(fs::symlink_metadata(path))
}

pub(crate) fn nothing_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether anything has this name, be it a link that leads nowhere.
pub(crate) fn exists(path: &Path) -> Result<bool, CacheError> {
    Ok(nothing_is_none(fs::symlink_metadata(path)).map_err(at(Action::Inspect, path))?.is_some())
}
