#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod error_chain;
mod escape;
mod go_string;
pub mod go_version;
mod goenv;
mod h1;
mod lfs_pointer;
pub mod modfile;
pub mod module_set;
mod module_version;
mod path;
mod path_check;
mod path_major;
mod pattern;
mod printable;
mod pseudo;
mod query;
mod quote;
pub mod semver;
mod timestamp;
mod unicode;
mod version;

#[cfg(feature = "info")]
mod info;

pub use error_chain::ErrorChain;
pub use escape::{Escaped, InvalidEscapeError, escape_path, escape_version, unescape_path, unescape_version};
pub use go_string::GoString;
pub use goenv::{EnvOrigin, GoEnv, GoEnvError, GoFlags, GoFlagsError, MAX_ENV_FILE};
pub use h1::{H1, InvalidH1Error};
pub use lfs_pointer::LfsPointer;
pub use modfile::{GoMod, GoModError, GoWork, MAX_GO_MOD, VendorRule};
pub use module_version::{ModuleError, ModuleVersion, check_module, compare_modules};
pub use path::ModulePath;
pub use path_check::{
    InvalidPathError, PathKind, PathReason, check_file_path, check_import_path, check_path,
};
pub use path_major::{check_path_major, path_major_prefix, split_path_version};
pub use pattern::{BadPatternError, PatternProblem, PatternProblemKind, PrefixPatterns, path_match};
pub use printable::Printable;
pub use pseudo::{
    PseudoVersion, is_pseudo_version, is_zero_pseudo_version, pseudo_version, zero_pseudo_version,
};
pub use query::{InvalidQueryError, NoPatchBaseError, Query, QueryMatcher, QueryReason, Selection};
pub use quote::quote;
pub use timestamp::{InvalidTimestampError, Timestamp};
pub use unicode::{UNICODE_VERSION, fold_key};
pub use version::{InvalidVersionError, Version, VersionReason, canonical_version};

#[cfg(feature = "info")]
pub use info::{Info, InfoError, Origin};
