//! One request on its way through the list: the fallback machine, with the sources really asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gomod_module::PrefixPatterns;

use crate::base_url::BaseUrl;
use crate::body::{Body, Transport};
use crate::client::Fetched;
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::failure::Failure;
use crate::fallback::{Answer, Fallback, Next, Skip, Source, Step};
use crate::file::FileBody;
use crate::goproxy::{Entry, GoProxy};
use crate::http::Http;
use crate::limits::Limits;
use crate::rejection::{Rejection, RejectionKind};
use crate::timeouts::Timeouts;
use crate::trace::{Exchange, Trace};

/// What all requests of a client share.
pub(crate) struct Shared {
    pub(crate) list: GoProxy,
    pub(crate) gonoproxy: PrefixPatterns,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) http: Http,
    pub(crate) credentials: Credentials,
    /// URLs whose content had the wrong hash, with the verdict: never asked again.
    pub(crate) mismatched: Mutex<HashMap<String, Arc<str>>>,
}

/// An answer whose content is still to be read.
pub(crate) struct Opened {
    pub(crate) exchange: Exchange,
    pub(crate) body: Body,
}

/// A request that came to nothing, and why.
pub(crate) type Failed = Box<(Exchange, Failure)>;

impl Shared {
    /// Asks one source for one file.
    pub(crate) async fn open(
        &self,
        entry: &Entry,
        endpoint: &Endpoint,
        what: &'static str,
        limit: u64,
    ) -> Result<Opened, Failed> {
        let base = entry.url.as_ref();
        let shown = base.map(|base| base.redacted_join(endpoint.path()));
        let mut exchange = Exchange::new(entry.to_string(), shown.clone());
        let url = shown.unwrap_or_default();
        let verdict = self.mismatched().get(&key(entry, endpoint)).cloned();
        if let Some(verdict) = verdict {
            let source = verdict.to_string().into();
            return Err(Box::new((exchange, Failure::RejectedBefore { url, source })));
        }
        let Some(base) = base else { return Err(Box::new((exchange, Failure::Off))) };
        let clock = Clock::start(&self.timeouts);
        let opened = self.transport(base, endpoint, &url, &clock, &mut exchange.status).await;
        match opened.and_then(|transport| Body::new(transport, url, clock, what, limit)) {
            Ok(body) => Ok(Opened { exchange, body }),
            Err(failure) => Err(Box::new((exchange, failure))),
        }
    }

    /// Asks one source for one file and reads it.
    pub(crate) async fn read(
        &self,
        entry: &Entry,
        endpoint: &Endpoint,
        what: &'static str,
        limit: u64,
    ) -> Result<(Exchange, Bytes), Failed> {
        let Opened { mut exchange, mut body } = self.open(entry, endpoint, what, limit).await?;
        match body.read_all(&mut exchange).await {
            Ok(body) => Ok((exchange, body)),
            Err(failure) => Err(Box::new((exchange, failure))),
        }
    }

    async fn transport(
        &self,
        base: &BaseUrl,
        endpoint: &Endpoint,
        shown: &str,
        clock: &Clock,
        status: &mut Option<u16>,
    ) -> Result<Transport, Failure> {
        let unusable = |source| Failure::Unusable { url: shown.to_owned(), source };
        if base.scheme == "file" {
            let path = base.file_path(endpoint.path()).map_err(unusable)?;
            let file = clock.wait(shown, FileBody::open(path)).await?;
            return file
                .map(Transport::File)
                .map_err(|source| Failure::File { url: shown.to_owned(), source });
        }
        if base.scheme == "http" && base.user_info.is_some() {
            return Err(Failure::InsecureCredentials { url: shown.to_owned() });
        }
        let url = base.join(endpoint.path()).map_err(unusable)?;
        let authorization = self.credentials.of(base, endpoint.path());
        let response = self.http.get(url, shown, authorization.as_ref(), clock, status).await?;
        Ok(Transport::Http(response))
    }

    /// The failure that a caller's verdict is; a mismatch is remembered.
    pub(crate) fn rejected(&self, entry: &Entry, endpoint: &Endpoint, rejection: Rejection) -> Failure {
        let (kind, source) = rejection.into_parts();
        if kind == RejectionKind::Mismatch {
            self.mismatched().insert(key(entry, endpoint), source.to_string().into());
        }
        let url = entry.url.as_ref().map(|base| base.redacted_join(endpoint.path())).unwrap_or_default();
        Failure::Rejected { url, kind, source }
    }

    fn mismatched(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<str>>> {
        self.mismatched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries with the same text are the same source.
fn key(entry: &Entry, endpoint: &Endpoint) -> String {
    format!("{} {endpoint}", entry.text())
}

pub(crate) struct Walk {
    pub(crate) shared: Arc<Shared>,
    fallback: Fallback,
    subject: String,
    pub(crate) trace: Trace,
    /// By position; what was skipped without a word has none.
    failures: Vec<Option<Failure>>,
    /// The last source that answered, and what, for the error at `direct`.
    last: Option<(String, String)>,
}

impl Walk {
    pub(crate) fn new(shared: &Arc<Shared>, path: &str, subject: String) -> Self {
        Self {
            shared: Arc::clone(shared),
            fallback: Fallback::new(&shared.list, &shared.gonoproxy, path),
            subject,
            trace: Trace::default(),
            failures: Vec::new(),
            last: None,
        }
    }

    /// The source to ask; the same one until [`Walk::failed`].
    ///
    /// # Errors
    /// Where none is left.
    pub(crate) fn source(&mut self) -> Result<Entry, Error> {
        loop {
            let (word, failure) = match self.fallback.step() {
                Some(Step::Ask(entry)) => return Ok(entry.clone()),
                Some(Step::Direct) if self.fallback.source() == Some(Source::NoProxy) => {
                    ("direct", Failure::NoProxy)
                }
                Some(Step::Direct) => ("direct", Failure::Direct { last: self.last.clone() }),
                Some(Step::Skip(Skip::Off)) => ("off", Failure::Off),
                Some(Step::Skip(_)) => {
                    self.fallback.answer(Answer::NotFound);
                    self.failures.push(None);
                    continue;
                }
                None => return Err(self.error()),
            };
            self.failed(Exchange::new(word.to_owned(), None), failure)?;
        }
    }

    /// The answer of the source, or `None` where the next one is to be asked.
    ///
    /// # Errors
    /// Where the list ends here.
    pub(crate) fn take<T>(
        &mut self,
        answer: Result<(Exchange, T), Failed>,
    ) -> Result<Option<Fetched<T>>, Error> {
        match answer {
            Ok((exchange, value)) => {
                self.found(exchange);
                Ok(Some(Fetched { value, trace: std::mem::take(&mut self.trace) }))
            }
            Err(failed) => {
                let (exchange, failure) = *failed;
                self.failed(exchange, failure)?;
                Ok(None)
            }
        }
    }

    /// The source has what was asked for.
    pub(crate) fn found(&mut self, exchange: Exchange) {
        let next = self.fallback.answer(Answer::Found);
        self.trace.push(exchange.succeeded(next));
    }

    /// A request whose answer leads to another one to the same source.
    pub(crate) fn same_source(&mut self, exchange: Exchange, failure: Option<&Failure>) {
        let attempt = match failure {
            Some(failure) => exchange.failed(failure, Next::SameSource),
            None => exchange.succeeded(Next::SameSource),
        };
        self.trace.push(attempt);
    }

    /// The source failed.
    ///
    /// # Errors
    /// Where the list ends here.
    pub(crate) fn failed(&mut self, exchange: Exchange, failure: Failure) -> Result<(), Error> {
        let next = self.fallback.answer(failure.answer());
        let attempt = exchange.failed(&failure, next);
        self.last = Some((attempt.source().to_owned(), attempt.outcome().to_owned()));
        self.trace.push(attempt);
        self.failures.push(Some(failure));
        match next {
            Next::ErrorStops | Next::EndOfList => Err(self.error()),
            _ => Ok(()),
        }
    }

    fn error(&mut self) -> Error {
        let reported = self.fallback.reported().and_then(|index| self.failures.get_mut(index)?.take());
        // Only GONOPROXY's own entry is skipped without a word, and it is never alone in the list.
        let failure = reported.unwrap_or(Failure::NoProxy);
        Error::new(self.subject.clone(), failure, std::mem::take(&mut self.trace))
    }
}
