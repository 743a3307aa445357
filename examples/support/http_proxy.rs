//! What to do where an HTTP proxy on the way out is the trouble.

use std::error::Error as StdError;

use gomod_proxy_client::report::HttpProxyError;
use gomod_proxy_client::{Error, ErrorKind};

use crate::failure::asked;

/// The next step, where the error is an HTTP proxy's.
pub(crate) fn next_step(error: &Error) -> Option<String> {
    let unusable = error.source().and_then(<dyn StdError>::downcast_ref::<HttpProxyError>);
    if let Some(HttpProxyError { setting, .. }) = unusable {
        return Some(format!(
            "set {setting} to a URL such as http://proxy.corp:3128, or unset it; or name the server in NO_PROXY"
        ));
    }
    let proxy = error.http_proxy()?;
    let setting = proxy.setting();
    let (kind, is_transient) = match asked(error.attempts()).last() {
        Some(last) if error.kind() == ErrorKind::DirectUnsupported => (last.kind(), last.is_transient()),
        _ => (Some(error.kind()), error.is_transient()),
    };
    if kind == Some(ErrorKind::Status) {
        return of_either(error, is_transient, setting);
    }
    Some(match error.status() {
        Some(407) => format!(
            "{setting} must name a user and a password for this HTTP proxy, as in http://USER:PASSWORD@HOST:PORT; or name \
             the server in NO_PROXY, if it can be reached without the HTTP proxy"
        ),
        Some(status) if is_transient => format!(
            "the HTTP proxy in {setting} does not reach the server (status {status}): try again, or name the server in \
             NO_PROXY, if it can be reached without the HTTP proxy"
        ),
        Some(_) => format!(
            "the HTTP proxy in {setting} does not let this machine reach the server: have it allowed there; or name the \
             server in NO_PROXY, if it can be reached without the HTTP proxy"
        ),
        None => format!(
            "nothing answers at {}: correct {setting} or unset it; or name the server in NO_PROXY, if it can be reached \
             without the HTTP proxy",
            proxy.url()
        ),
    })
}

/// The same where nothing tells whether the HTTP proxy answered or the server behind it.
fn of_either(error: &Error, is_transient: bool, setting: &str) -> Option<String> {
    // Whoever it was, it says when to come back.
    if error.retry_after().is_some() {
        return None;
    }
    Some(if is_transient {
        format!(
            "the HTTP proxy in {setting} does not reach the server, or the server fails: try again, or name the server in \
             NO_PROXY, if it can be reached without the HTTP proxy"
        )
    } else {
        format!(
            "the HTTP proxy in {setting} or the server behind it refuses: ask those who run them which one, and whether this \
             module is blocked or needs a permission; or name the server in NO_PROXY, if it can be reached without the HTTP \
             proxy"
        )
    })
}
