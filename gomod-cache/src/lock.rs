use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use gomod_module::H1;

use crate::entry::{Entry, create_directory};
use crate::error::{Action, CacheError, at};
use crate::extraction::Extraction;
use crate::layout::CacheFile;
use crate::locked_file::LockedFile;
use crate::state::DirState;
use crate::zip_download::ZipDownload;
use crate::{tree, ziphash};

/// The lock on one entry that the go command takes, too: no other process writes its zip, its hash or its extracted tree.
///
/// It is given up when this value and every [`ZipDownload`] and [`Extraction`] made from it are dropped. It can be
/// sent to another thread.
///
/// What [`Entry::state`] said before the lock was there is out of date: another process may have done the work.
#[derive(Debug)]
#[must_use = "the lock is given up when this value is dropped"]
pub struct EntryLock {
    held: Arc<LockGuard>,
}

/// An entry and the lock on it.
#[derive(Debug)]
pub(crate) struct LockGuard {
    pub(crate) entry: Entry,
    _lock: LockedFile,
}

impl Entry {
    /// Takes the lock on this entry, or returns `None` when another process holds it; which one cannot be known.
    ///
    /// The lock is an exclusive advisory one on the `.lock` file (flock on Linux and macOS, `LockFileEx` on Windows),
    /// where the go command has it. Locks of one process exclude each other, too. The file is created if need be and
    /// never removed.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the file cannot be created or the file system cannot lock.
    #[doc(alias = "lockVersion")]
    pub fn try_lock(&self) -> Result<Option<EntryLock>, CacheError> {
        self.create_version_directory()?;
        Ok(LockedFile::try_exclusive(&self.path(CacheFile::Lock))?.map(|lock| self.held(lock)))
    }

    /// Takes the lock on this entry and waits for it as long as it takes; see [`try_lock`](Self::try_lock).
    ///
    /// # Errors
    /// [`CacheError::Io`] when the file cannot be created or the file system cannot lock.
    #[doc(alias = "lockVersion")]
    pub fn lock(&self) -> Result<EntryLock, CacheError> {
        self.create_version_directory()?;
        Ok(self.held(LockedFile::exclusive(&self.path(CacheFile::Lock))?))
    }

    fn held(&self, lock: LockedFile) -> EntryLock {
        EntryLock { held: Arc::new(LockGuard { entry: self.clone(), _lock: lock }) }
    }
}

impl EntryLock {
    /// The locked entry.
    pub fn entry(&self) -> &Entry {
        &self.held.entry
    }

    pub(crate) fn held(&self) -> &Arc<LockGuard> {
        &self.held
    }

    /// A new, empty file for a zip that is about to arrive, beside its final name (`<version>.zip<digits>.tmp`).
    ///
    /// Files of that kind left by killed processes, or kept, are removed first. So is one from an earlier call on this
    /// lock, which must be dropped by now.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be created.
    pub fn zip_download(&self) -> Result<ZipDownload, CacheError> {
        for path in self.entry().temporary_zips()? {
            let _ = fs::remove_file(path);
        }
        ZipDownload::create(Arc::clone(&self.held))
    }

    /// The file of a zip that [was kept](ZipDownload::persist_partial) when it broke off, and its note; what is written goes behind what
    /// is there. `None` where there is none that can be used: then [`zip_download`](Self::zip_download) makes a new one.
    /// Other temporary files of the zip are removed.
    ///
    /// It is what some process left in the directory, and is to be believed no more than what a network sends: least of
    /// all that it is the beginning of the zip. The go command knows the two files as temporary ones, and removes them
    /// when it downloads this version.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the directory cannot be read.
    pub fn resume_zip(&self) -> Result<Option<(ZipDownload, String)>, CacheError> {
        let zips = self.entry().temporary_zips()?;
        let kept = zips.iter().find_map(|path| ZipDownload::reopen(&self.held, path.clone()));
        if let Some((incoming, _)) = &kept {
            for path in zips.iter().filter(|path| !incoming.is_made_of(path)) {
                let _ = fs::remove_file(path);
            }
        }
        Ok(kept)
    }

    /// Installs a zip whose hash the caller has computed and found to be the right one.
    ///
    /// In this order, so that at no time a hash stands beside a file or tree it does not belong to: the zip is forced
    /// to the disk; if another hash is recorded, or none, then what it would wrongly vouch for is taken away (an old
    /// zip is removed, an old extracted tree marked `.partial`); the hash is written; the zip gets its name.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be written. [`CacheError::ForeignIncoming`] when `zip` was not made by this
    /// lock. The temporary file is removed in both cases.
    #[doc(alias = "downloadZip")]
    pub fn commit_zip(&self, mut zip: ZipDownload, hash: &H1) -> Result<(), CacheError> {
        zip.discard_partial();
        if !zip.is_under(&self.held) {
            return Err(CacheError::ForeignIncoming { path: zip.path().to_path_buf() });
        }
        zip.sync()?;
        if !self.is_recorded(hash)? {
            remove_file(self.entry(), CacheFile::Zip)?;
            self.record(hash)?;
        }
        zip.rename()
    }

    /// Records the hash of the `.zip` that is there already, whose hash the caller has computed and found to be the
    /// right one. For an entry that lost its `.ziphash`.
    ///
    /// Unless the same hash is recorded already, an extracted tree is marked `.partial`: it is not known whether it
    /// came from this zip.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be written.
    #[doc(alias = "hashZip")]
    pub fn store_ziphash(&self, hash: &H1) -> Result<(), CacheError> {
        if self.is_recorded(hash)? { Ok(()) } else { self.record(hash) }
    }

    fn is_recorded(&self, hash: &H1) -> Result<bool, CacheError> {
        Ok(ziphash::read(&self.entry().path(CacheFile::ZipHash))?.h1() == Some(hash))
    }

    fn record(&self, hash: &H1) -> Result<(), CacheError> {
        let entry = self.entry();
        if entry.dir_state()? != DirState::Absent {
            mark_partial(entry)?;
        }
        ziphash::write(&entry.path(CacheFile::ZipHash), hash)
    }

    /// Extracts the tree with `extract`, which is given the directory to make and to fill with the files of the committed zip: between
    /// [`begin_extract`](Self::begin_extract) and [`Extraction::commit`]. Returns what it returns; `None` where the tree is
    /// complete already, so that nothing is to be done. Where it fails, the tree is removed.
    ///
    /// ```
    /// use std::fs;
    ///
    /// use gomod_cache::ModCache;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
    /// let entry = ModCache::new(directory.path())?.entry(&"example.com/m@v1.0.0".parse()?);
    /// let lock = entry.lock()?;
    /// # lock.commit_zip(lock.zip_download()?, &hash)?;
    /// // In place of this, `unzip` of gomod-zip.
    /// lock.extract(|dir| Ok::<_, Box<dyn std::error::Error>>(fs::create_dir(dir)?))?;
    /// assert!(entry.state()?.is_extracted());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// That of `extract`; [`CacheError::Io`] when something is in the way and cannot be removed, or when the cache cannot be
    /// written.
    #[doc(alias = "DownloadDir")]
    pub fn extract<T, E: From<CacheError>>(
        &self,
        extract: impl FnOnce(&Path) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let tree = match self.begin_extract() {
            Err(CacheError::AlreadyExtracted { .. }) => return Ok(None),
            tree => tree?,
        };
        let extracted = extract(tree.dir())?;
        tree.commit()?;
        Ok(Some(extracted))
    }

    /// Makes room for the extracted tree and marks it `.partial`, so that it is not used before
    /// [`Extraction::commit`].
    ///
    /// Removes a tree that is [not complete](DirState) and what Go before 1.16 may have left.
    ///
    /// # Errors
    /// [`CacheError::AlreadyExtracted`] when the tree is complete. [`CacheError::Io`] when something is in the way
    /// and cannot be removed, or when the cache cannot be written.
    pub fn begin_extract(&self) -> Result<Extraction, CacheError> {
        let entry = self.entry();
        let dir = entry.dir();
        if entry.dir_state()? == DirState::Complete {
            return Err(CacheError::AlreadyExtracted { dir });
        }
        if let Some(parent) = dir.parent() {
            create_directory(parent)?;
        }
        for old in entry.old_trees()? {
            let _ = tree::remove(&old);
        }
        // The go command removes first and marks then. A crash between the two would leave half a tree, which a later
        // `.ziphash` declares complete.
        mark_partial(entry)?;
        tree::remove(&dir).map_err(at(Action::Remove, &dir))?;
        Ok(Extraction::new(Arc::clone(&self.held)))
    }
}

pub(crate) fn mark_partial(entry: &Entry) -> Result<(), CacheError> {
    let path = entry.path(CacheFile::Partial);
    fs::write(&path, b"").map_err(at(Action::Create, &path))
}

/// Removes a file; one that is not there is success.
pub(crate) fn remove_file(entry: &Entry, file: CacheFile) -> Result<(), CacheError> {
    let path = entry.path(file);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at(Action::Remove, &path)(error)),
        _ => Ok(()),
    }
}
