use crate::version::{InvalidVersionError, VersionReason};
use crate::{Timestamp, semver};

/// The parts of a pseudo-version, which names a commit by its time and revision after the version that precedes it
/// (<https://go.dev/ref/mod#pseudo-versions>).
///
/// ```
/// use gomod_module::PseudoVersion;
///
/// let pseudo = PseudoVersion::parse("v1.2.4-0.20191109021931-daa7c04131f5")?;
/// assert_eq!(pseudo.base()?.as_deref(), Some("v1.2.3"));
/// assert_eq!(pseudo.time()?.to_string(), "2019-11-09T02:19:31Z");
/// assert_eq!(pseudo.revision(), "daa7c04131f5");
/// # Ok::<(), gomod_module::version::InvalidVersionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PseudoVersion<'a> {
    version: &'a str,
    /// Three numbers.
    numbers: &'a str,
    /// What stands between the three numbers and the timestamp, without its separators: nothing, `0` or `pre.0`.
    before: Option<&'a str>,
    timestamp: &'a str,
    revision: &'a str,
    build: &'a str,
}

impl<'a> PseudoVersion<'a> {
    /// Splits a pseudo-version, which need not be canonical.
    ///
    /// # Errors
    /// [`InvalidVersionError`] with [`VersionReason::PseudoSyntax`] if `version` has not the form of a pseudo-version.
    pub fn parse(version: &'a str) -> Result<Self, InvalidVersionError> {
        Self::split(version).ok_or_else(|| invalid(version, VersionReason::PseudoSyntax))
    }

    fn split(version: &'a str) -> Option<Self> {
        let build = semver::build(version);
        let prerelease = semver::prerelease(version);
        let numbers = version.strip_suffix(build)?.strip_suffix(prerelease)?;
        let (head, revision) = prerelease.strip_prefix('-')?.rsplit_once('-')?;
        let (before, timestamp) = match head.rsplit_once('.') {
            Some((before, timestamp)) => (Some(before), timestamp),
            None => (None, head),
        };
        let has_base = match before {
            Some(before) => before == "0" || before.ends_with(".0"),
            None => numbers.split_once('.')?.1 == "0.0",
        };
        let valid = has_base
            && timestamp.len() == 14
            && timestamp.bytes().all(|b| b.is_ascii_digit())
            && !revision.is_empty()
            && revision.bytes().all(|b| b.is_ascii_alphanumeric());
        valid.then_some(Self { version, numbers, before, timestamp, revision, build })
    }

    /// The tagged version that precedes the commit, or `None` if the pseudo-version says that there is none
    /// (`module.PseudoVersionBase`).
    ///
    /// # Errors
    /// [`InvalidVersionError`] with [`VersionReason::PseudoBuild`] or [`VersionReason::PseudoNegativePatch`].
    #[doc(alias = "PseudoVersionBase")]
    pub fn base(&self) -> Result<Option<String>, InvalidVersionError> {
        let Self { numbers, build, .. } = *self;
        let Some(before) = self.before else {
            if build.is_empty() {
                return Ok(None);
            }
            return Err(invalid(self.version, VersionReason::PseudoBuild(build.into())));
        };
        if let Some(prerelease) = before.strip_suffix(".0") {
            return Ok(Some(format!("{numbers}-{prerelease}{build}")));
        }
        numbers
            .rsplit_once('.')
            .and_then(|(rest, patch)| Some(format!("{rest}.{}{build}", decrement(patch)?)))
            .map(Some)
            .ok_or_else(|| invalid(self.version, VersionReason::PseudoNegativePatch(numbers.into())))
    }

    /// The time of the commit (`module.PseudoVersionTime`).
    ///
    /// # Errors
    /// [`InvalidVersionError`] with [`VersionReason::PseudoTime`] if the digits name no time.
    #[doc(alias = "PseudoVersionTime")]
    pub fn time(&self) -> Result<Timestamp, InvalidVersionError> {
        Timestamp::from_compact(self.timestamp)
            .ok_or_else(|| invalid(self.version, VersionReason::PseudoTime(self.timestamp.into())))
    }

    /// The revision, by convention the first twelve digits of a commit hash (`module.PseudoVersionRev`).
    #[doc(alias = "PseudoVersionRev")]
    pub fn revision(&self) -> &'a str {
        self.revision
    }
}

fn invalid(version: &str, reason: VersionReason) -> InvalidVersionError {
    InvalidVersionError { version: version.into(), reason }
}

/// Whether `version` has the form of a pseudo-version (`module.IsPseudoVersion`); its timestamp may still be none.
#[doc(alias = "IsPseudoVersion")]
pub fn is_pseudo_version(version: &str) -> bool {
    PseudoVersion::split(version).is_some()
}

/// Whether `version` is the [`zero_pseudo_version`] of its own major version (`module.IsZeroPseudoVersion`).
#[doc(alias = "IsZeroPseudoVersion")]
pub fn is_zero_pseudo_version(version: &str) -> bool {
    let major = semver::major(version);
    !major.is_empty() && version.strip_prefix(major) == Some(".0.0-00010101000000-000000000000")
}

/// The pseudo-version of a commit at `time` (`module.PseudoVersion`). `older` is the version that precedes the commit;
/// `major`, such as `v2`, counts only where that is no semantic version, and stands for `v0` where it is empty.
///
/// ```
/// use gomod_module::version::pseudo_version;
///
/// let time = "2019-11-09T02:19:31Z".parse()?;
/// assert_eq!(pseudo_version("", "v1.2.3", time, "daa7c04131f5"), "v1.2.4-0.20191109021931-daa7c04131f5");
/// assert_eq!(pseudo_version("v2", "", time, "daa7c04131f5"), "v2.0.0-20191109021931-daa7c04131f5");
/// # Ok::<(), gomod_module::InvalidTimestampError>(())
/// ```
#[doc(alias = "PseudoVersion")]
pub fn pseudo_version(major: &str, older: &str, time: Timestamp, revision: &str) -> String {
    let time = time.compact();
    let build = semver::build(older);
    let Some(older) = semver::canonical(older) else {
        let major = if major.is_empty() { "v0" } else { major };
        return format!("{major}.0.0-{time}-{revision}");
    };
    match older.rsplit_once('.') {
        Some((rest, patch)) if semver::prerelease(&older).is_empty() => {
            format!("{rest}.{}-0.{time}-{revision}{build}", increment(patch))
        }
        _ => format!("{older}.0.{time}-{revision}{build}"),
    }
}

/// The pseudo-version that stands for a module that does not exist, such as one that is replaced
/// (`module.ZeroPseudoVersion`).
#[doc(alias = "ZeroPseudoVersion")]
pub fn zero_pseudo_version(major: &str) -> String {
    pseudo_version(major, "", Timestamp::default(), "000000000000")
}

/// Adds one to a decimal number of any length.
fn increment(decimal: &str) -> String {
    let prefix = decimal.trim_end_matches('9');
    let zeros = "0".repeat(decimal.len() - prefix.len());
    match prefix.as_bytes().split_last() {
        Some((last, _)) => {
            let rest = prefix.get(..prefix.len() - 1).unwrap_or_default();
            format!("{rest}{}{zeros}", char::from(last + 1))
        }
        None => format!("1{zeros}"),
    }
}

/// Takes one from a decimal number of any length, or returns `None` for zero.
fn decrement(decimal: &str) -> Option<String> {
    let prefix = decimal.trim_end_matches('0');
    let nines = "9".repeat(decimal.len() - prefix.len());
    let last = prefix.as_bytes().last()?;
    let rest = prefix.get(..prefix.len() - 1)?;
    match last {
        b'1' if rest.is_empty() && !nines.is_empty() => Some(nines),
        _ => Some(format!("{rest}{}{nines}", char::from(last - 1))),
    }
}
