//! Integration tests: Go's answers for a corpus of zips, and the laws of reading.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod auto_traits;
mod limits;
#[expect(unreachable_pub, reason = "the conformance tool includes the file too")]
mod operations;
mod prop;
mod vectors;
