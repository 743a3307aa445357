//! The tests of this crate.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dir;
mod go_sum;
#[expect(unreachable_pub, reason = "the conformance tool includes the file too")]
mod operations;
mod prop;
mod vectors;
mod zip;
