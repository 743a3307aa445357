//! Which versions a module takes back.

use gomod_module::modfile::Retract;
use gomod_module::{GoMod, semver};

use super::error::LookupReason;
use super::repository::ModuleRepository;

/// The retractions of a go.mod file.
#[derive(Debug, Clone, Default)]
pub(super) struct Retractions(Vec<Retract>);

impl Retractions {
    pub(super) fn of(go_mod: &[u8]) -> Result<Self, LookupReason> {
        GoMod::parse_lax(go_mod)
            .map(|go_mod| Self(go_mod.retract))
            .map_err(|e| LookupReason::Retractions(Box::new(e)))
    }

    pub(super) fn contain(&self, version: &str) -> bool {
        self.0.iter().any(|retract| retract.contains(version))
    }
}

impl ModuleRepository {
    /// What counts where a commit gets its name: the retractions of the highest release, or else pre-release; none, where
    /// they cannot be read (`retractedVersions` of the go command).
    pub(super) fn retracted(&mut self) -> Retractions {
        if let Some(known) = &self.retractions {
            return known.clone();
        }
        let found = self.highest_retractions().unwrap_or_default();
        self.retractions = Some(found.clone());
        found
    }

    fn highest_retractions(&mut self) -> Result<Retractions, LookupReason> {
        let versions = self.listed("")?.0;
        let compatible = versions.iter().take_while(|version| !version.ends_with("+incompatible"));
        let versions: Vec<_> = compatible.collect();
        let release = versions.iter().rev().find(|version| semver::prerelease(version).is_empty());
        match release.or(versions.last()) {
            None => Ok(Retractions::default()),
            Some(highest) => match self.place(highest)?.go_mod {
                Some(go_mod) => Retractions::of(&go_mod),
                None => Ok(Retractions::default()),
            },
        }
    }
}
