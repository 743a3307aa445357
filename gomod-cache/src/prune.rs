//! Removing versions by rules: a plan that can be looked at, and is then carried out one by one.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use gomod_module::ModuleVersion;

use crate::cache::ModCache;
use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::layout::CacheFile;
use crate::state;
use crate::tree;
use crate::walk::Found;

/// Modules that no go.sum file ever names: the go commands themselves, and what is unpacked from GOROOT.
const UNNAMED: [&str; 2] = ["golang.org/toolchain", "golang.org/fips140"];

/// Which versions go. Every rule narrows the choice of the others, and without any rule nothing goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PruneRules {
    /// Only versions that were downloaded before.
    pub downloaded_before: Option<SystemTime>,
    /// No version that is named here, and neither toolchains nor `golang.org/fips140`, which no go.sum file names.
    pub keep: Option<BTreeSet<ModuleVersion>>,
    /// No more than it takes to bring the entries of the cache, extracted trees included, down to so many bytes; the
    /// oldest go first.
    pub max_bytes: Option<u64>,
}

impl PruneRules {
    /// No rule yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only versions that were downloaded before.
    #[must_use]
    pub fn downloaded_before(self, time: SystemTime) -> Self {
        Self { downloaded_before: Some(time), ..self }
    }

    /// No version that is named here.
    #[must_use]
    pub fn keep(self, modules: BTreeSet<ModuleVersion>) -> Self {
        Self { keep: Some(modules), ..self }
    }

    /// No more than it takes to bring the cache down to so many bytes.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        Self { max_bytes: Some(bytes), ..self }
    }

    fn is_empty(&self) -> bool {
        self.downloaded_before.is_none() && self.keep.is_none() && self.max_bytes.is_none()
    }

    fn allow(&self, module: &ModuleVersion, usage: &Usage) -> bool {
        let old = self.downloaded_before.is_none_or(|limit| usage.downloaded < limit);
        let unnamed = UNNAMED.contains(&module.path().as_str());
        old && self.keep.as_ref().is_none_or(|keep| !unnamed && !keep.contains(module))
    }
}

/// How much room an entry takes, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Usage {
    /// The bytes in its files and in those of its extracted tree.
    pub bytes: u64,
    /// When its zip was written; without a zip, the newest of its other files.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::time"))]
    pub downloaded: SystemTime,
}

/// A version that may go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PruneCandidate {
    /// The module version.
    pub module: ModuleVersion,
    /// What it takes.
    pub usage: Usage,
}

/// What pruning would remove: nothing has been, yet. [`ModCache::prune`] carries out one item of it.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PrunePlan {
    /// The versions to remove, the oldest first.
    pub remove: Vec<PruneCandidate>,
    /// The bytes of these.
    pub bytes: u64,
    /// How many versions stay.
    pub kept: usize,
    /// The bytes of those.
    pub kept_bytes: u64,
    /// What could not be read. It stays.
    pub unreadable: Vec<CacheError>,
}

/// What became of a version that was to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Pruned {
    /// It is gone.
    Removed,
    /// Another process works on it, so it stays.
    Busy,
    /// It was written since the plan was made, so it stays.
    Changed,
}

impl ModCache {
    /// Plans which versions to remove, and removes nothing.
    ///
    /// The whole cache is walked, and every file looked at for its size. Files that belong to no version (stale files,
    /// repositories, the checksum database, quarantines) do not count and stay.
    ///
    /// ```
    /// use gomod_cache::{ModCache, PruneRules, Pruned};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let cache = ModCache::new(directory.path())?;
    /// cache.entry(&"example.com/m@v1.0.0".parse()?).store_mod(b"module example.com/m\n")?;
    /// cache.entry(&"example.com/m@v1.1.0".parse()?).store_mod(b"module example.com/m\n")?;
    ///
    /// let keep = ["example.com/m@v1.1.0".parse()?].into();
    /// let plan = cache.plan_prune(&PruneRules::new().keep(keep));
    /// assert_eq!(plan.remove[0].module.to_string(), "example.com/m@v1.0.0");
    /// for candidate in &plan.remove {
    ///     assert_eq!(cache.prune(candidate)?, Pruned::Removed);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plan_prune(&self, rules: &PruneRules) -> PrunePlan {
        let mut plan = PrunePlan::default();
        let (mut candidates, mut total) = (Vec::new(), 0_u64);
        for found in self.entries() {
            let entry = match found {
                Found::Entry(entry) => entry,
                Found::Unreadable(error) => {
                    plan.unreadable.push(error);
                    continue;
                }
                _ => continue,
            };
            match entry.usage() {
                // Another process has just removed it.
                Ok(None) => {}
                Ok(Some(usage)) => {
                    total = total.saturating_add(usage.bytes);
                    if !rules.is_empty() && rules.allow(entry.module(), &usage) {
                        candidates.push(PruneCandidate { module: entry.module().clone(), usage });
                    } else {
                        plan.kept += 1;
                        plan.kept_bytes = plan.kept_bytes.saturating_add(usage.bytes);
                    }
                }
                Err(error) => plan.unreadable.push(error),
            }
        }
        // The largest of the same age first: fewer go.
        candidates.sort_by(|a, b| {
            let key = |c: &PruneCandidate| (c.usage.downloaded, Reverse(c.usage.bytes));
            key(a).cmp(&key(b)).then_with(|| a.module.cmp(&b.module))
        });
        let mut left = total;
        for candidate in candidates {
            let bytes = candidate.usage.bytes;
            if rules.max_bytes.is_some_and(|limit| left <= limit) {
                plan.kept += 1;
                plan.kept_bytes = plan.kept_bytes.saturating_add(bytes);
            } else {
                left = left.saturating_sub(bytes);
                plan.bytes = plan.bytes.saturating_add(bytes);
                plan.remove.push(candidate);
            }
        }
        plan
    }

    /// Removes a version that a [plan](Self::plan_prune) names, unless it is in use or was written since.
    ///
    /// A build that is just reading the version fails; builds do not hold its lock.
    ///
    /// # Errors
    /// As [`EntryLock::remove`](crate::EntryLock::remove).
    pub fn prune(&self, candidate: &PruneCandidate) -> Result<Pruned, CacheError> {
        let entry = self.entry(&candidate.module);
        // The lock is written, too.
        entry.check_inside_root()?;
        let Some(lock) = entry.try_lock()? else { return Ok(Pruned::Busy) };
        if entry.usage()?.is_some_and(|usage| usage.downloaded != candidate.usage.downloaded) {
            return Ok(Pruned::Changed);
        }
        lock.remove()?;
        Ok(Pruned::Removed)
    }
}

impl Entry {
    /// How much room this entry takes, and since when; `None` when there is nothing of it.
    ///
    /// The `.lock` file and stale files do not count. Symbolic links are not followed.
    ///
    /// # Errors
    /// [`CacheError::Io`] when a file cannot be inspected, or a directory of the tree cannot be listed.
    pub fn usage(&self) -> Result<Option<Usage>, CacheError> {
        let (mut bytes, mut newest, mut zip) = (0_u64, None, None);
        for file in [CacheFile::Info, CacheFile::Mod, CacheFile::ZipHash, CacheFile::Partial, CacheFile::Zip]
        {
            if let Some((size, time)) = size_and_time(&self.path(file))? {
                bytes = bytes.saturating_add(size);
                newest = newest.max(Some(time));
                zip = (file == CacheFile::Zip).then_some(time);
            }
        }
        let dir = self.dir();
        if let Some((_, time)) = size_and_time(&dir)? {
            bytes = bytes.saturating_add(tree::size(&dir).map_err(at(Action::Read, &dir))?);
            newest = newest.or(Some(time));
        }
        Ok(zip.or(newest).map(|downloaded| Usage { bytes, downloaded }))
    }
}

fn size_and_time(path: &Path) -> Result<Option<(u64, SystemTime)>, CacheError> {
    let metadata = state::nothing_is_none(fs::symlink_metadata(path)).map_err(at(Action::Inspect, path))?;
    let Some(metadata) = metadata else { return Ok(None) };
    let time = metadata.modified().map_err(at(Action::Inspect, path))?;
    Ok(Some((metadata.len(), time)))
}
