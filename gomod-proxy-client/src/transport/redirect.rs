//! Where a redirect leads.

use reqwest::Response;
use reqwest::header::{HeaderValue, LOCATION};
use url::{Position, Url};

use crate::report::failure::Failure;

/// The `Location` of a redirect.
pub(crate) fn redirection(response: &Response) -> Option<&HeaderValue> {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        .then(|| response.headers().get(LOCATION))
        .flatten()
}

/// A `Location` that the URL library reads as `net/url` does: bytes beyond ASCII stand for themselves, whatever text they
/// are, and a backslash is no slash. None for what Go refuses, or finds another server in.
fn location_text(location: &[u8]) -> Option<String> {
    use std::fmt::Write as _;
    if location.iter().any(u8::is_ascii_control) || location.starts_with(b"///") {
        return None;
    }
    let query = location.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(location.len());
    let mut text = String::new();
    for (at, byte) in location.iter().enumerate() {
        if byte.is_ascii() && (*byte != b'\\' || at > query) {
            text.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    Some(text)
}

/// Where a redirect leads, if it may be followed: never from https to anything else, and to no other scheme.
pub(crate) fn next_hop(first: &Url, from: &Url, location: &HeaderValue, shown: &str) -> Result<Url, Failure> {
    let url = || shown.to_owned();
    let Some(to) = location_text(location.as_bytes()).and_then(|location| from.join(&location).ok()) else {
        return Err(Failure::RedirectLocation { url: url() });
    };
    if first.scheme() == "https" && to.scheme() != "https" {
        return Err(Failure::RedirectInsecure { url: url(), from: redacted(from), to: redacted(&to) });
    }
    match to.scheme() {
        "http" | "https" => Ok(to),
        other => Err(Failure::RedirectScheme { url: url(), scheme: other.to_owned() }),
    }
}

/// A redirect's target without what may be a secret: signed URLs carry theirs in the query.
pub(crate) fn redacted(url: &Url) -> String {
    without_userinfo(url)[..Position::AfterPath].to_owned()
}

pub(crate) fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // Fails for URLs that cannot have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written as Go writes it in `Location` of its own redirects, and as bytes.
    #[test]
    fn what_is_beyond_ascii_stands_for_itself() {
        let to = |location: &[u8]| {
            let value = HeaderValue::from_bytes(location).unwrap();
            let from = Url::parse("https://h/a/b").unwrap();
            next_hop(&from, &from, &value, "shown").map(String::from).map_err(|e| e.to_string())
        };
        assert_eq!(to("/münchen.zip?x=ü".as_bytes()).unwrap(), "https://h/m%C3%BCnchen.zip?x=%C3%BC");
        assert_eq!(to(b"/m\xfcnchen.zip").unwrap(), "https://h/m%FCnchen.zip", "Latin-1");
        assert_eq!(to(b"/m%C3%BCnchen").unwrap(), "https://h/m%C3%BCnchen");
        assert_eq!(to("https://münchen.example/x".as_bytes()).unwrap(), "https://xn--mnchen-3ya.example/x");
        // No slashes for Go, which stays at this server.
        assert_eq!(to(br"\\evil.example\x").unwrap(), "https://h/a/%5C%5Cevil.example%5Cx");
        assert_eq!(to(br"/x?y=\").unwrap(), r"https://h/x?y=\");
        for refused in [&b"///evil.example/x"[..], b"/a\tb", b"https://m\xfcnchen.example/"] {
            assert!(to(refused).is_err(), "{:?}", String::from_utf8_lossy(refused));
        }
    }

    fn hop(first: &str, from: &str, location: &str) -> Result<String, Failure> {
        let parse = |text| Url::parse(text).unwrap();
        next_hop(&parse(first), &parse(from), &HeaderValue::from_str(location).unwrap(), "shown")
            .map(String::from)
    }

    #[test]
    fn https_leads_to_https_alone() {
        let secure = "https://h/a";
        assert_eq!(hop(secure, secure, "/b").unwrap(), "https://h/b");
        assert_eq!(hop("http://h/a", "http://h/a", "https://i/b?q").unwrap(), "https://i/b?q");
        assert_eq!(hop("http://h/a", secure, "http://i/").unwrap(), "http://i/");
        let refused = hop(secure, secure, "http://u:pw@i/b?secret").unwrap_err();
        let wanted = "get \"shown\": redirected from secure URL https://h/a to insecure URL http://i/b";
        assert_eq!(refused.to_string(), wanted);
        assert!(matches!(hop("http://h/", "http://h/", "data:x"), Err(Failure::RedirectScheme { .. })));
        assert!(matches!(hop("http://h/", "http://h/", "http://["), Err(Failure::RedirectLocation { .. })));
    }
}
