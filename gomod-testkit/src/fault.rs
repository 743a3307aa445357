//! What a proxy can do wrong.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::Reply;
use crate::wire_text::{bytes, millis};

/// One way to answer a request wrongly, or at least unusually.
///
/// Where a fault changes an answer, it changes the one that the tree has for that request.
///
/// In a scenario it is its name, or an object of its name and what it needs: `"html"`, `{"status": 502}`,
/// `{"cut_body": {"after": 1000}}`. As text it is the same with less punctuation.
///
/// ```
/// use gomod_testkit::Fault;
///
/// assert_eq!("html".parse(), Ok(Fault::Html));
/// assert_eq!("status=502".parse(), Ok(Fault::Status(502)));
/// let cut = Fault::CutBody { after: 1000, reset: false };
/// assert_eq!("cut-body=after:1000".parse(), Ok(cut.clone()));
/// assert_eq!(cut.to_string(), "cut_body=after:1000,reset:false");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Another answer altogether: any status, headers and body.
    Reply(Reply),
    /// An answer of this status with a short text, as proxies send it.
    Status(u16),
    /// The same with a `Retry-After` header.
    RetryAfter {
        /// Of the status; 429 in a scenario that does not say.
        #[serde(default = "too_many_requests")]
        code: u16,
        /// How long the client should wait.
        seconds: u64,
    },
    /// A 200 answer that is a web page: a captive portal.
    Html,
    /// A 200 answer with this body and the usual content type.
    Body(#[serde(with = "bytes")] Vec<u8>),
    /// One byte of the body inverted; an offset behind the body counts on from its start.
    FlipByte {
        /// Offset in the body.
        offset: usize,
    },
    /// A consistent answer with only the first bytes of the body.
    Truncate {
        /// Bytes that stay.
        len: usize,
    },

    /// A redirect; `{path}` in the location stands for the path of the request, as it was written and without
    /// its leading slash.
    Redirect {
        /// 301, 302, 303, 307 or 308; any other code is sent as well. 302 in a scenario that does not say.
        #[serde(default = "found")]
        code: u16,
        /// The `Location` header.
        location: String,
    },
    /// A redirect to the same URL, for ever.
    RedirectToSelf,
    /// This many redirects, then the right answer.
    RedirectHops(usize),
    /// Redirects without end, each to a new and longer path.
    RedirectForever,

    /// The connection ends before the first byte of an answer.
    CloseBeforeFirstByte,
    /// The connection is reset before the first byte of an answer.
    ResetBeforeFirstByte,
    /// The server goes away: this connection is reset, with every other one that a request comes over, and so are the next
    /// ones that are made, this many.
    Away {
        /// How many connections are made in vain before it is back.
        connections: usize,
    },
    /// Over HTTP/2 the connection ends with a GOAWAY frame and without an answer, else it ends like that.
    GoAway,
    /// The connection ends inside the body, though `Content-Length` announces all of it.
    CutBody {
        /// Bytes of the body that are sent: at most all but one.
        after: usize,
        /// A reset in place of an orderly end. The client may then see fewer bytes than were sent.
        #[serde(default)]
        reset: bool,
    },
    /// A chunked body that ends inside a chunk.
    CutChunked {
        /// Bytes of the body that are sent: at most all but one.
        after: usize,
    },
    /// A chunked body without its final chunk.
    NoFinalChunk,
    /// A chunked body whose first chunk size is no number.
    BadChunkSize,
    /// A body without a length, ended by the end of the connection, too early.
    NoLengthCut {
        /// Bytes of the body that are sent: at most all but one.
        after: usize,
    },
    /// `Content-Length` announces fewer bytes than are sent.
    ShortLength {
        /// How many bytes fewer: at most the length of the body.
        by: usize,
    },
    /// Two different `Content-Length` headers.
    TwoLengths,

    /// The answer is text, not HTTP.
    NotHttp,
    /// A status line whose code is no number.
    BadStatusLine,
    /// The connection ends inside a header.
    HalfHeader,
    /// A header of 11 MiB.
    HugeHeader,
    /// These bytes, then the end of the connection.
    Raw(#[serde(with = "bytes")] Vec<u8>),

    /// The request is read and nothing is answered until the client or the proxy ends.
    StallBeforeFirstByte,
    /// Silence inside the body until the client or the proxy ends.
    StallAfter(
        /// Bytes of the body that are sent: at most all but one.
        usize,
    ),
    /// The right answer, late; `delay_ms` in a scenario.
    #[serde(rename = "delay_ms")]
    Delay(#[serde(with = "millis")] Duration),
    /// The right answer in small pieces.
    Trickle {
        /// Bytes in a piece.
        piece: usize,
        /// Time between two pieces; `pause_ms` in a scenario.
        #[serde(rename = "pause_ms", with = "millis")]
        pause: Duration,
    },

    /// The right answer with `Content-Encoding: gzip`.
    Gzip,
    /// The same, ended by the end of the connection.
    GzipNoLength,
    /// A gzip body without its second half; `Content-Length` agrees with what is sent.
    GzipTruncated,
    /// A gzip body with a wrong checksum.
    GzipBadCrc,
    /// The plain body with a `Content-Encoding` header that says otherwise, for example `deflate` or `gzip`.
    ContentEncoding(String),

    /// The right answer as HTTP/1.0, ended by the end of the connection.
    #[serde(rename = "http_1_0")]
    Http10,
    /// The right answer after an interim `100 Continue`.
    #[serde(rename = "continue_100")]
    Continue100,
    /// The right answer, chunked.
    Chunked,
    /// The right answer, over HTTP/2 with frames between its bytes that have none.
    EmptyFrames,
    /// The right answer without a length, ended by the end of the connection.
    NoLength,
    /// The right answer; then the connection ends although the answer did not say so.
    CloseAfter {
        /// A reset in place of an orderly end.
        #[serde(default)]
        reset: bool,
    },
}

impl Fault {
    /// An answer of this status with a short text, as proxies send it.
    pub fn status(code: u16) -> Self {
        Self::Status(code)
    }

    /// A 200 answer that is a web page: a captive portal.
    pub fn html() -> Self {
        Self::Html
    }
}

fn too_many_requests() -> u16 {
    429
}

fn found() -> u16 {
    302
}

/// A text that is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no fault {text:?}: {reason}")]
#[non_exhaustive]
pub struct UnknownFault {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// `NAME`, `NAME=VALUE` or `NAME=KEY:VALUE,…`.
impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let name = name.replace('-', "_");
        let of = |value: Value| Value::Object([(name.clone(), value)].into_iter().collect());
        // What a value is, only the fault knows: the first reading that it takes is the one.
        let readings = match value {
            None => vec![Value::String(name.clone()), of(Value::Object(serde_json::Map::new()))],
            Some(value) => {
                let fields = fields(value).map(of);
                [of(Value::String(value.to_owned())), of(scalar(value))].into_iter().chain(fields).collect()
            }
        };
        let mut reason = String::new();
        for reading in readings {
            match serde_json::from_value(reading) {
                Ok(fault) => return Ok(fault),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(UnknownFault { text: text.to_owned(), reason })
    }
}

/// As [`Fault::from_str`] reads it, but for a [`Fault::Reply`].
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match serde_json::to_value(self).map_err(|_| fmt::Error)? {
            Value::Object(fault) => fault.iter().try_for_each(|(name, value)| match value {
                Value::Object(fields) => {
                    let fields: Vec<_> =
                        fields.iter().map(|(key, value)| format!("{key}:{}", plain(value))).collect();
                    write!(f, "{name}={}", fields.join(","))
                }
                value => write!(f, "{name}={}", plain(value)),
            }),
            name => f.write_str(&plain(&name)),
        }
    }
}

/// A number, `true`, `false`, or text.
fn scalar(text: &str) -> Value {
    let value = text.parse().map(Value::Number).ok();
    value.or_else(|| text.parse().map(Value::Bool).ok()).unwrap_or_else(|| text.into())
}

/// `KEY:VALUE,…`
fn fields(text: &str) -> Option<Value> {
    let field = |field: &str| {
        let (key, value) = field.split_once(':')?;
        Some((key.replace('-', "_"), scalar(value)))
    };
    text.split(',').map(field).collect::<Option<serde_json::Map<_, _>>>().map(Value::Object)
}
