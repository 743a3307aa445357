use std::time::{Duration, Instant};

use crate::policy::breaker::Permit;
use crate::policy::slots::Slot;
use crate::protocol::fallback::Next;
use crate::report::failure::Failure;
use crate::report::kind::ErrorKind;
use crate::report::limit::Limit;
use crate::report::page::Page;
#[cfg(feature = "os")]
use crate::report::secrets::Secrets;
use crate::report::sent::SentCredentials;
use crate::report::text::status_text;
use crate::report::trace::Attempt;

/// A request under way: the attempt that it becomes.
#[derive(Debug)]
pub(crate) struct PendingAttempt {
    pub(crate) source: String,
    pub(crate) url: Option<String>,
    pub(crate) redirected: Option<String>,
    pub(crate) status: Option<u16>,
    /// Where the content of this answer begins in the file.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) permit: Option<Permit>,
    /// Held until the answer is complete.
    pub(crate) slot: Option<Slot>,
    /// How long connecting may take.
    pub(crate) connect: Option<Duration>,
    /// What was done for it, where no server was asked.
    pub(crate) steps: Vec<Attempt>,
    /// The page that came in place of a file.
    pub(crate) page: Option<Box<Page>>,
    /// The beginning of an answer with a status from 400 to 499, for commands that give credentials.
    pub(crate) head: Option<String>,
    /// Which credentials are sent, or why none.
    pub(crate) sent: Option<Box<SentCredentials>>,
    /// The same request with other credentials, which was refused.
    refused: Option<Box<Attempt>>,
    waited: Option<Duration>,
    started: Instant,
    ended: Option<Instant>,
}

impl PendingAttempt {
    pub(crate) fn new(source: String, url: Option<String>) -> Self {
        Self {
            source,
            url,
            redirected: None,
            status: None,
            offset: 0,
            bytes: 0,
            permit: None,
            slot: None,
            connect: None,
            steps: Vec::new(),
            page: None,
            head: None,
            sent: None,
            refused: None,
            waited: None,
            started: Instant::now(),
            ended: None,
        }
    }

    /// A copy to be traced again, which tells the breaker nothing.
    pub(crate) fn copy(&self) -> Self {
        Self {
            source: self.source.clone(),
            url: self.url.clone(),
            redirected: self.redirected.clone(),
            permit: None,
            slot: None,
            steps: Vec::new(),
            page: None,
            head: None,
            sent: self.sent.clone(),
            refused: None,
            ..*self
        }
    }

    /// The request was refused, and is made again with other credentials.
    #[cfg(feature = "os")]
    pub(crate) fn refused(&mut self, failure: &Failure, secrets: &Secrets) {
        let mut again = Self::new(self.source.clone(), self.url.clone());
        (again.permit, again.slot, again.connect) = (self.permit.take(), self.slot.take(), self.connect);
        let attempt = std::mem::replace(self, again).failed(failure, Next::SameSource).without(secrets);
        self.refused = Some(Box::new(attempt));
    }

    /// An answer has begun.
    pub(crate) fn answered(&mut self, status: u16) {
        self.status = Some(status);
        self.waited = Some(self.started.elapsed());
    }

    /// All content has come.
    pub(crate) fn end(&mut self) {
        self.ended.get_or_insert_with(Instant::now);
        self.slot = None;
        if let Some(permit) = &mut self.permit {
            permit.answered();
        }
    }

    /// How far into the file it came.
    pub(crate) fn reached(&self) -> u64 {
        self.offset.saturating_add(self.bytes)
    }

    /// Notes a failure in the record of the source; only the end that it came to first counts there.
    pub(crate) fn report(&mut self, failure: &Failure) {
        self.slot = None;
        if let Some(permit) = &mut self.permit {
            permit.failed(failure, self.redirected.as_deref());
        }
    }

    /// The limit that a failure ran into.
    fn limit(&self, failure: &Failure) -> Option<Limit> {
        match failure.kind() {
            ErrorKind::Timeout if failure.limit().is_none() => self.connect.map(Limit::Connect),
            _ => failure.limit(),
        }
    }

    pub(crate) fn succeeded(self, next: Next) -> Attempt {
        let outcome = self.status.map_or_else(|| "read".to_owned(), status_text);
        self.attempt(outcome, None, None, None, next)
    }

    pub(crate) fn failed(mut self, failure: &Failure, next: Next) -> Attempt {
        let limit = self.limit(failure);
        if let Failure::HttpProxyStatus { status, .. } = failure {
            self.status = Some(*status);
        }
        // At `direct` it is that of the attempt before.
        let is_at_direct = self.url.is_none() || matches!(failure, Failure::Repository { .. });
        let response = if is_at_direct { None } else { failure.response() };
        self.attempt(failure.outcome(), response.map(str::to_owned), Some(failure.kind()), limit, next)
    }

    fn attempt(
        self,
        outcome: String,
        response: Option<String>,
        kind: Option<ErrorKind>,
        limit: Option<Limit>,
        next: Next,
    ) -> Attempt {
        let elapsed = self.ended.unwrap_or_else(Instant::now).duration_since(self.started);
        let Self { source, url, redirected, status, offset, bytes, waited, sent, refused, .. } = self;
        Attempt {
            refused,
            credentials: sent,
            source,
            url,
            redirected,
            outcome,
            response,
            status,
            kind,
            offset,
            bytes,
            limit,
            waited,
            elapsed,
            next,
        }
    }
}
