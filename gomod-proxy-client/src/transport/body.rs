use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use crate::policy::clock::{Clock, ThroughputGuard};
use crate::policy::pending_attempt::PendingAttempt;
use crate::report::failure::Failure;
use crate::report::kind::ErrorKind;
use crate::report::page::{Noted, Start};
use crate::report::secrets::Secrets;
use crate::transport::file::FileBody;
use crate::transport::http_body::HttpBody;
use crate::transport::resume::{Partial, Validator};

/// The content of a file, from whichever transport.
pub(crate) struct Body {
    transport: Transport,
    url: String,
    clock: Clock,
    throughput: ThroughputGuard,
    what: &'static str,
    limit: u64,
    /// The size of the whole file, where it is known beforehand.
    size: Option<u64>,
    /// What tells the file from a later one.
    validator: Option<Validator>,
    secrets: Secrets,
    /// What has come so far, until it is known to be no page.
    start: Option<Start>,
}

pub(crate) enum Transport {
    Http(Box<HttpBody>),
    File(FileBody),
}

impl Body {
    /// # Errors
    /// Where the length is known and above the limit.
    pub(crate) fn new(
        transport: Transport,
        url: String,
        clock: Clock,
        what: &'static str,
        limit: u64,
        held: Option<&Partial>,
        secrets: Secrets,
    ) -> Result<Self, Failure> {
        let (length, validator) = match &transport {
            Transport::Http(response) => (response.content_length(), Validator::of(response.headers())),
            Transport::File(file) => (Some(file.len()), None),
        };
        let (size, validator) = match held {
            Some(held) => (Some(held.size()), Some(held.validator().clone())),
            None => (length, validator),
        };
        let body = Self {
            transport,
            url,
            clock,
            throughput: ThroughputGuard::default(),
            what,
            limit,
            size,
            validator,
            start: Some(Start::default()),
            secrets,
        };
        match size {
            Some(size) if size > limit => Err(body.too_large()),
            _ => Ok(body),
        }
    }

    /// The size of the whole file, where it is known beforehand.
    pub(crate) fn size(&self) -> Option<u64> {
        self.size
    }

    /// What is needed to go on later, where the server lets that be done.
    pub(crate) fn partial(&self) -> Option<Partial> {
        // A body that was decoded on its way tells no size.
        Some(Partial::new(self.url.clone(), self.validator.clone()?, self.size?))
    }

    /// The next piece, counted into the attempt; `None` at the end. Giving up the wait loses nothing.
    pub(crate) async fn chunk(&mut self, pending: &mut PendingAttempt) -> Result<Option<Bytes>, Failure> {
        let url = &self.url;
        let mut piece;
        loop {
            let started = Instant::now();
            piece = match &mut self.transport {
                Transport::Http(response) => {
                    let read = self.clock.wait(url, response.chunk(url)).await.flatten();
                    read.map_err(|failure| failure.at(response.at()))?
                }
                Transport::File(file) => {
                    let chunk = self.clock.wait(url, file.chunk()).await?;
                    chunk.map_err(|source| Failure::File { url: url.clone(), source })?
                }
            };
            let bytes = piece.as_ref().map(Bytes::len);
            if let Some(bytes) = bytes {
                self.throughput.count(&self.clock, url, started.elapsed(), bytes)?;
            }
            // HTTP/2 has frames without bytes.
            if bytes != Some(0) {
                break;
            }
        }
        let Some(chunk) = piece else {
            // The HTTP library knows the length of what it was sent, not that of what was missing; another stack may know neither.
            let is_http = matches!(self.transport, Transport::Http(_));
            let is_whole = self.size.map_or(pending.offset == 0, |size| size == pending.reached());
            if is_http && !is_whole {
                let source = std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into();
                return Err(Failure::Read {
                    url: url.clone(),
                    kind: ErrorKind::IncompleteBody,
                    at: None,
                    source,
                });
            }
            pending.end();
            return Ok(None);
        };
        pending.bytes += chunk.len() as u64;
        if pending.reached() > self.limit {
            return Err(self.too_large());
        }
        self.note_page(&chunk, pending)?;
        Ok(Some(chunk))
    }

    /// Notes a page that comes in place of a file: what is wrong with the content is better said so. In a checksum database
    /// no caller gives a verdict on a file alone.
    fn note_page(&mut self, chunk: &[u8], pending: &mut PendingAttempt) -> Result<(), Failure> {
        if pending.offset > 0 {
            return Ok(());
        }
        let page = match (&mut pending.page, &mut self.start) {
            (Some(page), _) => {
                page.extend(chunk);
                return Ok(());
            }
            (None, Some(start)) => start.push(chunk, self.what),
            (None, None) => return Ok(()),
        };
        match page {
            Noted::Unknown => return Ok(()),
            Noted::File => self.start = None,
            Noted::Page(page) if self.what == "sumdb" => {
                let (text, said) = (format!("reading {}", self.url), page.said(&self.secrets));
                let (kind, page) = (ErrorKind::Malformed, page.name());
                return Err(Failure::Page { text, kind, page, said, source: page.into() });
            }
            Noted::Page(page) => pending.page = Some(page),
        }
        Ok(())
    }

    /// Everything that is left.
    pub(crate) async fn read_all(&mut self, pending: &mut PendingAttempt) -> Result<Bytes, Failure> {
        let Some(first) = self.chunk(pending).await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk(pending).await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk(pending).await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    fn too_large(&self) -> Failure {
        Failure::TooLarge { url: self.url.clone(), what: self.what, limit: self.limit }
    }
}
