//! One fact about a mismatch.

use std::fmt;

use super::kind::FindingKind;
use super::sentence;
use crate::go_sum::verify::Mismatch;

/// One fact about a mismatch: [`Mismatch::explain`]. Its `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The fact in words, without a full stop.
    pub sentence: String,
    /// What to do about it, in words, without a full stop.
    pub next_step: String,
}

impl Finding {
    pub(super) fn new(kind: FindingKind, mismatch: &Mismatch) -> Self {
        let (sentence, next_step) = sentence::words(&kind, mismatch);
        Self { kind, sentence, next_step }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
