//! The files in which `go env -w` and GOROOT keep settings.

use std::collections::BTreeMap;

use crate::text::GoString;

/// The settings `KEY=value` of a file in its order: no quotes, no trimming, not even of a carriage return. A line that
/// does not begin with `A` to `Z` or has no `=` is none (`readEnvFile` of the go command).
fn settings(data: &[u8]) -> impl DoubleEndedIterator<Item = (&str, &[u8])> {
    data.split(|byte| *byte == b'\n').filter(|line| matches!(line, [b'A'..=b'Z', ..])).filter_map(|line| {
        let equals = line.iter().position(|byte| *byte == b'=')?;
        let (key, value) = line.split_at_checked(equals)?;
        Some((std::str::from_utf8(key).ok()?, value.strip_prefix(b"=")?))
    })
}

/// The settings of the user's file; the last of several lines for one key counts.
pub(super) fn user(data: &[u8]) -> BTreeMap<String, GoString> {
    settings(data).map(|(key, value)| (key.to_owned(), GoString::from(value))).collect()
}

/// The settings of `$GOROOT/go.env`; the first of several lines for one key counts.
pub(super) fn goroot(data: &[u8]) -> BTreeMap<String, GoString> {
    settings(data).rev().map(|(key, value)| (key.to_owned(), GoString::from(value))).collect()
}
