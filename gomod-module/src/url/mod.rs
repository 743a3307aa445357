//! URLs as Go's `net/url` reads them. What WHATWG parsers accept differs (`https:/host`, `0x7f.1`, backslashes), and what a
//! user sets must not name another server here than it does for the go command.

pub mod percent;
mod reason;

pub use reason::UrlReason;

use std::net::Ipv6Addr;

use percent::{Part, unescape};

/// The parts of a URL, as written. Each can be decoded: its escapes are valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GoUrl<'a> {
    /// Empty where there is none.
    pub scheme: &'a str,
    /// What follows the scheme where that is no slash; there is no path then.
    pub opaque: Option<&'a str>,
    /// What stands before the `@`.
    pub user_info: Option<&'a str>,
    /// With its port; `None` where no `//` follows the scheme.
    pub host: Option<&'a str>,
    /// With the slash at its start.
    pub path: &'a str,
    /// Behind the first `?`.
    pub query: Option<&'a str>,
    /// Behind the first `#`.
    pub fragment: Option<&'a str>,
}

impl<'a> GoUrl<'a> {
    /// Returns the parts of a URL, or of a reference without a scheme: `url.Parse`.
    ///
    /// # Errors
    /// [`UrlReason`].
    ///
    /// ```
    /// use gomod_module::url::{GoUrl, UrlReason};
    ///
    /// let url = GoUrl::parse("https://user@example.com:8080/go?x")?;
    /// assert_eq!((url.host, url.path), (Some("example.com:8080"), "/go"));
    /// assert_eq!(GoUrl::parse("https://[example.com/"), Err(UrlReason::MissingBracket));
    /// # Ok::<(), UrlReason>(())
    /// ```
    #[doc(alias = "url.Parse")]
    pub fn parse(text: &'a str) -> Result<Self, UrlReason> {
        let (text, fragment) = cut(text, '#');
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err(UrlReason::ControlCharacter);
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = cut(rest, '?');
        let mut url = Self { scheme, path: rest, query, fragment, ..Self::default() };
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                url = Self { opaque: Some(rest), path: "", ..url };
            } else if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err(UrlReason::ColonInFirstSegment);
            }
        }
        let has_authority = !scheme.is_empty() || !rest.starts_with("///");
        if let Some(after) = rest.strip_prefix("//").filter(|_| has_authority) {
            let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
            let (user_info, host) = match authority.rsplit_once('@') {
                Some((user_info, host)) => (Some(user_info), host),
                None => (None, authority),
            };
            check_host(scheme, host)?;
            user_info.map_or(Ok(()), check_user_info)?;
            url = Self { user_info, host: Some(host), path, ..url };
        }
        unescape(url.path, Part::Other)?;
        unescape(fragment.unwrap_or_default(), Part::Other)?;
        Ok(url)
    }

    /// Whether the scheme is this one, in whichever case it is written.
    pub fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// The scheme, empty where there is none, and what follows its colon.
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

fn check_user_info(user_info: &str) -> Result<(), UrlReason> {
    let is_valid = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
    if !user_info.bytes().all(is_valid) {
        return Err(UrlReason::Userinfo);
    }
    unescape(user_info, Part::Other).map(drop)
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
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let colon = if is_http { host.find(':') } else { host.rfind(':') };
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
