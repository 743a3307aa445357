use bytes::{Bytes, BytesMut};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::file::FileBody;
use crate::trace::Exchange;

/// The content of a file, whoever sends it.
pub(crate) struct Body {
    transport: Transport,
    url: String,
    clock: Clock,
    what: &'static str,
    limit: u64,
}

pub(crate) enum Transport {
    Http(reqwest::Response),
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
    ) -> Result<Self, Failure> {
        let body = Self { transport, url, clock, what, limit };
        match body.len() {
            Some(len) if len > limit => Err(body.too_large()),
            _ => Ok(body),
        }
    }

    /// The size of the content, where it is known beforehand.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.transport {
            Transport::Http(response) => response.content_length(),
            Transport::File(file) => Some(file.len()),
        }
    }

    /// The next piece, counted into the exchange; `None` at the end. Giving up the wait loses nothing.
    pub(crate) async fn chunk(&mut self, exchange: &mut Exchange) -> Result<Option<Bytes>, Failure> {
        let url = &self.url;
        let chunk = match &mut self.transport {
            Transport::Http(response) => self.clock.wait(url, crate::http::chunk(response, url)).await??,
            Transport::File(file) => {
                let chunk = self.clock.wait(url, file.chunk()).await?;
                chunk.map_err(|source| Failure::File { url: url.clone(), source })?
            }
        };
        let Some(chunk) = chunk else {
            exchange.end();
            return Ok(None);
        };
        exchange.bytes += chunk.len() as u64;
        if exchange.bytes > self.limit {
            return Err(self.too_large());
        }
        Ok(Some(chunk))
    }

    /// Everything that is left.
    pub(crate) async fn read_all(&mut self, exchange: &mut Exchange) -> Result<Bytes, Failure> {
        let Some(first) = self.chunk(exchange).await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk(exchange).await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk(exchange).await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    fn too_large(&self) -> Failure {
        Failure::TooLarge { url: self.url.clone(), what: self.what, limit: self.limit }
    }
}
