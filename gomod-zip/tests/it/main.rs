//! The tests of `gomod-zip`.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auto_traits;
mod check;
mod create;
mod diff;
mod differential;
mod directory;
mod fault;
mod files;
mod go_mod;
mod go_side;
mod limits;
mod memory;
#[expect(unreachable_pub, reason = "the conformance tool includes the file too")]
mod operations;
mod portable;
mod prop;
#[cfg(feature = "serde")]
mod serde;
mod tree;
mod vectors;
