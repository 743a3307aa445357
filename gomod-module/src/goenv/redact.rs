//! URLs without user names and passwords.

/// Whether the value of a variable may hold URLs.
pub(super) fn may_hold_urls(name: &str) -> bool {
    matches!(name, "GOPROXY" | "GOSUMDB" | "GOAUTH") || name.to_ascii_uppercase().ends_with("_PROXY")
}

/// `text` with `xxxxx` for everything between a `://`, or the beginning, and the last `@` before the next `://`.
///
/// That may hide more than a user name, never less: a password may hold commas and slashes.
pub(super) fn urls(text: &str) -> String {
    let shown: Vec<String> = text
        .split("://")
        .map(|part| match part.rsplit_once('@') {
            Some((_, host)) => format!("xxxxx@{host}"),
            None => part.to_owned(),
        })
        .collect();
    shown.join("://")
}

#[cfg(test)]
mod tests {
    use super::urls;

    #[test]
    fn hides_credentials() {
        for (text, wanted) in [
            ("https://a.example,direct", "https://a.example,direct"),
            (
                "https://u:p@a.example|https://t@b.example/x,off",
                "https://xxxxx@a.example|https://xxxxx@b.example/x,off",
            ),
            ("u:p@a.example", "xxxxx@a.example"),
            ("https://u:p,w/@:d@a.example", "https://xxxxx@a.example"),
        ] {
            assert_eq!(urls(text), wanted, "{text}");
        }
    }
}
