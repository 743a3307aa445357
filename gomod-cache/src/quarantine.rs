//! Moving what is broken out of the way, as a whole.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::cache::ModCache;
use crate::entry::{Entry, create_directory};
use crate::error::{Action, CacheError, at};
use crate::inside::refuse_links;
use crate::layout::CacheFile;
use crate::lock::{EntryLock, mark_partial, remove_file};
use crate::state::DirState;
use crate::walk::Found;
use crate::{tree, version_list};

/// Where things are put, below the root.
const QUARANTINE: &str = "cache/quarantine";

/// What of an entry is moved aside by [`EntryLock::quarantine`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Quarantined {
    /// The directory it was moved to: laid out as a module cache.
    pub cache: ModCache,
    /// What was moved, by its old path, in that order.
    pub moved: Vec<PathBuf>,
}

/// Something that was moved aside, and in whose place there is nothing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unreplaced {
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
    /// place there is nothing, in the order of the walk: whoever moved it was killed before there was a replacement. Or it was
    /// replaced, and is removed by now: nothing tells these two apart.
    ///
    /// What cannot be looked at is not returned.
    pub fn unreplaced(&self, quarantine: &Path) -> Vec<Unreplaced> {
        let since = fs::symlink_metadata(quarantine).and_then(|metadata| metadata.modified()).ok();
        let entries = self.at(quarantine.to_path_buf()).entries();
        let gone = entries.filter_map(|found| {
            let Found::Entry(quarantined) = found else { return None };
            let entry = self.entry(quarantined.module());
            let parts = gone(&entry, &quarantined).ok()?;
            let nothing = parts == Parts::new();
            (!nothing).then_some(Unreplaced { entry, quarantined, parts, since })
        });
        gone.collect()
    }
}

/// What the one entry has and the other one lost.
fn gone(entry: &Entry, quarantined: &Entry) -> Result<Parts, CacheError> {
    let lost = |file| Ok::<_, CacheError>(exists(&quarantined.path(file))? && !exists(&entry.path(file))?);
    // Whoever brings a zip or a tree back records its hash.
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
    /// than before. First the `.ziphash`, so that nobody takes the zip without hashing it; then `.partial` is created,
    /// so that nobody takes the tree for one that belongs to the next hash; then the zip and the tree go, and
    /// `.partial` is removed; then `.mod` (whereupon the version list is written again) and `.info`. Whoever finds an
    /// entry between two of these steps finds it incomplete, and can do the whole again.
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
        let mut plan = Vec::new();
        let mut add = |file, wanted: bool| -> Result<(), CacheError> {
            if wanted && exists(&entry.path(file))? {
                plan.push(file);
            }
            Ok(())
        };
        add(CacheFile::ZipHash, parts.zip)?;
        add(CacheFile::Zip, parts.zip)?;
        add(CacheFile::Mod, parts.go_mod)?;
        add(CacheFile::Info, parts.info)?;
        let tree = (parts.zip || parts.tree) && exists(&entry.dir())?;
        if plan.is_empty() && !tree {
            return Ok(None);
        }

        let cache = create(entry.cache())?;
        let target = cache.entry(entry.module());
        target.create_version_directory()?;
        let mut moved = Vec::new();
        let mut rename = |file: CacheFile| {
            if plan.contains(&file) {
                let path = entry.path(file);
                fs::rename(&path, target.path(file)).map_err(at(Action::Rename, &target.path(file)))?;
                moved.push(path);
            }
            Ok::<_, CacheError>(())
        };
        rename(CacheFile::ZipHash)?;
        if tree {
            mark_partial(entry)?;
        }
        rename(CacheFile::Zip)?;
        if tree {
            let (from, to) = (entry.dir(), target.dir());
            if let Some(parent) = to.parent() {
                create_directory(parent)?;
            }
            tree::rename(&from, &to).map_err(at(Action::Rename, &to))?;
            remove_file(entry, CacheFile::Partial)?;
        }
        rename(CacheFile::Mod)?;
        rename(CacheFile::Info)?;
        if tree {
            moved.push(entry.dir());
        }
        if plan.contains(&CacheFile::Mod) {
            // As when it was written: no build depends on the list.
            let _ = version_list::rewrite(&entry.create_version_directory()?);
        }
        Ok(Some(Quarantined { cache, moved }))
    }

    /// Removes this version completely: zip, hash, extracted tree with its read-only directories, `.mod`, `.info` and
    /// what killed processes left of them; the version list is written again. The `.lock` file stays, because whoever
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
        for path in entry.leftovers()? {
            tree::remove(&path).map_err(at(Action::Remove, &path))?;
        }
        if exists(&entry.path(CacheFile::List))? {
            entry.rewrite_list()?;
        }
        Ok(())
    }
}

/// A new directory for one quarantine.
fn create(cache: &ModCache) -> Result<ModCache, CacheError> {
    let directory = cache.root().join(QUARANTINE);
    create_directory(&directory)?;
    let mut number = last_number(&directory).map_err(at(Action::Read, &directory))?;
    loop {
        number = number.saturating_add(1);
        let path = directory.join(number.to_string());
        match fs::create_dir(&path) {
            Ok(()) => return Ok(cache.at(path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < u64::MAX => {}
            Err(error) => return Err(at(Action::CreateDirectory, &path)(error)),
        }
    }
}

fn last_number(directory: &Path) -> io::Result<u64> {
    let mut last = 0;
    for file in fs::read_dir(directory)? {
        let number = file?.file_name().to_str().and_then(|name| name.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last)
}

fn exists(path: &Path) -> Result<bool, CacheError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(at(Action::Inspect, path)(error)),
    }
}
