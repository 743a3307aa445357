use std::fmt;

use gomod_module::{InvalidVersionError, ModulePath, ModuleVersion, escape_version};

use crate::protocol::percent::escape_segments;

/// A file of the protocol, named by its path below a proxy's base URL
/// ([GOPROXY protocol](https://go.dev/ref/mod#goproxy-protocol)).
///
/// ```
/// use gomod_module::ModuleVersion;
/// use gomod_proxy_client::protocol::Endpoint;
///
/// let m = ModuleVersion::parse("github.com/BurntSushi/toml", "v1.4.0").unwrap();
/// assert_eq!(Endpoint::zip(&m).path(), "github.com/!burnt!sushi/toml/@v/v1.4.0.zip");
/// assert_eq!(Endpoint::zip(&m).wire_path(), "github.com/%21burnt%21sushi/toml/@v/v1.4.0.zip");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    path: String,
}

impl Endpoint {
    /// `$module/@v/list`: the known versions.
    pub fn list(module: &ModulePath) -> Self {
        Self { path: format!("{}/@v/list", module.to_escaped()) }
    }

    /// `$module/@latest`: the version to take where the list names none.
    pub fn latest(module: &ModulePath) -> Self {
        Self { path: format!("{}/@latest", module.to_escaped()) }
    }

    /// `$module/@v/$version.info`: the metadata of a version.
    pub fn info(module: &ModuleVersion) -> Self {
        Self::file(module, "info")
    }

    /// `$module/@v/$version.mod`: the go.mod file of a version.
    pub fn go_mod(module: &ModuleVersion) -> Self {
        Self::file(module, "mod")
    }

    /// `$module/@v/$version.zip`: the files of a version.
    pub fn zip(module: &ModuleVersion) -> Self {
        Self::file(module, "zip")
    }

    /// `$module/@v/$revision.info`, which resolves a branch, a tag or a commit to a version.
    ///
    /// # Errors
    /// [`InvalidVersionError`] for a revision that cannot be escaped, such as a branch name with a slash: no proxy can be
    /// asked for it.
    pub fn revision(module: &ModulePath, revision: &str) -> Result<Self, InvalidVersionError> {
        let revision = escape_version(revision)?;
        Ok(Self { path: format!("{}/@v/{revision}.info", module.to_escaped()) })
    }

    /// `sumdb/$name/$file`: a file of a checksum database, or `supported`, which says that the proxy serves it.
    pub fn sum_db(name: &str, file: &str) -> Self {
        Self::below(format!("sumdb/{name}/{file}"))
    }

    /// A path below the base URL of something that is no proxy.
    pub(crate) fn below(path: String) -> Self {
        Self { path }
    }

    pub(crate) fn is_zip(&self) -> bool {
        self.path.rsplit('.').next() == Some("zip")
    }

    fn file(module: &ModuleVersion, extension: &str) -> Self {
        let (path, version) = (module.path().to_escaped(), module.version().to_escaped());
        Self { path: format!("{path}/@v/{version}.{extension}") }
    }

    /// The path with module path and version escaped, as files of a `file://` proxy are named; no leading slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path as it stands in a request: `!` is sent as `%21`.
    pub fn wire_path(&self) -> String {
        escape_segments(&self.path)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
