//! The HTTP library's clients: which one a URL is asked with.

#[cfg(feature = "rustls-no-provider")]
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Client, ClientBuilder, Proxy, redirect};
#[cfg(feature = "rustls-no-provider")]
use url::Position;
use url::Url;

use crate::report::cause::BoxError;
use crate::report::failure::Failure;
#[cfg(feature = "rustls-no-provider")]
use crate::report::http_proxy::HttpProxy;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::connect::Connect;
use crate::transport::dial::{Connections, Resolver};
use crate::transport::http_proxies::Routes;
use crate::transport::settings::HttpSettings;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::tls::TlsSettings;

/// Why a client cannot be built: a header that requests cannot have, no cryptography for TLS, or the HTTP library refuses.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be built")]
#[non_exhaustive]
pub struct BuildError {
    /// What is wrong.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

pub(crate) struct Clients {
    routes: Arc<Routes>,
    settings: HttpSettings,
    plain: Mutex<Client>,
    /// Built when the first https URL is asked, because that reads the certificates of this machine, which may have
    /// none.
    #[cfg(feature = "rustls-no-provider")]
    tls: Mutex<TlsClients>,
}

#[cfg(feature = "rustls-no-provider")]
#[derive(Default)]
struct TlsClients {
    config: Option<rustls::ClientConfig>,
    all: HashMap<Which, Client>,
}

/// Which of the clients for https.
#[cfg(feature = "rustls-no-provider")]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Which {
    /// For servers whose HTTP/2 breaks.
    http1: bool,
    /// For those that see the identity of this client.
    identified: bool,
}

impl Clients {
    pub(crate) fn new(settings: HttpSettings) -> Result<Self, BuildError> {
        let routes = Arc::new(Routes::new(&settings.proxies));
        let plain = plain(&routes, &settings).map_err(|source| BuildError { source })?;
        Ok(Self {
            routes,
            settings,
            plain: Mutex::new(plain),
            #[cfg(feature = "rustls-no-provider")]
            tls: Mutex::default(),
        })
    }

    /// Forgets all open connections; what is being read over them goes on.
    pub(crate) fn renew(&self) {
        if let Ok(client) = plain(&self.routes, &self.settings) {
            *lock(&self.plain) = client;
        }
        #[cfg(feature = "rustls-no-provider")]
        lock(&self.tls).all.clear();
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The client for a URL; `http1` says whether its server is asked over HTTP/1.1.
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) fn of(&self, url: &Url, http1: bool, shown: &str) -> Result<Client, Failure> {
        let is_tls = |url: &Url| url.scheme() == "https";
        let through_tls = || matches!(self.routes.of(url), Ok(Some(proxy)) if is_tls(proxy.full_url()));
        if !is_tls(url) && !through_tls() {
            return Ok(lock(&self.plain).clone());
        }
        let tls = &self.settings.tls;
        let which = Which { http1, identified: tls.identified_to.contains(&url[..Position::BeforePath]) };
        let mut clients = lock(&self.tls);
        if let Some(client) = clients.all.get(&which) {
            return Ok(client.clone());
        }
        let mut config = clients.config(tls, shown)?;
        if which.identified {
            tls.identify(&mut config, shown)?;
        }
        let mut settings = builder(&self.settings).proxy(proxy(Arc::clone(&self.routes)));
        if http1 {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            settings = settings.http1_only();
        }
        let client = build_tls(settings, config, shown)?;
        Ok(clients.all.entry(which).or_insert(client).clone())
    }

    #[cfg(not(feature = "rustls-no-provider"))]
    pub(crate) fn of(&self, url: &Url, _http1: bool, shown: &str) -> Result<Client, Failure> {
        match url.scheme() {
            "https" => Err(Failure::NoTls { url: shown.to_owned() }),
            _ => Ok(lock(&self.plain).clone()),
        }
    }

    /// A client whose requests for `http` all connect to this proxy, and ask it `connect`.
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) fn to_proxy(
        &self,
        proxy: &HttpProxy,
        connect: Connect,
        shown: &str,
    ) -> Result<Client, Failure> {
        let url = proxy.full_url().clone();
        let no_client = |source| Failure::TlsClient { url: shown.to_owned(), source };
        let is_tls = url.scheme() == "https";
        let settings = builder(&self.settings).pool_max_idle_per_host(0).http1_only();
        let proxy = Proxy::http(url).map_err(|e| no_client(Box::new(e.without_url())))?;
        let settings = settings.proxy(proxy).connector_layer(connect);
        if !is_tls {
            let config = self.settings.tls.plain().map_err(no_client)?;
            return build_tls(settings, config, shown);
        }
        let mut config = lock(&self.tls).config(&self.settings.tls, shown)?;
        config.alpn_protocols.clear();
        build_tls(settings, config, shown)
    }
}

#[cfg(feature = "rustls-no-provider")]
impl TlsClients {
    fn config(&mut self, settings: &TlsSettings, shown: &str) -> Result<rustls::ClientConfig, Failure> {
        if let Some(config) = &self.config {
            return Ok(config.clone());
        }
        Ok(self.config.insert(settings.config(shown)?).clone())
    }
}

#[cfg(feature = "rustls-no-provider")]
fn build_tls(settings: ClientBuilder, config: rustls::ClientConfig, shown: &str) -> Result<Client, Failure> {
    let client = settings.tls_backend_preconfigured(config).build();
    client.map_err(|e| Failure::TlsClient { url: shown.to_owned(), source: Box::new(e.without_url()) })
}

fn builder(settings: &HttpSettings) -> ClientBuilder {
    Client::builder()
        .user_agent(settings.headers.user_agent.clone())
        // Redirects are followed one by one: each hop is judged, and may need another client.
        .redirect(redirect::Policy::none())
        .referer(false)
        // Without this the library asks the environment and the system for proxies.
        .no_proxy()
        .connect_timeout(settings.connect)
        .dns_resolver(Arc::new(Resolver))
        .connector_layer(Connections)
}

fn plain(routes: &Arc<Routes>, settings: &HttpSettings) -> Result<Client, BoxError> {
    let builder = builder(settings).proxy(proxy(Arc::clone(routes)));
    #[cfg(feature = "rustls-no-provider")]
    let builder = builder.tls_backend_preconfigured(settings.tls.plain()?);
    builder.build().map_err(|e| e.without_url().into())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The library's proxies go by this crate's reading of `NO_PROXY`.
fn proxy(routes: Arc<Routes>) -> Proxy {
    Proxy::custom(move |url| routes.of(url).ok().flatten().map(|proxy| proxy.full_url().clone()))
}
