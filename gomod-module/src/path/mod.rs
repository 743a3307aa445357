//! Module paths, import paths, and the paths of files in a module.

pub(crate) mod check;
pub(crate) mod major;
pub(crate) mod module_path;

pub use check::{InvalidPathError, PathKind, PathReason, check_file_path, check_import_path, check_path};
pub use major::{check_path_major, path_major_prefix, split_path_version};
pub use module_path::ModulePath;
