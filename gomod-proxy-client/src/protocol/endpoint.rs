use std::fmt;

use gomod_module::escape::{InvalidEscapeError, escape_version, unescape_version};
use gomod_module::version::InvalidVersionError;
use gomod_module::{ModulePath, ModuleVersion};

use gomod_module::url::UrlReason;
use gomod_module::url::percent::{Part, escape_segments, unescape};

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
    target: Target,
}

/// What an [`Endpoint`] is about. Paths and revisions are not escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// `$module/@v/list`: the known versions.
    #[non_exhaustive]
    List {
        /// The module.
        module: ModulePath,
    },
    /// `$module/@latest`: the version to take where the list names none.
    #[non_exhaustive]
    Latest {
        /// The module.
        module: ModulePath,
    },
    /// `$module/@v/$revision.info`: the metadata of a version, or of the version that a branch, a tag or a commit leads to.
    #[non_exhaustive]
    Info {
        /// The module.
        module: ModulePath,
        /// The version, which may be any text that could be a file name.
        revision: String,
    },
    /// `$module/@v/$revision.mod`: the go.mod file of a version.
    #[non_exhaustive]
    GoMod {
        /// The module.
        module: ModulePath,
        /// The version. The go command asks for canonical versions alone.
        revision: String,
    },
    /// `$module/@v/$revision.zip`: the files of a version.
    #[non_exhaustive]
    Zip {
        /// The module.
        module: ModulePath,
        /// The version. The go command asks for canonical versions alone.
        revision: String,
    },
    /// `sumdb/$name/$file`: a file of a checksum database, or `supported`.
    #[non_exhaustive]
    SumDb {
        /// The name of the database.
        name: String,
        /// `supported`, `latest`, or a path below `lookup/` or `tile/`, as the database has it.
        file: String,
    },
}

/// A path below the base URL of a proxy that names no file of the protocol: a server answers with status 404.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpointError {
    /// A `%` without two hexadecimal digits.
    #[error("the path is no URL path")]
    Url(#[source] UrlReason),
    /// Without its percent encoding it is not UTF-8.
    #[error("the path is not UTF-8")]
    Utf8,
    /// Neither of the forms that [`Target`] has.
    #[error("the path names no file of the GOPROXY protocol")]
    Form,
    /// The module path or the version.
    #[error("the path names no file of the GOPROXY protocol")]
    Escape(#[from] InvalidEscapeError),
}

impl Endpoint {
    /// `$module/@v/list`: the known versions.
    pub fn list(module: &ModulePath) -> Self {
        let target = Target::List { module: module.clone() };
        Self { path: format!("{}/@v/list", module.display_escaped()), target }
    }

    /// `$module/@latest`: the version to take where the list names none.
    pub fn latest(module: &ModulePath) -> Self {
        let target = Target::Latest { module: module.clone() };
        Self { path: format!("{}/@latest", module.display_escaped()), target }
    }

    /// `$module/@v/$version.info`: the metadata of a version.
    pub fn info(module: &ModuleVersion) -> Self {
        let (module, revision) = parts(module);
        let path = file(&module, &revision, "info");
        Self { path, target: Target::Info { module, revision } }
    }

    /// `$module/@v/$version.mod`: the go.mod file of a version.
    pub fn go_mod(module: &ModuleVersion) -> Self {
        let (module, revision) = parts(module);
        let path = file(&module, &revision, "mod");
        Self { path, target: Target::GoMod { module, revision } }
    }

    /// `$module/@v/$version.zip`: the files of a version.
    pub fn zip(module: &ModuleVersion) -> Self {
        let (module, revision) = parts(module);
        let path = file(&module, &revision, "zip");
        Self { path, target: Target::Zip { module, revision } }
    }

    /// `$module/@v/$revision.info`, which resolves a branch, a tag or a commit to a version.
    ///
    /// # Errors
    /// [`InvalidVersionError`] for a revision that cannot be escaped, such as a branch name with a slash: no proxy can be
    /// asked for it.
    pub fn revision(module: &ModulePath, revision: &str) -> Result<Self, InvalidVersionError> {
        let path = format!("{}/@v/{}.info", module.display_escaped(), escape_version(revision)?);
        Ok(Self { path, target: Target::Info { module: module.clone(), revision: revision.to_owned() } })
    }

    /// The same for any revision, which can be asked for at `direct` alone.
    #[cfg(feature = "client")]
    pub(crate) fn any_revision(module: &ModulePath, revision: &str) -> Self {
        let path = format!("{}/@v/{revision}.info", module.display_escaped());
        Self { path, target: Target::Info { module: module.clone(), revision: revision.to_owned() } }
    }

    /// `sumdb/$name/$file`: a file of a checksum database, or `supported`, which says that the proxy serves it.
    pub fn sum_db(name: &str, file: &str) -> Self {
        Self { path: format!("sumdb/{name}/{file}"), target: sum_db(name, file) }
    }

    /// The endpoint that a decoded path means, below the base URL and without a leading slash: the inverse of
    /// [`path`](Self::path). It is `r.URL.Path` of a handler in Go; [`parse_wire`](Self::parse_wire) takes what stands in the
    /// request.
    ///
    /// A server needs no other check before it makes a file name of the path: module path and revision have passed
    /// `module.UnescapePath` and `module.UnescapeVersion`, as in the proxy that the go command is tested with (`proxyHandler` in
    /// cmd/go). That one also takes `@latest` with other text behind it, which is refused here.
    ///
    /// # Errors
    /// [`InvalidEndpointError`].
    pub fn parse(path: &str) -> Result<Self, InvalidEndpointError> {
        Ok(Self { path: path.to_owned(), target: target(path)? })
    }

    /// The endpoint that the path of a request means, below the base URL, percent-encoded, without a query, and with a leading
    /// slash or without: the inverse of [`wire_path`](Self::wire_path).
    ///
    /// ```
    /// use gomod_proxy_client::protocol::{Endpoint, Target};
    ///
    /// let endpoint = Endpoint::parse_wire("/github.com/%21burnt%21sushi/toml/@v/master.info")?;
    /// let Target::Info { module, revision, .. } = endpoint.target() else { panic!() };
    /// assert_eq!((module.as_str(), revision.as_str()), ("github.com/BurntSushi/toml", "master"));
    /// assert!(Endpoint::parse_wire("/github.com/BurntSushi/toml/@v/master.info").is_err());
    /// assert!(Endpoint::parse_wire("/example.com/m/@v/..%2f..%2fpasswd.info").is_err());
    /// # Ok::<(), gomod_proxy_client::protocol::InvalidEndpointError>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidEndpointError`].
    pub fn parse_wire(path: &str) -> Result<Self, InvalidEndpointError> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = unescape(path, Part::Other).map_err(InvalidEndpointError::Url)?;
        Self::parse(std::str::from_utf8(&path).map_err(|_| InvalidEndpointError::Utf8)?)
    }

    /// A file of a checksum database that is asked itself.
    #[cfg(feature = "client")]
    pub(crate) fn of_database(name: &str, file: &str) -> Self {
        Self { path: file.to_owned(), target: sum_db(name, file) }
    }

    /// What it is about.
    pub fn target(&self) -> &Target {
        &self.target
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

fn parts(module: &ModuleVersion) -> (ModulePath, String) {
    (module.path().clone(), module.version().as_str().to_owned())
}

/// A version that is one can be escaped.
fn file(module: &ModulePath, version: &str, extension: &str) -> String {
    let version = escape_version(version).unwrap_or_default();
    format!("{}/@v/{version}.{extension}", module.display_escaped())
}

fn sum_db(name: &str, file: &str) -> Target {
    Target::SumDb { name: name.to_owned(), file: file.to_owned() }
}

fn target(path: &str) -> Result<Target, InvalidEndpointError> {
    if let Some(rest) = path.strip_prefix("sumdb/") {
        let (name, file) = rest.split_once('/').ok_or(InvalidEndpointError::Form)?;
        let is_file = matches!(file, "supported" | "latest")
            || file.starts_with("lookup/")
            || file.starts_with("tile/");
        // The path is made a file name or a URL.
        if !is_file || rest.split('/').any(|element| matches!(element, "" | "." | "..")) {
            return Err(InvalidEndpointError::Form);
        }
        return Ok(sum_db(name, file));
    }
    if let Some(module) = path.strip_suffix("/@latest") {
        return Ok(Target::Latest { module: ModulePath::from_escaped(module)? });
    }
    let (module, file) = path.split_once("/@v/").ok_or(InvalidEndpointError::Form)?;
    let module = ModulePath::from_escaped(module)?;
    if file == "list" {
        return Ok(Target::List { module });
    }
    let (revision, extension) = file.rsplit_once('.').ok_or(InvalidEndpointError::Form)?;
    let revision = unescape_version(revision)?;
    match extension {
        "info" => Ok(Target::Info { module, revision }),
        "mod" => Ok(Target::GoMod { module, revision }),
        "zip" => Ok(Target::Zip { module, revision }),
        _ => Err(InvalidEndpointError::Form),
    }
}

impl Target {
    /// The module that is asked about; none for the files of checksum databases.
    pub fn module(&self) -> Option<&ModulePath> {
        match self {
            Self::List { module }
            | Self::Latest { module }
            | Self::Info { module, .. }
            | Self::GoMod { module, .. }
            | Self::Zip { module, .. } => Some(module),
            Self::SumDb { .. } => None,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
