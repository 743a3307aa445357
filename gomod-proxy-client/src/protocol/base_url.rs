//! URLs as `net/url` reads them. What WHATWG parsers accept differs (`https:/host`, `0x7f.1`, backslashes), and a
//! list entry must not name another server here than it does for the go command.

use std::net::Ipv6Addr;

use url::{Host, Url};

use crate::protocol::percent::{Part, escape_path, escape_segments, is_valid_path, unescape};
use crate::protocol::url_reason::UrlReason;

pub(crate) mod redacted;

/// Why an entry that Go's list grammar accepts can be asked for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("no host in the URL")]
    NoHost,
    #[error("the host is no name and no complete IP address")]
    Host,
    #[error(transparent)]
    Parse(#[from] url::ParseError),
    #[cfg(not(unix))]
    #[error("the file path cannot be written on this platform")]
    FilePath,
}

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

    /// The URL to send a GET to; credentials are not in it.
    pub(crate) fn join(&self, relative: &str) -> Result<Url, Unusable> {
        if self.host.is_empty() || self.opaque.is_some() {
            return Err(Unusable::NoHost);
        }
        let mut text = format!("{}://{}{}", self.scheme, self.host, self.joined_path(relative));
        if let Some(query) = &self.query {
            text.push('?');
            text.push_str(query);
        }
        let url = Url::parse(&text)?;
        let name = self.host.rsplit_once(':').map_or(self.host.as_str(), |(name, _)| name);
        match url.host() {
            // "1.2" and "0x7f.1" are names for Go, 1.0.0.2 and 127.0.0.1 for WHATWG.
            Some(Host::Ipv4(address)) if address.to_string() != name => Err(Unusable::Host),
            Some(_) => Ok(url),
            None => Err(Unusable::NoHost),
        }
    }

    /// What `net/url` writes for the URL of a file below it, but for the scheme: credentials are kept by its beginnings.
    /// None where the URL has its own, and for hosts that `net/url` would write in another way.
    pub(crate) fn credential_key(&self, relative: &str) -> Option<String> {
        if self.user_info.is_some() || !self.host.is_ascii() || self.host.contains('%') {
            return None;
        }
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("{}{}{query}", self.host, self.joined_path(relative)))
    }

    /// The host as written, with its port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The host without its port, and whether it has one.
    pub(crate) fn host_name(&self) -> (&str, bool) {
        match self.host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, true),
            _ => (&self.host, false),
        }
    }

    /// The path of a file below a `file://` URL.
    pub(crate) fn file_path(&self, relative: &str) -> Result<std::path::PathBuf, Unusable> {
        to_file_path(self.joined(relative))
    }

    fn joined(&self, relative: &str) -> Vec<u8> {
        clean(&[self.path.as_slice(), b"/", relative.as_bytes()].concat())
    }

    /// Go joins the decoded path and the written one side by side, and sends the written one only where both
    /// still agree after `.`, `..` and double slashes are gone.
    fn joined_path(&self, relative: &str) -> String {
        let path = self.joined(relative);
        let default = escape_path(&path);
        if self.raw_path.is_empty() {
            return default;
        }
        let raw = clean(format!("{}/{}", self.raw_path, escape_segments(relative)).as_bytes());
        match String::from_utf8(raw) {
            Ok(raw) if is_valid_path(&raw) && unescape(&raw, Part::Other).as_ref() == Ok(&path) => raw,
            _ => default,
        }
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

fn clean(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    for segment in kept {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms cannot write every path")]
fn to_file_path(path: Vec<u8>) -> Result<std::path::PathBuf, Unusable> {
    use std::os::unix::ffi::OsStringExt as _;
    Ok(std::ffi::OsString::from_vec(path).into())
}

#[cfg(not(unix))]
fn to_file_path(path: Vec<u8>) -> Result<std::path::PathBuf, Unusable> {
    let text = String::from_utf8(path).map_err(|_| Unusable::FilePath)?;
    let text = text.strip_prefix('/').filter(|rest| rest.get(1..2) == Some(":")).unwrap_or(&text);
    Ok(text.into())
}

#[cfg(test)]
mod tests;
