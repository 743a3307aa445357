//! Every way in which asking a source can fail.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use gomod_module::query::NoPatchBaseError;
use gomod_module::version::InvalidVersionError;
use gomod_module::{InfoError, ModuleError};

use crate::protocol::base_url::join::Unusable;
use crate::protocol::fallback::Answer;
use crate::report::cause::BoxError;
use crate::report::http_proxy::{HttpProxy, HttpProxyError};
use crate::report::kind::{ErrorKind, is_transient};
use crate::report::limit::{Limit, MinThroughput, Silence};
use crate::report::page::Page;
use crate::report::pending::At;
#[cfg(feature = "rustls-no-provider")]
use crate::report::refused_certificate::RefusedCertificate;
use crate::report::rejection::RejectionKind;
use crate::report::secrets::Secrets;
use crate::report::sent::SentCredentials;
#[cfg(feature = "rustls-no-provider")]
use crate::report::text::NO_TRUST_ROOTS;
use crate::report::text::{of_proxy, place, slow, status_of};

/// URLs in it are redacted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("reading {url}: {}", status_of(*.status, .perhaps_of.as_deref()))]
    Status {
        url: String,
        status: u16,
        /// The HTTP proxy that may have answered in place of the server: nothing tells.
        perhaps_of: Option<Arc<HttpProxy>>,
        response: Option<String>,
        retry_after: Option<Duration>,
        /// Where the status asks for credentials.
        sent: Option<Box<SentCredentials>>,
    },
    /// What failed because a page came in place of a file, with status 200.
    #[error("{text}")]
    Page { text: String, kind: ErrorKind, page: &'static str, said: Option<String>, source: BoxError },
    /// One that quotes a secret, or too much of what came, as a text that does not.
    #[error("{text}")]
    Told { kind: ErrorKind, text: String },
    #[error("reading {url}")]
    File { url: String, source: io::Error },
    /// Before the headers of an answer were complete.
    #[error("get {url:?}{}", place(at.as_ref()))]
    Get { url: String, kind: ErrorKind, at: Option<At>, source: BoxError },
    /// No connection to an HTTP proxy, or none through it.
    #[error("get {url:?} through the HTTP proxy {proxy}{}", place(at.as_ref()))]
    HttpProxy { url: String, proxy: Arc<HttpProxy>, kind: ErrorKind, at: Option<At>, source: BoxError },
    /// The answer of an HTTP proxy in place of the server's.
    #[error("get {url:?}: {}", of_proxy(proxy, request.as_ref(), *status))]
    HttpProxyStatus {
        url: String,
        proxy: Arc<HttpProxy>,
        /// What it was asked for, where that is no file.
        request: Option<String>,
        status: u16,
        response: Option<String>,
        retry_after: Option<Duration>,
    },
    #[error("get {url:?}")]
    UnusableHttpProxy { url: String, source: HttpProxyError },
    /// In the body.
    #[error("read {url:?}{}", place(at.as_ref()))]
    Read { url: String, kind: ErrorKind, at: Option<At>, source: BoxError },
    #[error("read {url:?}: no byte for {limit:?}{}", place(at.as_ref()))]
    Stalled { url: String, limit: Duration, silence: Silence, at: Option<At> },
    #[error("read {url:?}: not complete after {limit:?}{}", place(at.as_ref()))]
    TooSlow { url: String, limit: Duration, at: Option<At> },
    /// An answer in an encoding that was not asked for.
    #[error("read {url:?}: the content is in the encoding {encoding:?}, which was not asked for")]
    ContentEncoding { url: String, encoding: String },
    #[error("read {url:?}: {}", slow(*.lowest))]
    BelowMinThroughput { url: String, lowest: MinThroughput },
    /// An answer to a request for the rest of a file.
    #[error("read {url:?}: the rest of the file cannot be had: {reason}")]
    Rest { url: String, reason: String },
    #[error("{source_name} is not asked for a while: {outcome}")]
    CircuitOpen { source_name: String, kind: ErrorKind, outcome: Arc<str> },
    #[error("get {url:?}: stopped after {limit} redirects")]
    RedirectLimit { url: String, limit: usize },
    #[error("get {url:?}: redirected from secure URL {from} to insecure URL {to}")]
    RedirectInsecure { url: String, from: String, to: String },
    #[error("get {url:?}: unsupported protocol scheme {scheme:?}")]
    RedirectScheme { url: String, scheme: String },
    #[error("get {url:?}: the redirect's Location is no URL")]
    RedirectLocation { url: String },
    #[error("refusing to pass credentials to insecure URL: {url}")]
    InsecureCredentials { url: String },
    #[error("get {url:?}")]
    Unusable { url: String, source: Unusable },
    #[error("the HTTP client for {url} cannot be built")]
    Client { url: String, source: BoxError },
    #[cfg(feature = "rustls-no-provider")]
    #[error("the TLS client for {url} cannot be built")]
    TlsClient { url: String, source: BoxError },
    #[cfg(feature = "rustls-no-provider")]
    #[error("get {url:?}: {NO_TRUST_ROOTS}")]
    NoTrustRoots { url: String, source: BoxError },
    #[cfg(feature = "rustls-no-provider")]
    #[error("get {url:?}")]
    Certificate { url: String, source: RefusedCertificate },
    #[cfg(not(feature = "rustls-no-provider"))]
    #[error("get {url:?}: https needs the feature `rustls`")]
    NoTls { url: String },
    #[error("downloaded {what} file too large: {url} has more than {limit} bytes")]
    TooLarge { url: String, what: &'static str, limit: u64 },
    #[error("invalid response from proxy {proxy:?}")]
    Info { proxy: String, source: InfoError },
    #[error("proxy returned info for version {version} instead of requested version")]
    WrongVersion { version: String },
    #[error("proxy {proxy:?} lists a version that no proxy can be asked for")]
    UnusableVersion { proxy: String, source: InvalidVersionError },
    #[error("invalid version")]
    UnusableQuery { source: InvalidVersionError },
    #[error("no matching versions for query {query:?}{}", current.as_ref().map(|v| format!(" (current version is {v})")).unwrap_or_default())]
    NoMatchingVersion { query: String, current: Option<String> },
    #[error(transparent)]
    NoPatchBase { source: NoPatchBaseError },
    #[error("proxy returned the version {version}, which the module cannot have")]
    NoSuchVersion { version: String, source: ModuleError },
    /// A `.mod` file that decides about a query.
    #[error("the go.mod file is needed")]
    GoMod { kind: ErrorKind, limit: Option<Limit>, source: BoxError },
    /// Never reported: the request whose failure this repeats has been traced.
    #[error("not asked again")]
    AskedBefore { answer: Answer },
    #[error("no commits")]
    NoCommits,
    #[error("the content of {url} was rejected")]
    Rejected { url: String, kind: RejectionKind, source: BoxError },
    #[error("the content of {url} cannot be checked")]
    Undecided { url: String, source: BoxError },
    #[error("write what came from {url}")]
    Write { url: String, source: io::Error },
    #[error("{url} is not asked again: its content was rejected before")]
    RejectedBefore { url: String, source: BoxError },
    #[error("{path:?} is no file of a checksum database")]
    SumDbPath { path: String },
    #[cfg(feature = "blocking")]
    #[error("the blocking client was called on a thread that executes asynchronous tasks")]
    InsideRuntime,
    #[error("module lookup disabled by GOPROXY=off")]
    Off,
    #[error("the GOPROXY list ends at \"direct\", which is not supported{}", said(.last.as_deref()))]
    Direct {
        last: Option<Box<Last>>,
        #[source]
        unusable: Option<HttpProxyError>,
    },
    #[error("GONOPROXY matches the path, and direct access is not supported")]
    NoProxy,
    /// Of the caller's direct source.
    #[error("direct access failed")]
    Repository { kind: ErrorKind, next_step: Option<String>, last: Option<Box<Last>>, source: BoxError },
}

/// The last failure before the list ended at `direct`: the reason why something is not to be had.
#[derive(Debug, Clone)]
pub(crate) struct Last {
    pub(super) source: String,
    pub(super) outcome: String,
    pub(super) status: Option<u16>,
    pub(super) response: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) sent: Option<Box<SentCredentials>>,
    pub(super) http_proxy: Option<HttpProxy>,
    pub(super) unusable: Option<HttpProxyError>,
}

impl Failure {
    /// That the list ended at `direct`, after this.
    pub(crate) fn direct(last: Option<&Last>) -> Self {
        let unusable = last.and_then(|last| last.unusable.clone());
        Self::Direct { last: last.cloned().map(Box::new), unusable }
    }

    /// The same, after this answer of a proxy, if it is one of a direct source.
    pub(crate) fn after(mut self, answer: Option<&Last>) -> Self {
        if let Self::Repository { last, .. } = &mut self {
            *last = answer.cloned().map(Box::new);
        }
        self
    }

    /// The same, which says where the request had come to.
    pub(crate) fn at(mut self, where_: At) -> Self {
        if let Self::Get { at, .. }
        | Self::HttpProxy { at, .. }
        | Self::Read { at, .. }
        | Self::Stalled { at, .. }
        | Self::TooSlow { at, .. } = &mut self
        {
            at.get_or_insert(where_);
        }
        self
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoCommits => ErrorKind::NotFound,
            Self::Status { status, .. } if Answer::of_status(*status) == Answer::NotFound => {
                ErrorKind::NotFound
            }
            Self::Status { .. } => ErrorKind::Status,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::File { .. } => ErrorKind::Io,
            Self::Get { kind, .. }
            | Self::HttpProxy { kind, .. }
            | Self::Read { kind, .. }
            | Self::CircuitOpen { kind, .. }
            | Self::Told { kind, .. }
            | Self::Repository { kind, .. }
            | Self::Page { kind, .. } => *kind,
            Self::HttpProxyStatus { .. } => ErrorKind::HttpProxy,
            Self::Stalled { .. } => ErrorKind::Stalled,
            Self::TooSlow { .. } | Self::BelowMinThroughput { .. } => ErrorKind::Timeout,
            Self::Rest { .. } | Self::ContentEncoding { .. } => ErrorKind::Protocol,
            Self::RedirectLimit { .. }
            | Self::RedirectInsecure { .. }
            | Self::RedirectScheme { .. }
            | Self::RedirectLocation { .. } => ErrorKind::Redirect,
            Self::InsecureCredentials { .. } => ErrorKind::InsecureCredentials,
            Self::Unusable { .. } | Self::UnusableHttpProxy { .. } | Self::SumDbPath { .. } => {
                ErrorKind::InvalidUrl
            }
            #[cfg(feature = "rustls-no-provider")]
            Self::TlsClient { .. } | Self::Certificate { .. } => ErrorKind::Tls,
            #[cfg(feature = "rustls-no-provider")]
            Self::NoTrustRoots { .. } => ErrorKind::NoTrustRoots,
            #[cfg(not(feature = "rustls-no-provider"))]
            Self::NoTls { .. } => ErrorKind::Tls,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Info { .. }
            | Self::WrongVersion { .. }
            | Self::UnusableVersion { .. }
            | Self::NoSuchVersion { .. } => ErrorKind::Malformed,
            Self::UnusableQuery { .. } | Self::NoPatchBase { .. } => ErrorKind::InvalidQuery,
            Self::NoMatchingVersion { .. } => ErrorKind::NoMatchingVersion,
            Self::GoMod { kind, .. } => *kind,
            Self::AskedBefore { answer: Answer::NotFound } => ErrorKind::NotFound,
            Self::AskedBefore { .. } => ErrorKind::Status,
            Self::Rejected { kind: RejectionKind::Mismatch, .. } | Self::RejectedBefore { .. } => {
                ErrorKind::Mismatch
            }
            Self::Rejected { .. } => ErrorKind::Rejected,
            Self::Undecided { .. } => ErrorKind::Undecided,
            Self::Write { .. } => ErrorKind::Write,
            #[cfg(feature = "blocking")]
            Self::InsideRuntime => ErrorKind::InsideRuntime,
            Self::Off => ErrorKind::Off,
            Self::Client { .. } => ErrorKind::Io,
            Self::Direct { .. } | Self::NoProxy => ErrorKind::DirectUnsupported,
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        match self.kind() {
            ErrorKind::NotFound => Answer::NotFound,
            ErrorKind::Mismatch => Answer::Mismatch,
            _ => Answer::Error,
        }
    }

    /// Whether it is the caller's own, so that no source can help.
    pub(crate) fn is_of_caller(&self) -> bool {
        matches!(self.kind(), ErrorKind::Undecided | ErrorKind::Write)
    }

    /// Whether the same source may answer the same request soon.
    pub(crate) fn may_pass(&self) -> bool {
        let ends = matches!(self, Self::CircuitOpen { .. } | Self::Stalled { silence: Silence::Final, .. });
        !ends && is_transient(self.kind(), self.status())
    }

    /// Whether another try waits longer for the first byte.
    pub(crate) fn gets_longer(&self) -> bool {
        matches!(self, Self::Stalled { silence: Silence::GetsLonger, .. })
    }

    /// The limit that ended it, but for that on connecting.
    pub(crate) fn limit(&self) -> Option<Limit> {
        match self {
            Self::Stalled { limit, silence: Silence::InBody, .. } => Some(Limit::Stall(*limit)),
            Self::Stalled { limit, .. } => Some(Limit::FirstByte(*limit)),
            Self::TooSlow { limit, .. } => Some(Limit::Total(*limit)),
            Self::BelowMinThroughput { lowest, .. } => Some(Limit::MinThroughput(*lowest)),
            Self::TooLarge { limit, .. } => Some(Limit::Size(*limit)),
            Self::GoMod { limit, .. } => *limit,
            _ => None,
        }
    }

    /// Whether it is about what one request led to, and does not itself say where that was.
    pub(crate) fn is_of_one_answer(&self) -> bool {
        !matches!(
            self,
            Self::RedirectInsecure { .. }
                | Self::NoMatchingVersion { .. }
                | Self::NoCommits
                | Self::GoMod { .. }
                | Self::AskedBefore { .. }
        )
    }

    /// How long the server asked to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } | Self::HttpProxyStatus { retry_after, .. } => *retry_after,
            Self::Direct { last, .. } | Self::Repository { last, .. } => last.as_ref()?.retry_after,
            _ => None,
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::HttpProxyStatus { status, .. } => Some(*status),
            Self::Direct { last, .. } | Self::Repository { last, .. } => last.as_ref()?.status,
            _ => None,
        }
    }

    pub(crate) fn response(&self) -> Option<&str> {
        match self {
            Self::Status { response, .. } | Self::HttpProxyStatus { response, .. } => response.as_deref(),
            Self::Page { said, .. } => said.as_deref(),
            Self::Direct { last, .. } | Self::Repository { last, .. } => last.as_ref()?.response.as_deref(),
            _ => None,
        }
    }

    /// Why no HTTP proxy was asked on the way to a proxy before `direct`.
    pub(crate) fn unusable_before(&self) -> Option<&HttpProxyError> {
        match self {
            Self::Repository { last, .. } => last.as_ref()?.unusable.as_ref(),
            _ => None,
        }
    }

    /// What to do about it, where that is known beforehand.
    pub(crate) fn next_step(&self) -> Option<&str> {
        match self {
            Self::Repository { next_step, .. } => next_step.as_deref(),
            _ => None,
        }
    }

    /// The HTTP proxy that it is about.
    pub(crate) fn http_proxy(&self) -> Option<&HttpProxy> {
        match self {
            Self::HttpProxy { proxy, .. } | Self::HttpProxyStatus { proxy, .. } => Some(proxy),
            Self::Status { perhaps_of, .. } => perhaps_of.as_deref(),
            Self::Direct { last, .. } | Self::Repository { last, .. } => last.as_ref()?.http_proxy.as_ref(),
            _ => None,
        }
    }

    /// Which credentials went with the request that a server refused.
    pub(crate) fn sent(&self) -> Option<&SentCredentials> {
        match self {
            Self::Status { sent, .. } => sent.as_deref(),
            Self::Direct { last, .. } | Self::Repository { last, .. } => last.as_ref()?.sent.as_deref(),
            _ => None,
        }
    }

    /// Whether a certificate was refused for its issuer alone.
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) fn is_unknown_issuer(&self) -> bool {
        matches!(self, Self::Certificate { source, .. } if source.is_unknown_issuer)
    }

    /// Whether a page came in place of a file.
    pub(crate) fn is_page(&self) -> bool {
        matches!(self, Self::Page { .. })
    }

    /// The same failure, with the reason that a page came, where it is a verdict on the content.
    pub(crate) fn of_page(self, page: Option<&Page>, secrets: &Secrets) -> Self {
        let Some(page) = page else { return self };
        let (kind, said) = (self.kind(), page.said(secrets));
        match self {
            Self::Info { .. } => {
                let text = self.to_string();
                Self::Page { text, kind, page: page.name(), said, source: page.name().into() }
            }
            Self::Rejected { url, source, .. } => {
                let text = format!("reading {url}: {}", page.name());
                Self::Page { text, kind, page: page.name(), said, source }
            }
            other => other,
        }
    }
}

fn said(last: Option<&Last>) -> String {
    match last {
        Some(last) => format!("; {} answered {}", last.source, last.outcome),
        None => String::new(),
    }
}
