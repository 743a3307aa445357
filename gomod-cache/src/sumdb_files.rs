//! What a client of a checksum database keeps: tiles and lookups, which are a cache, and the signed tree head, which is
//! memory.

use std::fs;
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use gomod_module::text::quote;
use thiserror::Error;

use crate::ModCache;
use crate::error::{Action, CacheError, at};
use crate::inside::refuse_links;
use crate::locked_file::LockedFile;

/// The longest tree head that is read, in bytes. Those of the public database have less than 300.
const MAX_HEAD: u64 = 1 << 20;

/// The files of one checksum database, where the go command keeps them.
///
/// Tiles and answers to lookups lie in `cache/download/sumdb/$NAME` below GOMODCACHE and go away with it; they are served
/// with the rest of `cache/download`. The largest signed tree head that was ever seen is `$NAME/latest` below
/// `$GOPATH/pkg/sumdb`, outside the cache on purpose: without it it would go unnoticed that the database tells another
/// story than before. Each is read and written under the lock on the file that the go command takes.
///
/// Nothing here is checked: it is for the client to say what the content proves (`dbClient` of cmd/go,
/// <https://go.dev/ref/mod#checksum-database>).
///
/// ```
/// use gomod_cache::{ModCache, SumDbFiles};
///
/// # let directory = tempfile::tempdir()?;
/// # let (root, heads) = (directory.path().join("mod"), directory.path().join("sumdb"));
/// // In an environment: `ModCache::from_env` and `GoEnv::sumdb_dir`.
/// let files = SumDbFiles::new(&ModCache::new(&root)?, &heads, "sum.golang.org")?;
/// files.write("lookup/example.com/m@v1.0.0", b"0\n...")?;
/// assert_eq!(files.read("lookup/example.com/m@v1.0.0", 1 << 20)?.as_deref(), Some(&b"0\n..."[..]));
///
/// assert_eq!(files.head()?, b"");
/// assert!(files.replace_head(b"", b"a signed tree head")?);
/// // Another process was faster: read it, compare, and try again.
/// assert!(!files.replace_head(b"", b"another one")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumDbFiles {
    cache: ModCache,
    /// The place of `dir` in the cache.
    below: String,
    dir: PathBuf,
    head: PathBuf,
}

impl SumDbFiles {
    /// The files of the database of this name, in a cache and in the directory for tree heads.
    ///
    /// # Errors
    /// [`InvalidSumDbName`] for a name that leads out of these directories.
    pub fn new(cache: &ModCache, heads: &Path, name: &str) -> Result<Self, InvalidSumDbName> {
        // The go command cleans names such as `a//b`.
        let elements: Vec<&str> = name.split('/').filter(|element| !element.is_empty()).collect();
        if elements.is_empty() || name.starts_with('/') || !elements.iter().copied().all(is_plain) {
            return Err(InvalidSumDbName { name: name.to_owned() });
        }
        let join = |dir: PathBuf| elements.iter().fold(dir, |dir, element| dir.join(element));
        let below = format!("cache/download/sumdb/{}", elements.join("/"));
        let dir = cache.download_path(&below);
        Ok(Self { cache: cache.clone(), below, dir, head: join(heads.to_owned()).join("latest") })
    }

    /// That no symbolic link stands where tiles and lookups are looked for; `cache` and `cache/download` may be links, as for
    /// [modules](crate::Entry::check_inside_root). Further down, [`read`](Self::read) and [`write`](Self::write) refuse
    /// them.
    ///
    /// # Errors
    /// [`CacheError::Symlink`] names the first link. [`CacheError::Io`] when a directory cannot be inspected.
    pub fn check_inside_root(&self) -> Result<(), CacheError> {
        ["tile", "lookup"].into_iter().try_for_each(|kind| self.refuse_links(kind))
    }

    fn refuse_links(&self, path: &str) -> Result<(), CacheError> {
        refuse_links(&self.cache, &format!("{}/{path}", self.below))
    }

    /// The directory of tiles and lookups.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file with the signed tree head.
    pub fn head_path(&self) -> &Path {
        &self.head
    }

    /// The content of a tile or a lookup's answer, of at most `limit` bytes; `None` where there is none, or an empty
    /// one. `path` is `tile/…` or `lookup/…`, with `/` between its elements.
    ///
    /// Waits for the process that writes the file.
    ///
    /// # Errors
    /// [`CacheError::NoSumDbFile`], [`CacheError::Symlink`], [`CacheError::TooLarge`], [`CacheError::Io`].
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
        let content = read(&self.path(path)?, limit)?;
        // Between its creation and its lock a file is empty for a moment.
        Ok(content.filter(|content| !content.is_empty()))
    }

    /// Keeps a tile or a lookup's answer.
    ///
    /// Waits for the processes that read or write the file.
    ///
    /// # Errors
    /// [`CacheError::NoSumDbFile`], [`CacheError::Symlink`]; [`CacheError::Io`], after which the file is empty, which means absent.
    pub fn write(&self, path: &str, content: &[u8]) -> Result<(), CacheError> {
        self.cache.check_writable()?;
        let path = self.path(path)?;
        let file = create(&path)?;
        let written = file.set_len(0).and_then(|()| (&*file).write_all(content));
        if written.is_err() {
            let _ = file.set_len(0);
        }
        written.map_err(at(Action::Write, &path))
    }

    /// The signed tree head, or nothing where none was stored.
    ///
    /// # Errors
    /// [`CacheError::TooLarge`], [`CacheError::Io`].
    pub fn head(&self) -> Result<Vec<u8>, CacheError> {
        Ok(read(&self.head, MAX_HEAD)?.unwrap_or_default())
    }

    /// Stores the tree head `new` in place of `old`, and returns whether it did: not if another one is stored by now.
    ///
    /// As in the go command an empty file may be replaced whatever `old` is.
    ///
    /// # Errors
    /// [`CacheError::TooLarge`]; [`CacheError::Io`], after which the old head is stored still, as far as the system lets it.
    pub fn replace_head(&self, old: &[u8], new: &[u8]) -> Result<bool, CacheError> {
        let file = create(&self.head)?;
        let stored = content(&file, &self.head, MAX_HEAD)?;
        if !stored.is_empty() && stored != old {
            return Ok(false);
        }
        // Not emptied first: a process that is killed in between must not have lost the memory of what was seen.
        let write = |content: &[u8]| {
            (&*file).rewind()?;
            (&*file).write_all(content)?;
            file.set_len(content.len() as u64)
        };
        let written = write(new);
        if written.is_err() {
            let _ = write(&stored);
        }
        written.map_err(at(Action::Write, &self.head)).map(|()| true)
    }

    /// Where a file of the database lies, which is in the cache.
    fn path(&self, path: &str) -> Result<PathBuf, CacheError> {
        let mut elements = path.split('/');
        let is_known = matches!(elements.next(), Some("lookup" | "tile"));
        if !is_known || elements.clone().next().is_none() || !elements.all(is_plain) {
            return Err(CacheError::NoSumDbFile { path: path.into() });
        }
        self.refuse_links(path)?;
        Ok(path.split('/').fold(self.dir.clone(), |dir, element| dir.join(element)))
    }
}

/// Whether a name is that of a file in the directory where it is looked for.
fn is_plain(element: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c == '\\' || c == '/' || (cfg!(windows) && c == ':');
    !matches!(element, "" | "." | "..") && !element.contains(is_odd)
}

fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
    match LockedFile::shared(path) {
        Ok(Some(file)) => content(&file, path, limit).map(Some),
        Ok(None) => Ok(None),
        // A module path whose beginning is a module, too: its lookup is a file where a directory would have to be.
        Err(CacheError::Io { source, .. }) if source.kind() == ErrorKind::NotADirectory => Ok(None),
        Err(error) => Err(error),
    }
}

fn content(file: &LockedFile, path: &Path, limit: u64) -> Result<Vec<u8>, CacheError> {
    let mut content = Vec::new();
    (&**file).take(limit.saturating_add(1)).read_to_end(&mut content).map_err(at(Action::Read, path))?;
    if content.len() as u64 > limit {
        return Err(CacheError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(content)
}

/// The file, locked for writing; created if need be.
fn create(path: &Path) -> Result<LockedFile, CacheError> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(at(Action::CreateDirectory, dir))?;
    }
    // A pipe would never end.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        let odd = io::Error::new(ErrorKind::InvalidInput, "not a regular file");
        return Err(at(Action::Write, path)(odd));
    }
    LockedFile::exclusive(path)
}

/// The name of a checksum database would lead out of the directory for such databases.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the name of a checksum database cannot be that of a directory: {}", quote(name.as_bytes()))]
#[non_exhaustive]
pub struct InvalidSumDbName {
    /// The name.
    pub name: String,
}
