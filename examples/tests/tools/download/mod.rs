//! The `download` tool.

mod bad_input;
mod cached;
mod causes;
pub(crate) mod database;
mod disk;
mod explained;
mod faults;
mod go;
mod go_sum_text;
mod interrupted;
mod killed;
mod live;
mod names;
mod outages;
mod pipe;
mod resumed;
mod retries;
mod sample;
mod servers;
mod servers_sums;
mod sums;
mod told;
mod unproven;
pub(crate) mod witness;
mod workspace;
pub(crate) mod world;
mod write_sum;
