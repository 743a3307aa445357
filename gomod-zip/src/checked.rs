use std::fmt;

use gomod_module::InvalidPath;
use thiserror::Error;

use crate::{MAX_DIRECTORIES, MAX_GO_MOD, MAX_LICENSE, MAX_ZIP_FILE};

/// Which files of a module zip obey the rules, and what is wrong with the others.
///
/// The lists are complete even where something is wrong. As `CheckedFiles` of
/// [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#CheckedFiles).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct CheckedFiles {
    /// The names of the files that are fine, in the order of the zip. In a zip they start with
    /// `path@version/`. Directory entries are in none of the lists, unless they break a rule.
    pub valid: Vec<String>,
    /// The files that do not belong to the module. Always empty for an existing zip, where nothing is left out.
    pub omitted: Vec<FileError>,
    /// The entries that break a rule, in the order of the zip.
    pub invalid: Vec<FileError>,
    /// The limit that the zip as a whole exceeds.
    pub size_error: Option<SizeError>,
}

impl CheckedFiles {
    /// Returns whether there is neither an invalid file nor a size error.
    pub fn is_valid(&self) -> bool {
        self.size_error.is_none() && self.invalid.is_empty()
    }

    /// Returns the names of the valid files if the whole set is valid.
    ///
    /// # Errors
    /// [`CheckError::Size`] if there is a size error, otherwise [`CheckError::Files`] if there are invalid files.
    #[doc(alias = "Err")]
    pub fn into_result(self) -> Result<Vec<String>, CheckError> {
        if let Some(error) = self.size_error {
            Err(CheckError::Size(error))
        } else if self.invalid.is_empty() {
            Ok(self.valid)
        } else {
            Err(CheckError::Files(FileErrors(self.invalid)))
        }
    }
}

/// Why a set of files is not a valid module zip.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The zip as a whole exceeds a limit.
    #[error(transparent)]
    Size(SizeError),
    /// Single files break a rule.
    #[error(transparent)]
    Files(FileErrors),
}

/// A limit on a module zip as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SizeError {
    /// The zip file is larger than [`MAX_ZIP_FILE`]. Nothing else was checked.
    #[error("module zip file is too large ({size} bytes; limit is {MAX_ZIP_FILE} bytes)")]
    ZipFile {
        /// The size of the zip file, in bytes.
        size: u64,
    },
    /// The files together are declared to be larger than [`MAX_ZIP_FILE`].
    #[error("total uncompressed size of module contents too large (max size is {MAX_ZIP_FILE} bytes)")]
    Contents,
}

/// All the files that break a rule. Prints as one line for each.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[doc(alias = "FileErrorList")]
pub struct FileErrors(pub(crate) Vec<FileError>);

impl FileErrors {
    /// Returns the files in the order in which they were checked, at least one.
    pub fn as_slice(&self) -> &[FileError] {
        &self.0
    }

    /// Returns the files in the order in which they were checked, at least one.
    pub fn into_vec(self) -> Vec<FileError> {
        self.0
    }
}

impl fmt::Display for FileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

/// One file and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {reason}", String::from_utf8_lossy(.path))]
#[non_exhaustive]
pub struct FileError {
    /// The name as it stands in the zip, which need not be UTF-8.
    pub path: Vec<u8>,
    /// The rule that it breaks.
    pub reason: FileReason,
}

/// The rules that a file of a module zip can break, with the wording of `golang.org/x/mod/zip`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileReason {
    /// The name does not start with `path@version/`.
    #[error("path does not have prefix \"{prefix}\"")]
    Prefix {
        /// What the name should start with.
        prefix: String,
    },
    /// The path has an empty, `.` or `..` element that could be left out.
    #[error("file path is not clean")]
    NotClean,
    /// The path is not a file path that every common system can store.
    #[error(transparent)]
    Path(InvalidPath),
    /// Another entry has the same path in other upper and lower case, or this path has a directory of which that
    /// is true.
    #[error("case-insensitive file name collision: \"{first}\" and \"{second}\"")]
    Collision {
        /// The path that came first, without the prefix.
        first: String,
        /// The path of this entry, or of a directory it lies in.
        second: String,
    },
    /// A path is a file by one entry and a directory by another.
    #[error("entry \"{path}\" is both a file and a directory")]
    FileAndDirectory {
        /// The path of this entry, or of a directory it lies in, without the prefix.
        path: String,
    },
    /// An entry before this one is the same file.
    #[error("multiple entries for file \"{path}\"")]
    MultipleEntries {
        /// The path without the prefix.
        path: String,
    },
    /// A `go.mod` outside the root: its directory would be another module.
    #[error("go.mod file not in module root directory")]
    GoModNotInRoot,
    /// The name is `go.mod`, but not in lower case.
    #[error("go.mod files must have lowercase names")]
    GoModCase,
    /// The root's `go.mod` is larger than [`MAX_GO_MOD`].
    #[error("go.mod file too large (max size is {MAX_GO_MOD} bytes)")]
    GoModTooLarge,
    /// The root's `LICENSE` is larger than [`MAX_LICENSE`].
    #[error("LICENSE file too large (max size is {MAX_LICENSE} bytes)")]
    LicenseTooLarge,
    /// The names up to this one mention more than [`MAX_DIRECTORIES`] directories. Go has no such rule.
    #[error("too many directories (limit is {MAX_DIRECTORIES})")]
    TooManyDirectories,
}
