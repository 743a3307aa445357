use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use gomod_module::ModuleVersion;
use gomod_module::modfile::MAX_GO_MOD;

use crate::cache::ModCache;
use crate::error::{Action, CacheError, at};
use crate::layout::{CacheFile, cache_path, download_dir, version_directory};
use crate::temporary::{self, target_of};
use crate::{regular_file, version_list};

/// The largest `.info` file that is read, in bytes.
pub const MAX_INFO: u64 = 1 << 20;

/// How `.mod` files begin that Go before 1.11 made up and Go since then ignores.
const OLD_VGO: &[u8] = b"//vgo 0.0.";

/// One module version in a cache: where its files are, and those of them that need no lock.
///
/// `.info` and `.mod` are complete as soon as they have their name. All else is written under
/// [`lock`](Self::lock).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    cache: ModCache,
    module: ModuleVersion,
}

impl Entry {
    pub(crate) fn new(cache: ModCache, module: ModuleVersion) -> Self {
        Self { cache, module }
    }

    /// The module version.
    pub fn module(&self) -> &ModuleVersion {
        &self.module
    }

    /// The cache.
    pub fn cache(&self) -> &ModCache {
        &self.cache
    }

    /// Where a file of this entry is, whether or not it exists.
    pub fn path(&self, file: CacheFile) -> PathBuf {
        self.cache.download_path(&cache_path(self.module.path(), self.module.version(), file))
    }

    /// Where the extracted tree is, whether or not it exists or is [usable](crate::EntryState::is_extracted).
    pub fn dir(&self) -> PathBuf {
        self.cache.root().join(download_dir(self.module.path(), self.module.version()))
    }

    /// For `map_err`: says which file of this entry it is whose content was found wrong, be it by its hash.
    ///
    /// ```
    /// use gomod_cache::{CacheFile, ModCache};
    ///
    /// let entry = ModCache::new(std::env::temp_dir())?.entry(&"example.com/m@v1.0.0".parse()?);
    /// let checked: Result<(), _> = Err("another hash than go.sum has");
    /// let error = checked.map_err(entry.rejected(CacheFile::Mod)).unwrap_err();
    /// assert_eq!(error.path(), entry.path(CacheFile::Mod));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rejected<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        file: CacheFile,
    ) -> impl FnOnce(E) -> CacheError + use<E> {
        let path = self.path(file);
        move |error| CacheError::Rejected { path, source: error.into() }
    }

    /// The content of the `.info` file, or `None` when there is none.
    ///
    /// # Errors
    /// [`CacheError::TooLarge`] above [`MAX_INFO`] bytes, [`CacheError::Io`] when it cannot be read.
    pub fn read_info(&self) -> Result<Option<Vec<u8>>, CacheError> {
        read(&self.path(CacheFile::Info), MAX_INFO)
    }

    /// The content of the `.mod` file, or `None` when there is none, or only one that the go command ignores because
    /// it starts with `//vgo 0.0.`.
    ///
    /// Its hash is for the caller to check.
    ///
    /// # Errors
    /// [`CacheError::TooLarge`] above [`MAX_GO_MOD`](gomod_module::modfile::MAX_GO_MOD) bytes, [`CacheError::Io`] when it cannot be read.
    pub fn read_mod(&self) -> Result<Option<Vec<u8>>, CacheError> {
        let data = read(&self.path(CacheFile::Mod), MAX_GO_MOD)?;
        Ok(data.filter(|data| !data.starts_with(OLD_VGO)))
    }

    pub(crate) fn is_old_vgo(&self) -> Result<bool, CacheError> {
        let path = self.path(CacheFile::Mod);
        let Some(file) = regular_file::open(&path)? else { return Ok(false) };
        let mut start = Vec::new();
        file.take(OLD_VGO.len() as u64).read_to_end(&mut start).map_err(at(Action::Read, &path))?;
        Ok(start == OLD_VGO)
    }

    /// Installs the `.info` file, in one step, as `modfetch.writeDiskStat` does.
    ///
    /// The go command stores its own compact encoding (`gomod_module::Info::encode`).
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be written.
    #[doc(alias = "writeDiskStat")]
    pub fn store_info(&self, data: &[u8]) -> Result<(), CacheError> {
        self.create_version_directory()?;
        temporary::store(self.path(CacheFile::Info), data)
    }

    /// Installs the `.mod` file, in one step, and [rewrites the version list](Self::rewrite_list), as
    /// `modfetch.writeDiskGoMod` does.
    ///
    /// As in the go command a list that cannot be rewritten is no error: no build depends on it. The caller has
    /// checked the hash: later readers trust the file.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be written.
    #[doc(alias = "writeDiskGoMod")]
    pub fn store_mod(&self, data: &[u8]) -> Result<(), CacheError> {
        let directory = self.create_version_directory()?;
        temporary::store(self.path(CacheFile::Mod), data)?;
        let _ = version_list::rewrite(&directory);
        Ok(())
    }

    /// Writes the versions of this module path that have a `.mod` file into `list`, one per line and in semantic
    /// version order, as `modfetch.rewriteVersionList` does; a list that says so already is left alone.
    ///
    /// A version with capital letters never appears: the go command takes the escaped file name for the version.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the list cannot be locked, read or written.
    #[doc(alias = "rewriteVersionList")]
    pub fn rewrite_list(&self) -> Result<(), CacheError> {
        version_list::rewrite(&self.create_version_directory()?)
    }

    /// What killed processes left of this entry: temporary files of `.info`, `.mod` and `.zip`, downloads that broke off
    /// ([`ZipDownload::persist_partial`](crate::ZipDownload::persist_partial)), and the `<dir>.tmp-*` of Go before 1.16; sorted.
    ///
    /// Or what a process is writing at this moment: only the entry's lock tells, and that of `.info` and `.mod`
    /// nothing does.
    ///
    /// # Errors
    /// [`CacheError::Io`] when a directory exists and cannot be read.
    pub fn stale_files(&self) -> Result<Vec<PathBuf>, CacheError> {
        let targets = [CacheFile::Info, CacheFile::Mod, CacheFile::Zip].map(|file| self.path(file));
        let targets = targets.each_ref().map(|path| name(path));
        let mut found = named(&self.version_directory(), |name| {
            targets.iter().any(|target| target_of(name) == Some(target))
        })?;
        found.extend(self.old_trees()?);
        found.sort();
        Ok(found)
    }

    /// The temporary files of `.zip`: rubbish, when the entry's lock is held and no other writer is known.
    pub(crate) fn temporary_zips(&self) -> Result<Vec<PathBuf>, CacheError> {
        let zip = self.path(CacheFile::Zip);
        named(&self.version_directory(), |file| target_of(file) == Some(name(&zip)))
    }

    /// Go before 1.16 extracted to `<dir>.tmp-<random>`.
    pub(crate) fn old_trees(&self) -> Result<Vec<PathBuf>, CacheError> {
        let dir = self.dir();
        let prefix = format!("{}.tmp-", name(&dir));
        dir.parent().map_or(Ok(Vec::new()), |parent| named(parent, |name| name.starts_with(&prefix)))
    }

    fn version_directory(&self) -> PathBuf {
        self.cache.download_path(&version_directory(self.module.path()))
    }

    pub(crate) fn create_version_directory(&self) -> Result<PathBuf, CacheError> {
        self.cache.check_writable()?;
        let directory = self.version_directory();
        create_directory(&directory)?;
        Ok(directory)
    }
}

pub(crate) fn create_directory(path: &Path) -> Result<(), CacheError> {
    fs::create_dir_all(path).map_err(at(Action::CreateDirectory, path))
}

/// The paths in a directory whose name is accepted; none when there is no such directory.
fn named(directory: &Path, accept: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, CacheError> {
    let files = match fs::read_dir(directory) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(Action::Read, directory)(error)),
    };
    let mut found = Vec::new();
    for file in files {
        let file = file.map_err(at(Action::Read, directory))?;
        if file.file_name().to_str().is_some_and(&accept) {
            found.push(file.path());
        }
    }
    Ok(found)
}

/// The last element; paths of the layout are UTF-8 there.
fn name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
    let Some(file) = regular_file::open(path)? else { return Ok(None) };
    let mut data = Vec::new();
    file.take(limit + 1).read_to_end(&mut data).map_err(at(Action::Read, path))?;
    if data.len() as u64 > limit {
        return Err(CacheError::TooLarge { path: path.to_path_buf(), limit });
    }
    Ok(Some(data))
}
