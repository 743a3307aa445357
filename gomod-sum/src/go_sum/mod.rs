//! The go.sum file: its lines, what they say about a hash, and how it is edited, merged and linted.
//!
//! See <https://go.dev/ref/mod#go-sum-files>.

pub(crate) mod conflict;
mod coverage;
mod diff;
mod edit;
pub(crate) mod entry;
mod fields;
pub(crate) mod files;
mod insert;
mod lint;
mod merge;
pub(crate) mod parse;
mod read;
pub(crate) mod report;
#[cfg(feature = "serde")]
pub(crate) mod serial;
mod text;
mod transform;
pub(crate) mod verify;

pub use conflict::{ConflictError, ConflictSide, ConflictedGoSum};
pub use coverage::Coverage;
pub use diff::{Changed, GoSumDiff};
pub use entry::{GoSumLine, Kind};
pub use files::GoSumFiles;
pub use lint::LintError;
pub use lint::problem::{LintProblem, LintProblemKind, Severity};
pub use merge::{Contradiction, MergeError};
pub use parse::{GoSum, MalformedGoSumError};
pub use read::{MAX_GO_SUM, ReadGoSumError};
pub use report::ChecksumReport;
pub use transform::WriteGoSumError;
pub use verify::{Check, Mismatch, Missing, Recorded, Verdict, VerifyError};
