//! HTTP proxies on the way out.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "rustls-no-provider")]
use reqwest::header::HeaderValue;
use url::Url;

#[cfg(feature = "rustls-no-provider")]
use crate::auth::authorization::Authorization;
use crate::protocol::base_url::BaseUrl;
#[cfg(feature = "rustls-no-provider")]
use crate::protocol::base_url::UserInfo;
use crate::protocol::base_url::redacted::redacted_text;
use crate::report::http_proxy::{HttpProxy, HttpProxyError};
use crate::transport::no_proxy::NoProxy;

/// Which HTTP proxies stand between this machine and the servers: what `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
/// say. None, unless the caller gives some: the environment is never read.
///
/// The three are read as the go command reads them (`golang.org/x/net/http/httpproxy`): `no_proxy` is a comma list of
/// names, which stand for their subdomains too (`.name` and `*.name` for the subdomains alone), addresses and networks
/// (`10.0.0.0/8`), names and addresses also with a port, or `*`. Loopback hosts are never proxied. A proxy is `http`,
/// `https` (with the feature `rustls`), `socks5` or `socks5h`, which both leave names to the proxy; a text without scheme
/// is `http`. One that is none of these fails the requests that would go through it, and no others; the go command ignores
/// some of them.
///
/// ```
/// use gomod_proxy_client::transport::HttpProxies;
///
/// let proxies = HttpProxies::new().https("http://me:secret@proxy.corp:3128").no_proxy("*.corp, 10.0.0.0/8");
/// let proxy = proxies.proxy_for("https://proxy.golang.org/x")?.unwrap();
/// assert_eq!((proxy.setting(), proxy.url()), ("HTTPS_PROXY", "http://proxy.corp:3128"));
/// assert_eq!(proxies.proxy_for("https://goproxy.corp/x")?, None);
/// # Ok::<(), gomod_proxy_client::report::HttpProxyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpProxies {
    http: Setting,
    https: Setting,
    no_proxy: String,
}

#[derive(Clone, PartialEq, Eq)]
struct Setting {
    value: String,
    name: String,
}

impl HttpProxies {
    /// No proxies.
    pub fn new() -> Self {
        let setting = |name: &str| Setting { value: String::new(), name: name.to_owned() };
        Self { http: setting("HTTP_PROXY"), https: setting("HTTPS_PROXY"), no_proxy: String::new() }
    }

    /// Sets the proxy for `http` requests; an empty text is none.
    #[must_use]
    pub fn http(mut self, url: impl Into<String>) -> Self {
        self.http.value = url.into();
        self
    }

    /// Sets the proxy for `https` requests; an empty text is none.
    #[must_use]
    pub fn https(mut self, url: impl Into<String>) -> Self {
        self.https.value = url.into();
        self
    }

    /// Sets the hosts that are reached without a proxy.
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.no_proxy = hosts.into();
        self
    }

    /// Sets what errors call the two proxies: the variables that they come from. `HTTP_PROXY` and `HTTPS_PROXY`, unless
    /// set.
    #[must_use]
    pub fn named(mut self, http: impl Into<String>, https: impl Into<String>) -> Self {
        self.http.name = http.into();
        self.https.name = https.into();
        self
    }

    /// The proxy through which a URL is asked for; `None` where its server is asked itself, or where the text is no URL.
    ///
    /// # Errors
    /// [`HttpProxyError`] where a proxy is set for it that cannot be used.
    pub fn proxy_for(&self, url: &str) -> Result<Option<HttpProxy>, HttpProxyError> {
        let Ok(url) = Url::parse(url) else { return Ok(None) };
        Routes::new(self).of(&url).map(|proxy| proxy.map(|proxy| HttpProxy::clone(&proxy)))
    }
}

#[cfg(feature = "rustls-no-provider")]
impl HttpProxy {
    /// What is said to the proxy itself of who asks.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let UserInfo { user, password } = self.user_info.as_ref()?;
        let password = password.as_deref().unwrap_or_default();
        Authorization::basic(user.as_bytes(), password.as_bytes())?.into_value()
    }
}

impl HttpProxies {
    /// The URLs with their credentials, as far as they are URLs.
    pub(crate) fn base_urls(&self) -> Vec<BaseUrl> {
        let values = [&self.http.value, &self.https.value];
        let parse = |value: &String| {
            let url = if value.contains("://") { value.clone() } else { format!("http://{value}") };
            BaseUrl::parse(&url).ok()
        };
        values.into_iter().filter_map(parse).collect()
    }
}

/// The proxies of a client, read once.
pub(crate) struct Routes {
    http: Result<Option<Arc<HttpProxy>>, HttpProxyError>,
    https: Result<Option<Arc<HttpProxy>>, HttpProxyError>,
    no_proxy: NoProxy,
}

impl Routes {
    pub(crate) fn new(proxies: &HttpProxies) -> Self {
        let parse = |setting: &Setting| {
            HttpProxy::parse(&setting.value, &setting.name).map(|proxy| proxy.map(Arc::new))
        };
        Self {
            http: parse(&proxies.http),
            https: parse(&proxies.https),
            no_proxy: NoProxy::parse(&proxies.no_proxy),
        }
    }

    /// The proxy through which a URL is asked for.
    pub(crate) fn of(&self, url: &Url) -> Result<Option<Arc<HttpProxy>>, HttpProxyError> {
        let proxy = match url.scheme() {
            "http" => &self.http,
            "https" => &self.https,
            _ => return Ok(None),
        };
        match proxy {
            Ok(None) => Ok(None),
            _ if self.no_proxy.matches(url) => Ok(None),
            proxy => proxy.clone(),
        }
    }
}

impl Default for HttpProxies {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HttpProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProxies")
            .field("http", &redacted_text(&self.http.value))
            .field("https", &redacted_text(&self.https.value))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}
