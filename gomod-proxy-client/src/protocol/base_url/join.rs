//! URLs of files below a base URL.

use url::{Host, Url};

use super::BaseUrl;
use gomod_module::url::percent::{Part, escape_path, escape_segments, is_valid_path, unescape};

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

impl BaseUrl {
    /// The URL of a file below it, for people: credentials, the query, and what may be misplaced credentials are
    /// replaced.
    pub(crate) fn redacted_join(&self, relative: &str) -> String {
        match self.behind_user_info() {
            Some(rest) => {
                let rest = rest.trim_end_matches('/');
                self.redacted_with(&format!("/xxxxx@{rest}/{}", escape_segments(relative)))
            }
            None => self.redacted_with(&self.joined_path(relative)),
        }
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
