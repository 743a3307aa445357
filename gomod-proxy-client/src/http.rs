//! GET over HTTP.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
#[cfg(feature = "rustls")]
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RANGE};
use reqwest::{Response, StatusCode, Version};
use url::{Position, Url};

use crate::clients::{BuildError, Clients};
use crate::clock::Clock;
use crate::credentials::Authorization;
use crate::error::ErrorKind;
use crate::failure::Failure;
use crate::http_date::retry_after;
#[cfg(feature = "rustls")]
use crate::http_error::refused;
use crate::http_error::{get_kind, is_of_connection, read_kind};
use crate::http_proxies::{HttpProxies, HttpProxy, Routes};
use crate::server_response;
use crate::timeouts::Timeouts;
#[cfg(feature = "rustls")]
use crate::tls::Authorities;
use crate::trace::Exchange;
use crate::tunnel::Refusal;
#[cfg(feature = "rustls")]
use crate::tunnel::Tunnels;

/// Requests in a chain of redirects, as in Go's `http.Client`.
const MAX_REQUESTS: usize = 10;
/// How much of the body beside a status is read: for its text, and because a connection can be used again only where
/// the answer was read to its end.
const MAX_ERROR_BODY: usize = 64 << 10;
/// How long all of that body is waited for; the status says enough.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(2);
/// After so many breaks within a body a server is asked over HTTP/1.1.
const MAX_BREAKS: u32 = 2;

pub(crate) struct Http {
    clients: Clients,
    #[cfg(feature = "rustls")]
    tunnels: Tunnels,
    breaks: Breaks,
    /// The servers that have answered: their connections may be open still.
    answered: Mutex<HashSet<String>>,
}

impl Http {
    pub(crate) fn new(proxies: &HttpProxies, timeouts: &Timeouts) -> Result<Self, BuildError> {
        Ok(Self {
            clients: Clients::new(Arc::new(Routes::new(proxies)), timeouts.connect)?,
            #[cfg(feature = "rustls")]
            tunnels: Tunnels::default(),
            breaks: Breaks::default(),
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
        authorization: Option<&Authorization>,
        clock: &Clock,
        headers: &HeaderMap,
        exchange: &mut Exchange,
    ) -> Result<HttpBody, Failure> {
        let first = url.clone();
        let mut sent = authorization;
        for _ in 0..MAX_REQUESTS {
            // Once a redirect has left the server they are not sent again, as in Go: where it leads is no longer
            // the server's word.
            sent = sent.filter(|_| url.origin() == first.origin());
            let response =
                clock.wait(shown, Box::pin(self.send(&url, shown, sent, headers, clock))).await??;
            exchange.answered(response.status().as_u16());
            let Some(location) = redirection(&response) else {
                return match response.status() {
                    StatusCode::OK => Ok(self.body(response)),
                    StatusCode::PARTIAL_CONTENT if headers.contains_key(RANGE) => Ok(self.body(response)),
                    other => Err(refusal(response, other, shown, authorization, clock).await),
                };
            };
            url = next_hop(&first, &url, location, shown)?;
            exchange.redirected = Some(redacted(&url));
        }
        Err(Failure::RedirectLimit { url: shown.to_owned(), limit: MAX_REQUESTS })
    }

    async fn send(
        &self,
        url: &Url,
        shown: &str,
        authorization: Option<&Authorization>,
        headers: &HeaderMap,
        clock: &Clock,
    ) -> Result<Response, Failure> {
        let proxy = self.clients.routes().of(url);
        let proxy = proxy.map_err(|source| Failure::UnusableHttpProxy { url: shown.to_owned(), source })?;
        let client = self.clients.of(url, self.breaks.are_many(url), shown)?;
        let server = server(url);
        #[cfg(feature = "rustls")]
        if let Some(proxy) = &proxy {
            self.tunnel(url, proxy, shown, clock).await?;
        }
        let mut again = self.answered().contains(&server);
        loop {
            let mut request = client.get(without_userinfo(url)).headers(headers.clone());
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization.header());
            }
            match request.send().await {
                Ok(response) => {
                    self.answered().insert(server);
                    return match proxy {
                        Some(proxy) if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                            let Refusal { status, response, retry_after } =
                                refused_by_proxy(response, shown, clock).await;
                            let url = shown.to_owned();
                            let request = None;
                            Err(Failure::HttpProxyStatus {
                                url,
                                proxy,
                                request,
                                status,
                                response,
                                retry_after,
                            })
                        }
                        _ => Ok(response),
                    };
                }
                Err(e) => {
                    let kind = get_kind(&e);
                    // A server may close an idle connection at the moment of the next request. As in Go, such a
                    // request is made once more.
                    if kind == ErrorKind::Reset && std::mem::take(&mut again) {
                        continue;
                    }
                    #[cfg(feature = "rustls")]
                    self.tunnels.failed(&server);
                    return Err(not_got(e, kind, shown.to_owned(), proxy));
                }
            }
        }
    }

    /// Asks the proxy whether it lets https through to this server, unless that is known.
    #[cfg(feature = "rustls")]
    async fn tunnel(
        &self,
        url: &Url,
        proxy: &Arc<HttpProxy>,
        shown: &str,
        clock: &Clock,
    ) -> Result<(), Failure> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Ok(()) };
        // The library would leave this port out.
        if url.scheme() != "https" || !proxy.is_http() || port == 80 {
            return Ok(());
        }
        let authority = format!("{host}:{port}");
        let ask = async {
            let client = self.clients.to_proxy(proxy, shown)?;
            match client.request(Method::CONNECT, format!("http://{authority}")).send().await {
                Ok(response) if response.status() == StatusCode::OK => Ok(None),
                Ok(response) => Ok(Some(refused_by_proxy(response, shown, clock).await)),
                Err(e) => {
                    let kind = get_kind(&e);
                    Err(not_got(e, kind, shown.to_owned(), Some(Arc::clone(proxy))))
                }
            }
        };
        match self.tunnels.open(&server(url), ask).await? {
            None => Ok(()),
            Some(Refusal { status, response, retry_after }) => Err(Failure::HttpProxyStatus {
                url: shown.to_owned(),
                proxy: Arc::clone(proxy),
                request: Some(format!("CONNECT {authority}")),
                status,
                response,
                retry_after,
            }),
        }
    }

    fn body(&self, response: Response) -> HttpBody {
        HttpBody { response, breaks: self.breaks.clone() }
    }

    fn answered(&self) -> MutexGuard<'_, HashSet<String>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
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
            Failure::HttpProxy { url, proxy, kind, source }
        }
        _ => Failure::Get { url, kind, source },
    }
}

/// An answer whose body is still to be read.
pub(crate) struct HttpBody {
    response: Response,
    breaks: Breaks,
}

impl HttpBody {
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    pub(crate) fn content_length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next piece, decoded.
    pub(crate) async fn chunk(&mut self, shown: &str) -> Result<Option<Bytes>, Failure> {
        let Self { response, breaks } = self;
        response.chunk().await.map_err(|e| {
            if response.version() == Version::HTTP_2 && is_of_connection(&e) {
                breaks.count(response.url());
            }
            let kind = read_kind(&e);
            Failure::Read { url: shown.to_owned(), kind, source: Box::new(e.without_url()) }
        })
    }
}

/// How often HTTP/2 broke within a body, by server. Proxies that are bad at it answer the same requests well over
/// HTTP/1.1.
#[derive(Clone, Default)]
struct Breaks(Arc<Mutex<HashMap<String, u32>>>);

impl Breaks {
    fn count(&self, url: &Url) {
        let mut counts = self.counts();
        let count = counts.entry(server(url)).or_default();
        *count = count.saturating_add(1);
    }

    /// Whether this server is asked over HTTP/1.1 from now on.
    fn are_many(&self, url: &Url) -> bool {
        self.counts().get(&server(url)).is_some_and(|count| *count >= MAX_BREAKS)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn server(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}

/// The `Location` of a redirect.
fn redirection(response: &Response) -> Option<&HeaderValue> {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        .then(|| response.headers().get(LOCATION))
        .flatten()
}

/// Where a redirect leads, if it may be followed: never from https to anything else, and to no other scheme.
fn next_hop(first: &Url, from: &Url, location: &HeaderValue, shown: &str) -> Result<Url, Failure> {
    let url = || shown.to_owned();
    let location = std::str::from_utf8(location.as_bytes());
    let Some(to) = location.ok().and_then(|location| from.join(location).ok()) else {
        return Err(Failure::RedirectLocation { url: url() });
    };
    if first.scheme() == "https" && to.scheme() != "https" {
        return Err(Failure::RedirectInsecure { url: url(), from: redacted(from), to: redacted(&to) });
    }
    match to.scheme() {
        "http" | "https" => Ok(to),
        other => Err(Failure::RedirectScheme { url: url(), scheme: other.to_owned() }),
    }
}

async fn refusal(
    response: Response,
    status: StatusCode,
    shown: &str,
    authorization: Option<&Authorization>,
    clock: &Clock,
) -> Failure {
    let retry_after = retry_after(response.headers());
    let response = said(response, shown, clock).await;
    // Some servers repeat the request that they refuse.
    let quotes = |text: &String| authorization.is_some_and(|authorization| authorization.is_quoted_in(text));
    let response = response.filter(|text| !quotes(text));
    Failure::Status { url: shown.to_owned(), status: status.as_u16(), response, retry_after }
}

/// The text beside a status, as far as it is shown.
async fn said(mut response: Response, shown: &str, clock: &Clock) -> Option<String> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_shown = content_type.is_some_and(server_response::is_shown);
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
    is_shown.then(|| server_response::text(&body, !complete)).flatten()
}

/// What a proxy answers in place of the server, which it may repeat the credentials of nobody in: it got its own alone.
async fn refused_by_proxy(response: Response, shown: &str, clock: &Clock) -> Refusal {
    let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
    Refusal { status, response: said(response, shown, clock).await, retry_after }
}

/// A redirect's target without what may be a secret: signed URLs carry theirs in the query.
fn redacted(url: &Url) -> String {
    without_userinfo(url)[..Position::AfterPath].to_owned()
}

fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // Fails for URLs that cannot have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(first: &str, from: &str, location: &str) -> Result<String, Failure> {
        let parse = |text| Url::parse(text).unwrap();
        next_hop(&parse(first), &parse(from), &HeaderValue::from_str(location).unwrap(), "shown")
            .map(String::from)
    }

    #[test]
    fn https_leads_to_https_alone() {
        let secure = "https://h/a";
        assert_eq!(hop(secure, secure, "/b").unwrap(), "https://h/b");
        assert_eq!(hop("http://h/a", "http://h/a", "https://i/b?q").unwrap(), "https://i/b?q");
        assert_eq!(hop("http://h/a", secure, "http://i/").unwrap(), "http://i/");
        let refused = hop(secure, secure, "http://u:pw@i/b?secret").unwrap_err();
        let wanted = "get \"shown\": redirected from secure URL https://h/a to insecure URL http://i/b";
        assert_eq!(refused.to_string(), wanted);
        assert!(matches!(hop("http://h/", "http://h/", "data:x"), Err(Failure::RedirectScheme { .. })));
        assert!(matches!(hop("http://h/", "http://h/", "http://["), Err(Failure::RedirectLocation { .. })));
    }
}
