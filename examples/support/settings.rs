//! From the Go environment to a cache.

use std::io::Write as _;
use std::path::PathBuf;
use std::{fs, io};

use gomod_cache::ModCache;
use gomod_module::GoEnv;
use gomod_module::goenv::{EnvOrigin, GoEnvError};
use gomod_proxy_client::client::EnvError;
use gomod_proxy_client::protocol::GoProxyError;
use gomod_proxy_client::transport::BuildError;
use thiserror::Error;

use crate::certificates::CertificatesError;

/// What the environment says cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A variable that the go command would refuse.
    #[error("Go environment")]
    Env(#[from] GoEnvError),
    /// GO111MODULE=off.
    #[error("modules are disabled by GO111MODULE=off")]
    ModulesOff,
    /// A flag of GOFLAGS that changes which files are read.
    #[error("GOFLAGS says -{0}, which is not supported")]
    Flag(&'static str),
    /// GOMODCACHE is no directory.
    #[error("module cache {}", root.display())]
    Cache {
        /// Its path.
        root: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// GOPROXY.
    #[error("{setting}")]
    GoProxy {
        /// The value, and where it is set.
        setting: String,
        /// What is wrong with it.
        source: GoProxyError,
    },
    /// Another variable that the client is made from.
    #[error(transparent)]
    Source(EnvError),
    /// A file of certificates that a flag names.
    #[error("{flag} {}", path.display())]
    Certificates {
        /// The flag.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CertificatesError,
    },
    /// What requests are made with.
    #[error(transparent)]
    Client(#[from] BuildError),
}

impl SettingsError {
    /// Why no client can be made from this environment.
    pub(crate) fn of(env: &GoEnv, error: EnvError) -> Self {
        match error {
            EnvError::GoProxy(source) => Self::GoProxy { setting: shown(env, "GOPROXY"), source },
            other => Self::Source(other),
        }
    }
}

/// That nothing in the environment forbids what the tools do, or changes it in a way that they cannot follow.
///
/// # Errors
/// [`SettingsError::ModulesOff`], [`SettingsError::Flag`], [`SettingsError::Env`].
pub fn check(env: &GoEnv) -> Result<(), SettingsError> {
    if env.get("GO111MODULE") == "off" {
        return Err(SettingsError::ModulesOff);
    }
    let flags = env.goflags().map_err(GoEnvError::from)?;
    match flags.value("overlay") {
        Some(_) => Err(SettingsError::Flag("overlay")),
        None => Ok(()),
    }
}

/// The module cache that the go command would use: a directory, or nothing yet.
///
/// # Errors
/// [`SettingsError::Env`], [`SettingsError::Cache`].
pub fn cache(env: &GoEnv) -> Result<ModCache, SettingsError> {
    let cache = ModCache::from_env(env)?;
    let source = match fs::metadata(cache.root()) {
        Ok(metadata) if metadata.is_dir() => return Ok(cache),
        Ok(_) => io::ErrorKind::NotADirectory.into(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(cache),
        Err(error) => error,
    };
    Err(SettingsError::Cache { root: cache.root().to_owned(), source })
}

/// A variable with its value and where that is set. User names and passwords in it are not shown.
pub fn shown(env: &GoEnv, name: &str) -> String {
    let place = set_in(env, name).map_or_else(|| "not set".to_owned(), |place| format!("set {place}"));
    format!("{name}={:?} ({place})", env.shown(name))
}

/// Where a variable is set, in words; nothing where it has its default.
pub fn set_in(env: &GoEnv, name: &str) -> Option<String> {
    match env.origin(name) {
        EnvOrigin::OsEnv => Some("in the environment".to_owned()),
        EnvOrigin::UserFile => Some(format!("by `go env -w` in {}", env.get("GOENV"))),
        EnvOrigin::GorootFile => Some("in $GOROOT/go.env".to_owned()),
        _ => None,
    }
}

/// Whether anything can be written into the cache: a directory, and bytes.
pub fn is_writable(cache: &ModCache) -> bool {
    let write = || {
        fs::create_dir_all(cache.root())?;
        tempfile::tempfile_in(cache.root())?.write_all(&[0; 4096])
    };
    write().is_ok()
}
