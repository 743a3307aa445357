//! A replacement that is made beside what it is to replace.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gomod_module::ModuleVersion;

use crate::cache::ModCache;
use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::exchange::{Exchange, Failed};
use crate::inside::refuse_links;
use crate::layout::CacheFile;
use crate::lock::{EntryLock, Held};
use crate::quarantine::{Parts, Quarantined, Record};
use crate::state::exists;
use crate::{numbered, tree, ziphash};

/// Where replacements are made, below the root.
pub(crate) const STAGING: &str = "cache/staging";
/// Says of which module.
const MODULE: &str = "module";
/// How long it may take at most to write that.
const WRITING: Duration = Duration::from_secs(60);
/// Is there while a replacement that is complete and proven takes its place.
const SEAL: &str = "sealed";

/// A place beside an entry where its replacement is fetched, checked and extracted, while the entry stays as it is: a module
/// cache of its own, on the same file system. From [`EntryLock::staging`].
///
/// Dropping it removes it, with all that is in it. The lock is held until then.
#[derive(Debug)]
#[must_use = "what is staged is removed when this value is dropped"]
pub struct Staging {
    cache: ModCache,
    held: Arc<Held>,
    /// Whether what is here is to take its place, whoever brings that to its end.
    sealed: bool,
    /// Where it came from, and goes back to when it does not take its place.
    quarantine: Option<PathBuf>,
    done: bool,
}

/// A replacement that is being made, or was when its process was killed. From [`ModCache::staged`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Staged {
    /// The module version.
    pub module: ModuleVersion,
    /// The directory.
    pub path: PathBuf,
    /// Whether it was complete and about to take its place, so that the entry may have lost what it had:
    /// [`Staging::finish`] brings it to its end.
    pub is_sealed: bool,
}

impl ModCache {
    /// Returns the replacements that are being made, or were when their processes were killed, in the order in which they
    /// were begun.
    ///
    /// # Errors
    /// [`CacheError::Io`] when a directory exists and cannot be listed.
    pub fn staged(&self) -> Result<Vec<Staged>, CacheError> {
        let parent = self.root().join(STAGING);
        let found = numbered::list(&parent).map_err(at(Action::Read, &parent))?;
        Ok(found.into_iter().filter_map(|(_, path)| self.staged_in(path)).collect())
    }

    /// Removes the replacements that processes had not completed when they were killed: those on whose entries nobody holds the
    /// lock. One that is sealed stays.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root. [`CacheError::Io`] when a directory exists and cannot be
    /// listed, or an entry cannot be locked.
    pub fn remove_abandoned(&self) -> Result<(), CacheError> {
        refuse_links(self, STAGING)?;
        for staged in self.staged()?.into_iter().filter(|staged| !staged.is_sealed) {
            let entry = self.entry(&staged.module);
            entry.check_inside_root()?;
            // What was sealed meanwhile is no longer abandoned.
            if let Some(_lock) = entry.try_lock()?
                && self.staged_in(staged.path.clone()).is_some_and(|staged| !staged.is_sealed)
            {
                remove(&staged.path);
            }
        }
        for (_, path) in numbered::list(&self.root().join(STAGING)).unwrap_or_default() {
            remove_unnamed(&path);
        }
        Ok(())
    }

    fn staged_in(&self, path: PathBuf) -> Option<Staged> {
        let module: ModuleVersion = fs::read_to_string(path.join(MODULE)).ok()?.parse().ok()?;
        let staged = self.at(path.clone()).entry(&module);
        let is_sealed =
            path.join(SEAL).exists() && Parts::of(&staged).is_ok_and(|parts| parts != Parts::new());
        Some(Staged { module, path, is_sealed })
    }
}

impl EntryLock {
    /// Returns a place to make a replacement of this entry in: that of an earlier process that was killed, with all that it
    /// had come to, or a new one.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root. [`CacheError::Io`] when the place cannot be created.
    pub fn staging(&self) -> Result<Staging, CacheError> {
        let (entry, cache) = (self.entry(), self.entry().cache());
        entry.check_inside_root()?;
        refuse_links(cache, STAGING)?;
        for (_, path) in numbered::list(&cache.root().join(STAGING)).unwrap_or_default() {
            remove_unnamed(&path);
        }
        // The lock on the entry says that nobody is at work there. The sealed one first: the entry may lack what is in it.
        let mut known: Vec<_> = cache.staged()?.into_iter().filter(|s| s.module == *entry.module()).collect();
        known.sort_by_key(|staged| !staged.is_sealed);
        let (cache, sealed) = match known.into_iter().next() {
            Some(Staged { path, is_sealed, .. }) => (cache.at(path), is_sealed),
            None => (numbered::create(cache, STAGING, MODULE, &entry.module().to_string())?, false),
        };
        Ok(Staging { cache, held: Arc::clone(self.held()), sealed, quarantine: None, done: false })
    }
}

impl Staging {
    /// What a quarantine has, taken as a whole: by one rename.
    pub(crate) fn of_quarantine(lock: &EntryLock, quarantine: &Path) -> Result<Self, CacheError> {
        let mut staging = lock.staging()?;
        let place = staging.cache.root().to_path_buf();
        // It is sealed before it is where others may take it for abandoned.
        let (name, seal) = (quarantine.join(MODULE), quarantine.join(SEAL));
        let named = fs::write(&name, lock.entry().module().to_string()).and_then(|()| fs::write(&seal, b""));
        let named = named.map_err(at(Action::Write, &name));
        let moved = named.and_then(|()| {
            let moved = tree::remove(&place).and_then(|()| fs::rename(quarantine, &place));
            moved.map_err(at(Action::Rename, &place))
        });
        moved.inspect_err(|_| [&name, &seal].into_iter().for_each(|file| _ = fs::remove_file(file)))?;
        staging.quarantine = Some(quarantine.to_path_buf());
        Ok(staging)
    }

    /// The cache in which the replacement is made.
    pub fn cache(&self) -> &ModCache {
        &self.cache
    }

    /// The entry in it.
    pub fn entry(&self) -> Entry {
        self.cache.entry(self.held.entry.module())
    }

    /// Whether this is what an earlier process had made, checked, and was putting into its place when it was killed:
    /// then [`finish`](Self::finish) it.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Lends the zip of the entry to this place, so that a tree can be extracted from it here.
    ///
    /// # Errors
    /// [`CacheError::Io`] when there is none, or it can be neither linked nor copied.
    pub fn borrow_zip(&self) -> Result<(), CacheError> {
        let (from, to) = (self.held.entry.path(CacheFile::Zip), self.entry().path(CacheFile::Zip));
        self.entry().create_version_directory()?;
        // Of a process that was killed; it may be the zip itself, into which nothing may be copied.
        crate::lock::remove_file(&self.entry(), CacheFile::Zip)?;
        let lent = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()));
        lent.map_err(at(Action::Create, &to))
    }

    /// Puts what is here into its place: these parts, of which all is here and was found to be right. What is there in their place goes
    /// to a quarantine, which keeps `why`. A tree alone brings its `.ziphash` where that says something else.
    ///
    /// Each step is one rename. When one fails, those before it are taken back. A process that is killed leaves an entry
    /// that is incomplete, and all that it lacks here, for [`finish`](Self::finish). Returns `None` when nothing
    /// had to be moved aside.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root. [`CacheError::Io`] when something cannot be
    /// created or moved. The entry is as it was.
    pub fn replace(mut self, parts: Parts, why: &str) -> Result<Option<Quarantined>, CacheError> {
        let (entry, staged) = (self.held.entry.clone(), self.entry());
        let mut exchange = Exchange::default();
        let hash = CacheFile::ZipHash;
        let brings_hash = parts.tree && !parts.zip && {
            let recorded = ziphash::read(&staged.path(hash))?;
            recorded.exists() && recorded != ziphash::read(&entry.path(hash))?
        };
        for (file, wanted) in [
            (hash, parts.zip || brings_hash),
            (CacheFile::Zip, parts.zip),
            (CacheFile::Mod, parts.go_mod),
            (CacheFile::Info, parts.info),
        ] {
            if wanted && exists(&staged.path(file))? {
                exchange.files_in.push(file);
            }
            if wanted && exists(&entry.path(file))? {
                exchange.files_out.push(file);
            }
        }
        exchange.tree_in = (parts.zip || parts.tree) && exists(&staged.dir())?;
        exchange.tree_out = (parts.zip || parts.tree) && exists(&entry.dir())?;
        self.drop_the_rest(&exchange)?;
        self.exchange(&exchange, why)
    }

    /// Brings to its end what an earlier process was doing when it was killed. Where it had moved the tree already, that stays
    /// `.partial`: what extracts it again from its zip tells whether it is the right one.
    ///
    /// # Errors
    /// As [`replace`](Self::replace).
    pub fn finish(mut self, why: &str) -> Result<Option<Quarantined>, CacheError> {
        let (entry, staged) = (self.held.entry.clone(), self.entry());
        let mut exchange = Exchange::default();
        for file in [CacheFile::ZipHash, CacheFile::Zip, CacheFile::Mod, CacheFile::Info] {
            if exists(&staged.path(file))? {
                exchange.files_in.push(file);
                if exists(&entry.path(file))? {
                    exchange.files_out.push(file);
                }
            }
        }
        exchange.tree_in = exists(&staged.dir())?;
        exchange.tree_out = exchange.tree_in && exists(&entry.dir())?;
        self.exchange(&exchange, why)
    }

    fn exchange(&mut self, exchange: &Exchange, why: &str) -> Result<Option<Quarantined>, CacheError> {
        let entry = self.held.entry.clone();
        entry.check_inside_root()?;
        let record = Record { replaced: true, why: why.to_owned() };
        let aside = exchange.takes_out().then(|| record.create(entry.cache())).transpose()?;
        let target = aside.as_ref().unwrap_or(&self.cache).entry(entry.module());
        let seal = self.cache.root().join(SEAL);
        let was_sealed = self.sealed;
        let done = fs::write(&seal, b"").map_err(at(Action::Create, &seal)).map_err(Failed::from);
        self.sealed = done.is_ok() || was_sealed;
        match done.and_then(|()| exchange.run(&entry, &target, &self.entry())) {
            Ok(()) => {
                (self.sealed, self.done) = (false, true);
                Ok(aside.map(|cache| exchange.quarantined(cache, &entry)))
            }
            Err(Failed { error, undone }) => {
                self.sealed = was_sealed || !undone;
                if let Some(aside) = aside.filter(|_| undone) {
                    Record::discard(aside.root());
                }
                Err(error)
            }
        }
    }

    /// Removes what is here and does not take its place, so that whoever finds this finds nothing else.
    fn drop_the_rest(&self, exchange: &Exchange) -> Result<(), CacheError> {
        let staged = self.entry();
        for file in [CacheFile::ZipHash, CacheFile::Zip, CacheFile::Mod, CacheFile::Info] {
            if !exchange.files_in.contains(&file) {
                crate::lock::remove_file(&staged, file)?;
            }
        }
        if !exchange.tree_in {
            tree::remove(&staged.dir()).map_err(at(Action::Remove, &staged.dir()))?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        match self.quarantine.take() {
            _ if self.sealed => {}
            Some(quarantine) if !self.done => {
                let place = self.cache.root();
                let back = quarantine.parent().map_or(Ok(()), fs::create_dir_all);
                if back.and_then(|()| fs::rename(place, &quarantine)).is_ok() {
                    // Where it cannot go back it stays sealed, and is found.
                    for file in [SEAL, MODULE] {
                        let _ = fs::remove_file(quarantine.join(file));
                    }
                    let _ = place.parent().map(fs::remove_dir);
                }
            }
            _ => remove(self.cache.root()),
        }
    }
}

/// Removes a place whose process was killed before it wrote whose it is. That takes no process a minute.
fn remove_unnamed(path: &Path) {
    let name = path.join(MODULE);
    let is_old = |time: SystemTime| time.elapsed().is_ok_and(|age| age > WRITING);
    if fs::symlink_metadata(&name).is_ok_and(|file| file.len() == 0 && file.modified().is_ok_and(is_old)) {
        let _ = fs::remove_file(name);
    }
    // Of one that is not empty nothing is removed.
    let _ = fs::remove_dir(path);
}

/// Removes a place, and last what says whose it is: who is killed here leaves what the next one finds.
fn remove(path: &Path) {
    let _ = fs::remove_file(path.join(SEAL));
    for file in fs::read_dir(path).into_iter().flatten().flatten().filter(|file| file.file_name() != MODULE) {
        let _ = tree::remove(&file.path());
    }
    let _ = tree::remove(path);
    if let Some(parent) = path.parent() {
        let _ = fs::remove_dir(parent);
    }
}
