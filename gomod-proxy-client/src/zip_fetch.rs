use std::fmt;

use bytes::Bytes;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::failure::Failure;
use crate::goproxy::Entry;
use crate::rejection::Rejection;
use crate::trace::{Attempt, Trace};
use crate::walk::{Opened, Walk};

/// A zip on its way: the caller pulls its content, writes it where it wants to, checks it, and says what it thinks
/// of it.
///
/// [`next`](ZipFetch::next) gives the content piece by piece and `None` at its end. Where a source fails on the way
/// and the list lets another one be asked, [`Event::Restart`] says that everything so far is void. Then
/// [`accept`](ZipFetch::accept), or [`reject`](ZipFetch::reject) and, if that is `Ok`, `next` again.
///
/// The go command never asks another source for a zip that it has read to its end; here a `|` list does. Bytes that a
/// caller accepts only against a known hash make that safe.
///
/// Dropping it ends the request and leaves nothing behind.
///
/// ```no_run
/// # use gomod_proxy_client::{Event, ProxyClient, Rejection};
/// # async fn fetch(client: ProxyClient, m: &gomod_module::ModuleVersion) -> Result<(), gomod_proxy_client::Error> {
/// let mut zip = client.zip(m).await?;
/// let mut content = Vec::new();
/// loop {
///     while let Some(event) = zip.next().await? {
///         match event {
///             Event::Restart => content.clear(),
///             Event::Chunk(chunk) => content.extend_from_slice(&chunk),
///             _ => {}
///         }
///     }
///     if content.starts_with(b"PK") {
///         break;
///     }
///     zip.reject(Rejection::malformed("not a zip"))?;
/// }
/// println!("from {:?}", zip.accept().source());
/// # Ok(())
/// # }
/// ```
pub struct ZipFetch {
    walk: Walk,
    endpoint: Endpoint,
    state: State,
}

/// A piece of news about a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// What came so far is void: another source starts from the beginning.
    Restart,
    /// The next bytes of the zip, never empty.
    Chunk(Bytes),
}

struct Open {
    entry: Entry,
    opened: Opened,
    ended: bool,
}

enum State {
    /// Content is being read, or has been.
    Open(Box<Open>),
    /// The next source is to be asked.
    Between,
    /// No source is left.
    Failed(Error),
}

impl ZipFetch {
    pub(crate) async fn open(walk: Walk, endpoint: Endpoint) -> Result<Self, Error> {
        let mut zip = Self { walk, endpoint, state: State::Between };
        zip.ask().await?;
        Ok(zip)
    }

    /// The next piece of news, or `None` where the zip is complete. A future that is dropped loses nothing.
    ///
    /// # Errors
    /// [`Error`] where the source failed and the list says stop or has no other. It is returned again by any further
    /// call.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        match &mut self.state {
            State::Failed(error) => return Err(error.clone()),
            State::Open(open) if open.ended => return Ok(None),
            State::Open(open) => match open.opened.body.chunk(&mut open.opened.exchange).await {
                Ok(Some(chunk)) => return Ok(Some(Event::Chunk(chunk))),
                Ok(None) => {
                    open.ended = true;
                    return Ok(None);
                }
                Err(failure) => self.fail(failure)?,
            },
            State::Between => {}
        }
        self.ask().await?;
        Ok(Some(Event::Restart))
    }

    /// The end of a fetch whose content was good: how it was obtained. Call it after [`next`](ZipFetch::next) gave
    /// `None`.
    pub fn accept(mut self) -> Trace {
        if let State::Open(open) = self.state {
            self.walk.found(open.opened.exchange);
        }
        self.walk.trace
    }

    /// Takes the verdict that the content, all or so far, is not good. `Ok` means that another source may be asked:
    /// go on with [`next`](ZipFetch::next).
    ///
    /// # Errors
    /// [`Error`] where the list says stop or has no other source: with the rejection as its `source()`, unless a
    /// source before it earned a mismatch and this one did not.
    pub fn reject(&mut self, rejection: Rejection) -> Result<(), Error> {
        match &self.state {
            State::Failed(error) => Err(error.clone()),
            State::Between => Ok(()),
            State::Open(open) => {
                let failure = self.walk.shared.rejected(&open.entry, &self.endpoint, rejection);
                self.fail(failure)
            }
        }
    }

    /// The source of the content: the entry of the list, redacted.
    pub fn source(&self) -> Option<String> {
        match &self.state {
            State::Open(open) => Some(open.entry.to_string()),
            _ => None,
        }
    }

    /// The size of the zip in bytes, where the source told it.
    pub fn size(&self) -> Option<u64> {
        match &self.state {
            State::Open(open) => open.opened.body.len(),
            _ => None,
        }
    }

    /// The requests so far that came to nothing.
    pub fn attempts(&self) -> &[Attempt] {
        self.walk.trace.attempts()
    }

    async fn ask(&mut self) -> Result<(), Error> {
        let limit = self.walk.shared.limits.zip;
        loop {
            let entry = self.walk.source().inspect_err(|error| self.state = State::Failed(error.clone()))?;
            match self.walk.shared.open(&entry, &self.endpoint, "zip", limit).await {
                Ok(opened) => {
                    self.state = State::Open(Box::new(Open { entry, opened, ended: false }));
                    return Ok(());
                }
                Err(failed) => {
                    let (exchange, failure) = *failed;
                    let failed = self.walk.failed(exchange, failure);
                    failed.inspect_err(|error| self.state = State::Failed(error.clone()))?;
                }
            }
        }
    }

    /// Ends the content that is being read.
    fn fail(&mut self, failure: Failure) -> Result<(), Error> {
        if let State::Open(open) = std::mem::replace(&mut self.state, State::Between) {
            let failed = self.walk.failed(open.opened.exchange, failure);
            failed.inspect_err(|error| self.state = State::Failed(error.clone()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ZipFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipFetch")
            .field("endpoint", &self.endpoint)
            .field("source", &self.source())
            .field("attempts", &self.attempts())
            .finish_non_exhaustive()
    }
}
