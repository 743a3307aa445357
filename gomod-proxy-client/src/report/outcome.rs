//! What is said of a failure.

use std::error::Error as StdError;

use crate::report::failure::{Failure, Last};
use crate::report::rejection::RejectionKind;
use crate::report::secrets::Secrets;
#[cfg(feature = "rustls-no-provider")]
use crate::report::text::NO_TRUST_ROOTS;
use crate::report::text::{MAX_OUTCOME, chain, of_proxy, place, short, slow, status_of};

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
            #[cfg(feature = "rustls-no-provider")]
            Self::Certificate { source, .. } => (source.to_string(), true),
            // The caller's own error, which may be long. Two hashes tell nothing.
            Self::Rejected { kind: RejectionKind::Malformed, source, .. }
            | Self::Repository { source, .. }
            | Self::Undecided { source, .. } => (chain(source.as_ref()), false),
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
            Self::BelowMinThroughput { lowest, .. } => return slow(*lowest),
            Self::Rest { reason, .. } => return reason.clone(),
            Self::CircuitOpen { outcome, .. } => {
                return format!("not asked, because it failed before: {outcome}");
            }
            Self::RedirectLimit { limit, .. } => return format!("stopped after {limit} redirects"),
            Self::Page { page, .. } => return (*page).to_owned(),
            Self::Repository { source, .. } => return chain(source.as_ref()),
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
            #[cfg(feature = "rustls-no-provider")]
            Self::Certificate { source, .. } => return source.to_string(),
            #[cfg(feature = "rustls-no-provider")]
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

impl Last {
    pub(crate) fn of(source: &str, failure: &Failure) -> Self {
        Self {
            source: source.to_owned(),
            outcome: failure.outcome(),
            status: failure.status(),
            response: failure.response().map(str::to_owned),
            retry_after: failure.retry_after(),
            sent: failure.sent().cloned().map(Box::new),
            http_proxy: failure.http_proxy().cloned(),
            unusable: match failure {
                Failure::UnusableHttpProxy { source, .. } => Some(source.clone()),
                _ => None,
            },
        }
    }
}
