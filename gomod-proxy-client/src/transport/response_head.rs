//! The beginning of an answer as text.

use std::collections::BTreeMap;

use hyper::ext::ReasonPhrase;
use reqwest::header::{HeaderMap, TRANSFER_ENCODING};
use reqwest::{Response, Version};

/// More is left out: a program must be able to start before it reads, and a pipe holds this.
const MAX_HEAD: usize = 16 << 10;

/// Status line, headers and a blank line, as the go command gives them to a command of GOAUTH (`writeResponseToStdin` in cmd/go):
/// lines end with a line feed, names are written as HTTP/1.1 writes them, and values of one name stand on one line.
pub(crate) fn head(response: &Response) -> String {
    let protocol = match response.version() {
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let status = response.status();
    let reason = response.extensions().get::<ReasonPhrase>().map(ReasonPhrase::as_bytes);
    let reason = reason.unwrap_or(status.canonical_reason().unwrap_or_default().as_bytes());
    let mut text = format!("{protocol} {} {}\n", status.as_u16(), String::from_utf8_lossy(reason));
    for line in lines(response.headers()) {
        if text.len() + line.len() < MAX_HEAD {
            text.push_str(&line);
        }
    }
    text.push('\n');
    text
}

fn lines(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != TRANSFER_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        all.entry(written(name.as_str())).or_default().push(value);
    }
    all.into_iter().map(|(name, values)| format!("{name}: {}\n", values.join(", ")))
}

/// `www-authenticate` as `Www-Authenticate`: `textproto.CanonicalMIMEHeaderKey`.
fn written(name: &str) -> String {
    let mut at_start = true;
    let write = |c: char| {
        let written = if at_start { c.to_ascii_uppercase() } else { c };
        at_start = c == '-';
        written
    };
    name.chars().map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_go_command_writes_it() {
        let response = hyper::Response::builder()
            .status(401)
            .header("www-authenticate", "Basic realm=x")
            .header("x-a", "1")
            .header("transfer-encoding", "chunked")
            .header("x-a", "2")
            .header("x-long", "x".repeat(MAX_HEAD))
            .body("")
            .unwrap();
        let text = head(&Response::from(response));
        assert_eq!(text, "HTTP/1.1 401 Unauthorized\nWww-Authenticate: Basic realm=x\nX-A: 1, 2\n\n");
    }
}
