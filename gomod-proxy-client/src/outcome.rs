//! What is said of a failure.

use std::error::Error as StdError;

use gomod_module::Printable;

use crate::failure::Failure;
use crate::http_proxies::HttpProxy;
use crate::pending::At;
use crate::rejection::RejectionKind;
use crate::secrets::Secrets;
use crate::timeouts::LowestSpeed;

#[cfg(feature = "rustls")]
pub(crate) const NO_TRUST_ROOTS: &str = "this machine trusts no certificate authority: install the system's certificates, or name a file (SSL_CERT_FILE)";

/// What is said of one failure in one line is never longer, in characters.
const MAX_OUTCOME: usize = 1000;

impl Failure {
    /// The same failure, with nothing in it of a server's words that quotes a secret or goes on and on.
    pub(crate) fn cleansed(self, secrets: &Secrets) -> Self {
        let (theirs, is_bounded) = match &self {
            Self::WrongVersion { version } => (version.clone(), true),
            Self::RedirectInsecure { from, to, .. } => (format!("{from} {to}"), true),
            Self::RedirectScheme { scheme, .. } => (scheme.clone(), true),
            Self::Rest { reason, .. } => (reason.clone(), true),
            Self::CircuitOpen { outcome, .. } => (outcome.to_string(), true),
            Self::NoSuchVersion { version, source } => (format!("{version} {}", chain(source)), true),
            Self::UnusableVersion { source, .. } => (chain(source), true),
            Self::Info { source, .. } => (chain(source), true),
            Self::Get { source, .. } | Self::Read { source, .. } => (chain(source.as_ref()), true),
            #[cfg(feature = "rustls")]
            Self::Certificate { source, .. } => (source.to_string(), true),
            // The caller's own error, which may be long. Two hashes tell nothing.
            Self::Rejected { kind: RejectionKind::Malformed, source, .. } => (chain(source.as_ref()), false),
            _ => return self,
        };
        let is_long = is_bounded && theirs.chars().nth(MAX_OUTCOME / 2).is_some();
        if !is_long && !secrets.are_in(&theirs) {
            return self;
        }
        let mut text = short(&self);
        if let Some(source) = self.source() {
            text = format!("{text}: {}", chain(source));
        }
        Self::Told { kind: self.kind(), text: short(&secrets.hide(&text)) }
    }

    /// What an attempt says of it, in one line: without the URL, which stands beside it, but with all causes.
    pub(crate) fn outcome(&self) -> String {
        short(&self.whole_outcome())
    }

    fn whole_outcome(&self) -> String {
        let mut text = match self {
            Self::Status { status, perhaps_of, .. } => return status_of(*status, perhaps_of.as_deref()),
            Self::File { source, .. } => return source.to_string(),
            Self::Stalled { limit, at, .. } => return format!("no byte for {limit:?}{}", place(at.as_ref())),
            Self::TooSlow { limit, at, .. } => {
                return format!("not complete after {limit:?}{}", place(at.as_ref()));
            }
            Self::ContentEncoding { encoding, .. } => {
                return format!("the content is in the encoding {encoding:?}, which was not asked for");
            }
            Self::Crawling { lowest, .. } => return slow(*lowest),
            Self::Rest { reason, .. } => return reason.clone(),
            Self::CircuitOpen { outcome, .. } => {
                return format!("not asked, because it failed before: {outcome}");
            }
            Self::RedirectLimit { limit, .. } => return format!("stopped after {limit} redirects"),
            Self::Page { page, .. } => return (*page).to_owned(),
            Self::Get { source, at, .. } | Self::Read { source, at, .. } => {
                return format!("{}{}", chain(source.as_ref()), place(at.as_ref()));
            }
            Self::HttpProxy { proxy, source, at, .. } => {
                return format!("HTTP proxy {proxy}: {}{}", chain(source.as_ref()), place(at.as_ref()));
            }
            Self::HttpProxyStatus { proxy, request, status, .. } => {
                return of_proxy(proxy, request.as_ref(), *status);
            }
            Self::UnusableHttpProxy { source, .. } => return chain(source),
            #[cfg(feature = "rustls")]
            Self::Certificate { source, .. } => return source.to_string(),
            #[cfg(feature = "rustls")]
            Self::NoTrustRoots { .. } => NO_TRUST_ROOTS.to_owned(),
            other => short(other),
        };
        if let Some(source) = self.source() {
            text.push_str(": ");
            text.push_str(&chain(source));
        }
        text
    }
}

/// As one line that a terminal can show.
pub(crate) fn short(text: &dyn std::fmt::Display) -> String {
    Printable::display(text).max_chars(MAX_OUTCOME).to_string()
}

pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = short(&error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = short(&error);
        // Some layers repeat their cause.
        if !text.ends_with(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        cause = error.source();
    }
    text
}

pub(crate) fn status_text(status: u16) -> String {
    let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

pub(crate) fn status_of(status: u16, perhaps_of: Option<&HttpProxy>) -> String {
    let text = status_text(status);
    match perhaps_of {
        Some(proxy) => format!("{text} from the HTTP proxy {proxy} or the server behind it"),
        None => text,
    }
}

pub(crate) fn place(at: Option<&At>) -> String {
    at.map(|at| format!(" ({at})")).unwrap_or_default()
}

pub(crate) fn of_proxy(proxy: &HttpProxy, request: Option<&String>, status: u16) -> String {
    let request = request.map(|request| format!(" {request} with")).unwrap_or_default();
    format!("the HTTP proxy {proxy} answered{request} {}", status_text(status))
}

pub(crate) fn slow(lowest: LowestSpeed) -> String {
    format!("less than {} bytes a second for {:?}", lowest.bytes_per_second, lowest.over)
}
