//! What a command of GOAUTH prints: credentials by the beginnings of URLs.

use std::fmt;

use gomod_module::url::GoUrl;
use gomod_module::url::percent::{Part, escape_path, is_valid_path, unescape};
use reqwest::header::{HeaderName, HeaderValue};

/// So many URLs and headers one program may name.
const MAX_URLS: usize = 1000;
const MAX_HEADERS: usize = 100;

/// The headers for one place; none where the place is to have none any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CredentialSet {
    /// As [`Credentials`](crate::Credentials) keep it. None where no request is in that place.
    pub(crate) places: Vec<String>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Why an output is not used. It quotes nothing of it: what stands in the wrong line may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CredentialSetsError {
    line: usize,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    NoLineAfterUrls,
    NoLineAfterHeaders,
    Url,
    Header,
    TooMany,
}

/// The credentials in an output, in their order (`parseUserAuth` in cmd/go, `go help goauth`).
pub(crate) fn parse(output: &[u8]) -> Result<Vec<CredentialSet>, CredentialSetsError> {
    let mut lines = Lines { rest: output, line: 0 };
    let (mut sets, mut urls, mut headers) = (Vec::new(), 0, 0);
    while !lines.rest.is_empty() {
        let mut set = CredentialSet { places: Vec::new(), headers: Vec::new() };
        loop {
            let line = lines.next().ok_or(lines.error(Reason::NoLineAfterUrls))?;
            if line.is_empty() {
                break;
            }
            urls += 1;
            let place = place(&String::from_utf8_lossy(line)).map_err(|reason| lines.error(reason))?;
            set.places.extend(place);
        }
        loop {
            let line = lines.next().ok_or(lines.error(Reason::NoLineAfterHeaders))?;
            if line.is_empty() {
                break;
            }
            headers += 1;
            set.headers.push(header(line).ok_or(lines.error(Reason::Header))?);
        }
        if urls > MAX_URLS || headers > MAX_HEADERS {
            return Err(lines.error(Reason::TooMany));
        }
        sets.push(set);
    }
    Ok(sets)
}

struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    /// The next line; the last one must end, too.
    fn next(&mut self) -> Option<&'a [u8]> {
        self.line += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.get(1..).unwrap_or_default();
        Some(line)
    }

    fn error(&self, reason: Reason) -> CredentialSetsError {
        CredentialSetsError { line: self.line, reason }
    }
}

/// What `net/url` writes for a URL that it reads, without `https://`. A URL with user info is no place, as no request has it.
fn place(url: &str) -> Result<Option<String>, Reason> {
    // In a request's URL there is no fragment.
    let url = url.replace('#', "%23");
    let parts = GoUrl::parse(&url).map_err(|_| Reason::Url)?;
    if parts.scheme.is_empty() && !url.starts_with('/') {
        return Err(Reason::Url);
    }
    let query = parts.query.map(|query| format!("?{query}")).unwrap_or_default();
    let scheme = parts.scheme.to_ascii_lowercase();
    if let Some(opaque) = parts.opaque {
        // As in Go, a host with a port and without a scheme looks like this, and is a place all the same.
        let is_port = opaque.starts_with(|c: char| c.is_ascii_digit());
        return Ok(is_port.then(|| format!("{scheme}:{opaque}{query}")));
    }
    if scheme != "https" || parts.user_info.is_some() {
        return Ok(None);
    }
    let path = unescape(parts.path, Part::Other).map_err(|_| Reason::Url)?;
    let path = if is_valid_path(parts.path) { parts.path.to_owned() } else { escape_path(&path) };
    Ok(Some(format!("{}{path}{query}", parts.host.unwrap_or_default())))
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.windows(2).position(|pair| pair == b": ")?;
    let (name, value) = line.split_at_checked(colon)?;
    let value = value.get(2..).unwrap_or_default();
    let value = std::str::from_utf8(value).map_or(value.trim_ascii(), |text| text.trim().as_bytes());
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
}

impl fmt::Display for CredentialSetsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the output: ", self.line)?;
        match self.reason {
            Reason::NoLineAfterUrls => f.write_str("invalid format: missing empty line after URLs"),
            Reason::NoLineAfterHeaders => f.write_str("invalid format: missing empty line after headers"),
            Reason::Url => f.write_str("could not parse URL"),
            Reason::Header => f.write_str("invalid format: invalid header line"),
            Reason::TooMany => {
                write!(f, "there are more than {MAX_URLS} URLs or {MAX_HEADERS} headers")
            }
        }
    }
}

#[cfg(test)]
mod tests;
