//! The go.mod file at hand.

use super::kind::{FindingKind, Which};
use super::known::which;
use super::looks_like::LooksLike;
use super::rewriting::Rewriting;
use crate::go_sum::entry::Kind;
use crate::go_sum::verify::Mismatch;
use crate::hash::summary::hash_go_mod;

pub(super) fn look(mismatch: &Mismatch, go_mod: &[u8], kinds: &mut Vec<FindingKind>) {
    let is_recorded = |content: &[u8]| hash_go_mod(content).to_string() == mismatch.recorded;
    let at_hand = which(mismatch, &hash_go_mod(go_mod).to_string());
    if mismatch.kind == Kind::Zip {
        let is_known = |kind: &FindingKind| matches!(kind, FindingKind::OtherKind { which, .. } if Some(*which) == at_hand);
        if let Some(which) = at_hand
            && !kinds.iter().any(is_known)
        {
            kinds.push(FindingKind::OtherKind { which, line: None });
        }
        return;
    }
    match at_hand {
        Some(Which::Recorded) => return kinds.push(FindingKind::AtHandIsRight),
        Some(Which::Found) => {}
        None => kinds.push(FindingKind::AtHandIsOther),
    }
    for how in Rewriting::ALL {
        if is_recorded(&how.apply(go_mod)) {
            kinds.push(FindingKind::Rewritten { how, text_only: false });
        }
    }
    if at_hand == Some(Which::Found) {
        kinds.extend(LooksLike::of(go_mod).map(|looks_like| FindingKind::NotAGoMod { looks_like }));
    }
}
