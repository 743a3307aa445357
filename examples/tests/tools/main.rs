//! The tools as their users meet them: a process with arguments, an environment, two streams and a status.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a broken fixture should stop the test")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the names in a cache have one case")]

mod advice;
mod bombs;
mod certificates;
mod composed;
mod composed_fetch;
mod conformance;
mod direct;
mod download;
mod flaky;
mod gomod;
mod hash;
mod interrupts;
mod kills;
mod long_texts;
mod network;
mod no_room;
mod sumdb;
mod tool;
mod vcs;
mod verify;
mod zip;
mod zip_fetch;

#[cfg(target_os = "linux")]
use gomod_testkit::confined;
