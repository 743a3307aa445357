#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod check_dir;
mod check_files;
mod check_zip;
mod checked;
mod clean;
mod collision;
mod create;
mod deflate;
mod diff;
mod diff_cause;
mod dir_files;
mod file_error;
mod file_sink;
mod go_mod;
mod largest;
mod limits;
mod line_endings;
mod nested_modules;
mod portable;
mod prefix;
#[cfg(feature = "serde")]
mod serial;
mod source_file;
mod target;
mod unzip;
mod zip_writer;

pub use check_dir::{CheckDirError, check_dir, check_dir_cancellable};
pub use check_files::check_files;
pub use check_zip::check_zip;
pub use checked::{CheckError, CheckedFiles, FileErrors, SizeError};
pub use create::{
    CreateError, Created, create, create_cancellable, create_from_dir, create_from_dir_cancellable,
};
pub use diff::{ChangedFile, Content, Diff, DiffError, DiffFile, Side, diff};
pub use diff_cause::ChangeCause;
pub use file_error::{FileError, FileReason, StatError};
pub use go_mod::read_go_mod;
pub use limits::{MAX_DIRECTORIES, MAX_GO_MOD, MAX_LICENSE, MAX_ZIP_FILE};
pub use portable::{UnportableElement, UnportableReason, check_portable};
pub use prefix::{NoModule, UnexpectedFile, check_prefix, module_of};
pub use source_file::{DataFile, FileKind, FileStat, SourceFile};
pub use unzip::{Options, UnzipError, Unzipped, unzip};
