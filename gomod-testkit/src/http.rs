//! As much of HTTP/1.1 as a module proxy needs, with nothing between the caller and the bytes.

use std::io::{self, BufRead, Read as _};

use serde::{Deserialize, Serialize};

use crate::wire_text::bytes;

/// The longest request head that is read, in bytes.
const MAX_HEAD: u64 = 64 << 10;

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// `GET`, mostly.
    pub method: String,
    /// The target as written, for example `/example.com/%21m/@v/list`.
    pub target: String,
    /// The target decoded, without its leading slash and query: `example.com/!m/@v/list`.
    pub path: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whether it came over HTTP/2.
    pub http2: bool,
}

impl Request {
    /// The next request of a connection, or `None` where the client has closed it.
    ///
    /// # Errors
    /// What the connection returns, or `InvalidData` for a head that is malformed or too long.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = reader.take(MAX_HEAD);
        let Some(first) = line(&mut head)? else { return Ok(None) };
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(malformed()) };
        let mut headers = Vec::new();
        loop {
            let text = line(&mut head)?.ok_or_else(malformed)?;
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':').ok_or_else(malformed)?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let path = percent_decode(path.strip_prefix('/').unwrap_or(path));
        Ok(Some(Self { method: method.to_owned(), target: target.to_owned(), path, headers, http2: false }))
    }

    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn line(head: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    head.read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.pop() != Some(b'\n') {
        return Err(malformed());
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map(Some).map_err(|_| malformed())
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "malformed request")
}

pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                out.push(decoded);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// An answer: status, headers, body. `Content-Length` is added when it is sent.
///
/// In a scenario: `{"code": 503, "headers": [["Retry-After", "1"]], "body": "later"}`, where all but the code may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Reply {
    pub(crate) code: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(with = "bytes")]
    pub(crate) body: Vec<u8>,
}

/// A reply as a scenario has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: u16,
    reason: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
}

impl From<Written> for Reply {
    fn from(written: Written) -> Self {
        let usual = Self::new(written.code);
        Self {
            reason: written.reason.unwrap_or(usual.reason),
            headers: written.headers,
            body: written.body.into_bytes(),
            code: usual.code,
        }
    }
}

impl Reply {
    /// An answer of this status with its usual reason phrase, no headers and no body.
    pub fn new(code: u16) -> Self {
        Self { code, reason: reason(code).to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Another reason phrase.
    #[must_use]
    pub fn reason(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.reason);
        self
    }

    /// One header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The `Content-Type` header.
    #[must_use]
    pub fn content_type(self, value: &str) -> Self {
        self.header("Content-Type", value)
    }

    /// The body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The status line and the headers, up to and without the empty line.
    pub(crate) fn head(&self, version: &str) -> Vec<u8> {
        let mut head = format!("{version} {} {}\r\n", self.code, self.reason);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.into_bytes()
    }

    /// Whether this status never has a body.
    pub(crate) fn is_bodiless(&self) -> bool {
        matches!(self.code, 100..=199 | 204 | 304)
    }

    /// The part of the body that `Range: bytes=N-` or `bytes=N-M` asks for, as a 206 or 416 answer.
    ///
    /// Without a range, with one of another form, or where `If-Range` names another `ETag`: the whole answer.
    pub(crate) fn ranged(self, request: &Request) -> Self {
        let etag = format!("\"{:016x}\"", fingerprint(&self.body));
        let whole = self.header("Accept-Ranges", "bytes").header("ETag", &etag);
        if request.header("if-range").is_some_and(|value| value != etag) {
            return whole;
        }
        let bounds = request
            .header("range")
            .and_then(|value| value.strip_prefix("bytes="))
            .and_then(|value| value.split_once('-'));
        let Some((Ok(first), last)) = bounds.map(|(first, last)| (first.parse::<usize>(), last)) else {
            return whole;
        };
        let size = whole.body.len();
        let end = last.parse::<usize>().map_or(size, |last| last.saturating_add(1).min(size));
        let Some(part) = whole.body.get(first..end).filter(|part| !part.is_empty()) else {
            return Self::new(416).header("Content-Range", &format!("bytes */{size}"));
        };
        let part = part.to_vec();
        let headers = whole.headers;
        Self { headers, ..Self::new(206) }
            .header("Content-Range", &format!("bytes {first}-{}/{size}", end - 1))
            .body(part)
    }
}

/// FNV-1a: the same body has the same `ETag`, another body another one.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Data in chunks of at most `size` bytes, without the final one.
pub(crate) fn chunks(data: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + data.len() / size * 8 + 16);
    for chunk in data.chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn reason(code: u16) -> &'static str {
    match code {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        416 => "Range Not Satisfiable",
        418 => "I'm a teapot",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
