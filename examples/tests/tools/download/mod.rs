//! The `download` tool.

mod bad_input;
mod cached;
mod faults;
mod go;
mod interrupted;
mod live;
mod sample;
mod sums;
pub(crate) mod world;
