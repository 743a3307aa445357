//! As much of Go's `net/url` as GOSUMDB needs.

use std::net::Ipv6Addr;

/// Says that Go's `url.Parse` reads a text, with the message it has otherwise. Zones of IPv6 addresses are refused.
pub(super) fn check_url(url: &str) -> Result<(), &'static str> {
    if url.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return Err("invalid control character in URL");
    }
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (scheme, rest) = split_scheme(url)?;
    let rest = rest.split('?').next().unwrap_or_default();
    check_escapes(fragment)?;
    if !rest.starts_with('/') {
        let first = rest.split('/').next().unwrap_or_default();
        return match scheme {
            Some(_) => Ok(()),
            None if url == "*" => Ok(()),
            None if first.contains(':') => Err("first path segment in URL cannot contain colon"),
            None => check_escapes(rest),
        };
    }
    match rest.strip_prefix("//").filter(|_| scheme.is_some() || !rest.starts_with("///")) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            check_authority(scheme.unwrap_or_default(), authority)?;
            check_escapes(path)
        }
        None => check_escapes(rest),
    }
}

/// Whether `https://{name}` is a host with at most a path. Percent signs are refused, and `#`.
pub(super) fn is_host_and_path(name: &str) -> bool {
    let (host, path) = name.split_at(name.find('/').unwrap_or(name.len()));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    !host.is_empty()
        && !host.contains(['@', '%', '#', '?'])
        && !name.ends_with('/')
        && path.bytes().all(is_plain)
        && !host.bytes().any(|byte| byte < 0x20 || byte == 0x7f)
        && check_host("https", host).is_ok()
}

/// The scheme, if there is one, and what follows.
fn split_scheme(url: &str) -> Result<(Option<&str>, &str), &'static str> {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let Some((scheme, rest)) = url.split_once(':').filter(|(scheme, _)| scheme.bytes().all(is_inside)) else {
        return Ok((None, url));
    };
    match scheme.bytes().next() {
        None => Err("missing protocol scheme"),
        Some(first) if first.is_ascii_alphabetic() => Ok((Some(scheme), rest)),
        Some(_) => Ok((None, url)),
    }
}

fn check_authority(scheme: &str, authority: &str) -> Result<(), &'static str> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (user, host),
        None => ("", authority),
    };
    check_host(scheme, host)?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(is_allowed) {
        return Err("invalid userinfo");
    }
    check_escapes(user)
}

fn check_host(scheme: &str, host: &str) -> Result<(), &'static str> {
    let port = match host.rfind('[') {
        Some(0) => {
            let (address, port) = host.rsplit_once(']').ok_or("missing ']' in host")?;
            let address = address.strip_prefix('[').unwrap_or(address);
            address.parse::<Ipv6Addr>().map_err(|_| "invalid host")?;
            port
        }
        Some(_) => return Err("invalid IP-literal"),
        None => {
            let is_strict = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
            let colon = if is_strict { host.find(':') } else { host.rfind(':') };
            colon.and_then(|colon| host.get(colon..)).unwrap_or_default()
        }
    };
    let is_port =
        port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    if !port.is_empty() && !is_port {
        return Err("invalid port after host");
    }
    let is_allowed =
        |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte);
    if !host.bytes().all(is_allowed) {
        return Err("invalid character in host name");
    }
    check_escapes(host)?;
    // Only bytes that are not ASCII may be written with a percent sign here.
    let is_ascii = host.split('%').skip(1).any(|code| code.bytes().next().is_some_and(|digit| digit < b'8'));
    if is_ascii { Err("invalid URL escape") } else { Ok(()) }
}

fn check_escapes(text: &str) -> Result<(), &'static str> {
    let is_code = |code: &str| code.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if text.split('%').skip(1).all(is_code) { Ok(()) } else { Err("invalid URL escape") }
}
