//! URLs without user names and passwords.

/// The value of a variable as it may be shown.
pub(super) fn value(name: &str, value: &str) -> String {
    if may_hold_urls(name) { urls(value) } else { value.to_owned() }
}

/// Whether the value of a variable may hold URLs.
fn may_hold_urls(name: &str) -> bool {
    matches!(name, "GOPROXY" | "GOSUMDB" | "GOAUTH") || name.to_ascii_uppercase().ends_with("_PROXY")
}

/// `text` with `xxxxx` for everything before its last `@`, except a scheme at its beginning.
///
/// In a list that hides all URLs before the last one with credentials. To show them would be to guess where a URL ends: a
/// password may hold commas, slashes and even `://`.
fn urls(text: &str) -> String {
    let Some((hidden, shown)) = text.rsplit_once('@') else { return text.to_owned() };
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    match hidden.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme}://xxxxx@{shown}"),
        _ => format!("xxxxx@{shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::urls;

    #[test]
    fn hides_credentials() {
        for (text, wanted) in [
            ("https://a.example,direct", "https://a.example,direct"),
            ("https://u:p@a.example|https://t@b.example/x,off", "https://xxxxx@b.example/x,off"),
            ("https://u:p://@a.example", "https://xxxxx@a.example"),
            ("u:p://x@a.example", "xxxxx@a.example"),
            ("u:p@a.example,https://b.example", "xxxxx@a.example,https://b.example"),
            ("u:p@a.example", "xxxxx@a.example"),
            ("https://u:p,w/@:d@a.example", "https://xxxxx@a.example"),
        ] {
            assert_eq!(urls(text), wanted, "{text}");
        }
    }
}
