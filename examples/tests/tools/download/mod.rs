//! The `download` tool.

mod bad_input;
mod cached;
mod database;
mod faults;
mod go;
mod interrupted;
mod live;
mod names;
mod retries;
mod sample;
mod servers;
mod sums;
pub(crate) mod world;
