#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

// The order of the layers: each uses those before it.
pub mod go_sum;

#[cfg(feature = "hash")]
pub mod hash;

#[cfg(feature = "hash")]
pub mod explain;

#[cfg(feature = "sumdb")]
pub mod sumdb;

#[cfg(feature = "hash")]
pub use explain::{Evidence, Finding};
pub use go_sum::{
    GoSum, GoSumFiles, GoSumLine, Kind, MalformedGoSumError, Mismatch, Missing, Verdict, VerifyError,
};
#[cfg(feature = "hash")]
pub use hash::{
    FileHash, HashBuilder, HashDirError, HashZipError, hash_dir, hash_go_mod, hash_module_dir, hash_zip,
    hash_zip_file,
};
#[cfg(feature = "sumdb")]
pub use sumdb::{ProvedBy, Verifier};
