//! The sample of a build without it: what the tools call, of a value that there never is.

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;

use gomod_module::GoEnv;

/// Why the sample cannot be run.
pub const ABSENT: Option<&str> =
    Some("this program was built without the embedded sample: say what to work on, as its --help shows");

/// A project to try a tool on.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sample {
    /// The directory of everything.
    pub dir: PathBuf,
    /// The project.
    pub project: PathBuf,
    /// The environment in which the tools find proxies and an empty cache.
    pub env: GoEnv,
    never: Infallible,
}

impl Sample {
    /// # Errors
    /// Always.
    pub fn start() -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, ABSENT.unwrap_or_default()))
    }

    /// The list of its proxies.
    pub fn goproxy(&self) -> String {
        match self.never {}
    }

    /// How many requests the second of them got.
    pub fn requests(&self) -> usize {
        match self.never {}
    }
}
