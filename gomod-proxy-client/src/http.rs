//! GET over HTTP.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RANGE};
use reqwest::{Client, ClientBuilder, Response, StatusCode, redirect};
use url::{Position, Url};

use crate::clock::Clock;
use crate::credentials::Authorization;
use crate::error::ErrorKind;
use crate::failure::Failure;
use crate::http_date::retry_after;
use crate::http_error::{get_kind, read_kind};
use crate::http_proxies::{BuildError, HttpProxies};
use crate::server_response;
use crate::timeouts::Timeouts;
use crate::trace::Exchange;

/// Requests in a chain of redirects, as in Go's `http.Client`.
const MAX_REQUESTS: usize = 10;
/// How much of the body beside a status is read: for its text, and because a connection can be used again only where
/// the answer was read to its end.
const MAX_ERROR_BODY: usize = 64 << 10;
/// How long all of that body is waited for; the status says enough.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(2);

pub(crate) struct Http {
    plain: Client,
    /// Built when the first https URL is asked, because that reads the certificates of this machine, which may have
    /// none.
    #[cfg(feature = "rustls")]
    tls: Mutex<Option<Client>>,
    #[cfg(feature = "rustls")]
    proxies: HttpProxies,
    #[cfg(feature = "rustls")]
    connect: Duration,
    /// The servers that have answered: their connections may be open still.
    answered: Mutex<HashSet<String>>,
}

impl Http {
    pub(crate) fn new(proxies: &HttpProxies, timeouts: &Timeouts) -> Result<Self, BuildError> {
        proxies.check()?;
        let plain = without_certificates(settings(proxies, timeouts.connect))
            .build()
            .map_err(|e| BuildError { url: "http".into(), source: Box::new(e.without_url()) })?;
        Ok(Self {
            plain,
            #[cfg(feature = "rustls")]
            tls: Mutex::default(),
            #[cfg(feature = "rustls")]
            proxies: proxies.clone(),
            #[cfg(feature = "rustls")]
            connect: timeouts.connect,
            answered: Mutex::default(),
        })
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
    ) -> Result<Response, Failure> {
        let first = url.clone();
        let mut sent = authorization;
        for _ in 0..MAX_REQUESTS {
            // Once a redirect has left the server they are not sent again, as in Go: where it leads is no longer
            // the server's word.
            sent = sent.filter(|_| url.origin() == first.origin());
            let response = clock.wait(shown, self.send(&url, shown, sent, headers)).await??;
            exchange.status = Some(response.status().as_u16());
            let Some(location) = redirection(&response) else {
                return match response.status() {
                    StatusCode::OK => Ok(response),
                    StatusCode::PARTIAL_CONTENT if headers.contains_key(RANGE) => Ok(response),
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
    ) -> Result<Response, Failure> {
        let client = self.client(url, shown)?;
        let server = url[..Position::BeforePath].to_owned();
        let mut again = self.answered().contains(&server);
        loop {
            let mut request = client.get(without_userinfo(url)).headers(headers.clone());
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization.header());
            }
            match request.send().await {
                Ok(response) => {
                    self.answered().insert(server);
                    return Ok(response);
                }
                Err(e) => {
                    let kind = get_kind(&e);
                    // A server may close an idle connection at the moment of the next request. As in Go, such a
                    // request is made once more.
                    if kind == ErrorKind::Reset && std::mem::take(&mut again) {
                        continue;
                    }
                    let source = Box::new(e.without_url());
                    return Err(Failure::Get { url: shown.to_owned(), kind, source });
                }
            }
        }
    }

    fn answered(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(feature = "rustls")]
    fn client(&self, url: &Url, shown: &str) -> Result<Client, Failure> {
        if url.scheme() != "https" && !self.proxies.reaches_http_over_tls() {
            return Ok(self.plain.clone());
        }
        let mut tls = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*tls {
            return Ok(client.clone());
        }
        let client = settings(&self.proxies, self.connect)
            .build()
            .map_err(|e| Failure::TlsClient { url: shown.to_owned(), source: Box::new(e.without_url()) })?;
        Ok(tls.insert(client).clone())
    }

    #[cfg(not(feature = "rustls"))]
    fn client(&self, url: &Url, shown: &str) -> Result<Client, Failure> {
        match url.scheme() {
            "https" => Err(Failure::NoTls { url: shown.to_owned() }),
            _ => Ok(self.plain.clone()),
        }
    }
}

/// The next piece of a body, decoded.
pub(crate) async fn chunk(response: &mut Response, shown: &str) -> Result<Option<bytes::Bytes>, Failure> {
    response.chunk().await.map_err(|e| {
        let kind = read_kind(&e);
        Failure::Read { url: shown.to_owned(), kind, source: Box::new(e.without_url()) }
    })
}

fn settings(proxies: &HttpProxies, connect: Duration) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(concat!("gomod-proxy-client/", env!("CARGO_PKG_VERSION")))
        // Redirects are followed above: each hop is judged, and may need the other client.
        .redirect(redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .connect_timeout(connect);
    proxies.apply(builder)
}

#[cfg(feature = "rustls")]
fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}

#[cfg(not(feature = "rustls"))]
fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder
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
    mut response: Response,
    status: StatusCode,
    shown: &str,
    authorization: Option<&Authorization>,
    clock: &Clock,
) -> Failure {
    let retry_after = retry_after(response.headers());
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
    let response = is_shown.then(|| server_response::text(&body, !complete)).flatten();
    // Some servers repeat the request that they refuse.
    let quotes = |text: &String| authorization.is_some_and(|authorization| authorization.is_quoted_in(text));
    let response = response.filter(|text| !quotes(text));
    Failure::Status { url: shown.to_owned(), status: status.as_u16(), response, retry_after }
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
