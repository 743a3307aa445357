//! What to do where a source does not give what is asked for: by what it said, and by what it was told.

use std::error::Error as StdError;
use std::time::Duration;

use crate::report::error::Error;
use crate::report::http_proxy::HttpProxyError;
use crate::report::kind::ErrorKind;
use crate::report::sent::{NotSent, SentCredentials};
use crate::report::trace::Attempt;

/// The source at the end of a list whose error is told in place of that of a proxy before it.
const DIRECT: &str = "direct";

impl Error {
    /// What to do now, in one sentence for people; `None` where that is not known. No step weakens what is verified.
    ///
    /// It speaks of the variables of the go command: GOPROXY, GONOPROXY, `NO_PROXY`, netrc files.
    pub fn next_step(&self) -> Option<String> {
        let own = || self.own_next_step().map(str::to_owned);
        on_http_proxy(self)
            .or_else(|| on_answer(self))
            .or_else(own)
            .or_else(|| by_kind(self).map(str::to_owned))
    }
}

fn by_kind(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::NotFound => "check path and version, and whether a proxy in GOPROXY can have this module",
        ErrorKind::NoMatchingVersion => {
            "ask for another version: `go list -m -versions -retracted PATH` names those that there are"
        }
        ErrorKind::Off => "GOPROXY=off forbids downloads: name a proxy in GOPROXY",
        ErrorKind::DirectUnsupported => {
            "there is no direct access to repositories here: name a proxy in GOPROXY that has this module \
             (GONOPROXY and GOPRIVATE keep modules from proxies)"
        }
        ErrorKind::Mismatch => {
            "do not build from these bytes: ask another source for the same version and compare; if that \
             agrees with them, the line of go.sum is wrong"
        }
        ErrorKind::Malformed | ErrorKind::Rejected | ErrorKind::Protocol | ErrorKind::TooLarge => {
            "the proxy, or something in front of it, does not serve modules: look at its answer, or name \
             another one in GOPROXY behind `|`"
        }
        _ if error.is_transient() => "try again, or name another proxy in GOPROXY behind `|`",
        _ => return None,
    })
}

/// What to do about an answer, where the list goes no further.
fn on_answer(error: &Error) -> Option<String> {
    if error.is_page() {
        return Some(
            "something else than a module proxy answered, such as a sign-in page or a captive portal: open that URL in a \
             browser, and look at the address and the credentials of the proxy in GOPROXY"
                .to_owned(),
        );
    }
    let status = error.status()?;
    if let Some(wait) = error.retry_after().filter(|wait| !wait.is_zero()) {
        return Some(format!("the server says later (Retry-After): try again in {}", seconds(wait)));
    }
    let is_direct = error.kind() == ErrorKind::DirectUnsupported;
    match status {
        401 | 403 | 407 => Some(on_refusal(status, error.credentials())),
        404 | 410 if is_direct => Some(
            "no proxy in GOPROXY has this module, by its own words above: check path and version, or name a proxy that has \
             it; repositories are not asked directly here"
                .to_owned(),
        ),
        _ if is_direct => Some(
            "look at the proxy's answer above, or name another proxy in GOPROXY; repositories are not asked directly here"
                .to_owned(),
        ),
        _ => None,
    }
}

fn on_refusal(status: u16, sent: Option<&SentCredentials>) -> String {
    let blocked = "ask those who run the server whether this module is blocked or needs a permission";
    match sent {
        Some(SentCredentials::Redirected { host, .. }) => format!(
            "it was {host} that refused, to which the proxy had redirected, perhaps by a URL that has expired: look at this \
             machine's clock, try again, and tell those who run the proxy"
        ),
        Some(SentCredentials::None(NotSent::PlainHttp { .. })) => {
            format!(
                "credentials are sent over https alone: write the proxy's URL in GOPROXY with https; or {blocked}"
            )
        }
        Some(SentCredentials::None(NotSent::NoEntry { host, near: Some(near), .. })) => {
            format!("name it as the URL does, in netrc `machine {host}` in place of {near}; or {blocked}")
        }
        Some(SentCredentials::None(NotSent::NoEntry { host, .. })) => {
            format!("give credentials for it, in netrc `machine {host} login … password …`; or {blocked}")
        }
        Some(_) if status == 403 => {
            format!("the credentials were sent, and the server refuses all the same: {blocked}")
        }
        Some(_) => "the credentials were sent and are not accepted: renew them".to_owned(),
        None => blocked.to_owned(),
    }
}

fn seconds(wait: Duration) -> String {
    match wait.as_secs() {
        0 => "a second".to_owned(),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// What to do where an HTTP proxy on the way out is the trouble.
fn on_http_proxy(error: &Error) -> Option<String> {
    let unusable = error.source().and_then(<dyn StdError>::downcast_ref::<HttpProxyError>);
    let unusable = unusable.or(error.unusable_before());
    if let Some(HttpProxyError { setting, .. }) = unusable {
        return Some(format!(
            "set {setting} to a URL such as http://proxy.corp:3128, or unset it; or name the server in NO_PROXY"
        ));
    }
    let proxy = error.http_proxy()?;
    let setting = proxy.setting();
    let is_request = |attempt: &&Attempt| attempt.url().is_some() && attempt.source() != DIRECT;
    let asked = error.attempts().iter().rfind(is_request);
    let (kind, is_transient) = match asked {
        Some(last) if error.attempts().last().is_some_and(|end| end.source() == DIRECT) => {
            (last.kind(), last.is_transient())
        }
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
    // Whichever server it was, it says when to come back.
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
