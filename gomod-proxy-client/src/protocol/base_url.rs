//! URLs as `net/url` reads them. What WHATWG parsers accept differs (`https:/host`, `0x7f.1`, backslashes), and a
//! list entry must not name another server here than it does for the go command.

use std::net::Ipv6Addr;

use crate::protocol::percent::{Part, escape_path, unescape};
use crate::protocol::url_reason::UrlReason;

#[cfg(feature = "client")]
pub(crate) mod join;
pub(crate) mod redacted;

/// A base URL, taken apart.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct BaseUrl {
    /// Lower case.
    pub(crate) scheme: String,
    /// What follows the scheme where that is no slash.
    opaque: Option<String>,
    pub(crate) user_info: Option<UserInfo>,
    /// Whether `//` follows the scheme.
    authority: bool,
    /// As written, with its port.
    host: String,
    /// Decoded.
    path: Vec<u8>,
    /// As written, where that is not the default encoding of the path.
    raw_path: String,
    query: Option<String>,
    fragment: Option<String>,
}

/// The text before the `@`, decoded.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct UserInfo {
    pub(crate) user: String,
    pub(crate) password: Option<String>,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, UrlReason> {
        let (text, fragment) = match text.split_once('#') {
            Some((text, fragment)) => (text, Some(fragment)),
            None => (text, None),
        };
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err(UrlReason::ControlCharacter);
        }
        let (scheme, rest) = split_scheme(text)?;
        let mut url = Self { scheme: scheme.to_ascii_lowercase(), ..Self::default() };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_owned())),
            None => (rest, None),
        };
        url.query = query;
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                url.opaque = Some(rest.to_owned());
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err(UrlReason::ColonInFirstSegment);
            }
        }
        let mut path = rest;
        let has_authority = !scheme.is_empty() || !rest.starts_with("///");
        if let Some(after) = rest.strip_prefix("//").filter(|_| has_authority) {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, after) = after.split_at(end);
            path = after;
            url.authority = true;
            let (userinfo, host) = match authority.rsplit_once('@') {
                Some((userinfo, host)) => (Some(userinfo), host),
                None => (None, authority),
            };
            check_host(&url.scheme, host)?;
            host.clone_into(&mut url.host);
            url.user_info = userinfo.map(UserInfo::parse).transpose()?;
        }
        url.path = unescape(path, Part::Other)?;
        if escape_path(&url.path) != path {
            path.clone_into(&mut url.raw_path);
        }
        if let Some(fragment) = fragment {
            unescape(fragment, Part::Other)?;
            url.fragment = Some(fragment.to_owned()).filter(|fragment| !fragment.is_empty());
        }
        Ok(url)
    }

    /// Whether it is scheme and path only, with the slashes of `file:///`.
    pub(crate) fn is_plain_file(&self) -> bool {
        self.authority
            && self.host.is_empty()
            && self.opaque.is_none()
            && self.user_info.is_none()
            && self.query.is_none()
            && self.fragment.is_none()
    }
}

impl UserInfo {
    fn parse(userinfo: &str) -> Result<Self, UrlReason> {
        let valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !userinfo.chars().all(valid) {
            return Err(UrlReason::Userinfo);
        }
        let decode =
            |text: &str| String::from_utf8(unescape(text, Part::Other)?).map_err(|_| UrlReason::Userinfo);
        Ok(match userinfo.split_once(':') {
            Some((user, password)) => Self { user: decode(user)?, password: Some(decode(password)?) },
            None => Self { user: decode(userinfo)?, password: None },
        })
    }
}

fn split_scheme(text: &str) -> Result<(&str, &str), UrlReason> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    match end.and_then(|end| text.split_at_checked(end)) {
        Some(("", rest)) if rest.starts_with(':') => Err(UrlReason::MissingScheme),
        Some((scheme, rest)) if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Ok(rest.strip_prefix(':').map_or(("", text), |rest| (scheme, rest)))
        }
        _ => Ok(("", text)),
    }
}

fn check_host(scheme: &str, host: &str) -> Result<(), UrlReason> {
    if let Some(open) = host.rfind('[') {
        if open > 0 {
            return Err(UrlReason::IpLiteral);
        }
        let close = host.rfind(']').ok_or(UrlReason::MissingBracket)?;
        let (inner, port) = host.split_at(close);
        check_port(port.strip_prefix(']').unwrap_or(port))?;
        let inner = inner.strip_prefix('[').unwrap_or(inner);
        let (address, zone) = match inner.find("%25") {
            Some(at) => inner.split_at(at),
            None => (inner, ""),
        };
        let address = unescape(address, Part::Host)?;
        unescape(zone, Part::Zone)?;
        let address = std::str::from_utf8(&address).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
        return if address.is_none() || zone == "%25" { Err(UrlReason::IpLiteral) } else { Ok(()) };
    }
    // `a:b:c` is refused for http and https alone; the last colon counts for other schemes.
    let colon = if matches!(scheme, "http" | "https") { host.find(':') } else { host.rfind(':') };
    if let Some((_, port)) = colon.and_then(|at| host.split_at_checked(at)) {
        check_port(port)?;
    }
    unescape(host, Part::Host).map(drop)
}

fn check_port(port: &str) -> Result<(), UrlReason> {
    let digits = port.strip_prefix(':').or_else(|| port.is_empty().then_some(""));
    match digits {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        _ => Err(UrlReason::Port(port.to_owned())),
    }
}

#[cfg(test)]
#[cfg(feature = "client")]
mod tests;
