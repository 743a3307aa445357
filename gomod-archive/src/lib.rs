#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod archive;
mod budget;
mod cancel;
mod directory;
mod end_record;
mod entry;
mod error;
mod fields;
mod inflate;
mod limits;
mod mode;
mod read;
mod read_all;
mod read_at;
mod threads;

pub use archive::Archive;
pub use cancel::{CancelToken, Cancelled};
pub use entry::Entry;
pub use error::{ContentTooLarge, OpenError, ReadError, ReadToVecError};
pub use limits::Limits;
pub use mode::Mode;
pub use read_all::Sink;
pub use read_at::ReadAt;
pub use threads::{MAX_THREADS, Threads};
