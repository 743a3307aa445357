#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod dir;
mod entry;
mod fields;
mod file_hash;
mod go_sum;
mod summary;
mod verify;
mod zip;

pub use dir::{HashDirError, hash_dir, hash_module_dir};
pub use entry::{Entry, Kind};
pub use file_hash::{FileHash, FileHasher};
pub use go_sum::{GoSum, MalformedGoSum};
pub use summary::{HashBuilder, NewlineInName, hash_go_mod};
pub use verify::{Check, Mismatch, Missing, Recorded, Verdict};
pub use zip::{HashZipError, hash_zip, hash_zip_file};
