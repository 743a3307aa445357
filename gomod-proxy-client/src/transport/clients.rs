//! The HTTP library's clients: which one a URL is asked with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Proxy, redirect};
use url::Url;

use crate::report::failure::Failure;
#[cfg(feature = "rustls")]
use crate::report::http_proxy::HttpProxy;
#[cfg(feature = "rustls")]
use crate::transport::connect::Connect;
use crate::transport::dial::{Connections, Resolver};
use crate::transport::http_proxies::Routes;
#[cfg(feature = "rustls")]
use crate::transport::tls::{self, Authorities};
use crate::transport::user_agent::USER_AGENT_VALUE;

/// Why a client cannot be built: the HTTP library refuses. No setting of this crate is known to bring it about.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be built")]
#[non_exhaustive]
pub struct BuildError {
    /// What it says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

pub(crate) struct Clients {
    routes: Arc<Routes>,
    connect: Duration,
    plain: Mutex<Client>,
    #[cfg(feature = "rustls")]
    tls: Tls,
}

#[cfg(feature = "rustls")]
struct Tls {
    authorities: Authorities,
    /// Built when the first https URL is asked, because that reads the certificates of this machine, which may have
    /// none.
    clients: Mutex<TlsClients>,
}

#[cfg(feature = "rustls")]
#[derive(Default)]
struct TlsClients {
    config: Option<rustls::ClientConfig>,
    any: Option<Client>,
    /// For servers whose HTTP/2 breaks.
    http1: Option<Client>,
}

impl Clients {
    pub(crate) fn new(routes: Arc<Routes>, connect: Duration) -> Result<Self, BuildError> {
        let plain = plain(&routes, connect).map_err(|e| BuildError { source: Box::new(e) })?;
        #[cfg(feature = "rustls")]
        let tls = Tls { authorities: Authorities::new(), clients: Mutex::default() };
        Ok(Self {
            routes,
            connect,
            plain: Mutex::new(plain),
            #[cfg(feature = "rustls")]
            tls,
        })
    }

    /// Forgets all open connections; what is being read over them goes on.
    pub(crate) fn renew(&self) {
        if let Ok(client) = plain(&self.routes, self.connect) {
            *lock(&self.plain) = client;
        }
        #[cfg(feature = "rustls")]
        {
            let mut clients = lock(&self.tls.clients);
            (clients.any, clients.http1) = (None, None);
        }
    }

    /// Trusts these authorities besides the platform's.
    #[cfg(feature = "rustls")]
    pub(crate) fn trust(&mut self, authorities: Authorities) {
        self.tls.authorities = authorities;
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The client for a URL; `http1` says whether its server is asked over HTTP/1.1.
    #[cfg(feature = "rustls")]
    pub(crate) fn of(&self, url: &Url, http1: bool, shown: &str) -> Result<Client, Failure> {
        let is_tls = |url: &Url| url.scheme() == "https";
        let through_tls = || matches!(self.routes.of(url), Ok(Some(proxy)) if is_tls(proxy.full_url()));
        if !is_tls(url) && !through_tls() {
            return Ok(lock(&self.plain).clone());
        }
        let mut clients = lock(&self.tls.clients);
        let known = if http1 { &clients.http1 } else { &clients.any };
        if let Some(client) = known {
            return Ok(client.clone());
        }
        let mut config = clients.config(&self.tls.authorities, shown)?;
        let mut settings = settings(self.connect).proxy(proxy(Arc::clone(&self.routes)));
        if http1 {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            settings = settings.http1_only();
        }
        let client = build_tls(settings, config, shown)?;
        let place = if http1 { &mut clients.http1 } else { &mut clients.any };
        Ok(place.insert(client).clone())
    }

    #[cfg(not(feature = "rustls"))]
    pub(crate) fn of(&self, url: &Url, _http1: bool, shown: &str) -> Result<Client, Failure> {
        match url.scheme() {
            "https" => Err(Failure::NoTls { url: shown.to_owned() }),
            _ => Ok(lock(&self.plain).clone()),
        }
    }

    /// A client whose requests for `http` all connect to this proxy, and ask it `connect`.
    #[cfg(feature = "rustls")]
    pub(crate) fn to_proxy(
        &self,
        proxy: &HttpProxy,
        connect: Connect,
        shown: &str,
    ) -> Result<Client, Failure> {
        let url = proxy.full_url().clone();
        let no_client = |e: reqwest::Error| Failure::TlsClient {
            url: shown.to_owned(),
            source: Box::new(e.without_url()),
        };
        let is_tls = url.scheme() == "https";
        let settings = settings(self.connect).pool_max_idle_per_host(0).http1_only();
        let settings = settings.proxy(Proxy::http(url).map_err(no_client)?).connector_layer(connect);
        if !is_tls {
            return without_certificates(settings).build().map_err(no_client);
        }
        let mut config = lock(&self.tls.clients).config(&self.tls.authorities, shown)?;
        config.alpn_protocols.clear();
        build_tls(settings, config, shown)
    }
}

#[cfg(feature = "rustls")]
impl TlsClients {
    fn config(&mut self, authorities: &Authorities, shown: &str) -> Result<rustls::ClientConfig, Failure> {
        if let Some(config) = &self.config {
            return Ok(config.clone());
        }
        let no_roots = |e| Failure::NoTrustRoots { url: shown.to_owned(), source: Box::new(e) };
        Ok(self.config.insert(tls::config(authorities).map_err(no_roots)?).clone())
    }
}

#[cfg(feature = "rustls")]
fn build_tls(settings: ClientBuilder, config: rustls::ClientConfig, shown: &str) -> Result<Client, Failure> {
    let client = settings.tls_backend_preconfigured(config).build();
    client.map_err(|e| Failure::TlsClient { url: shown.to_owned(), source: Box::new(e.without_url()) })
}

fn settings(connect: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT_VALUE)
        // Redirects are followed one by one: each hop is judged, and may need another client.
        .redirect(redirect::Policy::none())
        .referer(false)
        // Without this the library asks the environment and the system for proxies.
        .no_proxy()
        .connect_timeout(connect)
        .dns_resolver(Arc::new(Resolver))
        .connector_layer(Connections)
}

fn plain(routes: &Arc<Routes>, connect: Duration) -> Result<Client, reqwest::Error> {
    let builder = without_certificates(settings(connect)).proxy(proxy(Arc::clone(routes)));
    builder.build().map_err(reqwest::Error::without_url)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The library's proxies go by this crate's reading of `NO_PROXY`.
fn proxy(routes: Arc<Routes>) -> Proxy {
    Proxy::custom(move |url| routes.of(url).ok().flatten().map(|proxy| proxy.full_url().clone()))
}

#[cfg(feature = "rustls")]
fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}

#[cfg(not(feature = "rustls"))]
fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder
}
