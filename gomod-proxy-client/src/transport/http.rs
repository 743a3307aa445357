//! GET over HTTP.

use std::sync::Arc;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, RANGE, USER_AGENT};
use reqwest::{Body, Response, StatusCode};
use url::{Position, Url};

use crate::auth::credentials::Told;
use crate::policy::clock::Clock;
use crate::policy::pending_attempt::PendingAttempt;
use crate::report::failure::Failure;
use crate::report::http_proxy::HttpProxy;
use crate::report::kind::ErrorKind;
use crate::report::pending::Phase;
use crate::report::sent::SentCredentials;
use crate::report::text::short;
use crate::transport::clients::BuildError;
use crate::transport::http_body::{Breaks, HttpBody};
use crate::transport::http_date::retry_after;
use crate::transport::http_transport::HttpTransport;
use crate::transport::own_http::OwnHttp;
use crate::transport::redirect::{next_hop, redacted, redirection, without_userinfo};
use crate::transport::request::{Request, said};
use crate::transport::request_headers::RequestHeaders;
use crate::transport::response_head::head;
use crate::transport::settings::HttpSettings;
use crate::transport::waits::Waits;

/// Requests in a chain of redirects, as in Go's `http.Client`.
const MAX_REQUESTS: usize = 10;
pub(crate) struct Http {
    sender: Sender,
    headers: RequestHeaders,
    pub(crate) waits: Waits,
    breaks: Breaks,
}

/// What makes the requests.
enum Sender {
    Own(Box<OwnHttp>),
    Custom(Arc<dyn HttpTransport>),
}

impl Http {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, BuildError> {
        let breaks = Breaks::default();
        let sender = match &settings.custom {
            Some(custom) => Sender::Custom(Arc::clone(custom)),
            None => Sender::Own(Box::new(OwnHttp::new(settings, breaks.clone())?)),
        };
        Ok(Self { sender, headers: settings.headers.clone(), waits: Waits::default(), breaks })
    }

    /// The answer with status 200, or 206 where `headers` ask for a part, after redirects. `shown` is the URL for people;
    /// `pending` gets the status of the last answer, and where it came from.
    pub(crate) async fn get(
        &self,
        mut url: Url,
        shown: &str,
        told: &Told,
        clock: &Clock,
        headers: &HeaderMap,
        pending: &mut PendingAttempt,
    ) -> Result<HttpBody, Failure> {
        let first = url.clone();
        let mut sent = told.authorization.as_ref();
        let wait = self.waits.begin(shown);
        for _ in 0..MAX_REQUESTS {
            // Once a redirect has left the server they are not sent again, as in Go: where it leads is no longer
            // the server's word.
            sent = sent.filter(|_| url.origin() == first.origin());
            let mut all = headers.clone();
            self.headers.add(&mut all, &url, &first);
            all.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
            if let Some(authorization) = sent {
                authorization.add(&mut all);
            }
            let secrets = &told.secrets;
            let to = Request { url: &url, shown, headers: &all, clock, wait: &wait, secrets };
            let response = self.answer(to).await?;
            pending.answered(response.status().as_u16());
            let Some(location) = redirection(&response) else {
                return match response.status() {
                    StatusCode::OK => Ok(HttpBody::new(response, self.breaks.clone(), wait)),
                    StatusCode::PARTIAL_CONTENT if headers.contains_key(RANGE) => {
                        Ok(HttpBody::new(response, self.breaks.clone(), wait))
                    }
                    other => {
                        if told.wants_head && other.is_client_error() {
                            pending.head = Some(head(&response));
                        }
                        let refused = refusal(response, other, shown, told, clock).await;
                        Err(refused.through(self.speaking_proxy(&url)).redirected(&url, &first))
                    }
                };
            };
            url = next_hop(&first, &url, location, shown)?;
            pending.redirected = Some(short(&told.secrets.hide(&redacted(&url))));
            wait.next_hop();
        }
        Err(Failure::RedirectLimit { url: shown.to_owned(), limit: MAX_REQUESTS })
    }

    /// The answer to one request, whatever its status, and its status.
    pub(crate) async fn page(
        &self,
        url: &Url,
        shown: &str,
        told: &Told,
        clock: &Clock,
    ) -> Result<(u16, HttpBody), Failure> {
        // What is set for sources is none of this server's business.
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if let Some(authorization) = &told.authorization {
            authorization.add(&mut headers);
        }
        let wait = self.waits.begin(shown);
        let to = Request { url, shown, headers: &headers, clock, wait: &wait, secrets: &told.secrets };
        let response = self.answer(to).await?;
        let status = response.status().as_u16();
        Ok((status, HttpBody::new(response, self.breaks.clone(), wait)))
    }

    async fn answer(&self, to: Request<'_>) -> Result<Response, Failure> {
        let sent = to.clock.wait(to.shown, Box::pin(self.send(to))).await;
        sent.flatten().map_err(|e| e.at(to.wait.at()))
    }

    async fn send(&self, to: Request<'_>) -> Result<Response, Failure> {
        match &self.sender {
            Sender::Own(own) => own.send(to).await,
            Sender::Custom(custom) => self.send_by(custom.as_ref(), to).await,
        }
    }

    async fn send_by(&self, custom: &dyn HttpTransport, to: Request<'_>) -> Result<Response, Failure> {
        let not_got = |kind, source| Failure::Get { url: to.shown.to_owned(), kind, at: None, source };
        let request = hyper::Request::get(without_userinfo(to.url).as_str()).body(());
        let mut request = request.map_err(|e| not_got(ErrorKind::InvalidUrl, e.into()))?;
        *request.headers_mut() = to.headers.clone();
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert_with(|| self.headers.user_agent.clone());
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        let response = custom.send(request).await.map_err(|e| not_got(e.kind(), e.into_source()))?;
        to.wait.is_at(Phase::Body, None);
        let (parts, body) = response.into_parts();
        let body = Body::wrap(body.of(&parts.headers));
        Ok(Response::from(hyper::Response::from_parts(parts, body)))
    }

    /// The HTTP proxy that may answer in place of the server.
    fn speaking_proxy(&self, url: &Url) -> Option<Arc<HttpProxy>> {
        match &self.sender {
            Sender::Own(own) => own.speaking_proxy(url),
            Sender::Custom(_) => None,
        }
    }
}

async fn refusal(response: Response, status: StatusCode, shown: &str, told: &Told, clock: &Clock) -> Failure {
    let retry_after = retry_after(response.headers());
    // Some servers repeat the request that they refuse.
    let response = said(response, shown, clock, &told.secrets).await;
    let sent = matches!(status.as_u16(), 401 | 403 | 407).then(|| Box::new(told.sent.clone()));
    let (url, status) = (shown.to_owned(), status.as_u16());
    Failure::Status { url, status, perhaps_of: None, response, retry_after, sent }
}

impl Failure {
    /// The failure where this HTTP proxy passed the request on: what such a proxy says when it does not, may be its own word.
    fn through(mut self, proxy: Option<Arc<HttpProxy>>) -> Self {
        if let Self::Status { status: 403 | 502..=504, perhaps_of, .. } = &mut self {
            *perhaps_of = proxy;
        }
        self
    }

    /// The failure at the end of redirects, if there were some.
    fn redirected(mut self, url: &Url, first: &Url) -> Self {
        if let Self::Status { sent: Some(sent), .. } = &mut self
            && url.origin() != first.origin()
        {
            let host = url[Position::BeforeHost..Position::AfterPort].to_owned();
            **sent = SentCredentials::Redirected { host, source: sent.clone() };
        }
        self
    }
}
