use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use thiserror::Error;

use crate::escape::{Escaped, InvalidEscapeError, unescape_version};
use crate::text::quote::quote;
use crate::version::is_pseudo_version;
use crate::{PseudoVersion, semver};

/// A version that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[error("{} {} invalid: {reason}", reason.noun(), quote(version.as_bytes()))]
#[non_exhaustive]
pub struct InvalidVersionError {
    /// The version as given.
    pub version: String,
    /// What is wrong with it.
    pub reason: VersionReason,
}

/// Why a version is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum VersionReason {
    /// It is no semantic version at all.
    #[error("not a semantic version")]
    NotSemantic,
    /// It is a semantic version, but not in canonical form; the canonical form is given.
    #[error("not in canonical form, which is {canonical}")]
    NotCanonical {
        /// The same version in canonical form.
        canonical: String,
    },
    /// Its major version does not fit the module path.
    #[error("should be {wanted}, not {found}")]
    Major {
        /// What the path asks for: `v0 or v1`, or one major version.
        wanted: String,
        /// The major version of the version; empty for one that is not valid.
        found: String,
    },
    /// It cannot be escaped to name a file.
    #[error("disallowed version string")]
    Disallowed,
    /// It has not the form of a pseudo-version.
    #[error("syntax error")]
    PseudoSyntax,
    /// The timestamp of a pseudo-version, given here, names no time.
    #[error("malformed time {}", quote(.0.as_bytes()))]
    PseudoTime(String),
    /// A pseudo-version without a base version has build metadata, given here.
    #[error("lacks base version, but has build metadata {}", quote(.0.as_bytes()))]
    PseudoBuild(String),
    /// A pseudo-version stands before a version, given here, that has no predecessor.
    #[error("version before {0} would have negative patch number")]
    PseudoNegativePatch(String),
}

impl VersionReason {
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::PseudoSyntax
            | Self::PseudoTime(_)
            | Self::PseudoBuild(_)
            | Self::PseudoNegativePatch(_) => "pseudo-version",
            _ => "version",
        }
    }
}

/// The canonical form of a version, or `None` for an invalid one (`module.CanonicalVersion`): three numbers, and no
/// build metadata other than exactly `+incompatible`.
///
/// ```
/// use gomod_module::version::canonical_version;
///
/// assert_eq!(canonical_version("v1.2").as_deref(), Some("v1.2.0"));
/// assert_eq!(canonical_version("v2.0.0+incompatible").as_deref(), Some("v2.0.0+incompatible"));
/// assert_eq!(canonical_version("v2.0.0+meta").as_deref(), Some("v2.0.0"));
/// ```
#[doc(alias = "CanonicalVersion")]
pub fn canonical_version(v: &str) -> Option<Cow<'_, str>> {
    let canonical = semver::canonical(v)?;
    // Build metadata follows three numbers, so that nothing was filled in.
    Some(if semver::build(v) == "+incompatible" { Cow::Borrowed(v) } else { canonical })
}

/// A canonical version of a module, such as `v1.2.3`, `v2.0.0-rc.1`, `v2.0.0+incompatible` or a pseudo-version
/// (<https://go.dev/ref/mod#versions>).
///
/// Versions order by precedence as Go compares them and, where that says equal, by bytes: `v2.0.0` and
/// `v2.0.0+incompatible` are neighbours, but two versions.
///
/// ```
/// use gomod_module::Version;
///
/// let version: Version = "v1.10.0".parse()?;
/// assert!(version > Version::new("v1.9.0")?);
/// assert!(version > Version::new("v1.10.0-rc.1")?);
/// assert_eq!(version.major(), "v1");
/// assert!(Version::new("v1.10").is_err());
/// # Ok::<(), gomod_module::version::InvalidVersionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Version(String);

impl Version {
    /// Returns the version if it is canonical: equal to its [`canonical_version`].
    ///
    /// # Errors
    /// [`InvalidVersionError`] with [`VersionReason::NotSemantic`] or [`VersionReason::NotCanonical`].
    pub fn new(version: impl Into<String>) -> Result<Self, InvalidVersionError> {
        let version = version.into();
        let reason = match canonical_version(&version) {
            None => VersionReason::NotSemantic,
            Some(canonical) if canonical != version => {
                VersionReason::NotCanonical { canonical: canonical.into_owned() }
            }
            Some(_) => return Ok(Self(version)),
        };
        Err(InvalidVersionError { version, reason })
    }

    /// The version that a file name or URL writes as `escaped` (`module.UnescapeVersion`).
    ///
    /// # Errors
    /// [`InvalidEscapeError::Version`], also where the text is no canonical version.
    pub fn from_escaped(escaped: &str) -> Result<Self, InvalidEscapeError> {
        Self::new(unescape_version(escaped)?)
            .map_err(|invalid| InvalidEscapeError::NotCanonical { source: invalid })
    }

    /// The version with `!` and the lower-case letter in place of each upper-case one, as file names and URLs write
    /// it (`module.EscapeVersion`).
    #[doc(alias = "EscapeVersion")]
    pub fn to_escaped(&self) -> String {
        self.display_escaped().to_string()
    }

    /// The escaped version, for a formatter: [`to_escaped`](Self::to_escaped) without the `String`.
    pub fn display_escaped(&self) -> Escaped<'_> {
        Escaped::new(&self.0)
    }

    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Go's order of precedence, in which build metadata does not count (`semver.Compare`).
    #[doc(alias = "Compare")]
    pub fn cmp_precedence(&self, other: &Self) -> Ordering {
        semver::compare(&self.0, &other.0)
    }

    /// The major version with its `v`.
    #[doc(alias = "Major")]
    pub fn major(&self) -> &str {
        semver::major(&self.0)
    }

    /// Whether the version has a pre-release, as every pseudo-version has.
    pub fn is_prerelease(&self) -> bool {
        !semver::prerelease(&self.0).is_empty()
    }

    /// Whether the version ends in `+incompatible`: it is `v2` or later of a module whose path does not say so
    /// (<https://go.dev/ref/mod#incompatible-versions>).
    pub fn is_incompatible(&self) -> bool {
        semver::build(&self.0) == "+incompatible"
    }

    /// Whether the version is a pseudo-version (`module.IsPseudoVersion`).
    #[doc(alias = "IsPseudoVersion")]
    pub fn is_pseudo(&self) -> bool {
        is_pseudo_version(&self.0)
    }

    /// The parts of a pseudo-version, or `None` for another version.
    pub fn pseudo(&self) -> Option<PseudoVersion<'_>> {
        PseudoVersion::parse(&self.0).ok()
    }

    /// The same version for the `semver` crate, `+incompatible` as build metadata; `None` where a number exceeds
    /// `u64`. Of the two, only `semver::Version::cmp_precedence` agrees with Go.
    #[cfg(feature = "semver")]
    pub fn to_semver(&self) -> Option<::semver::Version> {
        self.0.strip_prefix('v').and_then(|version| ::semver::Version::parse(version).ok())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        semver::compare_total(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Version {
    type Err = InvalidVersionError;

    fn from_str(version: &str) -> Result<Self, InvalidVersionError> {
        Self::new(version)
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersionError;

    fn try_from(version: String) -> Result<Self, InvalidVersionError> {
        Self::new(version)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Version {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
