//! One request, and what an answer without content says.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::HeaderMap;
use url::Url;

use crate::policy::clock::Clock;
use crate::report::failure::Failure;
use crate::report::http_proxy::HttpProxy;
use crate::report::refusal::Refusal;
use crate::report::secrets::Secrets;
use crate::report::server_response;
use crate::transport::http_date::retry_after;
use crate::transport::waits::Wait;

/// How much of the body beside a status is read: for its text, and because a connection can be used again only where
/// the answer was read to its end.
const MAX_ERROR_BODY: usize = 64 << 10;
/// How long all of that body is waited for; the status says enough.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(2);

/// One request to one server.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) url: &'a Url,
    pub(crate) shown: &'a str,
    /// All but the user agent.
    pub(crate) headers: &'a HeaderMap,
    pub(crate) clock: &'a Clock,
    pub(crate) wait: &'a Arc<Wait>,
    pub(crate) secrets: &'a Secrets,
}

/// What is said beside a status, as far as it is shown.
pub(crate) async fn said(
    mut response: Response,
    shown: &str,
    clock: &Clock,
    secrets: &Secrets,
) -> Option<String> {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ERROR_BODY {
                return false;
            }
        }
        true
    };
    let complete = clock.with_max_stall(ERROR_BODY_WAIT).wait(shown, reading).await.unwrap_or(false);
    server_response::text(&body, !complete, secrets)
}

impl Refusal {
    pub(crate) async fn of(response: Response, to: &Request<'_>) -> Self {
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        Self { status, response: said(response, to.shown, to.clock, to.secrets).await, retry_after }
    }

    pub(crate) fn failure(self, shown: &str, proxy: Arc<HttpProxy>, request: Option<String>) -> Failure {
        let Self { status, response, retry_after } = self;
        Failure::HttpProxyStatus { url: shown.to_owned(), proxy, request, status, response, retry_after }
    }
}
