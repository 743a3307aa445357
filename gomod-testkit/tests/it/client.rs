//! A client that sees every byte.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use gomod_testkit::LoopbackProxy;

/// A connection on which one request was sent.
pub(crate) fn ask(proxy: &LoopbackProxy, target: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: proxy\r\n{headers}\r\n").unwrap();
    stream
}

/// Everything that comes before the connection ends, and how it ended.
pub(crate) fn read_all(mut stream: TcpStream) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).map(drop);
    (bytes, end)
}

/// Head (with its empty line) and body of the answer to one request, on a connection of its own.
pub(crate) fn get(proxy: &LoopbackProxy, target: &str) -> (String, Vec<u8>) {
    let (bytes, end) = read_all(ask(proxy, target, "Connection: close\r\n"));
    end.unwrap();
    split(&bytes)
}

pub(crate) fn split(bytes: &[u8]) -> (String, Vec<u8>) {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an empty line") + 4;
    (String::from_utf8(bytes[..end].to_vec()).unwrap(), bytes[end..].to_vec())
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
