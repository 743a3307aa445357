use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use thiserror::Error;

use crate::path::{InvalidPathError, check_path, check_path_major, split_path_version};
use crate::text::quote::quote;
use crate::version::{InvalidVersionError, VersionReason};
use crate::{ModulePath, Version, semver};

/// A module path and version that do not go together, or one of them that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum ModuleError {
    /// The path is no module path.
    #[error(transparent)]
    Path(#[from] InvalidPathError),
    /// The version is none, or is not one of this module.
    #[error("{path}@{}: invalid {}: {}", invalid.version, invalid.reason.noun(), invalid.reason)]
    Version {
        /// The module path.
        path: String,
        /// The version and what is wrong with it.
        invalid: InvalidVersionError,
    },
    /// A text that should be `path@version` has no `@`.
    #[error("{} is not path@version", quote(.0.as_bytes()))]
    NoVersion(String),
}

/// Checks that `path` is a module path and `version` a semantic version that may belong to it (`module.Check`).
/// The version need not be canonical.
///
/// # Errors
/// [`ModuleError::Path`] or [`ModuleError::Version`].
#[doc(alias = "Check")]
pub fn check_module(path: &str, version: &str) -> Result<(), ModuleError> {
    check_path(path)?;
    let invalid = |invalid| ModuleError::Version { path: path.into(), invalid };
    if !semver::is_valid(version) {
        let reason = VersionReason::NotSemantic;
        return Err(invalid(InvalidVersionError { version: version.into(), reason }));
    }
    let (_, path_major) = split_path_version(path).unwrap_or_default();
    check_path_major(version, path_major).map_err(invalid)
}

/// A module at a version; the version is one that the module path allows.
///
/// The order is that of go.sum: by path, then by version.
///
/// ```
/// use gomod_module::ModuleVersion;
///
/// let module: ModuleVersion = "example.com/m/v2@v2.1.0".parse()?;
/// assert_eq!(module.path().as_str(), "example.com/m/v2");
/// assert_eq!(module.version().as_str(), "v2.1.0");
/// assert_eq!(
///     ModuleVersion::parse("example.com/m", "v2.1.0").unwrap_err().to_string(),
///     "example.com/m@v2.1.0: invalid version: should be v0 or v1, not v2",
/// );
/// # Ok::<(), gomod_module::ModuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct ModuleVersion {
    path: ModulePath,
    version: Version,
}

impl ModuleVersion {
    /// Returns the pair if the version's major version is that of the path.
    ///
    /// # Errors
    /// [`ModuleError::Version`] with [`VersionReason::Major`].
    pub fn new(path: ModulePath, version: Version) -> Result<Self, ModuleError> {
        match check_path_major(version.as_str(), path.prefix_and_major().1) {
            Ok(()) => Ok(Self { path, version }),
            Err(invalid) => Err(ModuleError::Version { path: path.into(), invalid }),
        }
    }

    /// Returns the pair if both texts are valid, the version is canonical, and its major version is that of the
    /// path.
    ///
    /// # Errors
    /// [`ModuleError::Path`] or [`ModuleError::Version`].
    pub fn parse(path: &str, version: &str) -> Result<Self, ModuleError> {
        let path = ModulePath::new(path)?;
        match Version::new(version) {
            Ok(version) => Self::new(path, version),
            Err(invalid) => Err(ModuleError::Version { path: path.into(), invalid }),
        }
    }

    /// The module path.
    pub fn path(&self) -> &ModulePath {
        &self.path
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

impl FromStr for ModuleVersion {
    type Err = ModuleError;

    fn from_str(text: &str) -> Result<Self, ModuleError> {
        let (path, version) = text.split_once('@').ok_or_else(|| ModuleError::NoVersion(text.into()))?;
        Self::parse(path, version)
    }
}

impl TryFrom<String> for ModuleVersion {
    type Error = ModuleError;

    fn try_from(text: String) -> Result<Self, ModuleError> {
        text.parse()
    }
}

impl From<ModuleVersion> for String {
    fn from(module: ModuleVersion) -> Self {
        module.to_string()
    }
}

impl Display for ModuleVersion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.path, self.version)
    }
}

/// The order of two lines of go.sum, given as path and version, the latter with or without `/go.mod`, of any bytes
/// (`module.Sort`): by path, then by version, then `v1.0.0` before `v1.0.0/go.mod`.
///
/// Go leaves open in which order it writes versions of equal precedence, such as `v1.0.0` and `v1.0.0+incompatible`,
/// and versions that are none. Here they are ordered by bytes.
#[doc(alias = "Sort")]
pub fn compare_modules(a: (&[u8], &[u8]), b: (&[u8], &[u8])) -> Ordering {
    let ((a_version, a_suffix), (b_version, b_suffix)) = (cut_suffix(a.1), cut_suffix(b.1));
    a.0.cmp(b.0)
        .then_with(|| semver::compare_total(a_version, b_version))
        .then_with(|| a_suffix.cmp(b_suffix))
}

fn cut_suffix(version: &[u8]) -> (&[u8], &[u8]) {
    version.split_at(version.iter().position(|&b| b == b'/').unwrap_or(version.len()))
}
