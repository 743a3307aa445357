//! GET over HTTP.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, PROXY_AUTHENTICATE, RANGE};
use reqwest::{Response, StatusCode};
use url::{Position, Url};

use crate::auth::credentials::{Authorization, Told};
use crate::policy::clock::Clock;
use crate::policy::exchange::Exchange;
use crate::policy::timeouts::Timeouts;
use crate::report::failure::Failure;
use crate::report::http_proxy::HttpProxy;
use crate::report::kind::ErrorKind;
use crate::report::pending::Phase;
use crate::report::refusal::Refusal;
use crate::report::secrets::Secrets;
use crate::report::sent::SentCredentials;
use crate::report::server_response;
use crate::report::text::short;
use crate::transport::addresses::Addresses;
use crate::transport::clients::{BuildError, Clients};
#[cfg(feature = "rustls")]
use crate::transport::connect::Connect;
use crate::transport::dial::Dial;
use crate::transport::http_body::{Breaks, HttpBody, MAX_BREAKS, server};
use crate::transport::http_date::retry_after;
#[cfg(feature = "rustls")]
use crate::transport::http_error::refused;
use crate::transport::http_error::{get_kind, http2_error};
use crate::transport::http_proxies::{HttpProxies, Routes};
use crate::transport::redirect::{next_hop, redacted, redirection, without_userinfo};
#[cfg(feature = "rustls")]
use crate::transport::tls::Authorities;
#[cfg(feature = "rustls")]
use crate::transport::tunnel::Tunnels;
use crate::transport::waits::{Wait, Waits};

/// Requests in a chain of redirects, as in Go's `http.Client`.
const MAX_REQUESTS: usize = 10;
/// How much of the body beside a status is read: for its text, and because a connection can be used again only where
/// the answer was read to its end.
const MAX_ERROR_BODY: usize = 64 << 10;
/// How long all of that body is waited for; the status says enough.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(2);

pub(crate) struct Http {
    clients: Clients,
    #[cfg(feature = "rustls")]
    tunnels: Tunnels,
    addresses: Arc<Addresses>,
    pub(crate) waits: Waits,
    breaks: Breaks,
    http2: bool,
    /// The servers that have answered: their connections may be open still.
    answered: Mutex<HashSet<String>>,
}

impl Http {
    pub(crate) fn new(
        proxies: &HttpProxies,
        timeouts: &Timeouts,
        http2: bool,
        fixed: HashMap<String, Vec<SocketAddr>>,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            clients: Clients::new(Arc::new(Routes::new(proxies)), timeouts.connect)?,
            #[cfg(feature = "rustls")]
            tunnels: Tunnels::default(),
            addresses: Arc::new(Addresses::new(fixed)),
            waits: Waits::default(),
            breaks: Breaks::default(),
            http2,
            answered: Mutex::default(),
        })
    }

    /// Trusts these authorities besides the platform's.
    #[cfg(feature = "rustls")]
    pub(crate) fn trusting(mut self, authorities: Authorities) -> Self {
        self.clients.trust(authorities);
        self
    }

    /// The answer with status 200, or 206 where `headers` ask for a part, after redirects. `shown` is the URL for people;
    /// `exchange` gets the status of the last answer, and where it came from.
    pub(crate) async fn get(
        &self,
        mut url: Url,
        shown: &str,
        told: &Told,
        clock: &Clock,
        headers: &HeaderMap,
        exchange: &mut Exchange,
    ) -> Result<HttpBody, Failure> {
        let first = url.clone();
        let mut sent = told.authorization.as_ref();
        let wait = self.waits.begin(shown);
        for _ in 0..MAX_REQUESTS {
            // Once a redirect has left the server they are not sent again, as in Go: where it leads is no longer
            // the server's word.
            sent = sent.filter(|_| url.origin() == first.origin());
            let secrets = &told.secrets;
            let to = Request { url: &url, shown, authorization: sent, headers, clock, wait: &wait, secrets };
            let response =
                clock.wait(shown, Box::pin(self.send(to))).await.flatten().map_err(|e| e.at(wait.at()))?;
            exchange.answered(response.status().as_u16());
            let Some(location) = redirection(&response) else {
                return match response.status() {
                    StatusCode::OK => Ok(HttpBody::new(response, self.breaks.clone(), wait)),
                    StatusCode::PARTIAL_CONTENT if headers.contains_key(RANGE) => {
                        Ok(HttpBody::new(response, self.breaks.clone(), wait))
                    }
                    other => {
                        let refused = refusal(response, other, shown, told, clock).await;
                        Err(refused.through(self.speaking_proxy(&url)).redirected(&url, &first))
                    }
                };
            };
            url = next_hop(&first, &url, location, shown)?;
            exchange.redirected = Some(short(&told.secrets.hide(&redacted(&url))));
            wait.next_hop();
        }
        Err(Failure::RedirectLimit { url: shown.to_owned(), limit: MAX_REQUESTS })
    }

    async fn send(&self, to: Request<'_>) -> Result<Response, Failure> {
        let Request { url, shown, headers, .. } = to;
        let unusable = |source| Failure::UnusableHttpProxy { url: shown.to_owned(), source };
        let proxy = self.clients.routes().of(url).map_err(unusable)?;
        let server = server(url);
        #[cfg(feature = "rustls")]
        if let Some(proxy) = &proxy {
            self.tunnel(&to, proxy).await?;
        }
        let target = proxy.as_ref().map_or(url, |proxy| proxy.full_url());
        let connecting = if proxy.is_some() { Phase::HttpProxy } else { Phase::Connect };
        let mut again = self.answered().contains(&server);
        let mut http1 = !self.http2 || self.breaks.are_many(url);
        loop {
            let client = self.clients.of(url, http1, shown)?;
            let send = || {
                let mut request = client.get(without_userinfo(url)).headers(headers.clone());
                if let Some(authorization) = to.authorization {
                    request = request.header(AUTHORIZATION, authorization.header());
                }
                if !headers.contains_key(ACCEPT_ENCODING) {
                    request = request.header(ACCEPT_ENCODING, "gzip");
                }
                request.send()
            };
            let e = match self.dial(&to, &server, target, (connecting, Phase::Request), send).await {
                Ok(response) => {
                    self.answered().insert(server);
                    to.wait.is_at(Phase::Body, response.remote_addr());
                    return match proxy.filter(|proxy| speaks(proxy, url)) {
                        Some(proxy) if asks_for_proxy_credentials(&response) => {
                            Err(Refusal::of(response, &to).await.failure(shown, proxy, None))
                        }
                        _ => Ok(response),
                    };
                }
                Err(e) => e,
            };
            if !http1 && let Some(error) = http2_error(&e) {
                // What works over HTTP/1.1 is not left to chance.
                let is_asked_for = error.reason() == Some(h2::Reason::HTTP_1_1_REQUIRED);
                (0..if is_asked_for { MAX_BREAKS } else { 1 }).for_each(|_| self.breaks.count(url));
                if error.reason().is_some() {
                    http1 = true;
                    continue;
                }
            }
            let kind = get_kind(&e);
            // A server may close an idle connection at the moment of the next request. As in Go, such a request is made
            // once more.
            if kind == ErrorKind::Reset && std::mem::take(&mut again) {
                continue;
            }
            #[cfg(feature = "rustls")]
            self.tunnels.failed(&server);
            return Err(not_got(e, kind, shown.to_owned(), proxy));
        }
    }

    /// The HTTP proxy that [`speaks`] in place of the server.
    fn speaking_proxy(&self, url: &Url) -> Option<Arc<HttpProxy>> {
        self.clients.routes().of(url).ok().flatten().filter(|proxy| speaks(proxy, url))
    }

    /// Asks the proxy whether it lets https through to this server, unless that is known.
    #[cfg(feature = "rustls")]
    async fn tunnel(&self, to: &Request<'_>, proxy: &Arc<HttpProxy>) -> Result<(), Failure> {
        let Request { url, shown, .. } = *to;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Ok(()) };
        if url.scheme() != "https" || !proxy.is_http() {
            return Ok(());
        }
        let authority = format!("{host}:{port}");
        let request = format!("CONNECT {authority}");
        let ask = async {
            let connect = Connect::new(&authority, proxy.authorization());
            let client = self.clients.to_proxy(proxy, connect.clone(), shown)?;
            let send = || async {
                let sent = client.get(format!("http://{authority}")).send().await;
                // The connection was for the question alone.
                sent.or_else(|error| connect.take().ok_or(error))
            };
            let phases = (Phase::HttpProxy, Phase::HttpProxy);
            match self.dial(to, proxy.url(), proxy.full_url(), phases, send).await {
                Ok(response) if response.status() == StatusCode::OK => Ok(None),
                Ok(response) => Ok(Some(Refusal::of(response, to).await)),
                Err(e) => {
                    let kind = get_kind(&e);
                    Err(not_got(e, kind, shown.to_owned(), Some(Arc::clone(proxy))))
                }
            }
        };
        match self.tunnels.open(&server(url), ask).await? {
            None => Ok(()),
            Some(refusal) => Err(refusal.failure(shown, Arc::clone(proxy), Some(request))),
        }
    }

    /// Sends a request over a connection to whichever address of `target` gives one first.
    async fn dial<F>(
        &self,
        to: &Request<'_>,
        server: &str,
        target: &Url,
        phases: (Phase, Phase),
        send: impl FnMut() -> F,
    ) -> Result<Response, reqwest::Error>
    where
        F: Future<Output = Result<Response, reqwest::Error>> + Send,
    {
        let dial = Dial::new(&self.addresses, to.wait, server, target, phases);
        let unanswered = Unanswered { http: self, dial: &dial };
        let response = dial.send(send).await;
        drop(unanswered);
        response
    }

    fn answered(&self) -> MutexGuard<'_, HashSet<String>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request to one server.
#[derive(Clone, Copy)]
struct Request<'a> {
    url: &'a Url,
    shown: &'a str,
    authorization: Option<&'a Authorization>,
    headers: &'a HeaderMap,
    clock: &'a Clock,
    wait: &'a Arc<Wait>,
    secrets: &'a Secrets,
}

/// A request that is given up, or that failed: the next one goes to another address, where there is one.
struct Unanswered<'a> {
    http: &'a Http,
    dial: &'a Dial,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.dial.blame() {
            // No connection to this address is used again.
            self.http.clients.renew();
        }
    }
}

/// A request without an answer.
fn not_got(error: reqwest::Error, kind: ErrorKind, url: String, proxy: Option<Arc<HttpProxy>>) -> Failure {
    #[cfg(feature = "rustls")]
    if let Some(source) = refused(&error) {
        return Failure::Certificate { url, source };
    }
    let source = Box::new(error.without_url());
    match proxy {
        // Behind an open connection it is the server that fails, or a proxy that cannot be told from it.
        Some(proxy) if matches!(kind, ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Timeout) => {
            Failure::HttpProxy { url, proxy, kind, at: None, source }
        }
        _ => Failure::Get { url, kind, at: None, source },
    }
}

/// Whether an HTTP proxy's own answers come where the server's are expected: there is no tunnel through it.
fn speaks(proxy: &HttpProxy, url: &Url) -> bool {
    url.scheme() == "http" && proxy.is_http()
}

/// Whether it is an HTTP proxy's own answer: no server says this of itself.
fn asks_for_proxy_credentials(response: &Response) -> bool {
    response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        || response.headers().contains_key(PROXY_AUTHENTICATE)
}

async fn refusal(response: Response, status: StatusCode, shown: &str, told: &Told, clock: &Clock) -> Failure {
    let retry_after = retry_after(response.headers());
    // Some servers repeat the request that they refuse.
    let response = said(response, shown, clock, &told.secrets).await;
    let sent = matches!(status.as_u16(), 401 | 403 | 407).then(|| Box::new(told.sent.clone()));
    let (url, status) = (shown.to_owned(), status.as_u16());
    Failure::Status { url, status, perhaps_of: None, response, retry_after, sent }
}

/// What is said beside a status, as far as it is shown.
async fn said(mut response: Response, shown: &str, clock: &Clock, secrets: &Secrets) -> Option<String> {
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
    let complete = clock.hurried(ERROR_BODY_WAIT).wait(shown, reading).await.unwrap_or(false);
    server_response::text(&body, !complete, secrets)
}

impl Refusal {
    async fn of(response: Response, to: &Request<'_>) -> Self {
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        Self { status, response: said(response, to.shown, to.clock, to.secrets).await, retry_after }
    }

    fn failure(self, shown: &str, proxy: Arc<HttpProxy>, request: Option<String>) -> Failure {
        let Self { status, response, retry_after } = self;
        Failure::HttpProxyStatus { url: shown.to_owned(), proxy, request, status, response, retry_after }
    }
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
