//! Law: versions are read and compared as by a plain reading of the grammar, which takes them apart at their dots, whatever
//! the text.

use std::cmp::Ordering;

use gomod_module::version::canonical_version;
use gomod_module::{Version, semver};
use proptest::prelude::*;
use proptest::sample::{Index, select};

struct Plain<'a> {
    /// Of the first three, those that are written.
    numbers: Vec<&'a str>,
    prerelease: Option<&'a str>,
    build: Option<&'a str>,
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn has_leading_zero(text: &str) -> bool {
    is_number(text) && text.len() > 1 && text.starts_with('0')
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn plain(v: &str) -> Option<Plain<'_>> {
    let (rest, build) = v.strip_prefix('v')?.split_once('+').map_or((&v[1..], None), |(a, b)| (a, Some(b)));
    let (rest, prerelease) = rest.split_once('-').map_or((rest, None), |(a, b)| (a, Some(b)));
    let numbers: Vec<_> = rest.split('.').collect();
    let valid = numbers.iter().all(|number| is_number(number) && !has_leading_zero(number))
        && prerelease.is_none_or(|text| text.split('.').all(|id| is_identifier(id) && !has_leading_zero(id)))
        && build.is_none_or(|text| text.split('.').all(is_identifier))
        && (numbers.len() == 3 || numbers.len() < 3 && prerelease.is_none() && build.is_none());
    valid.then_some(Plain { numbers, prerelease, build })
}

fn compare_numbers(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then(a.cmp(b))
}

fn compare_identifiers(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => compare_numbers(a, b),
        (false, false) => a.cmp(b),
        (a_is_number, _) => {
            if a_is_number {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}

fn compare(v: &str, w: &str) -> Ordering {
    let (Some(a), Some(b)) = (plain(v), plain(w)) else {
        return plain(v).is_some().cmp(&plain(w).is_some());
    };
    for i in 0..3 {
        let number = |plain: &Plain<'_>| plain.numbers.get(i).copied().unwrap_or("0").to_owned();
        let order = compare_numbers(&number(&a), &number(&b));
        if order.is_ne() {
            return order;
        }
    }
    let (Some(a), Some(b)) = (a.prerelease, b.prerelease) else {
        return a.prerelease.is_none().cmp(&b.prerelease.is_none());
    };
    let differing =
        a.split('.').zip(b.split('.')).map(|(a, b)| compare_identifiers(a, b)).find(|o| o.is_ne());
    differing.unwrap_or_else(|| a.split('.').count().cmp(&b.split('.').count()))
}

/// Versions, nearly versions, and some that have a beginning in common.
fn texts() -> impl Strategy<Value = (String, String)> {
    let number = || prop_oneof![4 => "[0-9]", 2 => "[1-9][0-9]{1,2}", 1 => "[0-9]{17,22}", 1 => "0[0-9]?"];
    let identifier = || prop_oneof![2 => "[0-9]{1,3}", 2 => "[0-9a-zA-Z-]{1,4}", 1 => "[0-9]{14}-[0-9a-f]{12}", 1 => "rc|-|0|"];
    let identifiers = move || prop::collection::vec(identifier(), 1..4).prop_map(|list| list.join("."));
    let version = move || {
        let numbers = prop::collection::vec(number(), 1..5).prop_map(|list| list.join("."));
        let three = (number(), number(), number()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}"));
        let parts = (
            prop_oneof![1 => numbers, 4 => three],
            prop::option::of(identifiers()),
            prop::option::of(identifiers()),
        );
        (select(vec!["v", "v", "v", "v", "v", "v", "v", "V", ""]), parts).prop_map(
            |(v, (numbers, prerelease, build))| {
                let part = |sign: &str, part: Option<String>| {
                    part.map_or_else(String::new, |part| format!("{sign}{part}"))
                };
                format!("{v}{numbers}{}{}", part("-", prerelease), part("+", build))
            },
        )
    };
    let change =
        prop_oneof!["[v.+0-9a-]", "\\.?[0-9]{1,4}", "[-+][a-z0-9.]{0,4}", "\\PC", Just(String::new())];
    prop_oneof![
        1 => (version(), version()),
        3 => (version(), any::<Index>(), change, any::<bool>(), any::<bool>()).prop_map(|(v, at, change, replace, cut)| {
            let at = at.index(v.len() + 1);
            let rest = if cut { "" } else { v.get(at + usize::from(replace)..).unwrap_or_default() };
            let w = format!("{}{change}{rest}", &v[..at]);
            (v, w)
        }),
    ]
}

proptest! {
    #[test]
    fn versions_read_as_their_grammar_says((v, w) in texts()) {
        for text in [v.as_str(), &w] {
            let plain = plain(text);
            prop_assert_eq!(semver::is_valid(text), plain.is_some(), "{}", text);
            let Some(Plain { numbers, prerelease, build }) = plain else {
                prop_assert!(semver::canonical(text).is_none() && Version::new(text).is_err());
                prop_assert_eq!([semver::major(text), &semver::major_minor(text), semver::prerelease(text), semver::build(text)], [""; 4]);
                continue;
            };
            let of = |sign: char, part: Option<&str>| part.map_or_else(String::new, |part| format!("{sign}{part}"));
            let minor = numbers.get(1).unwrap_or(&"0");
            prop_assert_eq!(semver::major(text), format!("v{}", numbers[0]));
            prop_assert_eq!(semver::major_minor(text), format!("v{}.{minor}", numbers[0]));
            prop_assert_eq!(semver::prerelease(text), of('-', prerelease));
            prop_assert_eq!(semver::build(text), of('+', build));
            let canonical = format!("v{}.{minor}.{}{}", numbers[0], numbers.get(2).unwrap_or(&"0"), of('-', prerelease));
            prop_assert_eq!(semver::canonical(text), Some(canonical.as_str().into()));
            let own = if build == Some("incompatible") { text } else { &canonical };
            prop_assert_eq!(canonical_version(text), Some(own.into()));
            prop_assert_eq!(Version::new(text).is_ok(), text == own);
        }
        for (v, w) in [(&v, &w), (&w, &v), (&v, &v)] {
            let expected = compare(v, w);
            prop_assert_eq!(semver::compare(v, w), expected, "{} {}", v, w);
            prop_assert_eq!(semver::compare_total(v.as_bytes(), w.as_bytes()), expected.then_with(|| v.cmp(w)));
        }
    }
}
