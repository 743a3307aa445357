use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::client::shared::{Opened, Shared};
use crate::client::source_state::SourceAttempt;
use crate::client::walk::Walk;
use crate::protocol::endpoint::Endpoint;
use crate::report::error::Error;
use crate::report::failure::Failure;
use crate::report::rejection::Rejection;
use crate::report::trace::{Attempt, Trace};
use crate::transport::resume::Partial;

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
    /// What the caller has of a file that broke off.
    partial: Option<Partial>,
    /// The event that the caller has not heard yet.
    pending_event: Option<Event>,
    /// The position of the source at which a file of several answers was rejected.
    resumed_rejected_at: Option<usize>,
}

/// What has come of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// What came so far is void: the file starts from the beginning, at the same source or at another one.
    Restart,
    /// What came so far stands, and the next bytes are those behind it.
    Resume {
        /// How many bytes that is.
        offset: u64,
    },
    /// The next bytes of the zip, never empty.
    Chunk(Bytes),
}

/// How far a zip has come: from [`ZipFetch::progress`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes of it the caller has.
    pub received: u64,
    /// How many there will be, where the source told it.
    pub total: Option<u64>,
}

/// `1234 of 5678 bytes`.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{} of {total} bytes", self.received),
            None => write!(f, "{} bytes", self.received),
        }
    }
}

impl Progress {
    /// Whether all has come.
    pub fn is_complete(&self) -> bool {
        self.total == Some(self.received)
    }
}

struct Open {
    attempt: SourceAttempt,
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
    pub(crate) async fn open(
        walk: Walk,
        endpoint: Endpoint,
        partial: Option<Partial>,
    ) -> Result<Self, Error> {
        let has_bytes = partial.is_some();
        let mut zip = Self {
            walk,
            endpoint,
            state: State::Between,
            partial,
            pending_event: None,
            resumed_rejected_at: None,
        };
        let event = zip.ask().await?;
        zip.pending_event = has_bytes.then_some(event);
        Ok(zip)
    }

    /// The next event, or `None` where the zip is complete. A future that is dropped loses nothing.
    ///
    /// # Errors
    /// [`Error`] where the source failed and the list says stop or has no other. It is returned again by any further
    /// call.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        if let Some(event) = self.pending_event.take() {
            return Ok(Some(event));
        }
        match &mut self.state {
            State::Failed(error) => return Err(error.clone()),
            State::Open(open) if open.ended => return Ok(None),
            State::Open(open) => match open.opened.body.chunk(&mut open.opened.pending).await {
                Ok(Some(chunk)) => return Ok(Some(Event::Chunk(chunk))),
                Ok(None) => {
                    open.ended = true;
                    return Ok(None);
                }
                Err(failure) => {
                    self.partial = self.partial();
                    self.fail(failure)?;
                }
            },
            State::Between => {}
        }
        self.ask().await.map(Some)
    }

    /// The end of a fetch whose content was good: how it was obtained. Call it after [`next`](ZipFetch::next) gave
    /// `None`.
    pub fn accept(mut self) -> Trace {
        if let State::Open(open) = self.state {
            self.walk.found(open.opened.pending);
        }
        self.walk.trace
    }

    /// Takes the verdict that the content, all or so far, is not good. `Ok` means that something else may be had: go on
    /// with [`next`](ZipFetch::next).
    ///
    /// A zip that was put together from several answers is fetched once more from its start, at the same source, before
    /// the verdict counts.
    ///
    /// # Errors
    /// [`Error`] where the list says stop or has no other source: with the rejection as its `source()`, unless a
    /// source before it earned a mismatch and this one did not.
    pub fn reject(&mut self, rejection: Rejection) -> Result<(), Error> {
        let open = match &self.state {
            State::Failed(error) => return Err(error.clone()),
            State::Between => return Ok(()),
            State::Open(open) => open,
        };
        (self.partial, self.pending_event) = (None, None);
        let position = self.walk.position();
        if open.opened.pending.offset > 0 && self.resumed_rejected_at != Some(position) {
            self.resumed_rejected_at = Some(position);
            let failure = Shared::rejected_unremembered(&open.attempt, &self.endpoint, rejection);
            if let State::Open(open) = std::mem::replace(&mut self.state, State::Between) {
                self.walk.same_source(open.opened.pending, Some(&failure));
            }
            return Ok(());
        }
        let failure = self.walk.shared.rejected(&open.attempt, &self.endpoint, rejection);
        self.fail(failure)
    }

    /// What is needed to go on in a later call or a later run where this one is given up, and how much of the zip came:
    /// [`ProxyClient::zip_from`](crate::ProxyClient::zip_from). `None` where the server cannot send the rest of a file
    /// or does not say how to know that it has not changed.
    pub fn partial(&self) -> Option<Partial> {
        match &self.state {
            State::Open(open) => {
                let reached = open.opened.pending.reached();
                Some(open.opened.body.partial()?.have(reached))
            }
            _ => self.partial.clone(),
        }
    }

    /// How far it has come, after the event that [`next`](ZipFetch::next) gave last. At [`Event::Restart`] it falls back to
    /// nothing, and another source may tell another size, or none.
    pub fn progress(&self) -> Progress {
        let received = match &self.state {
            // What was announced and not heard yet is not there.
            State::Open(open) => open.opened.pending.reached(),
            _ => self.partial.as_ref().map_or(0, Partial::start),
        };
        Progress { received, total: self.size() }
    }

    /// Ends the fetch because what came cannot be written.
    pub(crate) fn fail_write(&mut self, source: io::Error) -> Error {
        let error = match std::mem::replace(&mut self.state, State::Between) {
            State::Open(open) => {
                let pending = open.opened.pending;
                let url = pending.url.clone().unwrap_or_default();
                self.walk.stopped(Some(pending), Failure::Write { url, source })
            }
            State::Between => self.walk.stopped(None, Failure::Write { url: String::new(), source }),
            State::Failed(error) => error,
        };
        self.state = State::Failed(error.clone());
        error
    }

    /// Whether what was written before stands: the fetch goes on where another one broke off.
    pub(crate) fn resumes(&self) -> bool {
        matches!(self.pending_event, Some(Event::Resume { .. }))
    }

    /// The source of the content: the entry of the list, redacted.
    pub fn source(&self) -> Option<String> {
        match &self.state {
            State::Open(open) => Some(open.attempt.to_string()),
            _ => None,
        }
    }

    /// The size of the zip in bytes, where the source told it.
    pub fn size(&self) -> Option<u64> {
        match &self.state {
            State::Open(open) => open.opened.body.size(),
            _ => None,
        }
    }

    /// The requests so far that have ended and did not bring it.
    pub fn attempts(&self) -> &[Attempt] {
        self.walk.trace.attempts()
    }

    /// Asks until a source answers with content: a whole file, or the rest of one.
    async fn ask(&mut self) -> Result<Event, Error> {
        let limit = self.walk.shared.limits.zip;
        loop {
            let attempt = match self.walk.source().await {
                Ok(attempt) => attempt,
                Err(error) => {
                    self.state = State::Failed(error.clone());
                    return Err(error);
                }
            };
            let shared = Arc::clone(&self.walk.shared);
            match shared.open(&attempt, &self.endpoint, "zip", limit, self.partial.as_ref()).await {
                Ok(opened) => {
                    let offset = opened.pending.offset;
                    self.partial = None;
                    self.state = State::Open(Box::new(Open { attempt, opened, ended: false }));
                    return Ok(if offset > 0 { Event::Resume { offset } } else { Event::Restart });
                }
                Err(failed) => {
                    let (pending, failure) = *failed;
                    if let Failure::Rest { .. } = failure {
                        self.partial = None;
                        self.walk.same_source(pending, Some(&failure));
                        continue;
                    }
                    let failed = self.walk.failed(pending, failure);
                    failed.inspect_err(|error| self.state = State::Failed(error.clone()))?;
                }
            }
        }
    }

    /// Ends the content that is being read.
    fn fail(&mut self, failure: Failure) -> Result<(), Error> {
        if let State::Open(open) = std::mem::replace(&mut self.state, State::Between) {
            let failed = self.walk.failed(open.opened.pending, failure);
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
