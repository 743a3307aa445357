//! Semantic versions as text, by the rules of `golang.org/x/mod/semver`.
//!
//! A version starts with a lower-case `v`. `v1` and `v1.2` are shorthands of `v1.0.0` and `v1.2.0`; a pre-release
//! and build metadata stand only after three numbers. Numbers have no leading zeros and no limit. See
//! <https://go.dev/ref/mod#versions>. [`Version`](crate::Version) is the proof type above this layer.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Where the parts of a valid version end.
///
/// Versions are compared far more often than anything else is done to them: each is read once, byte by byte, and nothing
/// is kept but these numbers.
#[derive(Clone, Copy)]
struct Parts {
    major: usize,
    /// As `major` where there is no minor number.
    minor: usize,
    /// As `minor` where there is no patch number.
    patch: usize,
    /// As `patch` where there is no pre-release. Build metadata follows.
    prerelease: usize,
}

impl Parts {
    fn of(v: &[u8]) -> Option<Self> {
        if v.first() != Some(&b'v') {
            return None;
        }
        let major = number(v, 1)?;
        if major == v.len() {
            return Some(Self { major, minor: major, patch: major, prerelease: major });
        }
        let minor = number_after_dot(v, major)?;
        if minor == v.len() {
            return Some(Self { major, minor, patch: minor, prerelease: minor });
        }
        let patch = number_after_dot(v, minor)?;
        let prerelease = if v.get(patch) == Some(&b'-') { identifiers(v, patch + 1)? } else { patch };
        let is_valid = match v.get(prerelease..)? {
            [] => true,
            [b'+', build @ ..] => is_build(build),
            _ => false,
        };
        is_valid.then_some(Self { major, minor, patch, prerelease })
    }

    /// The numbers; those that are missing are 0.
    fn numbers<'a>(&self, v: &'a [u8]) -> [&'a [u8]; 3] {
        let part = |start: usize, end: usize| v.get(start + 1..end).unwrap_or(b"0");
        [part(0, self.major), part(self.major, self.minor), part(self.minor, self.patch)]
    }

    /// With its leading `-`, or empty.
    fn prerelease<'a>(&self, v: &'a [u8]) -> &'a [u8] {
        v.get(self.patch..self.prerelease).unwrap_or_default()
    }
}

/// The end of the number without leading zeros that begins at `start`.
fn number(v: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    while v.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    (end == start + 1 || (end > start && v.get(start) != Some(&b'0'))).then_some(end)
}

fn number_after_dot(v: &[u8], dot: usize) -> Option<usize> {
    if v.get(dot) == Some(&b'.') { number(v, dot + 1) } else { None }
}

const DIGIT: u8 = 1;
const OTHER: u8 = 2;

/// What each byte is in an identifier: 0 where it cannot stand there.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_digit() {
            kinds[byte as usize] = DIGIT;
        } else if byte.is_ascii_alphabetic() || byte == b'-' {
            kinds[byte as usize] = OTHER;
        }
        byte += 1;
    }
    kinds
};

fn kind(byte: u8) -> u8 {
    KINDS[usize::from(byte)]
}

/// The end of the identifiers of a pre-release that begin at `start`.
fn identifiers(v: &[u8], mut start: usize) -> Option<usize> {
    loop {
        let (mut end, mut kinds) = (start, 0);
        let next = loop {
            let next = v.get(end).copied();
            match next.map_or(0, kind) {
                0 => break next,
                kind => kinds |= kind,
            }
            end += 1;
        };
        let has_leading_zero = kinds == DIGIT && end > start + 1 && v.get(start) == Some(&b'0');
        if end == start || has_leading_zero {
            return None;
        }
        match next {
            Some(b'.') => start = end + 1,
            None | Some(b'+') => return Some(end),
            Some(_) => return None,
        }
    }
}

fn is_build(build: &[u8]) -> bool {
    let mut previous = b'.';
    for &byte in build {
        if kind(byte) == 0 && (byte != b'.' || previous == b'.') {
            return false;
        }
        previous = byte;
    }
    previous != b'.'
}

fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn compare_prereleases(a: &[u8], b: &[u8]) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Whole identifiers that are the same decide nothing.
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let start = a.iter().take(same).rposition(|byte| *byte == b'.').map_or(1, |dot| dot + 1);
    let rests = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let (id, other) = (first_identifier(rests.0), first_identifier(rests.1));
    if id == other {
        return rests.0.len().cmp(&rests.1.len());
    }
    let is_number = |id: &[u8]| id.iter().all(u8::is_ascii_digit);
    match (is_number(id), is_number(other)) {
        (true, true) => compare_numbers(id, other),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => id.cmp(other),
    }
}

fn first_identifier(identifiers: &[u8]) -> &[u8] {
    identifiers.split(|byte| *byte == b'.').next().unwrap_or_default()
}

/// Whether `v` is a semantic version, shorthands included (`semver.IsValid`).
#[doc(alias = "IsValid")]
pub fn is_valid(v: &str) -> bool {
    Parts::of(v.as_bytes()).is_some()
}

/// Whether a version lacks its minor or patch number; `None` for an invalid one.
pub(crate) fn is_shorthand(v: &str) -> Option<bool> {
    Parts::of(v.as_bytes()).map(|parts| parts.patch == parts.minor)
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
    let parts = Parts::of(v.as_bytes())?;
    Some(if parts.minor == parts.major {
        Cow::Owned(format!("{v}.0.0"))
    } else if parts.patch == parts.minor {
        Cow::Owned(format!("{v}.0"))
    } else {
        Cow::Borrowed(v.get(..parts.prerelease).unwrap_or(v))
    })
}

/// The major version with its `v`, such as `v2`; empty for an invalid version (`semver.Major`).
#[doc(alias = "Major")]
pub fn major(v: &str) -> &str {
    Parts::of(v.as_bytes()).and_then(|parts| v.get(..parts.major)).unwrap_or("")
}

/// The major and minor version, such as `v1.2`, a missing minor version being 0; empty for an invalid version
/// (`semver.MajorMinor`).
#[doc(alias = "MajorMinor")]
pub fn major_minor(v: &str) -> Cow<'_, str> {
    match Parts::of(v.as_bytes()) {
        None => Cow::Borrowed(""),
        Some(parts) if parts.minor == parts.major => Cow::Owned(format!("{v}.0")),
        Some(parts) => Cow::Borrowed(v.get(..parts.minor).unwrap_or("")),
    }
}

/// The pre-release with its leading `-`; empty where there is none or `v` is invalid (`semver.Prerelease`).
#[doc(alias = "Prerelease")]
pub fn prerelease(v: &str) -> &str {
    Parts::of(v.as_bytes()).and_then(|parts| v.get(parts.patch..parts.prerelease)).unwrap_or("")
}

/// The build metadata with its leading `+`; empty where there is none or `v` is invalid (`semver.Build`).
#[doc(alias = "Build")]
pub fn build(v: &str) -> &str {
    Parts::of(v.as_bytes()).and_then(|parts| v.get(parts.prerelease..)).unwrap_or("")
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
    compare_bytes(v.as_bytes(), w.as_bytes())
}

/// [`compare`], and byte order where that says equal: a total order on any bytes (the order of `semver.Sort`).
#[doc(alias = "Sort")]
pub fn compare_total(v: &[u8], w: &[u8]) -> Ordering {
    compare_bytes(v, w).then_with(|| v.cmp(w))
}

fn compare_bytes(v: &[u8], w: &[u8]) -> Ordering {
    if v == w {
        return Ordering::Equal;
    }
    match (Parts::of(v), Parts::of(w)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(v_parts), Some(w_parts)) => {
            let numbers = v_parts.numbers(v).into_iter().zip(w_parts.numbers(w));
            let order = numbers.map(|(a, b)| compare_numbers(a, b)).find(|order| order.is_ne());
            order.unwrap_or_else(|| compare_prereleases(v_parts.prerelease(v), w_parts.prerelease(w)))
        }
    }
}
