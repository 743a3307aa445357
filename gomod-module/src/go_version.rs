//! Versions of Go itself, as a `go` line states them: `1.21`, `1.21rc1`, `1.21.0`. They are no semantic versions.
//!
//! Source: [Go toolchains](https://go.dev/doc/toolchain#version) and `internal/gover` of the go command.

use std::cmp::Ordering;

/// How two Go versions compare: `1.17rc1 < 1.17`, but from 1.21 on `1.21 < 1.21rc1 < 1.21.0`.
///
/// A malformed version is less than every well-formed one and equal to another malformed one.
///
/// ```
/// use std::cmp::Ordering;
/// use gomod_module::go_version::compare;
///
/// assert_eq!(compare("1.17rc1", "1.17"), Ordering::Less);
/// assert_eq!(compare("1.21rc1", "1.21"), Ordering::Greater);
/// assert_eq!(compare("1.9", "1.10"), Ordering::Less);
/// ```
#[doc(alias = "Compare")]
pub fn compare(a: &str, b: &str) -> Ordering {
    Parts::parse(a).cmp(&Parts::parse(b))
}

/// Whether `version` is a well-formed Go version.
#[doc(alias = "IsValid")]
pub fn is_valid(version: &str) -> bool {
    Parts::parse(version).is_some()
}

/// The language version, `1.21` for `1.21.3` and `1.21rc1`; empty for a malformed version.
#[doc(alias = "Lang")]
pub fn language(version: &str) -> &str {
    let Some(parts) = Parts::parse(version) else { return "" };
    let (major, minor) = (parts.major.0, parts.minor.0);
    if version.len() == major.len() || (major == "1" && minor == "0") {
        return major;
    }
    version.get(..major.len() + 1 + minor.len()).unwrap_or_default()
}

/// The parts in the order in which they are compared.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Parts<'a> {
    major: Decimal<'a>,
    minor: Decimal<'a>,
    patch: Decimal<'a>,
    kind: &'a str,
    pre: Decimal<'a>,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let none = Decimal("");
        let (major, rest) = Decimal::cut(text)?;
        if rest.is_empty() {
            return Some(Self { major, minor: Decimal("0"), patch: Decimal("0"), kind: "", pre: none });
        }
        let (minor, rest) = Decimal::cut(rest.strip_prefix('.')?)?;
        if rest.is_empty() {
            // Before 1.21 the first release had no patch number.
            let patch = if minor < Decimal("21") { Decimal("0") } else { none };
            return Some(Self { major, minor, patch, kind: "", pre: none });
        }
        if let Some(rest) = rest.strip_prefix('.') {
            let (patch, rest) = Decimal::cut(rest)?;
            return rest.is_empty().then_some(Self { major, minor, patch, kind: "", pre: none });
        }
        let letters = rest.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
        let (kind, rest) = rest.split_at_checked(letters)?;
        if !kind.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        if rest.is_empty() {
            return Some(Self { major, minor, patch: none, kind, pre: none });
        }
        let (pre, rest) = Decimal::cut(rest)?;
        rest.is_empty().then_some(Self { major, minor, patch: none, kind, pre })
    }
}

/// A decimal number of any size without leading zeros, or nothing, which is less than every number.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Decimal<'a>(&'a str);

impl<'a> Decimal<'a> {
    fn cut(text: &'a str) -> Option<(Self, &'a str)> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || (digits > 1 && text.starts_with('0')) {
            return None;
        }
        let (number, rest) = text.split_at_checked(digits)?;
        Some((Self(number), rest))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, is_valid, language};
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn order() {
        let sorted = [
            "",
            "1",
            "1.9",
            "1.17beta1",
            "1.17rc1",
            "1.17",
            "1.17.1",
            "1.18x",
            "1.20",
            "1.21",
            "1.21rc1",
            "1.21rc2",
            "1.21.0",
            "1.21.10",
            "1.99999999999",
            "2.0",
            "10.0",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(compare("1.20", "1.20.0"), Equal);
        assert_eq!(compare("1.21.0", "1.21"), Greater);
        assert_eq!(compare("1.21.0rc1", "1.0"), Less, "malformed");
        assert_eq!(compare("junk", "go1.21"), Equal, "both malformed");
    }

    #[test]
    fn languages() {
        for (version, wanted) in [
            ("1", "1"),
            ("1.0", "1"),
            ("1.2.3", "1.2"),
            ("1.24rc1", "1.24"),
            ("2.0", "2.0"),
            ("1.24.0rc1", ""),
        ] {
            assert_eq!(language(version), wanted, "{version}");
            assert_eq!(is_valid(version), !wanted.is_empty(), "{version}");
        }
    }
}
