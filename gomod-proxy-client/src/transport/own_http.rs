//! Requests made by this crate's own HTTP: which connection they go over.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "rustls-no-provider")]
use reqwest::header::HeaderValue;
use reqwest::header::PROXY_AUTHENTICATE;
use reqwest::{Response, StatusCode};
use url::Url;

use crate::report::failure::Failure;
use crate::report::http_proxy::HttpProxy;
use crate::report::kind::ErrorKind;
use crate::report::pending::Phase;
use crate::report::refusal::Refusal;
use crate::transport::addresses::Addresses;
use crate::transport::clients::{BuildError, Clients};
#[cfg(feature = "rustls-no-provider")]
use crate::transport::connect::Connect;
use crate::transport::dial::Dial;
use crate::transport::http_body::{Breaks, MAX_BREAKS, server};
#[cfg(feature = "rustls-no-provider")]
use crate::transport::http_error::refused;
use crate::transport::http_error::{get_kind, http2_error};
use crate::transport::redirect::without_userinfo;
use crate::transport::request::Request;
use crate::transport::settings::HttpSettings;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::tunnel::Tunnels;

pub(crate) struct OwnHttp {
    clients: Clients,
    #[cfg(feature = "rustls-no-provider")]
    tunnels: Tunnels,
    #[cfg(feature = "rustls-no-provider")]
    user_agent: HeaderValue,
    addresses: Arc<Addresses>,
    breaks: Breaks,
    http2: bool,
    /// The servers that have answered: their connections may be open still.
    answered: Mutex<HashSet<String>>,
}

impl OwnHttp {
    pub(crate) fn new(settings: &HttpSettings, breaks: Breaks) -> Result<Self, BuildError> {
        Ok(Self {
            clients: Clients::new(settings.clone())?,
            #[cfg(feature = "rustls-no-provider")]
            tunnels: Tunnels::default(),
            #[cfg(feature = "rustls-no-provider")]
            user_agent: settings.headers.user_agent.clone(),
            addresses: Arc::new(Addresses::new(settings.fixed.clone())),
            breaks,
            http2: settings.http2,
            answered: Mutex::default(),
        })
    }

    pub(crate) async fn send(&self, to: Request<'_>) -> Result<Response, Failure> {
        let Request { url, shown, headers, .. } = to;
        let unusable = |source| Failure::UnusableHttpProxy { url: shown.to_owned(), source };
        let proxy = self.clients.routes().of(url).map_err(unusable)?;
        let server = server(url);
        #[cfg(feature = "rustls-no-provider")]
        if let Some(proxy) = &proxy {
            self.tunnel(&to, proxy).await?;
        }
        let target = proxy.as_ref().map_or(url, |proxy| proxy.full_url());
        let connecting = if proxy.is_some() { Phase::HttpProxy } else { Phase::Connect };
        let mut again = self.answered().contains(&server);
        let mut http1 = !self.http2 || self.breaks.are_many(url);
        loop {
            let client = self.clients.of(url, http1, shown)?;
            let send = || client.get(without_userinfo(url)).headers(headers.clone()).send();
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
            #[cfg(feature = "rustls-no-provider")]
            self.tunnels.failed(&server);
            return Err(not_got(e, kind, shown.to_owned(), proxy));
        }
    }

    /// The HTTP proxy that [`speaks`] in place of the server.
    pub(crate) fn speaking_proxy(&self, url: &Url) -> Option<Arc<HttpProxy>> {
        self.clients.routes().of(url).ok().flatten().filter(|proxy| speaks(proxy, url))
    }

    /// Asks the proxy whether it lets https through to this server, unless that is known.
    #[cfg(feature = "rustls-no-provider")]
    async fn tunnel(&self, to: &Request<'_>, proxy: &Arc<HttpProxy>) -> Result<(), Failure> {
        let Request { url, shown, .. } = *to;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Ok(()) };
        if url.scheme() != "https" || !proxy.is_http() {
            return Ok(());
        }
        let authority = format!("{host}:{port}");
        let request = format!("CONNECT {authority}");
        let ask = async {
            let connect = Connect::new(&authority, proxy.authorization(), self.user_agent.clone());
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

/// A request that is given up, or that failed: the next one goes to another address, where there is one.
struct Unanswered<'a> {
    http: &'a OwnHttp,
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
    #[cfg(feature = "rustls-no-provider")]
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
