//! Tests of the test support: what it promises, seen from outside.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

mod client;
mod faults;
mod go;
mod scenarios;
mod serving;
mod sumdb;
mod zips;
