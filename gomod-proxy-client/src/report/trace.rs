use std::fmt;
use std::time::Duration;

use gomod_module::text::Printable;

use crate::protocol::fallback::Next;
use crate::report::kind::{ErrorKind, is_transient};
use crate::report::limit::Limit;
use crate::report::secrets::Secrets;
use crate::report::sent::SentCredentials;

/// The requests behind an answer or an error, in order. The last one of an answer is the one that was accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Trace {
    attempts: Vec<Attempt>,
}

/// One request to one source, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Attempt {
    pub(crate) source: String,
    pub(crate) url: Option<String>,
    #[cfg_attr(feature = "serde", serde(rename = "redirected_to"))]
    pub(crate) redirected: Option<String>,
    pub(crate) outcome: String,
    #[cfg_attr(feature = "serde", serde(rename = "server_response"))]
    pub(crate) response: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) limit: Option<Limit>,
    #[cfg_attr(
        feature = "serde",
        serde(rename = "waited_seconds", serialize_with = "crate::report::serial::seconds")
    )]
    pub(crate) waited: Option<Duration>,
    #[cfg_attr(
        feature = "serde",
        serde(rename = "elapsed_seconds", serialize_with = "crate::report::serial::seconds")
    )]
    pub(crate) elapsed: Duration,
    pub(crate) next: Next,
    pub(crate) credentials: Option<Box<SentCredentials>>,
    /// The request before, until the trace has both.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) refused: Option<Box<Attempt>>,
}

impl Trace {
    /// The requests.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The source of the accepted answer: the entry of the list, redacted.
    pub fn source(&self) -> Option<&str> {
        let found = |attempt: &&Attempt| attempt.next == Next::Found;
        self.attempts.iter().rev().find(found).map(Attempt::source)
    }

    pub(crate) fn into_attempts(self) -> Vec<Attempt> {
        self.attempts
    }

    /// The requests of another walk, which this one needed; answers that are here already stay single.
    pub(crate) fn extend(&mut self, attempts: impl IntoIterator<Item = Attempt>) {
        for attempt in attempts.into_iter().filter(|attempt| attempt.url.is_some()) {
            let is_here = |other: &Attempt| other.is_answer(&attempt.source, attempt.url());
            if attempt.kind.is_some() || !self.attempts.iter().any(is_here) {
                self.attempts.push(attempt);
            }
        }
    }

    /// Takes an answer out, because it comes again at the end.
    pub(crate) fn forget(&mut self, source: &str, url: Option<&str>) {
        self.attempts.retain(|attempt| !attempt.is_answer(source, url));
    }

    pub(crate) fn push(&mut self, mut attempt: Attempt) {
        self.attempts.extend(attempt.refused.take().map(|refused| *refused));
        self.attempts.push(attempt);
    }
}

impl Attempt {
    /// The same with nothing that quotes a secret.
    pub(crate) fn without(self, secrets: &Secrets) -> Self {
        Self { outcome: secrets.hide(&self.outcome).into_owned(), ..self }
    }

    fn is_answer(&self, source: &str, url: Option<&str>) -> bool {
        self.kind.is_none() && self.source == source && self.url() == url
    }

    /// The entry of the list: a base URL with its credentials redacted, `direct` or `off`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The URL that was asked for, redacted; none where nothing was asked. Of a [`DirectSource`](crate::client::DirectSource), what
    /// each of its steps was about, a page or a command line, and then `direct:` with the path of the file.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Where redirects led, without user info and query.
    pub fn redirected_to(&self) -> Option<&str> {
        self.redirected.as_deref()
    }

    /// What came of it, in one line of at most 1,000 characters: a status such as `404 Not Found`, or what failed, with its
    /// causes.
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// What the server said beside its status: see [`Error::server_response`](crate::Error::server_response).
    pub fn server_response(&self) -> Option<&str> {
        self.response.as_deref()
    }

    /// The HTTP status, if the answer had come so far: the server's, or that of an HTTP proxy in its place.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The kind of the failure, or `None` for an answer that was taken.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.kind
    }

    /// Which credentials the source was sent with this request, or why none; nothing where no server was asked. Where redirects
    /// led to another server, that got none.
    pub fn credentials(&self) -> Option<&SentCredentials> {
        self.credentials.as_deref()
    }

    /// Whether it failed in a way that may go better soon.
    pub fn is_transient(&self) -> bool {
        self.kind.is_some_and(|kind| is_transient(kind, self.status))
    }

    /// The limit of this client that ended it, if one did.
    pub fn limit(&self) -> Option<Limit> {
        self.limit
    }

    /// How many bytes there were already: where above 0, the rest of a file was asked for, and came.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes of content this request brought, after decoding.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// From the request to the status of its answer, the last one after redirects: connecting, if that was needed, and the
    /// server's time. What is left of [`elapsed`](Self::elapsed) is that of the content. `None` where no answer came, and
    /// for files.
    pub fn waited(&self) -> Option<Duration> {
        self.waited
    }

    /// From the request to the end of the content or to the failure; for content that was rejected, to the end of
    /// the content.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Why the list went on or stopped.
    pub fn next(&self) -> Next {
        self.next
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.url.as_deref().unwrap_or(&self.source);
        f.write_str(what)?;
        if let Some(to) = &self.redirected {
            write!(f, " -> {to}")?;
        }
        if self.offset > 0 {
            write!(f, " from byte {}", self.offset)?;
        }
        write!(f, ": {} ({:.3}s; {}", self.outcome, self.elapsed.as_secs_f64(), self.next)?;
        // User info is in the URL.
        if let Some(SentCredentials::Entry { place, origin }) = self.credentials() {
            write!(f, "; credentials for {}{origin}", Printable::name(place))?;
        }
        f.write_str(")")
    }
}
