//! Semantic versions as text, by the rules of `golang.org/x/mod/semver`.
//!
//! A version starts with a lower-case `v`. `v1` and `v1.2` are shorthands of `v1.0.0` and `v1.2.0`; a pre-release
//! and build metadata stand only after three numbers. Numbers have no leading zeros and no limit. See
//! <https://go.dev/ref/mod#versions>. [`Version`](crate::Version) is the proof type above this layer.

use std::borrow::Cow;
use std::cmp::Ordering;

/// The parts of a valid version.
struct Parsed<'a> {
    major: &'a str,
    minor: Option<&'a str>,
    patch: Option<&'a str>,
    /// With its leading `-`, or empty.
    prerelease: &'a str,
    /// With its leading `+`, or empty.
    build: &'a str,
}

impl<'a> Parsed<'a> {
    fn new(v: &'a str) -> Option<Self> {
        let (major, rest) = number(v.strip_prefix('v')?)?;
        let mut parsed = Self { major, minor: None, patch: None, prerelease: "", build: "" };
        if rest.is_empty() {
            return Some(parsed);
        }
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        parsed.minor = Some(minor);
        if rest.is_empty() {
            return Some(parsed);
        }
        let (patch, rest) = number(rest.strip_prefix('.')?)?;
        parsed.patch = Some(patch);
        let (prerelease, build) = rest.split_at(rest.find('+').unwrap_or(rest.len()));
        if !prerelease.is_empty() {
            let identifiers = prerelease.strip_prefix('-')?;
            if !identifiers.split('.').all(|id| is_identifier(id) && !has_leading_zero(id)) {
                return None;
            }
        }
        if !build.is_empty() && !build.strip_prefix('+')?.split('.').all(is_identifier) {
            return None;
        }
        Some(Self { prerelease, build, ..parsed })
    }

    fn minor(&self) -> &'a str {
        self.minor.unwrap_or("0")
    }

    fn patch(&self) -> &'a str {
        self.patch.unwrap_or("0")
    }

    fn compare(&self, other: &Self) -> Ordering {
        compare_numbers(self.major, other.major)
            .then_with(|| compare_numbers(self.minor(), other.minor()))
            .then_with(|| compare_numbers(self.patch(), other.patch()))
            .then_with(|| compare_prereleases(self.prerelease, other.prerelease))
    }
}

/// A decimal number without leading zeros and what follows it.
fn number(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let valid = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
    valid.then_some((digits, rest))
}

fn is_identifier(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_number(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit())
}

fn has_leading_zero(id: &str) -> bool {
    id.len() > 1 && id.starts_with('0') && is_number(id)
}

fn compare_numbers(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => {
            let mut others = b.split('.');
            for id in a.split('.') {
                let Some(other) = others.next() else { return Ordering::Greater };
                let order = match (is_number(id), is_number(other)) {
                    (true, true) => compare_numbers(id, other),
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (false, false) => id.cmp(other),
                };
                if order.is_ne() {
                    return order;
                }
            }
            if others.next().is_some() { Ordering::Less } else { Ordering::Equal }
        }
    }
}

/// Whether `v` is a semantic version, shorthands included (`semver.IsValid`).
#[doc(alias = "IsValid")]
pub fn is_valid(v: &str) -> bool {
    Parsed::new(v).is_some()
}

/// Whether a version lacks its minor or patch number; `None` for an invalid one.
pub(crate) fn is_shorthand(v: &str) -> Option<bool> {
    Parsed::new(v).map(|parsed| parsed.patch.is_none())
}

/// The version with three numbers and without build metadata, or `None` for an invalid one (`semver.Canonical`,
/// which returns the empty string there).
///
/// ```
/// use gomod_module::semver;
///
/// assert_eq!(semver::canonical("v1.2").as_deref(), Some("v1.2.0"));
/// assert_eq!(semver::canonical("v2.0.0+incompatible").as_deref(), Some("v2.0.0"));
/// assert_eq!(semver::canonical("1.2.3"), None);
/// ```
#[doc(alias = "Canonical")]
pub fn canonical(v: &str) -> Option<Cow<'_, str>> {
    let parsed = Parsed::new(v)?;
    Some(match (parsed.minor, parsed.patch) {
        (None, _) => Cow::Owned(format!("{v}.0.0")),
        (_, None) => Cow::Owned(format!("{v}.0")),
        _ => Cow::Borrowed(v.strip_suffix(parsed.build).unwrap_or(v)),
    })
}

/// The major version with its `v`, such as `v2`; empty for an invalid version (`semver.Major`).
#[doc(alias = "Major")]
pub fn major(v: &str) -> &str {
    Parsed::new(v).and_then(|parsed| v.get(..1 + parsed.major.len())).unwrap_or("")
}

/// The major and minor version, such as `v1.2`, a missing minor version being 0; empty for an invalid version
/// (`semver.MajorMinor`).
#[doc(alias = "MajorMinor")]
pub fn major_minor(v: &str) -> Cow<'_, str> {
    match Parsed::new(v) {
        None => Cow::Borrowed(""),
        Some(Parsed { minor: None, .. }) => Cow::Owned(format!("{v}.0")),
        Some(Parsed { major, minor: Some(minor), .. }) => {
            Cow::Borrowed(v.get(..2 + major.len() + minor.len()).unwrap_or(""))
        }
    }
}

/// The pre-release with its leading `-`; empty where there is none or `v` is invalid (`semver.Prerelease`).
#[doc(alias = "Prerelease")]
pub fn prerelease(v: &str) -> &str {
    Parsed::new(v).map_or("", |parsed| parsed.prerelease)
}

/// The build metadata with its leading `+`; empty where there is none or `v` is invalid (`semver.Build`).
#[doc(alias = "Build")]
pub fn build(v: &str) -> &str {
    Parsed::new(v).map_or("", |parsed| parsed.build)
}

/// The order of precedence: build metadata does not count, an invalid version comes before every valid one, and
/// two invalid versions are equal (`semver.Compare`).
///
/// ```
/// use gomod_module::semver;
/// use std::cmp::Ordering;
///
/// assert_eq!(semver::compare("v1.0.0-rc.2", "v1.0.0-rc.10"), Ordering::Less);
/// assert_eq!(semver::compare("v1", "v1.0.0+meta"), Ordering::Equal);
/// assert_eq!(semver::compare("1.0.0", "v0.0.0-0"), Ordering::Less);
/// ```
#[doc(alias = "Compare")]
pub fn compare(v: &str, w: &str) -> Ordering {
    match (Parsed::new(v), Parsed::new(w)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(v), Some(w)) => v.compare(&w),
    }
}

/// [`compare`], and byte order where that says equal: a total order on any bytes (the order of `semver.Sort`).
#[doc(alias = "Sort")]
pub fn compare_total(v: &[u8], w: &[u8]) -> Ordering {
    compare(text(v), text(w)).then_with(|| v.cmp(w))
}

/// What is not UTF-8 is as invalid as the empty string.
fn text(v: &[u8]) -> &str {
    std::str::from_utf8(v).unwrap_or("")
}
