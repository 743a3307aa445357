//! Why a lookup proves nothing, and what a database must not do.

use std::error::Error;
use std::sync::Arc;

use gomod_module::path::InvalidPathError;
use gomod_module::version::InvalidVersionError;
use thiserror::Error;

use super::fork::Fork;
use super::note::{InvalidSignatureError, NoteError};
use super::proof::ProofError;
use super::record::{MalformedRecordError, MalformedTreeError};
use super::tile::TileError;

/// Why the lines of one module could not be had, or are not proven.
///
/// None of these is a verdict about the database: what was received does not prove anything, and is not stored.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The module's path is private: the database was not asked, and must not learn of it.
    #[error("skipped (listed in GONOSUMDB)")]
    Skipped,
    /// The module path cannot be asked for.
    #[error(transparent)]
    Path(InvalidPathError),
    /// The version cannot be asked for.
    #[error(transparent)]
    Version(InvalidVersionError),
    /// The stored tree head could not be taken over, so that the session answers nothing.
    #[error("starting with the stored tree head")]
    Start(#[source] Box<LookupError>),
    /// A file could not be read from the network.
    #[error("{path} is not available")]
    Unavailable {
        /// Its path below the base URL.
        path: String,
        /// What the driver said.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// A file is longer than anything of use.
    #[error("{path} has {length} bytes, more than {limit}")]
    TooLong {
        /// Its path.
        path: String,
        /// Its length.
        length: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The stored tree head could not be read or written.
    #[error("the stored tree head")]
    HeadFile(#[source] Arc<dyn Error + Send + Sync>),
    /// The answer to the lookup holds no record.
    #[error(transparent)]
    Record(#[from] MalformedRecordError),
    /// A tree head is not signed by the key of the database.
    #[error("reading tree note")]
    Note {
        /// What was taken for a note.
        note: Vec<u8>,
        /// What is wrong with it.
        source: NoteError,
    },
    /// What is signed is not a tree head.
    #[error("reading tree")]
    Tree {
        /// The signed text.
        text: String,
        /// What is wrong with it.
        source: MalformedTreeError,
    },
    /// Two tree heads could not be compared. This says nothing about a fork.
    #[error("checking tree#{older} against tree#{newer}")]
    Check {
        /// The size of the smaller tree.
        older: u64,
        /// The size of the larger tree.
        newer: u64,
        /// Why not.
        source: Box<LookupError>,
    },
    /// Tiles are not what the tree head covers.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The sizes and numbers of a proof do not go together.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The record's number is none of the log.
    #[error("cannot validate record {id} in tree of size {size}")]
    Beyond {
        /// The number.
        id: i64,
        /// The number of records.
        size: u64,
    },
    /// The log holds another record under this number.
    #[error("cannot authenticate record data in server response")]
    NotInLog {
        /// The number.
        id: i64,
    },
    /// A stored answer is about another module, and the network has no better one.
    #[error("record {id} is about another module")]
    OtherModule {
        /// The number.
        id: i64,
    },
}

impl LookupError {
    /// Whether the content of the lookup's answer is wrong, so that another source may have a right one.
    pub(super) fn is_about_answer(&self) -> bool {
        matches!(
            self,
            Self::TooLong { .. }
                | Self::Record(_)
                | Self::Note { .. }
                | Self::Tree { .. }
                | Self::Beyond { .. }
                | Self::NotInLog { .. }
        )
    }
}

/// The database, or a server in its name, did what it must not do: a security verdict, which ends a session.
///
/// No source and no later answer may take it back. Keep the evidence, and report it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[doc(alias = "ErrSecurity")]
pub enum Misbehavior {
    /// The database has signed two logs, neither of which is the start of the other.
    #[error(transparent)]
    Fork(Box<Fork>),
    /// A tree head carries a false signature in the name of the database.
    #[error(transparent)]
    Signature(#[from] ForgedHeadError),
}

/// A tree head with a false signature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the tree head of the checksum database is forged")]
#[non_exhaustive]
pub struct ForgedHeadError {
    /// The note, as received.
    pub note: Vec<u8>,
    /// The signature.
    pub source: InvalidSignatureError,
}
