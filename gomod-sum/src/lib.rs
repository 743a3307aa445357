#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

mod conflict;
mod dir;
mod entry;
mod explain;
mod extracted;
mod fields;
mod file_hash;
mod go_sum;
mod go_sum_files;
mod lint;
mod pairing;
mod sha256;
#[cfg(feature = "sumdb")]
pub mod sumdb;
mod summary;
mod verify;
mod zip;

pub use conflict::{ConflictError, ConflictedGoSum, Side};
pub use dir::{HashDirError, hash_dir, hash_module_dir};
pub use entry::{Entry, Kind};
pub use explain::{Evidence, Finding, FindingKind, LeftOut, LooksLike, Rewriting, Which};
pub use extracted::{CompareError, Difference, DifferenceKind, Extracted, compare_extracted};
pub use file_hash::{FileHash, FileHasher};
pub use go_sum::{Changed, Contradiction, Coverage, Diff, GoSum, MalformedGoSum, MergeError};
pub use go_sum_files::GoSumFiles;
pub use lint::{Problem, ProblemKind, Severity, Unclean};
pub use summary::{HashBuilder, NewlineInName, hash_go_mod};
pub use verify::{Check, Mismatch, Missing, Recorded, Verdict, VerifyError};
pub use zip::{HashZipError, hash_zip, hash_zip_file};
