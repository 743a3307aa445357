//! What to do where a source does not give what is asked for: by what it said, and by what it was told.

use std::time::Duration;

use gomod_proxy_client::report::{NotSent, SentCredentials};
use gomod_proxy_client::{Error, ErrorKind};

/// What to do about an answer, where the list goes no further.
pub fn on_answer(error: &Error) -> Option<String> {
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
