//! What others say about the module.

use super::evidence::Evidence;
use super::kind::{FindingKind, Which};
use super::known::which;
use crate::go_sum::verify::Mismatch;

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
