//! URLs as Go's `net/url` reads them, as far as discovery needs it.

use std::net::Ipv6Addr;

use thiserror::Error;

/// Why a text is no URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UrlReason {
    /// A byte below 0x20, or 0x7F.
    #[error("invalid control character in URL")]
    ControlCharacter,
    /// It starts with a colon.
    #[error("missing protocol scheme")]
    MissingScheme,
    /// No scheme, and a colon before the first slash.
    #[error("first path segment in URL cannot contain colon")]
    ColonInFirstSegment,
    /// What stands before the `@` holds a character that must be escaped.
    #[error("invalid userinfo")]
    Userinfo,
    /// The host is no name and no IP address.
    #[error("invalid host")]
    Host,
    /// What follows the host's colon is no number.
    #[error("invalid port after host")]
    Port,
    /// A `%` without two hexadecimal digits, or where none may stand.
    #[error("invalid URL escape")]
    Escape,
}

/// The parts of a URL, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GoUrl<'a> {
    /// Empty where there is none.
    pub(crate) scheme: &'a str,
    pub(crate) user_info: Option<&'a str>,
    /// With its port; `None` where no `//` follows the scheme.
    pub(crate) host: Option<&'a str>,
    /// What follows a scheme without a slash is a path here, too.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

impl<'a> GoUrl<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, UrlReason> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err(UrlReason::ControlCharacter);
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let mut url = Self { scheme, user_info: None, host: None, path: rest, query };
        if !rest.starts_with('/') {
            let first = rest.split('/').next().unwrap_or_default();
            if scheme.is_empty() && first.contains(':') {
                return Err(UrlReason::ColonInFirstSegment);
            }
            if !scheme.is_empty() {
                check_escapes(fragment)?;
                return Ok(url);
            }
        }
        let has_authority = !scheme.is_empty() || !rest.starts_with("///");
        if let Some(rest) = rest.strip_prefix("//").filter(|_| has_authority) {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let (user_info, host) = match authority.rsplit_once('@') {
                Some((user_info, host)) => (Some(user_info), host),
                None => (None, authority),
            };
            check_host(scheme, host)?;
            user_info.map_or(Ok(()), check_user_info)?;
            url = Self { user_info, host: Some(host), path, ..url };
        }
        check_escapes(url.path)?;
        check_escapes(fragment)?;
        Ok(url)
    }

    pub(crate) fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

/// The scheme, empty where there is none, and what follows its colon.
fn split_scheme(text: &str) -> Result<(&str, &str), UrlReason> {
    for (at, b) in text.bytes().enumerate() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err(UrlReason::MissingScheme),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn check_user_info(user_info: &str) -> Result<(), UrlReason> {
    let is_valid = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
    if !user_info.bytes().all(is_valid) {
        return Err(UrlReason::Userinfo);
    }
    check_escapes(user_info)
}

fn check_host(scheme: &str, host: &str) -> Result<(), UrlReason> {
    if let Some(literal) = host.strip_prefix('[') {
        let (address, port) = literal.rsplit_once(']').ok_or(UrlReason::Host)?;
        check_port(port)?;
        let (address, zone) = address.split_once("%25").map_or((address, None), |(a, z)| (a, Some(z)));
        let is_address = address.parse::<Ipv6Addr>().is_ok() && zone != Some("");
        return if is_address { check_escapes(zone.unwrap_or_default()) } else { Err(UrlReason::Host) };
    }
    if host.contains('[') {
        return Err(UrlReason::Host);
    }
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let colon = if is_http { host.find(':') } else { host.rfind(':') };
    check_port(colon.map_or("", |at| &host[at..]))?;
    let bytes = host.as_bytes();
    for (at, &b) in bytes.iter().enumerate() {
        match b {
            b'%' => {
                let first = bytes.get(at + 1).and_then(|&digit| char::from(digit).to_digit(16));
                // Of ASCII only the percent sign may be escaped.
                if first.is_some_and(|digit| digit < 8) && !host[at..].starts_with("%25") {
                    return Err(UrlReason::Escape);
                }
            }
            0x80.. => {}
            _ if b.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&b) => {}
            _ => return Err(UrlReason::Host),
        }
    }
    check_escapes(host)
}

fn check_port(port: &str) -> Result<(), UrlReason> {
    let digits = if port.is_empty() { "" } else { port.strip_prefix(':').ok_or(UrlReason::Port)? };
    if digits.bytes().all(|b| b.is_ascii_digit()) { Ok(()) } else { Err(UrlReason::Port) }
}

fn check_escapes(text: &str) -> Result<(), UrlReason> {
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if text.split('%').skip(1).all(is_escape) { Ok(()) } else { Err(UrlReason::Escape) }
}

/// `text` with its escapes decoded; they are known to be valid.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(digits, 16));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// What `reference` means on the page `base`, an http or https URL (RFC 3986, section 5.2), without its fragment.
pub(super) fn resolve(base: &str, reference: &str) -> Result<String, UrlReason> {
    let target = GoUrl::parse(reference)?;
    let reference = reference.split('#').next().unwrap_or_default();
    if !target.scheme.is_empty() {
        return Ok(reference.to_owned());
    }
    let base = GoUrl::parse(base)?;
    if target.host.is_some() {
        return Ok(format!("{}:{reference}", base.scheme));
    }
    let host = base.host.unwrap_or_default();
    let path = match target.path {
        "" => base.path.to_owned(),
        path if path.starts_with('/') => without_dots(path),
        path => without_dots(&format!("{}/{path}", base.path.rsplit_once('/').map_or("", |(dir, _)| dir))),
    };
    let query = if target.path.is_empty() { target.query.or(base.query) } else { target.query };
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    Ok(format!("{}://{host}{path}{query}", base.scheme))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut elements = path.split('/').skip(1).peekable();
    while let Some(element) = elements.next() {
        let is_dots = matches!(element, "." | "..");
        if element == ".." {
            kept.pop();
        }
        if !is_dots {
            kept.push(element);
        } else if elements.peek().is_none() {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{resolve, unescape};

    #[test]
    fn redirects_lead_where_go_goes() {
        for (reference, wanted) in [
            ("https://w.test/y", "https://w.test/y"),
            ("//w.test/y?a#b", "https://w.test/y?a"),
            ("/y", "https://m.test/y"),
            ("y", "https://m.test/a/y"),
            ("../y/./z/..", "https://m.test/y/"),
            ("?q", "https://m.test/a/b?q"),
            ("", "https://m.test/a/b?go-get=1"),
            ("../../../..", "https://m.test/"),
        ] {
            assert_eq!(resolve("https://m.test/a/b?go-get=1", reference).unwrap(), wanted, "{reference}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(unescape("a%0Ab%ff%"), b"a\nb\xff");
    }
}
