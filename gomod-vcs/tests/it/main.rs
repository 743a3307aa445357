//! The tests of `gomod-vcs`.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod auto_traits;
mod git;
mod go_import;
#[expect(unreachable_pub, reason = "the conformance tool includes the file, too")]
mod operations;
mod pages_go;
mod prop;
mod shared;
mod vcs;
mod vcs_answer;
