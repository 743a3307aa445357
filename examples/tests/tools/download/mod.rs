//! The `download` tool.

mod bad_input;
mod cached;
mod database;
mod disk;
mod faults;
mod go;
mod interrupted;
mod killed;
mod live;
mod names;
mod resumed;
mod retries;
mod sample;
mod servers;
mod servers_sums;
mod sums;
mod unproven;
pub(crate) mod world;
mod write_sum;
