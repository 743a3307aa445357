use std::fmt;

use reqwest::{ClientBuilder, NoProxy, Proxy};
use url::Url;

use crate::base_url::redacted_text;

/// Which HTTP proxies stand between this machine and the servers: what `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
/// say. None, unless the caller gives some: the environment is never read.
///
/// Loopback hosts are never proxied. `no_proxy` is a comma list of hosts (with their subdomains), addresses and
/// networks (`10.0.0.0/8`), or `*`; ports in it are not supported. Proxies are `http` or, with the feature `rustls`,
/// `https`; a text without scheme is `http`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpProxies {
    http: String,
    https: String,
    no_proxy: String,
}

/// Why a client cannot be built: an HTTP proxy's URL is wrong. Credentials in it are redacted.
#[derive(Debug, thiserror::Error)]
#[error("invalid HTTP proxy {url:?}")]
#[non_exhaustive]
pub struct BuildError {
    /// The text.
    pub url: String,
    /// What is wrong with it.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl HttpProxies {
    /// No proxies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the proxy for `http` requests; an empty text is none.
    #[must_use]
    pub fn http(mut self, url: impl Into<String>) -> Self {
        self.http = url.into();
        self
    }

    /// Sets the proxy for `https` requests; an empty text is none.
    #[must_use]
    pub fn https(mut self, url: impl Into<String>) -> Self {
        self.https = url.into();
        self
    }

    /// Sets the hosts that are reached without a proxy.
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.no_proxy = hosts.into();
        self
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        self.proxies().map(drop)
    }

    pub(crate) fn apply(&self, mut builder: ClientBuilder) -> ClientBuilder {
        // Without this the library asks the environment and the system.
        builder = builder.no_proxy();
        for proxy in self.proxies().unwrap_or_default() {
            builder = builder.proxy(proxy);
        }
        builder
    }

    /// Whether `http` requests need certificates, for the way to their proxy.
    #[cfg(feature = "rustls")]
    pub(crate) fn reaches_http_over_tls(&self) -> bool {
        matches!(proxy(&self.http), Ok(Some(url)) if url.scheme() == "https")
    }

    fn proxies(&self) -> Result<Vec<Proxy>, BuildError> {
        let except = format!("{},localhost,127.0.0.0/8,::1", self.no_proxy);
        let http = proxy(&self.http)?.map(Proxy::http);
        let https = proxy(&self.https)?.map(Proxy::https);
        http.into_iter()
            .chain(https)
            .map(|proxy| Ok(proxy?.no_proxy(NoProxy::from_string(&except))))
            .collect::<Result<_, reqwest::Error>>()
            .map_err(|e| BuildError { url: "HTTP proxy".into(), source: Box::new(e.without_url()) })
    }
}

fn proxy(text: &str) -> Result<Option<Url>, BuildError> {
    if text.is_empty() {
        return Ok(None);
    }
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let fail =
        |source: Box<dyn std::error::Error + Send + Sync>| BuildError { url: redacted_text(text), source };
    let url = Url::parse(&with_scheme).map_err(|e| fail(Box::new(e)))?;
    match url.scheme() {
        // Without TLS the library would speak plain HTTP to it, credentials included.
        "https" if cfg!(not(feature = "rustls")) => Err(fail("https needs the feature `rustls`".into())),
        "http" | "https" => Ok(Some(url)),
        _ => Err(fail("the scheme is neither http nor https".into())),
    }
}

impl fmt::Debug for HttpProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProxies")
            .field("http", &redacted_text(&self.http))
            .field("https", &redacted_text(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}
