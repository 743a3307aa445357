//! The tests of this crate.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auto_traits;
mod conflict;
mod dir;
mod edit;
mod explain;
mod extracted;
mod go_sum;
mod go_sum_go;
mod limits;
mod lint;
#[expect(unreachable_pub, reason = "the conformance tool includes the file too")]
mod operations;
mod prop;
mod prop_go_sum;
mod sizes;
#[cfg(feature = "sumdb")]
mod sumdb;
#[cfg(feature = "sumdb")]
#[expect(unreachable_pub, reason = "the conformance tool includes the file too")]
mod sumdb_operations;
mod transform;
mod vectors;
mod workspace;
mod zip;
