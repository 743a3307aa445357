//! The tests of `gomod-zip`.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod check;
mod fault;
#[expect(unreachable_pub, reason = "the conformance tool includes the file too")]
mod operations;
mod prop;
mod tree;
mod vectors;
