//! Which texts are names to Go's `encoding/xml`.

mod tables;

use tables::{REST_CHANGES, START_CHANGES};

/// Whether `name` is a name of XML 1.0, before its fifth edition.
pub(super) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| has(&START_CHANGES, c)) && chars.all(|c| has(&REST_CHANGES, c))
}

/// Whether the answer, which changes at each of `changes` and starts with no, is yes at `c`.
fn has(changes: &[u32], c: char) -> bool {
    changes.partition_point(|&change| change <= u32::from(c)) % 2 == 1
}
