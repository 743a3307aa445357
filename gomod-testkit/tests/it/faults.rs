//! Each fault sends exactly the bytes it promises and ends the connection as it promises.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Reply, Rule, source_text};

use crate::client::{ask, get, header, read_all, split};

const TARGET: &str = "/example.com/m/@v/v1.0.0.zip";
const LEN: usize = 5000;

fn good() -> Vec<u8> {
    source_text(1, LEN)
}

fn proxy(fault: Fault) -> LoopbackProxy {
    let tree = ModuleTree::new().file(&TARGET[1..], good());
    LoopbackProxy::builder(tree).fault(Endpoint::Zip, fault).start()
}

/// Head and body until the connection ends, which it does by itself.
fn cut(fault: Fault) -> (String, Vec<u8>) {
    let (bytes, end) = read_all(ask(&proxy(fault), TARGET, ""));
    end.unwrap();
    split(&bytes)
}

/// Head and body of an answer that is whole as HTTP.
fn whole(fault: Fault) -> (String, Vec<u8>) {
    let (head, body) = get(&proxy(fault), TARGET);
    assert_eq!(header(&head, "Content-Length"), Some(body.len().to_string().as_str()), "{head}");
    (head, body)
}

fn raw(fault: Fault) -> Vec<u8> {
    let (bytes, end) = read_all(ask(&proxy(fault), TARGET, ""));
    end.unwrap();
    bytes
}

#[test]
fn statuses() {
    for (code, line) in [
        (404, "HTTP/1.1 404 Not Found\r\n"),
        (429, "HTTP/1.1 429 Too Many Requests\r\n"),
        (503, "HTTP/1.1 503 Service Unavailable\r\n"),
        (599, "HTTP/1.1 599 \r\n"),
    ] {
        assert!(whole(Fault::status(code)).0.starts_with(line), "{code}");
    }
    let reply =
        Reply::new(503).reason("Busy").header("Retry-After", "1").content_type("text/html").body("<p>");
    let (head, body) = whole(Fault::Reply(reply));
    assert!(head.starts_with("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Type: text/html\r\n"), "{head}");
    assert_eq!(body, b"<p>");
    let (head, body) = get(&proxy(Fault::Reply(Reply::new(304).body("ignored"))), TARGET);
    assert_eq!((header(&head, "Content-Length"), body.as_slice()), (None, b"".as_slice()));
}

#[test]
fn other_bodies() {
    let (head, body) = whole(Fault::Body(b"junk".to_vec()));
    assert_eq!(
        (header(&head, "Content-Type"), body.as_slice()),
        (Some("application/zip"), b"junk".as_slice())
    );
    let (head, _) = whole(Fault::html());
    assert_eq!(header(&head, "Content-Type"), Some("text/html; charset=utf-8"));
    assert_eq!(whole(Fault::Truncate { len: 7 }).1, good()[..7]);
    for offset in [3, LEN + 3] {
        let (_, body) = whole(Fault::FlipByte { offset });
        let different: Vec<_> = (0..LEN).filter(|at| body[*at] != good()[*at]).collect();
        assert_eq!((body.len(), different), (LEN, vec![3]));
    }
}

#[test]
fn redirects() {
    let location = |fault, target: &str| header(&get(&proxy(fault), target).0, "Location").map(str::to_owned);
    let fault = Fault::Redirect { code: 307, location: "https://b.example/{path}".into() };
    assert!(whole(fault.clone()).0.starts_with("HTTP/1.1 307 Temporary Redirect\r\n"));
    assert_eq!(location(fault, TARGET), Some(format!("https://b.example{TARGET}")));
    assert_eq!(location(Fault::RedirectToSelf, TARGET), Some(TARGET.into()));
    assert_eq!(location(Fault::RedirectForever, TARGET), Some(format!("/more{TARGET}")));
    let further = format!("/more/more{TARGET}");
    assert_eq!(location(Fault::RedirectForever, &further), Some(format!("/more{further}")));

    let proxy = proxy(Fault::RedirectHops(2));
    let mut target = TARGET.to_owned();
    for left in [1, 0] {
        let next = header(&get(&proxy, &target).0, "Location").map(str::to_owned).unwrap();
        assert_eq!(next, format!("/hops.{left}{TARGET}"));
        target = next;
    }
    assert_eq!(get(&proxy, &target).1, good());
}

#[test]
fn nothing_at_all() {
    assert_eq!(raw(Fault::CloseBeforeFirstByte), b"");
    let (bytes, end) = read_all(ask(&proxy(Fault::ResetBeforeFirstByte), TARGET, ""));
    assert_eq!((bytes.as_slice(), end.unwrap_err().kind()), (b"".as_slice(), io::ErrorKind::ConnectionReset));
    let url = LoopbackProxy::refused_url();
    let error = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn away_for_a_number_of_connections() {
    let rule = Rule::new(Endpoint::Zip, Fault::Away { connections: 2 }).times(1);
    let proxy = LoopbackProxy::builder(ModuleTree::new().file(&TARGET[1..], good())).rule(rule).start();
    let is_reset =
        |stream| read_all(stream).1.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset);
    let mut open = ask(&proxy, "/", "");
    open.read_exact(&mut [0; 1]).unwrap();
    assert!(is_reset(ask(&proxy, TARGET, "")));
    write!(open, "GET {TARGET} HTTP/1.1\r\n\r\n").unwrap();
    assert!(is_reset(open));
    for _ in 0..2 {
        assert!(is_reset(TcpStream::connect(proxy.address()).unwrap()));
    }
    assert_eq!(get(&proxy, TARGET).1, good());
}

#[test]
fn cut_bodies() {
    for (after, sent) in [(0, 0), (1234, 1234), (LEN, LEN - 1), (usize::MAX, LEN - 1)] {
        let (head, body) = cut(Fault::CutBody { after, reset: false });
        assert_eq!(header(&head, "Content-Length"), Some("5000"));
        assert_eq!(body, good()[..sent]);
        let (head, body) = cut(Fault::NoLengthCut { after });
        assert_eq!((header(&head, "Content-Length"), header(&head, "Connection")), (None, Some("close")));
        assert_eq!(body, good()[..sent]);
        let (_, body) = cut(Fault::CutChunked { after });
        assert_eq!(body, [b"1388\r\n", &good()[..sent]].concat());
    }
    let (bytes, end) = read_all(ask(&proxy(Fault::CutBody { after: 1234, reset: true }), TARGET, ""));
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert!(bytes.is_empty() || good().starts_with(&split(&bytes).1));
}

#[test]
fn wrong_framing() {
    let (head, body) = cut(Fault::NoFinalChunk);
    assert_eq!(header(&head, "Transfer-Encoding"), Some("chunked"));
    assert_eq!(unchunked(&body), (good(), false));
    assert_eq!(cut(Fault::BadChunkSize).1, [b"zz\r\n".to_vec(), good()].concat());
    let (head, body) = cut(Fault::ShortLength { by: 10 });
    assert_eq!((header(&head, "Content-Length"), body), (Some("4990"), good()));
    let (head, _) = cut(Fault::TwoLengths);
    assert!(head.contains("Content-Length: 5000\r\nContent-Length: 5002\r\n"), "{head}");
}

#[test]
fn no_http() {
    assert!(!raw(Fault::NotHttp).starts_with(b"HTTP"));
    assert!(raw(Fault::BadStatusLine).starts_with(b"HTTP/1.1 abc "));
    assert_eq!(raw(Fault::HalfHeader), b"HTTP/1.1 200 OK\r\nContent-Le");
    assert!(cut(Fault::HugeHeader).0.len() > 11 << 20);
    assert_eq!(raw(Fault::Raw(b"\0\x01".to_vec())), b"\0\x01");
}

#[test]
fn stalls_last_until_the_proxy_ends() {
    for (fault, sent) in [(Fault::StallBeforeFirstByte, None), (Fault::StallAfter(1234), Some(1234))] {
        let proxy = proxy(fault);
        let mut stream = ask(&proxy, TARGET, "");
        if let Some(sent) = sent {
            let mut bytes = Vec::new();
            while !bytes.ends_with(&good()[..sent]) {
                bytes.push(0);
                stream.read_exact(bytes.last_mut().map(std::slice::from_mut).unwrap()).unwrap();
            }
        }
        while proxy.hits() == 0 {
            thread::yield_now();
        }
        stream.set_nonblocking(true).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        stream.set_nonblocking(false).unwrap();
        drop(proxy);
        assert_eq!(read_all(stream).0, b"");
    }
}

#[test]
fn stalls_end_with_the_client() {
    let proxy = proxy(Fault::StallBeforeFirstByte);
    drop(ask(&proxy, TARGET, ""));
    assert!(proxy.hits() <= 1);
}

#[test]
fn late_and_slow_answers_are_right() {
    let start = Instant::now();
    assert_eq!(whole(Fault::Delay(Duration::from_millis(20))).1, good());
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(whole(Fault::Trickle { piece: 100, pause: Duration::ZERO }).1, good());
    // An hour's delay ends with the proxy.
    let proxy = proxy(Fault::Delay(Duration::from_secs(3600)));
    let stream = ask(&proxy, TARGET, "");
    while proxy.hits() == 0 {
        thread::yield_now();
    }
    drop(proxy);
    drop(stream);
}

#[test]
fn gzip() {
    let plain = |body: &[u8]| {
        let mut out = Vec::new();
        GzDecoder::new(body).read_to_end(&mut out).map(|_| out)
    };
    let (head, body) = whole(Fault::Gzip);
    assert_eq!(header(&head, "Content-Encoding"), Some("gzip"));
    assert_eq!(plain(&body).unwrap(), good());
    let (head, unbounded) = cut(Fault::GzipNoLength);
    assert_eq!((header(&head, "Content-Length"), unbounded), (None, body.clone()));
    assert_eq!(whole(Fault::GzipTruncated).1, body[..body.len() / 2]);
    assert_eq!(plain(&body[..body.len() / 2]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(plain(&whole(Fault::GzipBadCrc).1).is_err());
    let (head, body) = whole(Fault::ContentEncoding("deflate".into()));
    assert_eq!((header(&head, "Content-Encoding"), body), (Some("deflate"), good()));
}

#[test]
fn unusual_but_right() {
    let (head, body) = cut(Fault::Http10);
    assert!(head.starts_with("HTTP/1.0 200 OK\r\n"), "{head}");
    assert_eq!(body, good());
    let (bytes, _) = read_all(ask(&proxy(Fault::Continue100), TARGET, "Connection: close\r\n"));
    let (interim, rest) = split(&bytes);
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(split(&rest).1, good());
    let (_, body) = get(&proxy(Fault::Chunked), TARGET);
    assert_eq!(unchunked(&body), (good(), true));
    assert_eq!(cut(Fault::NoLength).1, good());
    assert_eq!(cut(Fault::CloseAfter { reset: false }).1, good());
    let proxy = proxy(Fault::CloseAfter { reset: true });
    let (_, end) = read_all(ask(&proxy, TARGET, ""));
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_cut_zip_can_be_resumed() {
    let tree = ModuleTree::new().file(&TARGET[1..], good());
    let rule = Rule::new(Endpoint::Zip, Fault::CutBody { after: 2000, reset: false }).times(1);
    let proxy = LoopbackProxy::builder(tree).rule(rule).ranges(true).start();
    let (bytes, _) = read_all(ask(&proxy, TARGET, ""));
    let (_, mut body) = split(&bytes);
    let range = format!("Range: bytes={}-\r\nConnection: close\r\n", body.len());
    body.extend(split(&read_all(ask(&proxy, TARGET, &range)).0).1);
    assert_eq!(body, good());
}

/// The data of complete chunks, and whether the final chunk was there.
fn unchunked(mut body: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            assert_eq!(&body[end..], b"\r\n\r\n");
            return (out, true);
        }
        out.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    (out, false)
}
