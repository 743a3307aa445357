#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod check;
mod checked;
mod collision;
mod file_sink;
mod limits;
mod prefix;
mod target;
mod unzip;

pub use check::check_zip;
pub use checked::{CheckError, CheckedFiles, FileError, FileErrors, FileReason, SizeError};
pub use limits::{MAX_DIRECTORIES, MAX_GO_MOD, MAX_LICENSE, MAX_ZIP_FILE};
pub use prefix::{UnexpectedFile, check_prefix};
pub use unzip::{Options, UnzipError, Unzipped, unzip};
