//! Nothing outside the root is written, moved or removed: symbolic links that lead there are refused.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cache::ModCache;
use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::layout::{CacheFile, download_dir, version_directory};
use crate::quarantine::Parts;

/// Directories that may be links, as the root may: shared caches, and those on several disks, have these.
pub(crate) const FOLLOWED: [&str; 2] = ["cache", "cache/download"];

impl Entry {
    /// Checks that no symbolic link stands where writing this entry would follow it: a directory on the way to its files, or
    /// one of the files that are written in place.
    ///
    /// [`lock`](Self::lock), [`store_mod`](Self::store_mod) and what they lead to follow such links, as the go command
    /// does; who does not want that asks [`check_without_links`](Self::check_without_links). What moves and removes
    /// ([`EntryLock::quarantine`](crate::EntryLock::quarantine), [`EntryLock::remove`](crate::EntryLock::remove),
    /// [`ModCache::prune`]) asks here first. The root itself, `cache` and `cache/download` may be
    /// links, which every operation follows. Who swaps a directory for a link between
    /// this answer and the next step is not found out.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] names the first link. [`CacheError::Io`] when a file cannot be inspected.
    pub fn check_inside_root(&self) -> Result<(), CacheError> {
        let module = self.module();
        let tree = download_dir(module.path(), module.version());
        let above_tree = tree.rsplit_once('/').map_or("", |(above, _)| above);
        for directory in [&*version_directory(module.path()), above_tree] {
            refuse_links(self.cache(), directory)?;
        }
        for file in [CacheFile::Lock, CacheFile::ZipHash, CacheFile::Partial, CacheFile::List] {
            refuse_link(&self.path(file))?;
        }
        Ok(())
    }

    /// Returns the symbolic links that have the place of this entry's `.info`, `.mod`, `.zip` or tree, each with what of the
    /// entry it stands for.
    ///
    /// Such a link is damage: [`state`](Self::state) takes it for neither a file nor a directory, and what moves, replaces or
    /// removes these [parts](Parts) moves or removes the link itself, and leaves alone what it leads to. `go mod verify` says of a
    /// linked tree that it "is not a directory"; `go build` would build from it, whatever it leads to.
    ///
    /// # Errors
    /// [`CacheError::Io`] when a file cannot be inspected.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// let entry = gomod_cache::ModCache::new(directory.path())?.entry(&"example.com/m@v1.0.0".parse()?);
    /// assert!(entry.links()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn links(&self) -> Result<Vec<(PathBuf, Parts)>, CacheError> {
        let none = Parts::new();
        let mut found = Vec::new();
        for (path, part) in [
            (self.path(CacheFile::Info), none.info(true)),
            (self.path(CacheFile::Mod), none.go_mod(true)),
            (self.path(CacheFile::Zip), none.zip(true)),
            (self.dir(), none.tree(true)),
        ] {
            if is_link(&path)? {
                found.push((path, part));
            }
        }
        Ok(found)
    }

    /// Checks that there is neither a link that [`check_inside_root`](Self::check_inside_root) refuses nor one of
    /// [`links`](Self::links): all that is read of this entry, and all that is written, lies in the cache.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] names the first link. [`CacheError::Io`] when a file cannot be inspected.
    pub fn check_without_links(&self) -> Result<(), CacheError> {
        self.check_inside_root()?;
        match self.links()?.into_iter().next() {
            Some((path, _)) => Err(CacheError::Symlink { path }),
            None => Ok(()),
        }
    }
}

/// Refuses a link among the elements of a path below the root.
pub(crate) fn refuse_links(cache: &ModCache, below: &str) -> Result<(), CacheError> {
    let below = cache.below_root(below);
    let mut path = cache.root().to_path_buf();
    let mut sofar = String::new();
    for element in below.split('/').filter(|element| !element.is_empty()) {
        path.push(element);
        sofar = if sofar.is_empty() { element.to_owned() } else { format!("{sofar}/{element}") };
        if !FOLLOWED.contains(&&*sofar) {
            refuse_link(&path)?;
        }
    }
    Ok(())
}

fn refuse_link(path: &Path) -> Result<(), CacheError> {
    if is_link(path)? { Err(CacheError::Symlink { path: path.to_path_buf() }) } else { Ok(()) }
}

fn is_link(path: &Path) -> Result<bool, CacheError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_symlink()),
        // Below a file there is nothing either.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(at(Action::Inspect, path)(error)),
    }
}
