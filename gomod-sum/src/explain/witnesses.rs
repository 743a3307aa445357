//! What others say about the module.

use super::known::which;
use super::{Evidence, FindingKind, Which};
use crate::Mismatch;

pub(super) fn look(mismatch: &Mismatch, evidence: &Evidence<'_>, kinds: &mut Vec<FindingKind>) {
    if let Some(hash) = evidence.database {
        kinds.push(FindingKind::Database { agrees_with: which(mismatch, &hash.to_string()) });
    }
    if !evidence.sources.is_empty() {
        let names = |wanted: Option<Which>| {
            let those =
                evidence.sources.iter().filter(|(_, hash)| which(mismatch, &hash.to_string()) == wanted);
            those.map(|(name, _)| name.clone()).collect()
        };
        kinds.push(FindingKind::Sources {
            recorded: names(Some(Which::Recorded)),
            found: names(Some(Which::Found)),
            neither: names(None),
        });
    }
}
