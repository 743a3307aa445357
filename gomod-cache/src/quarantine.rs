//! Moving what is broken out of the way, as a whole.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::cache::ModCache;
use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::exchange::Exchange;
use crate::inside::refuse_links;
use crate::layout::CacheFile;
use crate::lock::{EntryLock, mark_partial, remove_file};
use crate::numbered;
use crate::state::{DirState, exists};
use crate::tree;
use crate::walk::Found;

/// Where things are put, below the root.
pub(crate) const QUARANTINE: &str = "cache/quarantine";
/// What says why, in a quarantine.
const RECORD: &str = "record";
/// Reasons are short.
const MAX_RECORD: u64 = 64 << 10;

/// What of an entry is moved aside by [`EntryLock::quarantine`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a part")]
pub struct Parts {
    /// The zip, its recorded hash and the extracted tree: they vouch for each other, and go together.
    pub zip: bool,
    /// The extracted tree alone, where zip and hash were found to be right.
    pub tree: bool,
    /// The `.mod` file.
    pub go_mod: bool,
    /// The `.info` file.
    pub info: bool,
}

impl Parts {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Zip, hash, tree, `.mod` and `.info`.
    pub fn all() -> Self {
        Self { zip: true, tree: true, go_mod: true, info: true }
    }

    /// What there is of an entry.
    pub(crate) fn of(entry: &Entry) -> Result<Self, CacheError> {
        let there = |file| exists(&entry.path(file));
        Ok(Self {
            zip: there(CacheFile::Zip)? || there(CacheFile::ZipHash)?,
            tree: exists(&entry.dir())?,
            go_mod: there(CacheFile::Mod)?,
            info: there(CacheFile::Info)?,
        })
    }

    /// What of an entry lies where these parts belong; the zip, its hash and the tree belong together.
    pub(crate) fn occupied(self, entry: &Entry) -> Result<Option<PathBuf>, CacheError> {
        let files = [
            (CacheFile::ZipHash, self.zip),
            (CacheFile::Zip, self.zip),
            (CacheFile::Mod, self.go_mod),
            (CacheFile::Info, self.info),
        ];
        let files = files.into_iter().filter(|(_, wanted)| *wanted).map(|(file, _)| entry.path(file));
        let tree = (self.zip || self.tree).then(|| entry.dir());
        for path in files.chain(tree) {
            if exists(&path)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Whether the zip, its recorded hash and the tree are moved.
    #[must_use]
    pub fn zip(self, zip: bool) -> Self {
        Self { zip, ..self }
    }

    /// Whether the tree is moved, even if the zip is not.
    #[must_use]
    pub fn tree(self, tree: bool) -> Self {
        Self { tree, ..self }
    }

    /// Whether the `.mod` file is moved.
    #[must_use]
    pub fn go_mod(self, go_mod: bool) -> Self {
        Self { go_mod, ..self }
    }

    /// Whether the `.info` file is moved.
    #[must_use]
    pub fn info(self, info: bool) -> Self {
        Self { info, ..self }
    }
}

/// What was moved aside, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Quarantined {
    /// The directory it was moved to: laid out as a module cache.
    pub cache: ModCache,
    /// What was moved, by its old path, in that order.
    pub moved: Vec<PathBuf>,
}

/// Something that was moved aside, and in whose place there is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PendingReplacement {
    /// Where it was.
    pub entry: Entry,
    /// Where it is.
    pub quarantined: Entry,
    /// What of the entry is gone.
    pub parts: Parts,
    /// When it was moved; nothing where the system does not say.
    pub since: Option<SystemTime>,
}

impl ModCache {
    /// Returns what [`EntryLock::quarantine`] has moved to this directory, which [`Found::Quarantine`] names, and in whose
    /// place there is nothing, in the order of the walk: it was never replaced, or the replacement is removed by now.
    ///
    /// What [`Staging::replace`](crate::Staging::replace) has moved there is not among it, and what cannot be looked at neither.
    pub fn pending_replacements(&self, quarantine: &Path) -> Vec<PendingReplacement> {
        if Record::read(quarantine).replaced {
            return Vec::new();
        }
        let since = fs::symlink_metadata(quarantine).and_then(|metadata| metadata.modified()).ok();
        let entries = self.at(quarantine.to_path_buf()).entries();
        let gone = entries.filter_map(|found| {
            let Found::Entry(quarantined) = found else { return None };
            let entry = self.entry(quarantined.module());
            let parts = gone(&entry, &quarantined).ok()?;
            let nothing = parts == Parts::new();
            (!nothing).then_some(PendingReplacement { entry, quarantined, parts, since })
        });
        gone.collect()
    }
}

/// What the one entry has and the other one lost.
fn gone(entry: &Entry, quarantined: &Entry) -> Result<Parts, CacheError> {
    let lost = |file| Ok::<_, CacheError>(exists(&quarantined.path(file))? && !exists(&entry.path(file))?);
    // Bringing back a zip or a tree records its hash.
    let unrecorded = !exists(&entry.path(CacheFile::ZipHash))?;
    Ok(Parts {
        zip: lost(CacheFile::ZipHash)? || unrecorded && lost(CacheFile::Zip)?,
        // Half a tree has not come back.
        tree: exists(&quarantined.dir())? && entry.dir_state()? != DirState::Complete,
        go_mod: lost(CacheFile::Mod)?,
        info: lost(CacheFile::Info)?,
    })
}

impl EntryLock {
    /// Moves parts of this entry to a new directory `cache/quarantine/<number>` below the root, which is laid out as a
    /// module cache of its own: what was moved can be looked at with the tools for a cache, and moved back. Nothing is
    /// removed. Returns `None` when nothing of these parts is there.
    ///
    /// Each step is one rename, in an order in which no crash and no go command that looks on is ever led to trust more
    /// than before. First the `.ziphash`, so that the zip is not used without being hashed; then `.partial` is created,
    /// so that no process takes the tree for one that belongs to the next hash; then the zip and the tree go, and
    /// `.partial` is removed; then `.mod` and `.info` (whereupon the version list is written again). A process that finds an
    /// entry between two of these steps finds it incomplete, and can do the whole again. Where a step fails, those before
    /// it are taken back.
    ///
    /// This makes room and brings nothing: until a download ends well the entry is less than it was.
    /// [`staging`](Self::staging) makes the replacement first.
    ///
    /// A build that is just reading the tree fails.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root; nothing was moved then. [`CacheError::Io`] when
    /// something cannot be moved, for one because it lies on another file system than the root.
    pub fn quarantine(&self, parts: Parts) -> Result<Option<Quarantined>, CacheError> {
        let entry = self.entry();
        entry.check_inside_root()?;
        refuse_links(entry.cache(), QUARANTINE)?;
        let mut exchange = Exchange::default();
        for (file, wanted) in [
            (CacheFile::ZipHash, parts.zip),
            (CacheFile::Zip, parts.zip),
            (CacheFile::Mod, parts.go_mod),
            (CacheFile::Info, parts.info),
        ] {
            if wanted && exists(&entry.path(file))? {
                exchange.files_out.push(file);
            }
        }
        exchange.tree_out = (parts.zip || parts.tree) && exists(&entry.dir())?;
        if !exchange.takes_out() {
            return Ok(None);
        }
        let cache = Record::default().create(entry.cache())?;
        let aside = cache.entry(entry.module());
        match exchange.run(entry, &aside, &aside) {
            Ok(()) => Ok(Some(exchange.quarantined(cache, entry))),
            Err(failed) => {
                if failed.undone {
                    Record::discard(cache.root());
                }
                Err(failed.error)
            }
        }
    }

    /// Removes this version completely: zip, hash, extracted tree with its read-only directories, `.mod`, `.info` and
    /// what killed processes left of them; the version list is written again. The `.lock` file stays, because a process that
    /// waits for it would hold a lock on nothing.
    ///
    /// In an order in which a crash leaves an entry that is incomplete, and nothing that is wrongly trusted; a second
    /// call removes the rest.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root; nothing was removed then. [`CacheError::Io`] when
    /// something cannot be removed.
    pub fn remove(&self) -> Result<(), CacheError> {
        let entry = self.entry();
        entry.check_inside_root()?;
        remove_file(entry, CacheFile::ZipHash)?;
        let dir = entry.dir();
        if exists(&dir)? {
            mark_partial(entry)?;
        }
        remove_file(entry, CacheFile::Zip)?;
        tree::remove(&dir).map_err(at(Action::Remove, &dir))?;
        for file in [CacheFile::Partial, CacheFile::Mod, CacheFile::Info] {
            remove_file(entry, file)?;
        }
        for path in entry.stale_files()? {
            tree::remove(&path).map_err(at(Action::Remove, &path))?;
        }
        if exists(&entry.path(CacheFile::List))? {
            entry.rewrite_list()?;
        }
        Ok(())
    }
}

impl Exchange {
    /// What was taken out.
    pub(crate) fn quarantined(&self, cache: ModCache, entry: &Entry) -> Quarantined {
        let mut moved: Vec<_> = self.files_out.iter().map(|&file| entry.path(file)).collect();
        if self.tree_out {
            moved.push(entry.dir());
        }
        Quarantined { cache, moved }
    }
}

/// What a quarantine says of itself, in a file of its own.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Whether a replacement took the place of what is there, or is to take it: [`Staging`](crate::Staging) knows.
    pub(crate) replaced: bool,
    pub(crate) why: String,
}

impl Record {
    /// A new directory for one quarantine.
    pub(crate) fn create(&self, cache: &ModCache) -> Result<ModCache, CacheError> {
        refuse_links(cache, QUARANTINE)?;
        let first = if self.replaced { "replaced" } else { "moved" };
        numbered::create(cache, QUARANTINE, RECORD, &format!("{first}\n{}\n", self.why.trim_end()))
    }

    /// Of a quarantine without a record nothing is known.
    pub(crate) fn read(quarantine: &Path) -> Self {
        let mut text = Vec::new();
        let path = quarantine.join(RECORD);
        let is_file = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
        if let (true, Ok(file)) = (is_file, File::open(path)) {
            // What can be read of it.
            let _ = file.take(MAX_RECORD).read_to_end(&mut text);
        }
        let text = String::from_utf8_lossy(&text);
        let (first, why) = text.split_once('\n').unwrap_or_default();
        Self { replaced: first == "replaced", why: why.trim_end().to_owned() }
    }

    /// Removes a quarantine in which there is nothing but its record; else it stays as it is.
    pub(crate) fn discard(quarantine: &Path) {
        for file in fs::read_dir(quarantine).into_iter().flatten().flatten() {
            if file.file_type().is_ok_and(|kind| kind.is_dir()) {
                numbered::remove_empty(&file.path());
            }
        }
        let left = fs::read_dir(quarantine).map_or(usize::MAX, Iterator::count);
        if left <= 1 && fs::remove_file(quarantine.join(RECORD)).is_ok() {
            let _ = fs::remove_dir(quarantine);
            if let Some(parent) = quarantine.parent() {
                let _ = fs::remove_dir(parent);
            }
        }
    }
}
