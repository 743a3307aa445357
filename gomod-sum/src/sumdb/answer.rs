//! What a session found out about a module.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use gomod_module::text::Printable;
use gomod_module::{H1, ModuleVersion};
use thiserror::Error;

use super::error::LookupError;
use super::hash::Hash;
use super::key::VerifierKey;
use super::note::{Note, NoteError};
use super::proof::{ProofError, check_record};
use super::record::{MalformedRecordError, MalformedTreeError, Record, TreeHead};
use crate::go_sum::entry::Kind;

/// What a session found out about one module version.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LookupAnswer {
    /// The module path, as asked for.
    pub path: String,
    /// The version, as asked for.
    pub version: String,
    /// The proven lines.
    pub result: Result<SumLines, LookupError>,
}

/// The go.sum lines of a module version out of one record of the log, which is proven to be in it.
///
/// It is a proof: nothing of it can be changed.
///
/// ```compile_fail
/// # use gomod_sum::sumdb::SumLines;
/// fn about_another_module(lines: &mut SumLines) {
///     lines.path = "example.com/other".to_owned();
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumLines {
    path: String,
    version: String,
    proof: RecordProof,
}

impl SumLines {
    pub(super) fn new(path: String, version: String, proof: RecordProof) -> Self {
        Self { path, version, proof }
    }

    /// Returns the module path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the record and its proof.
    pub fn proof(&self) -> &RecordProof {
        &self.proof
    }

    /// Returns the lines of a module out of a stored proof, once that is checked; without a network.
    ///
    /// # Errors
    /// [`RecordProofError`], as [`RecordProof::check`].
    pub fn from_proof(
        module: &ModuleVersion,
        proof: RecordProof,
        key: &VerifierKey,
    ) -> Result<Self, RecordProofError> {
        proof.check(key)?;
        Ok(Self::new(module.path().to_string(), module.version().to_string(), proof))
    }

    /// Returns the lines of this kind as they stand in the record: `{path} {version}[/go.mod] {hash}`. None where the
    /// record is about another module.
    pub fn lines(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let start = format!("{} {}{} ", self.path, self.version, kind.suffix());
        self.proof.record.text.split('\n').filter(move |line| line.starts_with(&start))
    }

    /// Says that the record has an `h1:` hash of this kind, so that there will be something to hold the content against.
    ///
    /// # Errors
    /// [`SumDbError::NoLine`].
    pub fn require(&self, kind: Kind) -> Result<(), SumDbError> {
        if self.hashes(kind).any(|hash| hash.starts_with("h1:")) { Ok(()) } else { Err(self.no_line(kind)) }
    }

    /// Returns the hashes in the lines of this kind, as they stand in the record: anything that follows the version.
    pub fn hashes(&self, kind: Kind) -> impl Iterator<Item = &str> {
        // Path and version have one space each after them.
        let start = self.path.len() + self.version.len() + kind.suffix().len() + 2;
        self.lines(kind).filter_map(move |line| line.get(start..))
    }

    /// Says that the database knows the module by this hash (`checkSumDB` of cmd/go).
    ///
    /// The first line decides whose hash is this one, or another `h1:` hash. A record without such a line is an error,
    /// as for the go command since CVE-2026-42501.
    ///
    /// # Errors
    /// [`SumDbError::Mismatch`]: a security verdict; the content must not be used. [`SumDbError::NoLine`].
    pub fn verify(&self, kind: Kind, found: &H1) -> Result<(), SumDbError> {
        let found_text = found.to_string();
        for recorded in self.hashes(kind) {
            if recorded == found_text {
                return Ok(());
            }
            if recorded.starts_with("h1:") {
                return Err(SumDbError::Mismatch(SumDbMismatchError {
                    path: self.path.clone(),
                    version: self.version.clone(),
                    kind,
                    recorded: recorded.to_owned(),
                    found: *found,
                    record: self.proof.record.id,
                }));
            }
        }
        Err(self.no_line(kind))
    }

    fn no_line(&self, kind: Kind) -> SumDbError {
        SumDbError::NoLine { path: self.path.clone(), version: self.version.clone(), kind }
    }
}

/// The checksum database does not confirm a hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SumDbError {
    /// It holds another hash.
    #[error(transparent)]
    Mismatch(SumDbMismatchError),
    /// Its record holds no `h1:` line for the module.
    #[error("verifying {}@{}{}: checksum missing from sumdb response", Printable::name(path), Printable::name(version), kind.suffix())]
    #[non_exhaustive]
    NoLine {
        /// The module path.
        path: String,
        /// The version.
        version: String,
        /// Whether the line for its files or for its go.mod file is missing.
        kind: Kind,
    },
}

/// A module has not the hash that the checksum database holds: a security verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("verifying {}@{}{}: checksum mismatch", Printable::name(path), Printable::name(version), kind.suffix())]
#[non_exhaustive]
pub struct SumDbMismatchError {
    /// The module path.
    pub path: String,
    /// The version.
    pub version: String,
    /// Whether its files or its go.mod file were hashed.
    pub kind: Kind,
    /// The hash of the record, as written.
    pub recorded: String,
    /// The hash of what was there.
    pub found: H1,
    /// The number of the record.
    pub record: i64,
}

/// A record with the proof that the database's log holds it: all that is needed to check it again, offline.
///
/// Its text is the record, the hashes of the proof line by line, an empty line, and the signed tree head.
///
/// One that was read may be false until it is [checked](Self::check); nothing of it can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProof {
    record: Record,
    hashes: Vec<Hash>,
    head: String,
}

impl RecordProof {
    pub(super) fn new(record: Record, hashes: Vec<Hash>, head: String) -> Self {
        Self { record, hashes, head }
    }

    /// Returns the record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Returns the hashes beside its path to the root, from the bottom.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Returns the signed tree head.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Returns the tree head, signed with `key`, of a log that is proven to hold the record.
    ///
    /// # Errors
    /// [`RecordProofError::Note`], [`RecordProofError::Tree`], [`RecordProofError::Proof`].
    pub fn check(&self, key: &VerifierKey) -> Result<TreeHead, RecordProofError> {
        let note = Note::open(self.head.as_bytes(), std::slice::from_ref(key))?;
        let head = TreeHead::parse(note.text().as_bytes())?;
        let id = u64::try_from(self.record.id).map_err(|_| ProofError::Inputs)?;
        check_record(&self.hashes, &head, id, &self.record.hash())?;
        Ok(head)
    }
}

impl Display for RecordProof {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.record)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.head)
    }
}

impl FromStr for RecordProof {
    type Err = RecordProofError;

    /// Reads a proof, unchecked.
    fn from_str(text: &str) -> Result<Self, RecordProofError> {
        let (record, rest) = Record::parse(text.as_bytes())?;
        let mut rest = str::from_utf8(rest).map_err(|_| RecordProofError::Malformed)?;
        let mut hashes = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').ok_or(RecordProofError::Malformed)?;
            rest = after;
            if line.is_empty() {
                return Ok(Self::new(record, hashes, rest.to_owned()));
            }
            hashes.push(line.parse().map_err(|_| RecordProofError::Malformed)?);
        }
    }
}

/// A stored proof that does not prove.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordProofError {
    /// The text is no proof.
    #[error("malformed record proof")]
    Malformed,
    /// It does not start with a record.
    #[error(transparent)]
    Record(#[from] MalformedRecordError),
    /// The tree head is not signed by the key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// What is signed is not a tree head.
    #[error(transparent)]
    Tree(#[from] MalformedTreeError),
    /// The log does not hold the record under its number.
    #[error(transparent)]
    Proof(#[from] ProofError),
}
