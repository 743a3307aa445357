//! The `download` tool as its users meet it: a process with arguments, an environment, two streams and a status.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a broken fixture should stop the test")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the names in a cache have one case")]

mod bad_input;
mod cached;
mod faults;
mod go;
mod interrupted;
mod live;
mod sample;
mod sums;
mod world;
