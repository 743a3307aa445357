//! The content of an answer over HTTP.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, Version};
use url::{Position, Url};

use crate::policy::memory::Memory;
use crate::report::failure::Failure;
use crate::report::kind::ErrorKind;
use crate::report::pending::At;
use crate::transport::encoding::{Decoder, Encoding, is_plain};
use crate::transport::http_error::{is_of_connection, read_kind};
use crate::transport::waits::Wait;

/// After so many breaks a server is asked over HTTP/1.1.
pub(crate) const MAX_BREAKS: u32 = 2;

/// An answer whose body is still to be read.
pub(crate) struct HttpBody {
    response: Response,
    decoder: Option<Decoder>,
    /// An encoding of which it is not known yet whether the content is really in it.
    not_asked_for: Option<String>,
    breaks: Breaks,
    wait: Arc<Wait>,
}

impl HttpBody {
    pub(crate) fn new(response: Response, breaks: Breaks, wait: Arc<Wait>) -> Self {
        let (decoder, not_asked_for) = match Encoding::of(response.headers()) {
            Encoding::Plain => (None, None),
            Encoding::Gzip => (Some(Decoder::new()), None),
            Encoding::Other(encoding) => (None, Some(encoding)),
        };
        wait.pause();
        Self { response, decoder, not_asked_for, breaks, wait }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The length of the content; none where it is encoded.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.response.content_length().filter(|_| self.decoder.is_none())
    }

    /// The next piece, decoded.
    pub(crate) async fn chunk(&mut self, shown: &str) -> Result<Option<Bytes>, Failure> {
        loop {
            if let Some(content) = self.decoded(shown)? {
                return Ok(Some(content));
            }
            self.wait.resume();
            let read = self.response.chunk().await;
            self.wait.pause();
            let bytes = read.map_err(|e| self.broken(e, shown))?;
            let has_ended = bytes.is_none();
            match &mut self.decoder {
                None => {
                    let is_encoded = |bytes: &Bytes| !bytes.is_empty() && !is_plain(bytes);
                    return match self.not_asked_for.take() {
                        Some(encoding) if bytes.as_ref().is_some_and(is_encoded) => {
                            Err(Failure::ContentEncoding { url: shown.to_owned(), encoding })
                        }
                        _ => Ok(bytes),
                    };
                }
                Some(decoder) => decoder.feed(bytes),
            }
            if has_ended {
                return self.decoded(shown);
            }
        }
    }

    fn decoded(&mut self, shown: &str) -> Result<Option<Bytes>, Failure> {
        match &mut self.decoder {
            Some(decoder) => decoder.next().map_err(|e| undecoded(e, shown)),
            None => Ok(None),
        }
    }

    /// Where it is read from.
    pub(crate) fn at(&self) -> At {
        self.wait.at()
    }

    fn broken(&self, e: reqwest::Error, shown: &str) -> Failure {
        if self.response.version() == Version::HTTP_2 && is_of_connection(&e) {
            self.breaks.count(self.response.url());
        }
        let kind = read_kind(&e);
        Failure::Read { url: shown.to_owned(), kind, at: None, source: Box::new(e.without_url()) }
    }
}

/// Content that is not in the encoding that the answer names.
fn undecoded(e: io::Error, shown: &str) -> Failure {
    let kind = match e.kind() {
        io::ErrorKind::UnexpectedEof => ErrorKind::IncompleteBody,
        _ => ErrorKind::Protocol,
    };
    Failure::Read { url: shown.to_owned(), kind, at: None, source: Box::new(e) }
}

/// How often HTTP/2 broke lately, by server. Proxies that are bad at it answer the same requests well over HTTP/1.1; one
/// that was mended is asked over HTTP/2 again.
#[derive(Clone, Default)]
pub(crate) struct Breaks(Arc<Memory<u32>>);

impl Breaks {
    pub(crate) fn count(&self, url: &Url) {
        let server = server(url);
        let count = self.0.get(&server).unwrap_or_default();
        self.0.insert(server, count.saturating_add(1));
    }

    /// Whether this server is asked over HTTP/1.1 for a while.
    pub(crate) fn are_many(&self, url: &Url) -> bool {
        self.0.get(&server(url)).is_some_and(|count| count >= MAX_BREAKS)
    }
}

/// The part of a URL that says which connection it takes.
pub(crate) fn server(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}
