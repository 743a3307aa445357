//! A walk of the whole cache.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::vec;

use gomod_module::ModulePath;

use crate::cache::ModCache;
use crate::entry::Entry;
use crate::error::{Action, CacheError, at};
use crate::inside::{FOLLOWED, refuse_links};
use crate::layout::{CacheFile, version_directory};
use crate::numbered::is_number;
use crate::version_file::{VersionFile, module_of_tree};
use crate::version_list;

/// Something that a walk of the cache came upon.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Found {
    /// A module version of which there is more than a `.lock` file; once for each.
    Entry(Entry),
    /// What a killed process left, or another one is writing: a temporary file, a download that broke off, a
    /// `<dir>.tmp-*` of Go before 1.16, or a replacement that is being made ([`ModCache::staged`]).
    StaleFile(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))] PathBuf),
    /// A version list that does not name exactly the versions that have a `.mod` file. No go command reads the list of its
    /// own cache, but those that are served this one do. [`ModCache::rewrite_list`] puts it right.
    StaleList {
        /// The module path.
        module: ModulePath,
        /// The file.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))]
        path: PathBuf,
    },
    /// A repository of direct mode, below `cache/vcs`.
    Repository(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))] PathBuf),
    /// Where [`EntryLock::quarantine`](crate::EntryLock::quarantine) put something: a module cache of its own.
    Quarantine(#[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))] PathBuf),
    /// Something that the go command would not have made here. It is left alone, and not entered.
    Unexpected {
        /// Where it is.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::path"))]
        path: PathBuf,
        /// What is odd about it.
        reason: UnexpectedReason,
    },
    /// A directory that cannot be listed. The walk goes on beside it.
    Unreadable(CacheError),
}

/// What is odd about something in a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UnexpectedReason {
    /// Its name is none that the go command gives here.
    Name,
    /// A symbolic link: not followed. Those with the name of a file or of the tree of a module version are not foreign, but
    /// make it an entry, which names them ([`Entry::links`]); and `cache` and `cache/download` may be links.
    Symlink,
    /// A file where a directory belongs, or the other way round; a pipe, a device.
    Kind,
}

/// The walk that [`ModCache::entries`] begins.
#[derive(Debug)]
#[must_use = "nothing is read before the first call of next"]
pub struct Entries {
    cache: ModCache,
    levels: Vec<Level>,
    ready: VecDeque<Found>,
    started: bool,
    modules: usize,
}

/// A directory that is being worked through.
#[derive(Debug)]
struct Level {
    place: Place,
    path: PathBuf,
    /// The escaped module path so far.
    prefix: String,
    names: vec::IntoIter<(OsString, FileType)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The root and what lies in it, down to the extracted trees.
    Trees,
    /// The directory `cache`.
    Cache,
    /// Below `cache/download`, down to the version directories.
    Downloads,
    /// The directory `cache/vcs`.
    Repositories,
    /// The directory `cache/quarantine`.
    Quarantine,
    /// The directory `cache/staging`.
    Staging,
}

impl ModCache {
    /// Walks the whole cache.
    ///
    /// Names come in a fixed order: `cache/download`, and then the trees of which nothing is there. The memory this takes grows with the largest single directory and
    /// the depth, not with the cache. Nothing ends the walk but its end: what cannot be read or does not belong here
    /// is an item like the others. Files of the checksum database are passed over. A list that is being
    /// written may look stale. What other processes add or take away
    /// meanwhile may or may not be seen.
    ///
    /// ```
    /// use gomod_cache::{Found, ModCache};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let cache = ModCache::new(directory.path())?;
    /// cache.entry(&"example.com/m@v1.0.0".parse()?).store_mod(b"module example.com/m\n")?;
    /// for found in cache.entries() {
    ///     match found {
    ///         Found::Entry(entry) => assert_eq!(entry.module().to_string(), "example.com/m@v1.0.0"),
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entries(&self) -> Entries {
        Entries {
            cache: self.clone(),
            levels: Vec::new(),
            ready: VecDeque::new(),
            started: false,
            modules: 0,
        }
    }

    /// Writes the versions of a module path that have a `.mod` file into its `list`, where there is one: see
    /// [`Entry::rewrite_list`].
    ///
    /// # Errors
    /// [`CacheError::Symlink`] when a link leads out of the root; [`CacheError::Io`] when the list cannot be locked, read or written.
    pub fn rewrite_list(&self, module: &ModulePath) -> Result<(), CacheError> {
        self.check_writable()?;
        let directory = version_directory(module);
        refuse_links(self, &format!("{directory}/list"))?;
        let directory = self.root().join(directory);
        if directory.join("list").exists() { version_list::rewrite(&directory) } else { Ok(()) }
    }
}

impl Iterator for Entries {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if !self.started {
            self.started = true;
            let place = if self.cache.is_download_dir() { Place::Downloads } else { Place::Trees };
            self.enter(place, self.cache.root().to_path_buf(), String::new());
        }
        loop {
            if let Some(found) = self.ready.pop_front() {
                self.modules += usize::from(matches!(found, Found::Entry(_)));
                return Some(found);
            }
            let level = self.levels.last_mut()?;
            let Some((name, kind)) = level.names.next() else {
                self.levels.pop();
                continue;
            };
            let (place, path) = (level.place, level.path.join(&name));
            let prefix = level.prefix.clone();
            let kind = follow(&path, kind, self.cache.root());
            if kind.is_symlink() && !(place == Place::Trees && is_tree(&prefix, &name)) {
                self.foreign(path, UnexpectedReason::Symlink);
            } else if let Some(name) = name.to_str() {
                self.child(place, path, &prefix, name, kind);
            } else {
                self.foreign(path, UnexpectedReason::Name);
            }
        }
    }
}

impl Entries {
    /// How many module versions the walk came upon until now. At its end, 0 mostly means that it was begun in the wrong directory:
    /// nothing was checked, which is no success.
    pub fn modules(&self) -> usize {
        self.modules
    }

    fn child(&mut self, place: Place, path: PathBuf, prefix: &str, name: &str, kind: FileType) {
        let below = below(prefix, name);
        match place {
            Place::Trees if prefix.is_empty() && name == "cache" => {
                self.directory(kind, Place::Cache, path, String::new());
            }
            Place::Trees if name.contains('@') => self.tree(path, &below),
            Place::Downloads if name == "@v" && kind.is_dir() => self.versions(&path, prefix),
            Place::Downloads if prefix.is_empty() && name == "sumdb" => {}
            Place::Trees | Place::Downloads | Place::Staging if is_path_element(name, prefix.is_empty()) => {
                self.directory(kind, place, path, below);
            }
            Place::Cache if name == "lock" => {}
            Place::Cache => match name {
                "download" => self.directory(kind, Place::Downloads, path, String::new()),
                "vcs" => self.directory(kind, Place::Repositories, path, String::new()),
                "quarantine" => self.directory(kind, Place::Quarantine, path, String::new()),
                "staging" => self.directory(kind, Place::Staging, path, String::new()),
                _ => self.foreign(path, UnexpectedReason::Name),
            },
            Place::Repositories if is_repository(name) => {
                // Beside each lie its `.info` and `.lock`.
                if !name.contains('.') {
                    self.ready.push_back(Found::Repository(path));
                }
            }
            Place::Quarantine if kind.is_dir() && is_number(name) => {
                self.ready.push_back(Found::Quarantine(path));
            }
            Place::Staging if kind.is_dir() && name.contains('@') => {
                self.ready.push_back(Found::StaleFile(path));
            }
            _ => self.foreign(path, UnexpectedReason::Name),
        }
    }

    fn directory(&mut self, kind: FileType, place: Place, path: PathBuf, prefix: String) {
        if kind.is_dir() {
            self.enter(place, path, prefix);
        } else {
            self.foreign(path, UnexpectedReason::Kind);
        }
    }

    fn enter(&mut self, place: Place, path: PathBuf, prefix: String) {
        match list(&path) {
            Ok(names) => self.levels.push(Level { place, path, prefix, names: names.into_iter() }),
            Err(error) => self.ready.push_back(Found::Unreadable(error)),
        }
    }

    fn foreign(&mut self, path: PathBuf, reason: UnexpectedReason) {
        self.ready.push_back(Found::Unexpected { path, reason });
    }

    /// A name with `@` among the trees: an entry, unless its other files were met already.
    fn tree(&mut self, path: PathBuf, below: &str) {
        if let Some(module) = module_of_tree(below) {
            let entry = self.cache.entry(&module);
            if !has_cache_files(&entry) {
                self.ready.push_back(Found::Entry(entry));
            }
        } else if is_old_tree(below) {
            self.ready.push_back(Found::StaleFile(path));
        } else {
            self.foreign(path, UnexpectedReason::Name);
        }
    }

    /// The files of all versions of a path.
    fn versions(&mut self, directory: &Path, prefix: &str) {
        let Ok(module_path) = ModulePath::from_escaped(prefix) else {
            return self.foreign(directory.to_path_buf(), UnexpectedReason::Name);
        };
        let names = match list(directory) {
            Ok(names) => names,
            Err(error) => return self.ready.push_back(Found::Unreadable(error)),
        };
        let mut modules = BTreeSet::new();
        let mut list = None;
        for (name, kind) in names {
            let path = directory.join(&name);
            match name.to_str().and_then(|name| VersionFile::parse(name, &module_path)) {
                Some(VersionFile::Of(module)) => _ = modules.insert(module),
                _ if kind.is_symlink() => self.foreign(path, UnexpectedReason::Symlink),
                Some(VersionFile::List) if kind.is_file() => list = Some(path),
                Some(VersionFile::Lock) if kind.is_file() => {}
                Some(VersionFile::Temporary) => self.ready.push_back(Found::StaleFile(path)),
                Some(VersionFile::Lock | VersionFile::List) => self.foreign(path, UnexpectedReason::Kind),
                None => self.foreign(path, UnexpectedReason::Name),
            }
        }
        let entries = modules.iter().map(|module| Found::Entry(self.cache.entry(module)));
        self.ready.extend(entries);
        if let Some(path) = list {
            match version_list::is_stale(directory) {
                Ok(false) => {}
                Ok(true) => self.ready.push_back(Found::StaleList { module: module_path, path }),
                Err(error) => self.ready.push_back(Found::Unreadable(error)),
            }
        }
    }
}

fn below(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
}

/// Whether a name is that of the tree of a module version.
fn is_tree(prefix: &str, name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.contains('@') && module_of_tree(&below(prefix, name)).is_some())
}

/// What a link leads to, where it is one of those that are followed; of everything else, what it is.
fn follow(path: &Path, kind: FileType, root: &Path) -> FileType {
    let followed = FOLLOWED.iter().any(|below| path == root.join(below));
    let target = (kind.is_symlink() && followed).then(|| fs::metadata(path).ok());
    target.flatten().map_or(kind, |metadata| metadata.file_type())
}

fn is_old_tree(below: &str) -> bool {
    below.rsplit_once(".tmp-").is_some_and(|(tree, random)| {
        !random.is_empty()
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && module_of_tree(tree).is_some()
    })
}

fn has_cache_files(entry: &Entry) -> bool {
    let files = [CacheFile::Mod, CacheFile::Info, CacheFile::Zip, CacheFile::ZipHash, CacheFile::Partial];
    files.iter().any(|&file| fs::symlink_metadata(entry.path(file)).is_ok())
}

/// Whether a directory of this name can lie on the way to a module: escaped, and the first with a dot.
fn is_path_element(name: &str, first: bool) -> bool {
    name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'!'))
        && (!first || name.contains('.'))
}

/// The SHA-256 in hexadecimal digits, or a file beside it.
fn is_repository(name: &str) -> bool {
    let (hash, suffix) = name.split_once('.').unwrap_or((name, ""));
    hash.len() == 64
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && matches!(suffix, "" | "info" | "lock")
}

/// The names in a directory, sorted; none where there is no such directory.
pub(crate) fn list(directory: &Path) -> Result<Vec<(OsString, FileType)>, CacheError> {
    let files = match fs::read_dir(directory) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(Action::Read, directory)(error)),
    };
    let mut names = Vec::new();
    for file in files {
        let file = file.map_err(at(Action::Read, directory))?;
        match file.file_type() {
            Ok(kind) => names.push((file.file_name(), kind)),
            // It was there a moment ago.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(at(Action::Inspect, &file.path())(error)),
        }
    }
    names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(names)
}
