use std::borrow::Borrow;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use crate::escape::{Escaped, InvalidEscapeError, unescape_path};
use crate::path::{InvalidPathError, check_path, split_path_version};

/// The path of a module, such as `github.com/user/repo/v2` (<https://go.dev/ref/mod#module-path>).
///
/// ```
/// use gomod_module::ModulePath;
///
/// let path: ModulePath = "github.com/Azure/azure-sdk-for-go/v2".parse()?;
/// assert_eq!(path.to_escaped(), "github.com/!azure/azure-sdk-for-go/v2");
/// assert_eq!(path.prefix_and_major(), ("github.com/Azure/azure-sdk-for-go", "/v2"));
/// assert!(ModulePath::new("fmt").is_err());
/// # Ok::<(), gomod_module::path::InvalidPathError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct ModulePath(String);

impl ModulePath {
    /// Returns the path if [`check_path`] takes it.
    ///
    /// # Errors
    /// [`InvalidPathError`].
    pub fn new(path: impl Into<String>) -> Result<Self, InvalidPathError> {
        let path = path.into();
        check_path(&path).map(|()| Self(path))
    }

    /// The path that a file name or URL writes as `escaped` (`module.UnescapePath`).
    ///
    /// # Errors
    /// [`InvalidEscapeError::Path`].
    #[doc(alias = "UnescapePath")]
    pub fn from_escaped(escaped: &str) -> Result<Self, InvalidEscapeError> {
        unescape_path(escaped).map(Self)
    }

    /// The path with `!` and the lower-case letter in place of each upper-case one, as file names and URLs write it
    /// (`module.EscapePath`).
    #[doc(alias = "EscapePath")]
    pub fn to_escaped(&self) -> String {
        self.display_escaped().to_string()
    }

    /// The escaped path, for a formatter: [`to_escaped`](Self::to_escaped) without the `String`.
    pub fn display_escaped(&self) -> Escaped<'_> {
        Escaped::new(&self.0)
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the major version, and the major version with its separator: see
    /// [`split_path_version`].
    #[doc(alias = "SplitPathVersion")]
    pub fn prefix_and_major(&self) -> (&str, &str) {
        split_path_version(&self.0).unwrap_or((&self.0, ""))
    }

    /// Whether a package with this import path may lie in the module: whether it is the module path itself or goes
    /// on after a slash.
    pub fn is_prefix_of(&self, import_path: &str) -> bool {
        import_path.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for ModulePath {
    type Err = InvalidPathError;

    fn from_str(path: &str) -> Result<Self, InvalidPathError> {
        Self::new(path)
    }
}

impl TryFrom<String> for ModulePath {
    type Error = InvalidPathError;

    fn try_from(path: String) -> Result<Self, InvalidPathError> {
        Self::new(path)
    }
}

impl From<ModulePath> for String {
    fn from(path: ModulePath) -> Self {
        path.0
    }
}

impl Display for ModulePath {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for ModulePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ModulePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}
