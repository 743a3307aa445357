use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::failure::Failure;
use crate::http_proxies::HttpProxy;
use crate::limit::Limit;
use crate::sent::SentCredentials;
use crate::trace::{Attempt, Trace};

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

/// The kind of an [`Error`] or of a failed [`Attempt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Status 404 or 410, no such file below a `file://` source, or a module without any version.
    NotFound,
    /// Any other status than 200, 404 and 410.
    Status,
    /// An HTTP proxy answered in place of the server, with the [`status`](Error::status) of its answer.
    HttpProxy,
    /// The server's name has no address.
    Dns,
    /// No connection to the server.
    Connect,
    /// The server's certificate or the TLS handshake, or no TLS client in this program.
    Tls,
    /// This machine trusts no certificate authority, so that no https server can be asked.
    NoTrustRoots,
    /// No connection in time, or a file that was not complete in time.
    Timeout,
    /// A server that went silent.
    Stalled,
    /// The connection ended before the answer began.
    Reset,
    /// The connection ended inside the body.
    IncompleteBody,
    /// What came is no HTTP, or its transfer or gzip encoding is broken.
    Protocol,
    /// Too many redirects, or one that may not be followed.
    Redirect,
    /// A plain `http` URL with credentials, which are not sent.
    InsecureCredentials,
    /// A URL that the list's grammar admits and that names no server.
    InvalidUrl,
    /// A file above its limit.
    TooLarge,
    /// A `.info` file that cannot be read or is one of another version.
    Malformed,
    /// A source has versions of the module, but none that the query allows.
    NoMatchingVersion,
    /// A query that no source can be asked: the name of a branch with a slash, or `patch` without a current version.
    InvalidQuery,
    /// Bytes whose hash is wrong, by the caller's verdict.
    Mismatch,
    /// Bytes that are not what they should be, by the caller's verdict.
    Rejected,
    /// The list ended at `off`.
    Off,
    /// The list ended at `direct`, or GONOPROXY matches the path.
    DirectUnsupported,
    /// The blocking client was called inside a runtime, where it would stop others.
    InsideRuntime,
    /// Any other error of a `file://` source.
    Io,
}

impl ErrorKind {
    /// A stable name in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Status => "status",
            Self::HttpProxy => "http_proxy",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::NoTrustRoots => "no_trust_roots",
            Self::Timeout => "timeout",
            Self::Stalled => "stalled",
            Self::Reset => "reset",
            Self::IncompleteBody => "incomplete_body",
            Self::Protocol => "protocol",
            Self::Redirect => "redirect",
            Self::InsecureCredentials => "insecure_credentials",
            Self::InvalidUrl => "invalid_url",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::NoMatchingVersion => "no_matching_version",
            Self::InvalidQuery => "invalid_query",
            Self::Mismatch => "mismatch",
            Self::Rejected => "rejected",
            Self::Off => "off",
            Self::DirectUnsupported => "direct_unsupported",
            Self::InsideRuntime => "inside_runtime",
            Self::Io => "io",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the same request may have another outcome soon: the one table that says so.
pub(crate) fn is_transient(kind: ErrorKind, status: Option<u16>) -> bool {
    match kind {
        // A resolver that does not answer looks like a name that does not exist.
        ErrorKind::Dns
        // A server that restarts, a full backlog.
        | ErrorKind::Connect
        // A lost packet, a slow server.
        | ErrorKind::Timeout
        | ErrorKind::Stalled
        // A server or a middlebox that went away.
        | ErrorKind::Reset
        | ErrorKind::IncompleteBody => true,
        // 408: the server saw no request in time. 429: it asks for patience. 5xx: it knows that it failed.
        ErrorKind::Status | ErrorKind::HttpProxy => matches!(status, Some(408 | 429 | 500..=599)),
        // An answer. What a proxy does not have now, a `,` list asks the next one for.
        ErrorKind::NotFound
        // A certificate stays as it is.
        | ErrorKind::Tls
        | ErrorKind::NoTrustRoots
        // A server that speaks wrongly will do so again.
        | ErrorKind::Protocol
        | ErrorKind::Redirect
        | ErrorKind::TooLarge
        | ErrorKind::Malformed
        // A source knows what it has.
        | ErrorKind::NoMatchingVersion
        // Content that earned a verdict is not asked for again.
        | ErrorKind::Mismatch
        | ErrorKind::Rejected
        // Configuration.
        | ErrorKind::InsecureCredentials
        | ErrorKind::InvalidUrl
        | ErrorKind::InvalidQuery
        | ErrorKind::InsideRuntime
        | ErrorKind::Off
        | ErrorKind::DirectUnsupported
        // A local disk: a directory in the way, permissions.
        | ErrorKind::Io => false,
    }
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
    /// [`Printable`](gomod_module::Printable) has gone over and in which known credentials are replaced. Where the list ended
    /// at `direct`, what the last server before said.
    pub fn server_response(&self) -> Option<&str> {
        self.inner.reported.failure.response()
    }

    /// The HTTP proxy that could not be reached, or answered in place of the server, where that is the error. With the kind
    /// [`Status`](ErrorKind::Status), one that may have: it passes `http` on, and its own answers look like the server's,
    /// except where they ask for credentials for it.
    pub fn http_proxy(&self) -> Option<&HttpProxy> {
        self.inner.reported.failure.http_proxy()
    }

    /// Whether a web page, or an error in JSON, came with status 200 in place of a file: from a sign-in page or a captive
    /// portal for instance. [`server_response`](Self::server_response) has its title or message.
    pub fn is_page(&self) -> bool {
        self.inner.reported.failure.is_page()
    }

    /// Which credentials were sent with the request that was answered with status 401, 403 or 407, or why none.
    pub fn credentials(&self) -> Option<&SentCredentials> {
        self.inner.reported.failure.sent()
    }

    /// How long the server asked to be left alone, with the status that is reported (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.reported.failure.retry_after()
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
