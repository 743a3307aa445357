//! What the tools share: the order in which the crates are composed, not knowledge of their own.
#![forbid(unsafe_code)]

pub mod causes;
pub mod certificates;
pub mod checked_zip;
pub mod database;
pub mod direct;
pub mod ending;
pub mod failure;
pub mod flags;
pub mod go_sum_lint;
pub mod graph;
pub mod install;
pub mod installed;
pub mod interrupt;
pub mod network;
pub mod new_file;
pub mod next_step;
pub mod obstacle;
pub mod output;
pub mod packed;
pub mod program;
pub mod progress;
pub mod project;
#[cfg(feature = "sample")]
pub mod sample;
#[cfg(not(feature = "sample"))]
#[path = "no_sample.rs"]
pub mod sample;
pub mod settings;
pub mod silence;
pub mod sums;
pub mod unproven;
mod waiting;
pub mod workers;

/// The examples of the workspace's README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// Those of its cookbook.
#[cfg(doctest)]
#[doc = include_str!("../../COOKBOOK.md")]
pub struct Cookbook;
