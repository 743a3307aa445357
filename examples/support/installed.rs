//! What there is of a module after work on it.

use gomod_module::{H1, Info, ModulePath, ModuleVersion};
use gomod_proxy_client::ErrorKind;
use gomod_proxy_client::report::Attempt;

use crate::failure::{Failure, Problem, asked};
use gomod_sum::ProvedBy;

/// What there is of a module when work on it has ended, well or not.
#[derive(Debug)]
#[non_exhaustive]
pub struct Installed {
    /// The module.
    pub module: ModuleVersion,
    /// `.info`, once it is in the cache.
    pub info: Option<Info>,
    /// The hash of `.mod` and what proves it, once it is in the cache.
    pub go_mod: Option<(H1, ProvedBy)>,
    /// The other path that an unproven go.mod file declares: that of what this is a fork of.
    pub declares: Option<ModulePath>,
    /// The hash of `.zip` and what proves it, once it is in the cache.
    pub zip: Option<(H1, ProvedBy)>,
    /// The SHA-256 of the bytes of `.zip`, where that was asked for.
    pub zip_sha256: Option<String>,
    /// Whether the tree is extracted.
    pub extracted: bool,
    /// The size of the zip, where it was fetched.
    pub fetched: Option<u64>,
    /// Who had the zip, where it was fetched.
    pub source: Option<String>,
    pub(crate) attempts: Vec<Attempt>,
    /// What went wrong.
    pub failure: Option<Failure>,
}

impl Installed {
    pub(crate) fn new(module: ModuleVersion) -> Self {
        Self {
            module,
            info: None,
            go_mod: None,
            declares: None,
            zip: None,
            zip_sha256: None,
            extracted: false,
            fetched: None,
            source: None,
            attempts: Vec::new(),
            failure: None,
        }
    }

    pub(crate) fn ended(mut self, result: Result<(), Problem>) -> Self {
        if let Err(problem) = result {
            let failure = Failure::new(&self.module, problem, std::mem::take(&mut self.attempts));
            self.failure = Some(failure);
        }
        self
    }

    /// Every request that was made.
    pub fn attempts(&self) -> &[Attempt] {
        self.failure.as_ref().map_or(&self.attempts, |failure| &failure.attempts)
    }

    /// The requests that were really made: where a list ends, or a source is left alone, no request is made.
    pub fn requests(&self) -> impl Iterator<Item = &Attempt> {
        asked(self.attempts())
    }

    /// The requests that brought bytes with a wrong hash: a verdict that is never silent, even where another source had
    /// the right bytes.
    pub fn mismatches(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts().iter().filter(|attempt| attempt.kind() == Some(ErrorKind::Mismatch))
    }
}
