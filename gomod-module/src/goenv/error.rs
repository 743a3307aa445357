use std::path::PathBuf;

use super::GoFlagsError;
use crate::text::quote::quote;

/// The environment is one with which the go command refuses to work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoEnvError {
    /// GOMODCACHE is empty, because neither it nor GOPATH nor the home directory is set.
    #[error("module cache not found: neither GOMODCACHE nor GOPATH is set")]
    NoModCache,
    /// GOMODCACHE is not an absolute path.
    #[error("GOMODCACHE entry is relative; must be absolute path: {}", quote(.0.as_bytes()))]
    RelativeModCache(String),
    /// An element of GOPATH is not an absolute path.
    #[error("GOPATH entry is relative; must be absolute path: {}", quote(.0.as_bytes()))]
    RelativeGopath(String),
    /// An element of GOPATH begins with `~`, which no shell has expanded.
    #[error("GOPATH entry cannot start with shell metacharacter '~': {}", quote(.0.as_bytes()))]
    Tilde(String),
    /// GOTOOLCHAIN names no toolchain and no rule to choose one.
    #[error("invalid GOTOOLCHAIN {}", quote(.0.as_bytes()))]
    Toolchain(String),
    /// GO111MODULE is none of `on`, `auto` and `off`.
    #[error("unknown environment setting GO111MODULE={0}")]
    Go111Module(String),
    /// GOWORK is neither `off` nor an absolute path.
    #[error("invalid GOWORK: not an absolute path")]
    Gowork,
    /// GOFLAGS cannot be read.
    #[error("malformed GOFLAGS")]
    Goflags(#[from] GoFlagsError),
    /// A value is not UTF-8. The go command would take it; this crate keeps paths and lists as text.
    #[error("{0} is not UTF-8")]
    NotUtf8(String),
    /// A file with settings is larger than [`MAX_ENV_FILE`](super::MAX_ENV_FILE).
    #[error("environment file {} is larger than {} bytes", .0.display(), super::MAX_ENV_FILE)]
    FileTooLarge(PathBuf),
}
