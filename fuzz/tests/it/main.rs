//! The stable side of fuzzing: kept inputs run again, and a slice of the comparison with golang.org/x/mod.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod differential;
mod go_side;
mod mutate;
mod replay;
mod zips;

#[path = "../../../gomod-archive/tests/it/operations.rs"]
mod archive_operations;
#[path = "../../../gomod-module/tests/it/operations.rs"]
mod module_operations;
#[expect(dead_code, reason = "its other operations are not on zips")]
#[path = "../../../gomod-sum/tests/it/operations.rs"]
mod sum_operations;
#[path = "../../../gomod-sum/tests/it/sumdb_operations.rs"]
mod sumdb_operations;
#[expect(dead_code, reason = "its other operations are not on zips")]
#[path = "../../../gomod-zip/tests/it/operations.rs"]
mod zip_operations;

use std::env;

/// A number from the environment.
fn count(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |count| count.parse().expect(variable))
}
