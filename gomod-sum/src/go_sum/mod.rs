//! The go.sum file: its lines, what they say about a hash, and how it is edited, merged and linted.
//!
//! See <https://go.dev/ref/mod#go-sum-files>.

pub(crate) mod conflict;
mod coverage;
mod diff;
mod edit;
pub(crate) mod entry;
mod fields;
mod files;
mod insert;
mod lint;
mod merge;
pub(crate) mod parse;
mod text;
pub(crate) mod verify;

pub use conflict::{ConflictError, ConflictedGoSum, Side};
pub use coverage::Coverage;
pub use diff::{Changed, Diff};
pub use entry::{Entry, Kind};
pub use files::GoSumFiles;
pub use lint::Unclean;
pub use lint::problem::{Problem, ProblemKind, Severity};
pub use merge::{Contradiction, MergeError};
pub use parse::{GoSum, MalformedGoSum};
pub use verify::{Check, Mismatch, Missing, Recorded, Verdict, VerifyError};
