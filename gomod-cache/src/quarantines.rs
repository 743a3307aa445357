//! What lies in quarantine: listed, put back, removed.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use gomod_module::ModuleVersion;

use crate::cache::ModCache;
use crate::error::{Action, CacheError, at};
use crate::inside::refuse_links;
use crate::prune::Pruned;
use crate::quarantine::{Parts, QUARANTINE, Quarantined, Record};
use crate::staging::Staging;
use crate::walk::Found;
use crate::{numbered, tree};

/// One quarantine: what was moved aside at one time. From [`ModCache::quarantines`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Quarantine {
    /// Its number, by which it is asked for.
    pub number: u64,
    /// The directory, laid out as a module cache.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))]
    pub path: PathBuf,
    /// The module versions of which something is in it, and what.
    pub modules: Vec<(ModuleVersion, Parts)>,
    /// When it was made; nothing where the system does not say.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::time"))]
    pub since: Option<SystemTime>,
    /// Why, as far as it was said: what was found wrong when it was moved.
    pub why: String,
    /// Whether a replacement took its place. Else what is here may be the only copy.
    pub replaced: bool,
    /// The bytes of all files in it.
    pub bytes: u64,
}

/// What became of a quarantine that was to be put back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restored {
    /// It is back in its place. What was there is in a quarantine of its own.
    Restored(Option<Quarantined>),
    /// Something is in its place, and stays.
    Occupied(PathBuf),
    /// Another process works on the entry.
    Busy,
}

impl ModCache {
    /// Returns the quarantines, by their numbers.
    ///
    /// ```
    /// use gomod_cache::{ModCache, Parts, Restored};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let cache = ModCache::new(directory.path())?;
    /// let entry = cache.entry(&"example.com/m@v1.0.0".parse()?);
    /// entry.store_mod(b"module example.com/m\n")?;
    /// entry.lock()?.quarantine(Parts::all())?;
    ///
    /// let found = cache.quarantines()?;
    /// assert_eq!((found[0].number, found[0].modules.len()), (1, 1));
    /// assert!(matches!(cache.restore(&found[0], false)?, Restored::Restored(None)));
    /// assert!(cache.quarantines()?.is_empty() && entry.read_mod()?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CacheError::Io`] when a directory exists and cannot be listed.
    pub fn quarantines(&self) -> Result<Vec<Quarantine>, CacheError> {
        let parent = self.root().join(QUARANTINE);
        let found = numbered::list(&parent).map_err(at(Action::Read, &parent))?;
        found.into_iter().map(|(number, path)| self.quarantine_at(number, path)).collect()
    }

    fn quarantine_at(&self, number: u64, path: PathBuf) -> Result<Quarantine, CacheError> {
        let Record { replaced, why } = Record::read(&path);
        let mut modules = Vec::new();
        for found in self.at(path.clone()).entries() {
            if let Found::Entry(entry) = found {
                modules.push((entry.module().clone(), Parts::of(&entry)?));
            }
        }
        Ok(Quarantine {
            number,
            modules,
            since: fs::symlink_metadata(&path).and_then(|metadata| metadata.modified()).ok(),
            why,
            replaced,
            bytes: tree::size(&path).map_err(at(Action::Read, &path))?,
            path,
        })
    }

    /// Puts back what a quarantine has, under the lock of its entry: all of it or nothing. Something else in its place is refused, unless
    /// it is to be displaced: then it goes to a quarantine of its own.
    ///
    /// A process that is killed leaves what [`staged`](Self::staged) names, and [`Staging::finish`] brings to its end. Nothing is checked: what was
    /// broken is broken again.
    ///
    /// # Errors
    /// [`CacheError::NotOneModule`] for a quarantine with more than one module, or none. [`CacheError::Symlink`] when a link leads
    /// out of the root. [`CacheError::Io`] when something cannot be moved. The quarantine and the entry are as they were.
    pub fn restore(&self, quarantine: &Quarantine, displace: bool) -> Result<Restored, CacheError> {
        let [(module, _)] = &quarantine.modules[..] else {
            return Err(CacheError::NotOneModule { path: quarantine.path.clone() });
        };
        refuse_links(self, QUARANTINE)?;
        let entry = self.entry(module);
        entry.check_inside_root()?;
        let Some(lock) = entry.try_lock()? else { return Ok(Restored::Busy) };
        // It may have been put back meanwhile.
        let parts = Parts::of(&self.at(quarantine.path.clone()).entry(module))?;
        if let Some(path) = parts.occupied(&entry)?.filter(|_| !displace) {
            return Ok(Restored::Occupied(path));
        }
        let staging = Staging::of_quarantine(&lock, &quarantine.path)?;
        let why = format!("replaced by what quarantine {} had", quarantine.number);
        Ok(Restored::Restored(staging.replace(parts, &why)?))
    }

    /// Removes a quarantine and all that is in it, unless another process works on the entry it is of.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root. [`CacheError::Io`] when something cannot be removed.
    pub fn remove_quarantine(&self, quarantine: &Quarantine) -> Result<Pruned, CacheError> {
        refuse_links(self, QUARANTINE)?;
        let mut locks = Vec::new();
        for (module, _) in &quarantine.modules {
            let entry = self.entry(module);
            entry.check_inside_root()?;
            match entry.try_lock()? {
                Some(lock) => locks.push(lock),
                None => return Ok(Pruned::Busy),
            }
        }
        let path = &quarantine.path;
        // Another process has put it back or removed it, and may have made another one of this number.
        let now = self.quarantine_at(quarantine.number, path.clone())?;
        if now.modules != quarantine.modules || now.since != quarantine.since {
            return Ok(Pruned::Changed);
        }
        tree::remove(path).map_err(at(Action::Remove, path))?;
        if let Some(parent) = path.parent() {
            let _ = fs::remove_dir(parent);
        }
        Ok(Pruned::Removed)
    }
}
