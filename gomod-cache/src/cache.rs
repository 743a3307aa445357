use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gomod_module::goenv::GoEnvError;
use gomod_module::text::quote;
use gomod_module::{GoEnv, ModuleVersion};
use thiserror::Error;

use crate::entry::Entry;
use crate::error::CacheError;

/// A module cache: the directory that the go command calls GOMODCACHE.
///
/// Naming entries touches no disk. The directory is created when the first file is written into it. A clone is
/// cheap and means the same cache.
///
/// ```
/// use gomod_cache::ModCache;
/// use gomod_module::{GoEnv, ModuleVersion, goenv::GoEnvError, text::quote};
///
/// let root = std::env::temp_dir().join("go/pkg/mod");
/// let cache = ModCache::new(&root)?;
/// let module: ModuleVersion = "golang.org/x/mod@v0.22.0".parse()?;
/// assert_eq!(cache.entry(&module).dir(), root.join("golang.org/x/mod@v0.22.0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[doc(alias = "GOMODCACHE")]
pub struct ModCache {
    root: Arc<Path>,
    writable_directories: bool,
    /// Whether the root is what is `cache/download` in others.
    is_download_dir: bool,
}

impl ModCache {
    /// The cache at an absolute path, whether or not it exists yet.
    ///
    /// # Errors
    /// [`RelativeRoot`] when `root` is not absolute: the go command refuses such a GOMODCACHE.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, RelativeRoot> {
        let root = root.into();
        if !root.is_absolute() {
            return Err(RelativeRoot { root });
        }
        Ok(Self { root: root.into(), writable_directories: false, is_download_dir: false })
    }

    /// The cache that the go command uses in this environment: at GOMODCACHE, with writable directories where GOFLAGS
    /// has `-modcacherw`.
    ///
    /// ```
    /// use gomod_cache::ModCache;
    /// use gomod_module::GoEnv;
    ///
    /// # if cfg!(unix) {
    /// let process = |name: &str| (name == "GOPATH").then(|| "/srv/go".into());
    /// let env = GoEnv::resolve("linux", &process, None, None);
    /// assert_eq!(ModCache::from_env(&env)?.root().to_str(), Some("/srv/go/pkg/mod"));
    /// # }
    /// # Ok::<(), gomod_module::goenv::GoEnvError>(())
    /// ```
    ///
    /// # Errors
    /// [`GoEnvError`] when the go command would refuse GOMODCACHE or GOFLAGS, or when GOMODCACHE is absolute only by
    /// the rules of another system than this one.
    pub fn from_env(env: &GoEnv) -> Result<Self, GoEnvError> {
        let cache = Self::new(env.gomodcache()?)
            .map_err(|error| GoEnvError::RelativeModCache(error.root.to_string_lossy().into_owned()))?;
        Ok(cache.writable_directories(env.modcacherw()?))
    }

    /// The cache of which only the directory `cache/download` is there, under any name: a mirror, a copy, a proxy's files
    /// ([GOPROXY protocol](https://go.dev/ref/mod#goproxy-protocol), `file://`). A path that is not absolute begins in the working
    /// directory.
    ///
    /// It can be read, not written: what writes fails with [`CacheError::ReadOnly`](crate::CacheError::ReadOnly). There are no
    /// extracted trees.
    ///
    /// ```
    /// use gomod_cache::{CacheFile, ModCache};
    ///
    /// let root = std::env::temp_dir().join("mirror");
    /// let entry = ModCache::from_download_dir(&root)?.entry(&"example.com/m@v1.0.0".parse()?);
    /// assert_eq!(entry.path(CacheFile::Zip), root.join("example.com/m/@v/v1.0.0.zip"));
    /// assert!(entry.lock().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What the system says where the working directory cannot be named.
    pub fn from_download_dir(path: impl AsRef<Path>) -> io::Result<Self> {
        let root = std::path::absolute(path)?;
        Ok(Self { root: root.into(), writable_directories: false, is_download_dir: true })
    }

    /// Whether the directories of extracted trees stay writable, as under `go build -modcacherw`; files never are.
    ///
    /// Default: `false`.
    #[must_use]
    #[doc(alias = "modcacherw")]
    pub fn writable_directories(mut self, writable: bool) -> Self {
        self.writable_directories = writable;
        self
    }

    /// The directory of this cache.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The entry of one module version, whether or not it exists yet.
    pub fn entry(&self, module: &ModuleVersion) -> Entry {
        Entry::new(self.clone(), module.clone())
    }

    /// The cache of the same kind at another absolute path.
    pub(crate) fn at(&self, root: PathBuf) -> Self {
        Self { root: root.into(), ..self.clone() }
    }

    /// Where a path below `cache/download` is.
    pub(crate) fn download_path(&self, below: &str) -> PathBuf {
        self.root.join(self.below_root(below))
    }

    /// A path below the root of a whole cache, as it is below this one.
    pub(crate) fn below_root<'b>(&self, below: &'b str) -> &'b str {
        below.strip_prefix("cache/download/").filter(|_| self.is_download_dir).unwrap_or(below)
    }

    pub(crate) fn is_download_dir(&self) -> bool {
        self.is_download_dir
    }

    /// # Errors
    /// [`CacheError::ReadOnly`].
    pub(crate) fn check_writable(&self) -> Result<(), CacheError> {
        if self.is_download_dir {
            Err(CacheError::ReadOnly { root: self.root.to_path_buf() })
        } else {
            Ok(())
        }
    }

    pub(crate) fn keeps_directories_writable(&self) -> bool {
        self.writable_directories
    }
}

/// GOMODCACHE is not an absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("GOMODCACHE entry is relative; must be absolute path: {}", quote(root.as_os_str().as_encoded_bytes()))]
#[non_exhaustive]
pub struct RelativeRoot {
    /// The path as given.
    pub root: PathBuf,
}
