//! Hashes that mean something by themselves.

use super::kind::{FindingKind, Which};
use crate::go_sum::entry::Kind;
use crate::go_sum::verify::Mismatch;
use crate::hash::summary::{HashBuilder, hash_go_mod};

pub(super) fn look(mismatch: &Mismatch, kinds: &mut Vec<FindingKind>) {
    let made_up = format!("module {}\n", mismatch.module.path());
    for (which, hash) in hashes(mismatch) {
        if hash == hash_go_mod(b"").to_string() {
            kinds.push(FindingKind::EmptyGoMod { which });
        }
        if hash == HashBuilder::new().finish().to_string() {
            kinds.push(FindingKind::EmptyTree { which });
        }
        if mismatch.kind == Kind::GoMod && hash == hash_go_mod(made_up.as_bytes()).to_string() {
            kinds.push(FindingKind::MadeUpGoMod { which });
        }
    }
}

pub(super) fn hashes(mismatch: &Mismatch) -> [(Which, String); 2] {
    [(Which::Recorded, mismatch.recorded.clone()), (Which::Found, mismatch.found.to_string())]
}

/// Which of the two hashes this is.
pub(super) fn which(mismatch: &Mismatch, hash: &str) -> Option<Which> {
    hashes(mismatch).into_iter().find(|(_, other)| other == hash).map(|(which, _)| which)
}
