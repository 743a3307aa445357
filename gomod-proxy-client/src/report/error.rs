use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::report::failure::Failure;
use crate::report::http_proxy::{HttpProxy, HttpProxyError};
use crate::report::kind::{ErrorKind, is_transient};
use crate::report::limit::Limit;
use crate::report::sent::SentCredentials;
use crate::report::trace::{Attempt, Trace};

/// Why no source had what was asked for: the error of the source that the go command would report, and the attempts
/// at all of them.
///
/// `Display` names the module, what went wrong and the server that redirects had led to, with redacted URLs; the cause
/// is in `source()`. For a rejection, `source()` is the caller's own error.
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

struct Inner {
    subject: String,
    reported: Reported,
    trace: Trace,
}

/// A failure, where redirects had led by then, redacted, and the limit that it ran into.
#[derive(Debug)]
pub(crate) struct Reported {
    failure: Failure,
    redirected: Option<String>,
    limit: Option<Limit>,
}

impl Error {
    pub(crate) fn new(subject: String, reported: impl Into<Reported>, trace: Trace) -> Self {
        Self { inner: Arc::new(Inner { subject, reported: reported.into(), trace }) }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.reported.failure.kind()
    }

    /// Whether no source has it and none failed, in the go command's sense of "not found": kinds
    /// [`NotFound`](ErrorKind::NotFound) and [`Off`](ErrorKind::Off).
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), ErrorKind::NotFound | ErrorKind::Off)
    }

    /// Whether the same request may go better soon: connections that fail or end early, silence, 408, 429 and 5xx.
    pub fn is_transient(&self) -> bool {
        is_transient(self.kind(), self.status())
    }

    /// The HTTP status of the answer that is reported, if it is one; where the list ended at `direct`, that of the last
    /// answer before.
    pub fn status(&self) -> Option<u16> {
        self.inner.reported.failure.status()
    }

    /// The limit of this client that ended the request which is reported, if one did.
    pub fn limit(&self) -> Option<Limit> {
        self.inner.reported.limit
    }

    /// What the server said beside its status, or in place of a file: a text, the messages of an error in JSON, the title of
    /// a page. At most 8 lines of together 648 characters (`web.HTTPError` in cmd/go, which shows plain text alone), which
    /// [`Printable`](gomod_module::text::Printable) has gone over and in which known credentials are replaced. Where the list ended
    /// at `direct`, what the last server before said.
    pub fn server_response(&self) -> Option<&str> {
        self.inner.reported.failure.response()
    }

    /// The HTTP proxy that could not be reached, or answered in place of the server, where that is the error. With the kind
    /// [`Status`](ErrorKind::Status), one that may have: it passes `http` on, and its own answers look like the server's,
    /// except where they ask for credentials for it. Where the list ended at `direct`, that of the last attempt before, whose
    /// [kind](Attempt::kind) tells the same.
    pub fn http_proxy(&self) -> Option<&HttpProxy> {
        self.inner.reported.failure.http_proxy()
    }

    /// Whether a web page, or an error in JSON, came with status 200 in place of a file: from a sign-in page or a captive
    /// portal for instance. [`server_response`](Self::server_response) has its title or message.
    pub fn is_page(&self) -> bool {
        self.inner.reported.failure.is_page()
    }

    /// Whether the certificate of a server was refused because nothing this client trusts has signed it
    /// ([`RootCertificates`](crate::transport::RootCertificates) adds to that). Its text names the issuer.
    #[cfg(feature = "rustls-no-provider")]
    pub fn is_unknown_issuer(&self) -> bool {
        self.inner.reported.failure.is_unknown_issuer()
    }

    /// Which credentials were sent with the request that was answered with status 401, 403 or 407, or why none.
    pub fn credentials(&self) -> Option<&SentCredentials> {
        self.inner.reported.failure.sent()
    }

    /// How long the server asked to be left alone, with the status that is reported (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.reported.failure.retry_after()
    }

    /// What of the settings could not be used at a proxy before `direct`.
    pub(crate) fn unusable_before(&self) -> Option<&HttpProxyError> {
        self.inner.reported.failure.unusable_before()
    }

    /// What to do, by the word of who failed.
    pub(crate) fn own_next_step(&self) -> Option<&str> {
        self.inner.reported.failure.next_step()
    }

    /// What was asked for: `path@version`, or a module path.
    pub fn module(&self) -> &str {
        &self.inner.subject
    }

    /// Every request that was made, in order.
    pub fn attempts(&self) -> &[Attempt] {
        self.inner.trace.attempts()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reported { failure, redirected, .. } = &self.inner.reported;
        write!(f, "{}: {failure}", self.inner.subject)?;
        match redirected {
            Some(to) => write!(f, " (redirected to {to})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("subject", &self.inner.subject)
            .field("reported", &self.inner.reported)
            .field("trace", &self.inner.trace)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.inner.reported.failure)
    }
}

impl Reported {
    /// The failure of an attempt.
    pub(crate) fn new(failure: Failure, attempt: &Attempt) -> Self {
        let redirected = attempt.redirected_to().filter(|_| failure.is_of_one_answer()).map(str::to_owned);
        Self { failure, redirected, limit: attempt.limit() }
    }
}

impl From<Failure> for Reported {
    fn from(failure: Failure) -> Self {
        let limit = failure.limit();
        Self { failure, redirected: None, limit }
    }
}
