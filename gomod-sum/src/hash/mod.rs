//! The `h1:` hash of a module: of its zip, its directory, its go.mod file, or of files one by one.
//!
//! See <https://go.dev/ref/mod#go-sum-files> and golang.org/x/mod/sumdb/dirhash.

mod dir;
mod extracted;
pub(crate) mod file_hash;
mod pairing;
mod sha256;
pub(crate) mod summary;
mod zip;

pub use dir::error::HashDirError;
pub use dir::{hash_dir, hash_extracted, hash_module_dir};
pub use extracted::{CompareError, Difference, DifferenceKind, Extracted, compare_extracted};
pub use file_hash::{FileHash, FileHasher};
pub use summary::{HashBuilder, NewlineInNameError, hash_go_mod};
pub use zip::{HashZipError, hash_zip, hash_zip_file};
