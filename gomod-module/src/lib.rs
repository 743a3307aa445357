#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod clean_path;
mod error_chain;
pub mod escape;
pub mod go_version;
pub mod goenv;
mod h1;
mod lfs_pointer;
pub mod modfile;
pub mod module_set;
mod module_version;
pub mod path;
pub mod pattern;
#[cfg(feature = "os")]
pub mod project;
pub mod query;
pub mod semver;
pub mod text;
mod timestamp;
pub mod url;
pub mod version;

#[cfg(feature = "info")]
mod info;

pub use error_chain::ErrorChain;
pub use goenv::GoEnv;
pub use h1::{H1, InvalidH1Error};
pub use lfs_pointer::LfsPointer;
pub use modfile::{GoMod, GoWork};
pub use module_version::{ModuleError, ModuleVersion, check_module, compare_modules};
pub use path::ModulePath;
pub use pattern::PrefixPatterns;
pub use query::Query;
pub use timestamp::{InvalidTimestampError, Timestamp};
pub use version::{PseudoVersion, Version};

#[cfg(feature = "info")]
pub use info::{Info, InfoError, Origin};
