//! A fault as the bytes that are sent and the moment it stops.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fault::Fault;
use crate::http::{Reply, Request, chunks};

/// The size of a header that no HTTP client accepts: 11 MiB, one above the limit of Go.
const HUGE_HEADER: usize = 11 << 20;
const CHUNK: usize = 1000;
/// The first path element of a redirect that counts down.
const HOPS: &str = "hops.";
/// The path element that a redirect without end adds.
const MORE: &str = "more/";

/// What a server does next on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// The same in small pieces.
    Trickle {
        bytes: Vec<u8>,
        piece: usize,
        pause: Duration,
    },
    Pause(Duration),
    /// Wait until the client goes away.
    Stall,
    Close,
    Reset,
    /// Reset this connection, and so many more.
    Away(usize),
}

impl Step {
    /// The status in a step that sends the head of an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        let (Self::Send(bytes) | Self::Trickle { bytes, .. }) = self else { return None };
        let code = bytes.strip_prefix(b"HTTP/1.")?.get(2..5)?;
        std::str::from_utf8(code).ok()?.parse().ok()
    }
}

/// How `request` is answered, `good` being the right answer. The connection stays open unless a step ends it.
pub(crate) fn steps(fault: Option<&Fault>, request: &Request, good: Reply) -> Vec<Step> {
    let Some(fault) = fault else { return vec![whole(&good)] };
    match fault {
        Fault::Reply(reply) => vec![whole(reply)],
        Fault::Status(code) => vec![whole(&short(*code))],
        Fault::RetryAfter { code, seconds } => {
            vec![whole(&short(*code).header("Retry-After", &seconds.to_string()))]
        }
        Fault::Html => vec![whole(&page())],
        Fault::Body(body) => {
            // Also where the tree has nothing.
            let good = if good.code == 404 { Reply { code: 200, reason: "OK".into(), ..good } } else { good };
            vec![whole(&Reply { body: body.clone(), ..good })]
        }
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

        Fault::CloseBeforeFirstByte | Fault::GoAway => vec![Step::Close],
        Fault::ResetBeforeFirstByte => vec![Step::Reset],
        Fault::Away { connections } => vec![Step::Away(*connections)],
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
        Fault::TwoLengths => vec![Step::Send(two_lengths(&good)), Step::Close],

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
            vec![Step::Trickle { bytes: counted(&good), piece: (*piece).max(1), pause: *pause }]
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
        Fault::Chunked | Fault::EmptyFrames => {
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

fn page() -> Reply {
    let page = "<!DOCTYPE html>\n<html><body>Please log in.</body></html>\n";
    Reply::new(200).content_type("text/html; charset=utf-8").body(page)
}

fn redirect(code: u16, location: &str) -> Step {
    whole(&Reply::new(code).header("Location", location))
}

/// An answer of this status with a short text, as proxies send it.
fn short(code: u16) -> Reply {
    Reply::new(code).content_type("text/plain; charset=utf-8").body(format!("status {code}"))
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

fn two_lengths(reply: &Reply) -> Vec<u8> {
    let (length, other) = (reply.body.len().to_string(), (reply.body.len() + 2).to_string());
    with_headers(reply, &[("Content-Length", &length), ("Content-Length", &other)])
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
