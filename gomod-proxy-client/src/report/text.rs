//! The words of failures.

use std::error::Error as StdError;

use gomod_module::text::Printable;

use crate::report::http_proxy::HttpProxy;
use crate::report::limit::MinThroughput;
use crate::report::pending::At;

#[cfg(feature = "rustls-no-provider")]
pub(crate) const NO_TRUST_ROOTS: &str = "this machine trusts no certificate authority: install the system's certificates, or name a file (SSL_CERT_FILE)";

/// What is said of one failure in one line is never longer, in characters.
pub(crate) const MAX_OUTCOME: usize = 1000;

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

pub(crate) fn slow(lowest: MinThroughput) -> String {
    format!("less than {} bytes a second for {:?}", lowest.bytes_per_second, lowest.window)
}
