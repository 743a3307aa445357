use gomod_module::{ModulePath, Version};

/// A file of one module version below `cache/download`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CacheFile {
    /// `<version>.info`: the version and its time, as JSON.
    Info,
    /// `<version>.mod`: the `go.mod` file.
    Mod,
    /// `<version>.zip`: the module zip, byte for byte as it was served.
    Zip,
    /// `<version>.ziphash`: the `h1:` hash of the zip, without a newline. What the go command trusts.
    ZipHash,
    /// `<version>.lock`: an empty file. Only an advisory lock held on it means something.
    Lock,
    /// `<version>.partial`: an empty file; while it exists the extracted tree is not used.
    Partial,
    /// `list`: the versions that have a `.mod` file. Shared by all versions of a path.
    List,
}

impl CacheFile {
    /// The file's extension without its dot, as the go command calls it; `list` for the version list.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Mod => "mod",
            Self::Zip => "zip",
            Self::ZipHash => "ziphash",
            Self::Lock => "lock",
            Self::Partial => "partial",
            Self::List => "list",
        }
    }
}

/// The path of a cache file below the cache's root, with `/` between its elements.
///
/// This is `modfetch.CachePath`; see <https://go.dev/ref/mod#module-cache>. Path and version need not agree (the go
/// command does not ask for it here); what acts on a cache takes a [`ModuleVersion`](gomod_module::ModuleVersion),
/// where they do.
///
/// ```
/// use gomod_cache::{CacheFile, cache_path};
/// use gomod_module::{ModulePath, Version};
///
/// let path = ModulePath::new("github.com/BurntSushi/toml")?;
/// let version = Version::new("v1.4.0")?;
/// assert_eq!(
///     cache_path(&path, &version, CacheFile::Zip),
///     "cache/download/github.com/!burnt!sushi/toml/@v/v1.4.0.zip",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "CachePath")]
pub fn cache_path(path: &ModulePath, version: &Version, file: CacheFile) -> String {
    let directory = version_directory(path);
    match file {
        CacheFile::List => format!("{directory}/list"),
        file => format!("{directory}/{}.{}", version.to_escaped(), file.suffix()),
    }
}

/// The path of the extracted tree below the cache's root, with `/` between its elements.
///
/// This is `modfetch.DownloadDir`, of the name alone; see <https://go.dev/ref/mod#module-cache>.
///
/// ```
/// use gomod_cache::download_dir;
/// use gomod_module::{ModulePath, Version};
///
/// let path = ModulePath::new("github.com/BurntSushi/toml")?;
/// let version = Version::new("v1.4.0-RC1")?;
/// assert_eq!(download_dir(&path, &version), "github.com/!burnt!sushi/toml@v1.4.0-!r!c1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "DownloadDir")]
pub fn download_dir(path: &ModulePath, version: &Version) -> String {
    format!("{}@{}", path.to_escaped(), version.to_escaped())
}

/// The directory of a path's cache files below the cache's root.
pub(crate) fn version_directory(path: &ModulePath) -> String {
    format!("cache/download/{}/@v", path.to_escaped())
}
