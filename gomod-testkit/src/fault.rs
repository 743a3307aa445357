//! What a proxy can do wrong, as the bytes it sends and the moment it stops.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::{Reply, Request, chunks};

/// The size of a header that no HTTP client accepts: 11 MiB, one above the limit of Go.
const HUGE_HEADER: usize = 11 << 20;
const CHUNK: usize = 1000;
/// The first path element of a redirect that counts down.
const HOPS: &str = "hops.";
/// The path element that a redirect without end adds.
const MORE: &str = "more/";

/// One way to answer a request wrongly, or at least unusually.
///
/// Where a fault changes an answer, it changes the one that the tree has for that request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Another answer altogether: any status, headers and body. See also [`Fault::status`].
    Reply(Reply),
    /// A 200 answer with this body and the usual content type.
    Body(Vec<u8>),
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
        /// 301, 302, 303, 307 or 308; any other code is sent as well.
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
    /// The connection ends inside the body, though `Content-Length` announces all of it.
    CutBody {
        /// Bytes of the body that are sent: at most all but one.
        after: usize,
        /// A reset in place of an orderly end. The client may then see fewer bytes than were sent.
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
    Raw(Vec<u8>),

    /// The request is read and nothing is answered until the client or the proxy ends.
    StallBeforeFirstByte,
    /// Silence inside the body until the client or the proxy ends.
    StallAfter(
        /// Bytes of the body that are sent: at most all but one.
        usize,
    ),
    /// The right answer, late.
    Delay(Duration),
    /// The right answer in small pieces.
    Trickle {
        /// Bytes in a piece.
        piece: usize,
        /// Time between two pieces.
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
    Http10,
    /// The right answer after an interim `100 Continue`.
    Continue100,
    /// The right answer, chunked.
    Chunked,
    /// The right answer without a length, ended by the end of the connection.
    NoLength,
    /// The right answer; then the connection ends although the answer did not say so.
    CloseAfter {
        /// A reset in place of an orderly end.
        reset: bool,
    },
}

impl Fault {
    /// An answer of this status with a short text, as proxies send it.
    pub fn status(code: u16) -> Self {
        Self::Reply(Reply::new(code).content_type("text/plain; charset=utf-8").body(format!("status {code}")))
    }

    /// A 200 answer that is a web page: a captive portal.
    pub fn html() -> Self {
        let page = "<!DOCTYPE html>\n<html><body>Please log in.</body></html>\n";
        Self::Reply(Reply::new(200).content_type("text/html; charset=utf-8").body(page))
    }
}

/// What a server does next on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    /// Wait until the client goes away.
    Stall,
    Close,
    Reset,
}

/// How `request` is answered, `good` being the right answer. The connection stays open unless a step ends it.
pub(crate) fn steps(fault: Option<&Fault>, request: &Request, good: Reply) -> Vec<Step> {
    let Some(fault) = fault else { return vec![whole(&good)] };
    match fault {
        Fault::Reply(reply) => vec![whole(reply)],
        Fault::Body(body) => vec![whole(&Reply { body: body.clone(), ..good })],
        Fault::FlipByte { offset } => vec![whole(&flipped(good, *offset))],
        Fault::Truncate { len } => {
            let mut reply = good;
            reply.body.truncate(*len);
            vec![whole(&reply)]
        }

        Fault::Redirect { code, location } => {
            let path = request.target.strip_prefix('/').unwrap_or(&request.target);
            vec![redirect(*code, &location.replace("{path}", path))]
        }
        Fault::RedirectToSelf => vec![redirect(302, &request.target)],
        Fault::RedirectForever => {
            vec![redirect(302, &format!("/{MORE}{}", request.target.trim_start_matches('/')))]
        }
        Fault::RedirectHops(hops) => {
            let (left, target) = hops_left(&request.target).unwrap_or((*hops, &request.target));
            match left.checked_sub(1) {
                None => vec![whole(&good)],
                Some(left) => {
                    vec![redirect(302, &format!("/{HOPS}{left}/{}", target.trim_start_matches('/')))]
                }
            }
        }

        Fault::CloseBeforeFirstByte => vec![Step::Close],
        Fault::ResetBeforeFirstByte => vec![Step::Reset],
        Fault::CutBody { after, reset } => {
            vec![Step::Send(cut(&good, *after)), if *reset { Step::Reset } else { Step::Close }]
        }
        Fault::CutChunked { after } => {
            let mut bytes = chunked_head(&good);
            bytes.extend_from_slice(format!("{:x}\r\n", good.body.len()).as_bytes());
            bytes.extend_from_slice(before_last(&good.body, *after));
            vec![Step::Send(bytes), Step::Close]
        }
        Fault::NoFinalChunk => {
            vec![Step::Send([chunked_head(&good), chunks(&good.body, CHUNK)].concat()), Step::Close]
        }
        Fault::BadChunkSize => {
            vec![Step::Send([chunked_head(&good), b"zz\r\n".to_vec(), good.body].concat()), Step::Close]
        }
        Fault::NoLengthCut { after } => {
            let body = before_last(&good.body, *after).to_vec();
            vec![Step::Send(until_close("HTTP/1.1", &Reply { body, ..good })), Step::Close]
        }
        Fault::ShortLength { by } => {
            let length = good.body.len().saturating_sub(*by).to_string();
            vec![Step::Send(with_headers(&good, &[("Content-Length", &length)])), Step::Close]
        }
        Fault::TwoLengths => {
            let (length, other) = (good.body.len().to_string(), (good.body.len() + 2).to_string());
            vec![
                Step::Send(with_headers(&good, &[("Content-Length", &length), ("Content-Length", &other)])),
                Step::Close,
            ]
        }

        Fault::NotHttp => vec![Step::Send(b"this is not HTTP at all\r\n\r\n".to_vec()), Step::Close],
        Fault::BadStatusLine => {
            vec![Step::Send(b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n".to_vec()), Step::Close]
        }
        Fault::HalfHeader => vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()), Step::Close],
        Fault::HugeHeader => {
            let value = "a".repeat(HUGE_HEADER);
            vec![whole(&good.header("X-Huge", &value)), Step::Close]
        }
        Fault::Raw(bytes) => vec![Step::Send(bytes.clone()), Step::Close],

        Fault::StallBeforeFirstByte => vec![Step::Stall],
        Fault::StallAfter(after) => vec![Step::Send(cut(&good, *after)), Step::Stall],
        Fault::Delay(time) => vec![Step::Pause(*time), whole(&good)],
        Fault::Trickle { piece, pause } => {
            let bytes = counted(&good);
            let pieces = bytes.chunks((*piece).max(1));
            pieces.flat_map(|piece| [Step::Send(piece.to_vec()), Step::Pause(*pause)]).collect()
        }

        Fault::Gzip => vec![whole(&gzipped(good))],
        Fault::GzipNoLength => vec![Step::Send(until_close("HTTP/1.1", &gzipped(good))), Step::Close],
        Fault::GzipTruncated => {
            let mut reply = gzipped(good);
            reply.body.truncate(reply.body.len() / 2);
            vec![whole(&reply)]
        }
        Fault::GzipBadCrc => {
            let reply = gzipped(good);
            let crc = reply.body.len() - 8;
            vec![whole(&flipped(reply, crc))]
        }
        Fault::ContentEncoding(coding) => vec![whole(&good.header("Content-Encoding", coding))],

        Fault::Http10 => vec![Step::Send(until_close("HTTP/1.0", &good)), Step::Close],
        Fault::Continue100 => vec![Step::Send(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()), whole(&good)],
        Fault::Chunked => {
            let end = b"0\r\n\r\n".to_vec();
            vec![Step::Send([chunked_head(&good), chunks(&good.body, CHUNK), end].concat())]
        }
        Fault::NoLength => vec![Step::Send(until_close("HTTP/1.1", &good)), Step::Close],
        Fault::CloseAfter { reset } => vec![whole(&good), if *reset { Step::Reset } else { Step::Close }],
    }
}

/// The path without what redirects of this proxy put in front of it.
pub(crate) fn without_redirects(mut path: &str) -> &str {
    while let Some(rest) = path.strip_prefix(MORE) {
        path = rest;
    }
    hops_left(path).map_or(path, |(_, rest)| rest)
}

fn hops_left(target: &str) -> Option<(usize, &str)> {
    let (left, rest) = target.trim_start_matches('/').strip_prefix(HOPS)?.split_once('/')?;
    Some((left.parse().ok()?, rest))
}

fn redirect(code: u16, location: &str) -> Step {
    whole(&Reply::new(code).header("Location", location))
}

fn whole(reply: &Reply) -> Step {
    Step::Send(counted(reply))
}

fn counted(reply: &Reply) -> Vec<u8> {
    if reply.is_bodiless() {
        return [reply.head("HTTP/1.1"), b"\r\n".to_vec()].concat();
    }
    with_headers(reply, &[("Content-Length", &reply.body.len().to_string())])
}

fn with_headers(reply: &Reply, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = reply.head("HTTP/1.1");
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&reply.body);
    bytes
}

fn cut(reply: &Reply, after: usize) -> Vec<u8> {
    let mut bytes = counted(reply);
    let unsent = reply.body.len() - before_last(&reply.body, after).len();
    bytes.truncate(bytes.len() - unsent);
    bytes
}

fn before_last(body: &[u8], after: usize) -> &[u8] {
    &body[..after.min(body.len().saturating_sub(1))]
}

fn chunked_head(reply: &Reply) -> Vec<u8> {
    [reply.head("HTTP/1.1"), b"Transfer-Encoding: chunked\r\n\r\n".to_vec()].concat()
}

fn until_close(version: &str, reply: &Reply) -> Vec<u8> {
    [reply.head(version), b"Connection: close\r\n\r\n".to_vec(), reply.body.clone()].concat()
}

fn flipped(mut reply: Reply, offset: usize) -> Reply {
    if let Some(at) = offset.checked_rem(reply.body.len()) {
        reply.body[at] = !reply.body[at];
    }
    reply
}

fn gzipped(reply: Reply) -> Reply {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&reply.body).expect("a vector takes every byte");
    let body = encoder.finish().expect("a vector takes every byte");
    Reply { body, ..reply }.header("Content-Encoding", "gzip")
}
