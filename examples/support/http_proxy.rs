//! What to do where an HTTP proxy on the way out is the trouble.

use std::error::Error as StdError;

use gomod_proxy_client::report::HttpProxyError;
use gomod_proxy_client::{Error, ErrorKind};

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
    if error.kind() == ErrorKind::Status {
        return of_either(error, setting);
    }
    Some(match error.status() {
        Some(407) => format!(
            "{setting} must name a user and a password for this HTTP proxy, as in http://USER:PASSWORD@HOST:PORT; or name \
             the server in NO_PROXY, if it can be reached without the HTTP proxy"
        ),
        Some(status) if error.is_transient() => format!(
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
fn of_either(error: &Error, setting: &str) -> Option<String> {
    // Whoever it was, it says when to come back.
    if error.retry_after().is_some() {
        return None;
    }
    let around = "or name the server in NO_PROXY, if it can be reached without the HTTP proxy";
    Some(if error.is_transient() {
        format!(
            "the HTTP proxy in {setting} does not reach the server, or the server fails: try again, {around}"
        )
    } else {
        format!(
            "the HTTP proxy in {setting} or the server behind it refuses: ask those who run them which one, and whether this \
             module is blocked or needs a permission; {around}"
        )
    })
}
