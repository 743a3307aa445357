//! Which versions a module takes back.

use gomod_module::GoMod;
use gomod_module::modfile::Retract;

use super::error::LookupReason;

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
