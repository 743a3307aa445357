//! The `download` tool.

mod bad_input;
mod cached;
mod faults;
mod go;
mod interrupted;
mod live;
mod retries;
mod sample;
mod sums;
mod world;
