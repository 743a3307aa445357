//! The tests of `gomod-module`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allocations;
mod auto_traits;
mod error_chain;
mod goenv;
mod goenv_go;
mod graph_operations;
mod h1;
#[cfg(feature = "info")]
mod info;
mod modfile;
mod modfile_go;
mod module_set;
mod operations;
mod pattern_problems;
mod plain_semver;
mod printable;
#[cfg(feature = "os")]
mod project;
mod prop;
mod query_go;
#[cfg(feature = "semver")]
mod semver;
#[cfg(feature = "serde")]
mod serde;
mod unicode;
mod vectors;
