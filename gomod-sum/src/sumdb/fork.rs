//! Evidence that a database shows different logs to different people.

use std::fmt::Write as _;

use thiserror::Error;

use super::hash::Hash;
use super::key::VerifierKey;
use super::note::{Note, NoteError};
use super::proof::{ProofError, check_tree};
use super::record::{MalformedTreeError, TreeHead};

/// Two tree heads with the database's signature, of logs of which the smaller is not the start of the larger.
///
/// Its [report](Self::report) is the text that the go command prints. It can be saved, sent to others, and
/// [checked](Self::check) with the key alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("security error: misbehaving server")]
#[non_exhaustive]
pub struct Fork {
    /// The signed head of the smaller tree.
    pub old: String,
    /// The signed head of the larger tree.
    pub new: String,
    /// What the hash of the smaller tree would be, were it the start of the larger one.
    pub root: Hash,
    /// The proof that a tree with `root` is the start of the larger one, where it could be had.
    pub proof: Vec<Hash>,
}

impl Fork {
    /// Returns the report as the go command prints it.
    pub fn report(&self) -> String {
        let indent = |note: &str| note.replace('\n', "\n\t");
        let mut report = format!(
            "SECURITY ERROR\ngo.sum database server misbehavior detected!\n\n\
             old database:\n\t{}\nnew database:\n\t{}\nproof of misbehavior:\n\t{}",
            indent(&self.old),
            indent(&self.new),
            self.root,
        );
        for hash in &self.proof {
            // Writing to a string does not fail.
            let _ = write!(report, "\n\t{hash}");
        }
        report
    }

    /// Returns the evidence that a [report](Self::report) holds, unchecked.
    ///
    /// # Errors
    /// [`EvidenceError::Malformed`].
    pub fn parse(report: &str) -> Result<Self, EvidenceError> {
        let parsed = || {
            let (_, rest) = report.split_once("old database:\n\t")?;
            let (old, rest) = rest.split_once("\nnew database:\n\t")?;
            let (new, hashes) = rest.split_once("\nproof of misbehavior:\n\t")?;
            let mut hashes = hashes.trim_end().split("\n\t").map(str::parse);
            let root = hashes.next()?.ok()?;
            let proof = hashes.collect::<Result<_, _>>().ok()?;
            let [old, new] = [old, new].map(|note| note.replace("\n\t", "\n"));
            Some(Self { old, new, root, proof })
        };
        parsed().ok_or(EvidenceError::Malformed)
    }

    /// Says that the owner of `key` has signed two logs that exclude each other.
    ///
    /// # Errors
    /// [`EvidenceError::Note`], [`EvidenceError::Tree`], [`EvidenceError::Proof`] where the evidence is not sound, and
    /// [`EvidenceError::Consistent`] where the two heads do not exclude each other.
    pub fn check(&self, key: &VerifierKey) -> Result<(), EvidenceError> {
        let head = |note: &str| -> Result<TreeHead, EvidenceError> {
            let note = Note::open(note.as_bytes(), std::slice::from_ref(key))?;
            Ok(TreeHead::parse(note.text().as_bytes())?)
        };
        let (old, new) = (head(&self.old)?, head(&self.new)?);
        if old.hash == self.root {
            return Err(EvidenceError::Consistent);
        }
        if old.size == 0 && self.root == Hash::EMPTY_TREE {
            return Ok(());
        }
        Ok(check_tree(&self.proof, &new, &TreeHead { size: old.size, hash: self.root })?)
    }
}

/// Evidence that does not prove a fork.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The text is no report.
    #[error("malformed fork report")]
    Malformed,
    /// A tree head is not signed by the key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// What is signed is not a tree head.
    #[error(transparent)]
    Tree(#[from] MalformedTreeError),
    /// The hash in the report is not that of the larger tree's start.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The smaller log is the start of the larger one.
    #[error("the two tree heads are consistent")]
    Consistent,
}
