use std::fmt;

use gomod_module::text::Printable;
use thiserror::Error;

use crate::{FileError, MAX_ZIP_FILE};

/// Which files of a module obey the rules of module zips, and what is wrong with the others.
///
/// The lists are complete even where something is wrong. As `CheckedFiles` of
/// [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#CheckedFiles).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[must_use]
pub struct CheckedFiles {
    /// The names of the files that are fine, in the order in which they were checked. In a zip they start with
    /// `path@version/`, and directory entries are in none of the lists unless they break a rule.
    pub valid: Vec<String>,
    /// The declared size of each of the [`valid`](Self::valid) files, in bytes.
    pub sizes: Vec<u64>,
    /// The files and directories that do not belong to the module, and why. Always empty for an existing zip, where
    /// nothing is left out.
    pub omitted: Vec<FileError>,
    /// The files that break a rule, in the order in which they were checked.
    pub invalid: Vec<FileError>,
    /// The limit that all files together exceed.
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

/// Why a set of files is no valid module zip.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// All files together exceed a limit.
    #[error(transparent)]
    Size(SizeError),
    /// Single files break a rule.
    #[error(transparent)]
    Files(FileErrors),
}

/// A limit on all files of a module together.
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
    /// The files that a zip could be made of are together larger than [`MAX_ZIP_FILE`].
    #[error("module source tree too large (max size is {MAX_ZIP_FILE} bytes)")]
    Source,
}

/// All the files that break a rule, of which there may be as many as a zip has entries.
///
/// Prints as one line for each of the first ten, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[doc(alias = "FileErrorList")]
pub struct FileErrors(pub(crate) Vec<FileError>);

/// How many files are named in a text.
const PRINTED: usize = 10;
/// How many characters each of them takes.
const MAX_LINE: usize = 1000;

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
        for (index, error) in self.0.iter().take(PRINTED).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            // A name may have 65,535 bytes, and a reason two of them.
            Printable::display(error).max_chars(MAX_LINE).fmt(f)?;
        }
        match self.0.len().saturating_sub(PRINTED) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}
