//! The tests of `gomod-cache`.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod auto_traits;
#[cfg(target_os = "linux")]
mod crash;
mod download_dir;
mod entry;
mod fixture;
mod go;
mod install;
mod kept;
mod lock;
#[expect(unreachable_pub, reason = "the conformance tool includes the file, too")]
mod operations;
mod prop;
mod prune;
mod quarantine;
#[cfg(feature = "serde")]
mod serde;
mod staging;
mod sumdb_files;
mod vectors;
mod walk;
