//! Where the hashes of a log are stored: one number for each, in the order in which a growing log computes them.

/// Returns the number under which hash `n` of a level is stored; level 0 are the records (`tlog.StoredHashIndex`).
///
/// What is beyond 2⁶⁴ is 2⁶⁴ - 1; no log is that long.
///
/// ```
/// use gomod_sum::sumdb::tlog::{split_stored_hash_index, stored_hash_index};
///
/// assert_eq!(stored_hash_index(1, 2), 9);
/// assert_eq!(split_stored_hash_index(9), (1, 2));
/// ```
#[doc(alias = "StoredHashIndex")]
pub fn stored_hash_index(level: u32, n: u64) -> u64 {
    let below = (0..level.min(64)).fold(n, |n, _| n.saturating_mul(2).saturating_add(1));
    let before = (0..64).fold(0_u64, |sum, shift| sum.saturating_add(below >> shift));
    before.saturating_add(u64::from(level))
}

/// Returns the level and the position in it of a stored hash: the reverse of [`stored_hash_index`]
/// (`tlog.SplitStoredHashIndex`).
#[doc(alias = "SplitStoredHashIndex")]
pub fn split_stored_hash_index(index: u64) -> (u32, u64) {
    // The record before which hash `index` is at the earliest; its number differs from the right one by a few.
    let mut n = index / 2;
    let mut stored = stored_hash_index(0, n);
    while let Some(next) = stored.checked_add(1 + u64::from((n + 1).trailing_zeros()))
        && next <= index
    {
        n += 1;
        stored = next;
    }
    let level = u32::try_from(index.saturating_sub(stored)).unwrap_or_default();
    (level, n.checked_shr(level).unwrap_or_default())
}

/// Returns how many hashes are stored for a log of `n` records (`tlog.StoredHashCount`).
#[doc(alias = "StoredHashCount")]
pub fn stored_hash_count(n: u64) -> u64 {
    match n.checked_sub(1) {
        None => 0,
        Some(last) => {
            stored_hash_index(0, last).saturating_add(1).saturating_add(u64::from(last.trailing_ones()))
        }
    }
}

/// The largest power of two below `n`, which is at least 2.
pub(super) fn split_size(n: u64) -> u64 {
    1 << n.saturating_sub(1).checked_ilog2().unwrap_or_default()
}

/// The numbers of the complete subtrees that records `low..high` consist of, from left to right.
pub(super) fn subtrees(mut low: u64, high: u64) -> Vec<u64> {
    let mut indexes = Vec::new();
    while let Some(level) = high.saturating_sub(low).checked_ilog2() {
        indexes.push(stored_hash_index(level, low >> level));
        low += 1 << level;
    }
    indexes
}
