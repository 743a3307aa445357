//! What the fuzz targets do with their bytes: each function states laws that hold for any input, and panics where one
//! does not. Without cargo-fuzz the targets are programs that run the files named on their command line.

mod names;
mod proxies;
mod repositories;
mod sums;
mod zips;

use std::{env, fs, io};

pub use names::{escape, go_mod, pattern, version};
pub use proxies::{goproxy, info, list, netrc};
pub use repositories::go_import;
pub use sums::{go_sum, note, record, tile_path};
pub use zips::{check_unzip, zip_directory};

/// A target: its name, and what it does with its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 15] = [
    ("check_unzip", check_unzip),
    ("escape", escape),
    ("go_import", go_import),
    ("go_mod", go_mod),
    ("go_sum", go_sum),
    ("note", note),
    ("goproxy", goproxy),
    ("info", info),
    ("list", list),
    ("netrc", netrc),
    ("pattern", pattern),
    ("record", record),
    ("tile_path", tile_path),
    ("version", version),
    ("zip_directory", zip_directory),
];

/// Runs a target on the files named on the command line.
///
/// # Errors
/// When a file cannot be read.
pub fn replay(target: fn(&[u8])) -> io::Result<()> {
    env::args_os().skip(1).try_for_each(|file| fs::read(file).map(|data| target(&data)))
}
