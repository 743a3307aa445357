use std::path::{Path, PathBuf};
use std::sync::Arc;

use gomod_module::{GoEnv, GoEnvError, ModuleVersion, quote};
use thiserror::Error;

use crate::entry::Entry;

/// A module cache: the directory that the go command calls GOMODCACHE.
///
/// Naming entries touches no disk. The directory is created when the first file is written into it. A clone is
/// cheap and means the same cache.
///
/// ```
/// use gomod_cache::ModCache;
/// use gomod_module::{GoEnv, GoEnvError, ModuleVersion, quote};
///
/// let root = std::env::temp_dir().join("go/pkg/mod");
/// let cache = ModCache::new(&root)?;
/// let module: ModuleVersion = "golang.org/x/mod@v0.22.0".parse()?;
/// assert_eq!(cache.entry(&module).dir(), root.join("golang.org/x/mod@v0.22.0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "GOMODCACHE")]
pub struct ModCache {
    root: Arc<Path>,
    writable_directories: bool,
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
        Ok(Self { root: root.into(), writable_directories: false })
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
    /// # Ok::<(), gomod_module::GoEnvError>(())
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
        Self { root: root.into(), writable_directories: self.writable_directories }
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
