//! The checksum database: what <https://sum.golang.org> says about a module that go.sum does not know, and the proof
//! that it tells all its users the same.
//!
//! A [`Verifier`] holds hashes against go.sum, and against a [`Database`] where that knows none. Below lies a [`Session`], the
//! client without input and output: it says which files it needs, and [`Session::run`] gets them from a [`SumDbCache`] and a
//! function that fetches. [`GoSumDb`] and [`Routing`] read the variables of the go command. Below lie signed notes
//! ([`Note`], [`VerifierKey`]) and the transparency log ([`TreeHead`], [`Record`], [`tlog`]). A proven record can be
//! saved and checked again, offline, as a [`RecordProof`]; so can the evidence of a [`Fork`].
//!
//! See <https://go.dev/ref/mod#checksum-database>, <https://go.dev/design/25530-sumdb> and
//! <https://research.swtch.com/tlog>.

mod answer;
mod cache;
mod database;
mod driver;
mod error;
#[cfg(feature = "hash")]
mod explain;
mod files;
mod fn_cache;
mod fork;
mod gosumdb;
mod hash;
mod hash_read;
mod index;
mod key;
mod lenient;
mod log;
mod note;
mod proof;
mod record;
mod report;
mod session;
mod tile;
pub mod tlog;
mod verifier;

pub use answer::{LookupAnswer, RecordProof, RecordProofError, SumDbError, SumDbMismatchError, SumLines};
pub use cache::{MemoryCache, SumDbCache};
pub use database::{Database, DatabaseError};
pub use error::{ForgedHeadError, LookupError, Misbehavior};
pub use files::{MAX_LOOKUP, ReadRequest, ReadSource, StoredFile};
pub use fn_cache::FnCache;
pub use fork::{EvidenceError, Fork};
pub use gosumdb::{GoSumDb, InvalidGoSumDbError, Routing, Unchecked};
pub use hash::{Hash, InvalidHashError};
pub use key::{InvalidKeyError, VerifierKey};
pub use note::{InvalidSignatureError, MAX_SIGNATURES, Note, NoteError, Signature};
pub use record::{MAX_TREE_TEXT, MalformedRecordError, MalformedTreeError, Record, TreeHead};
pub use session::{Session, SessionOptions, SessionStep};
pub use verifier::{ChecksumError, Expected, ProvedBy, Verifier, VerifierError};
