//! Proofs over the log's tree (RFC 6962, sections 2.1.1 and 2.1.2).

use thiserror::Error;

use super::hash::Hash;
use super::index::{split_size, stored_hash_index, subtrees};
use super::record::TreeHead;

/// Largest tree of Go, whose sizes are signed.
const MAX_SIZE: u64 = i64::MAX.cast_unsigned();

/// Returns the hash of the tree over the first `n` records (`tlog.TreeHash`).
///
/// `read` returns stored hashes by their [numbers](super::tlog::stored_hash_index), in the order asked for; it is called
/// at most once.
///
/// # Errors
/// What `read` returns, or [`ProofError::Reader`] where it returns another number of hashes than asked for.
#[doc(alias = "TreeHash")]
pub fn tree_hash<E: From<ProofError>>(
    n: u64,
    read: impl FnOnce(&[u64]) -> Result<Vec<Hash>, E>,
) -> Result<Hash, E> {
    let hashes = ask(&subtrees(0, n), read)?;
    Ok(join(&hashes).unwrap_or(Hash::EMPTY_TREE))
}

/// Returns the proof that the log of `size` records holds its record `n`: the hashes beside its path to the root, from
/// the bottom (`tlog.ProveRecord`). For `read` see [`tree_hash`].
///
/// # Errors
/// [`ProofError::Inputs`] unless `n < size`, and as [`tree_hash`].
#[doc(alias = "ProveRecord")]
pub fn prove_record<E: From<ProofError>>(
    size: u64,
    n: u64,
    read: impl FnOnce(&[u64]) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, E> {
    let ranges = record_path(size, n)?;
    prove(ranges.iter().map(|&(low, high, _)| (low, high)), read)
}

/// Returns the numbers of the stored hashes that [`prove_record`] reads.
pub(super) fn record_proof_indexes(size: u64, n: u64) -> Result<Vec<u64>, ProofError> {
    Ok(record_path(size, n)?.iter().flat_map(|&(low, high, _)| subtrees(low, high)).collect())
}

/// Says that a log with this head holds `record` as its number `n` (`tlog.CheckRecord`).
///
/// # Errors
/// [`ProofError::Inputs`] unless `n` is below the size; [`ProofError::Invalid`].
#[doc(alias = "CheckRecord")]
pub fn check_record(proof: &[Hash], head: &TreeHead, n: u64, record: &Hash) -> Result<(), ProofError> {
    let path = record_path(head.size, n)?;
    if path.len() != proof.len() {
        return Err(ProofError::Invalid);
    }
    let root = path.iter().zip(proof).fold(*record, |below, (&(.., is_left), beside)| {
        if is_left { Hash::of_node(beside, &below) } else { Hash::of_node(&below, beside) }
    });
    if root == head.hash { Ok(()) } else { Err(ProofError::Invalid) }
}

/// Returns the proof that the tree over the first `n` records is the start of the tree over `size` records
/// (`tlog.ProveTree`). For `read` see [`tree_hash`].
///
/// # Errors
/// [`ProofError::Inputs`] unless `0 < n <= size`, and as [`tree_hash`].
#[doc(alias = "ProveTree")]
pub fn prove_tree<E: From<ProofError>>(
    size: u64,
    n: u64,
    read: impl FnOnce(&[u64]) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, E> {
    let (rest, path) = tree_path(size, n)?;
    prove(rest.into_iter().chain(path.iter().map(|&(low, high, _)| (low, high))), read)
}

/// Says that the log with the head `old` is the start of the log with the head `new` (`tlog.CheckTree`).
///
/// # Errors
/// [`ProofError::Inputs`] unless `0 < old.size <= new.size`; [`ProofError::Invalid`].
#[doc(alias = "CheckTree")]
pub fn check_tree(proof: &[Hash], new: &TreeHead, old: &TreeHead) -> Result<(), ProofError> {
    let (rest, path) = tree_path(new.size, old.size)?;
    let (start, proof) = match rest {
        // The old tree is complete, and known.
        None => (old.hash, proof),
        Some(_) => proof.split_first().map(|(first, proof)| (*first, proof)).ok_or(ProofError::Invalid)?,
    };
    if path.len() != proof.len() {
        return Err(ProofError::Invalid);
    }
    let mut roots = (start, start);
    for (&(.., is_left), beside) in path.iter().zip(proof) {
        roots = if is_left {
            (Hash::of_node(beside, &roots.0), Hash::of_node(beside, &roots.1))
        } else {
            (roots.0, Hash::of_node(&roots.1, beside))
        };
    }
    if roots == (old.hash, new.hash) { Ok(()) } else { Err(ProofError::Invalid) }
}

/// The records under a hash of a proof, and whether they stand left of the path.
type Sibling = (u64, u64, bool);

/// The records under the first hash of a proof, where it has one besides those of the path; and the path.
type TreePath = (Option<(u64, u64)>, Vec<Sibling>);

/// The subtrees beside the path from record `n` to the root, from the bottom.
fn record_path(size: u64, n: u64) -> Result<Vec<Sibling>, ProofError> {
    if n >= size || size > MAX_SIZE {
        return Err(ProofError::Inputs);
    }
    Ok(path(size, n + 1, |low, high| low + 1 == high).1)
}

/// The right end of the old tree, unless that is the whole old tree, and the subtrees beside its path to the new root,
/// from the bottom.
fn tree_path(size: u64, n: u64) -> Result<TreePath, ProofError> {
    if n < 1 || n > size || size > MAX_SIZE {
        return Err(ProofError::Inputs);
    }
    let ((low, high), path) = path(size, n, |_, high| high == n);
    Ok(((low != 0).then_some((low, high)), path))
}

/// The subtree that is reached from the root on the way to the record before `end`, once `is_there`, and the subtrees
/// beside the way, from the bottom.
fn path(size: u64, end: u64, is_there: impl Fn(u64, u64) -> bool) -> ((u64, u64), Vec<Sibling>) {
    let (mut low, mut high) = (0, size);
    let mut path = Vec::new();
    while !is_there(low, high) {
        let middle = low + split_size(high - low);
        if end <= middle {
            path.push((middle, high, false));
            high = middle;
        } else {
            path.push((low, middle, true));
            low = middle;
        }
    }
    path.reverse();
    ((low, high), path)
}

fn prove<E: From<ProofError>>(
    ranges: impl Iterator<Item = (u64, u64)>,
    read: impl FnOnce(&[u64]) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, E> {
    let parts: Vec<Vec<u64>> = ranges.map(|(low, high)| subtrees(low, high)).collect();
    let hashes = ask(&parts.concat(), read)?;
    let mut rest = hashes.as_slice();
    let mut proof = Vec::with_capacity(parts.len());
    for part in &parts {
        let (hashes, after) = rest.split_at_checked(part.len()).ok_or(ProofError::Reader)?;
        proof.push(join(hashes).ok_or(ProofError::Reader)?);
        rest = after;
    }
    Ok(proof)
}

fn ask<E: From<ProofError>>(
    indexes: &[u64],
    read: impl FnOnce(&[u64]) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, E> {
    if indexes.is_empty() {
        return Ok(Vec::new());
    }
    let hashes = read(indexes)?;
    if hashes.len() == indexes.len() { Ok(hashes) } else { Err(ProofError::Reader.into()) }
}

/// The hash over neighbouring complete subtrees, larger ones first.
pub(super) fn join(subtrees: &[Hash]) -> Option<Hash> {
    subtrees.iter().rev().copied().reduce(|right, left| Hash::of_node(&left, &right))
}

/// Returns the number under which record `n` is stored.
pub(super) fn record_index(n: u64) -> u64 {
    stored_hash_index(0, n)
}

/// A proof that does not prove, or that cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The sizes do not go together.
    #[error("invalid inputs of a transparency proof")]
    Inputs,
    /// The hashes do not lead to the root.
    #[error("invalid transparency proof")]
    Invalid,
    /// The reader returned another number of hashes than it was asked for.
    #[error("wrong number of stored hashes")]
    Reader,
}
