//! A replacement that is made beside what it is to replace.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gomod_module::ModuleVersion;

use crate::cache::ModCache;
use crate::entry::{Entry, create_directory};
use crate::error::{Action, CacheError, at};
use crate::exchange::{Exchange, Failed};
use crate::inside::refuse_links;
use crate::layout::{CacheFile, download_dir};
use crate::lock::{EntryLock, LockGuard};
use crate::quarantine::{Parts, Quarantined, Record};
use crate::state::exists;
use crate::version_file::module_of_tree;
use crate::walk;
use crate::{tree, ziphash};

/// Where replacements are made, below the root: each in a directory that has the name of the module's tree, so that making
/// the directory, one system call, says whose it is.
pub(crate) const STAGING: &str = "cache/staging";
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
    held: Arc<LockGuard>,
    /// Whether what is here is to take its place, whichever process completes that.
    sealed: bool,
    /// Where it came from, and goes back to when it does not take its place.
    quarantine: Option<PathBuf>,
    done: bool,
}

/// A replacement that is being made, or was being made when its process was killed. From [`ModCache::staged`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Staged {
    /// The module version.
    pub module: ModuleVersion,
    /// The directory.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))]
    pub path: PathBuf,
    /// Whether it was complete and about to take its place, so that the entry may have lost what it had:
    /// [`Staging::finish`] brings it to its end.
    pub is_sealed: bool,
}

impl ModCache {
    /// Returns the replacements that are being made, or were being made when their processes were killed, in the order of
    /// their names.
    ///
    /// # Errors
    /// [`CacheError::Io`] when a directory exists and cannot be listed.
    pub fn staged(&self) -> Result<Vec<Staged>, CacheError> {
        let mut found = Vec::new();
        let mut pending = vec![String::new()];
        while let Some(below) = pending.pop() {
            let directory = self.root().join(STAGING).join(&below);
            for (name, kind) in walk::list(&directory)? {
                let Some(name) = name.to_str().filter(|_| kind.is_dir()) else { continue };
                let below = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
                if !below.contains('@') {
                    pending.push(below);
                } else if let Some(module) = module_of_tree(&below) {
                    found.push(self.staged_for(&module));
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Removes the replacements that processes had not completed when they were killed: those on whose entries no process holds the
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
            refuse_links(self, &below_root(&staged.module))?;
            // What was sealed meanwhile is no longer abandoned.
            if let Some(_lock) = entry.try_lock()?
                && !self.staged_for(&staged.module).is_sealed
            {
                remove(self, &staged.path);
            }
        }
        Ok(())
    }

    fn staged_for(&self, module: &ModuleVersion) -> Staged {
        let path = self.root().join(below_root(module));
        let staged = self.at(path.clone()).entry(module);
        let is_sealed =
            path.join(SEAL).exists() && Parts::of(&staged).is_ok_and(|parts| parts != Parts::new());
        Staged { module: module.clone(), path, is_sealed }
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
        refuse_links(cache, &below_root(entry.module()))?;
        // The lock on the entry says that no other process is at work there.
        let Staged { path, is_sealed: sealed, .. } = cache.staged_for(entry.module());
        create(cache, &path)?;
        let cache = cache.at(path);
        Ok(Staging { cache, held: Arc::clone(self.held()), sealed, quarantine: None, done: false })
    }
}

impl Staging {
    /// What a quarantine has, taken as a whole: by one rename.
    pub(crate) fn of_quarantine(lock: &EntryLock, quarantine: &Path) -> Result<Self, CacheError> {
        let mut staging = lock.staging()?;
        let place = staging.cache.root().to_path_buf();
        // It is sealed before it is where others may take it for abandoned.
        let seal = quarantine.join(SEAL);
        let sealed = fs::write(&seal, b"").map_err(at(Action::Write, &seal));
        let moved = sealed.and_then(|()| {
            let moved = tree::remove(&place).and_then(|()| fs::rename(quarantine, &place));
            moved.map_err(at(Action::Rename, &place))
        });
        moved.inspect_err(|_| _ = fs::remove_file(&seal))?;
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

    /// Removes what is here and does not take its place, so that the process that finds this finds nothing else.
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
                    let _ = fs::remove_file(quarantine.join(SEAL));
                    remove_empty_parents(self.held.entry.cache(), place);
                }
            }
            _ => remove(self.held.entry.cache(), self.cache.root()),
        }
    }
}

fn below_root(module: &ModuleVersion) -> String {
    format!("{STAGING}/{}", download_dir(module.path(), module.version()))
}

fn create(cache: &ModCache, place: &Path) -> Result<(), CacheError> {
    let create = || {
        create_directory(place.parent().unwrap_or(place))?;
        match fs::create_dir(place) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && place.is_dir() => Ok(()),
            created => created.map_err(at(Action::CreateDirectory, place)),
        }
    };
    let lost = |error: &CacheError| matches!(error, CacheError::Io { source, .. } if source.kind() == ErrorKind::NotFound);
    // Another process may remove the directories above between the two steps, as they are empty.
    let mut created = create();
    for _ in 0..100 {
        if !created.as_ref().is_err_and(lost) {
            break;
        }
        created = create();
    }
    created.inspect_err(|_| remove_empty_parents(cache, place))
}

/// Removes a place, and its seal first: of what is left by a process that is killed here nothing is taken for complete.
fn remove(cache: &ModCache, place: &Path) {
    let _ = fs::remove_file(place.join(SEAL));
    let _ = tree::remove(place);
    remove_empty_parents(cache, place);
}

/// Removes the directories above a place, up to [`STAGING`] itself, as far as they are empty.
fn remove_empty_parents(cache: &ModCache, place: &Path) {
    let top = cache.root().join(STAGING);
    for directory in place.ancestors().skip(1).take_while(|directory| directory.starts_with(&top)) {
        if fs::remove_dir(directory).is_err() {
            break;
        }
    }
}
