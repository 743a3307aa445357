use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use gomod_module::PrefixPatterns;

use crate::auth::credentials::Credentials;
use crate::client::proxy_client::ProxyClient;
use crate::client::shared::Shared;
use crate::policy::breaker::Breaker;
use crate::policy::breaker_policy::BreakerPolicy;
use crate::policy::limits::Limits;
use crate::policy::memory::Memory;
use crate::policy::retry::RetryBudget;
use crate::policy::retry_policy::RetryPolicy;
use crate::policy::slots::Slots;
use crate::policy::timeouts::Timeouts;
use crate::protocol::goproxy::GoProxy;
use crate::transport::clients::BuildError;
use crate::transport::http::Http;
use crate::transport::http_pools::HttpPools;
use crate::transport::http_proxies::HttpProxies;
#[cfg(feature = "rustls")]
use crate::transport::tls::Authorities;

/// What a [`ProxyClient`] is built from.
#[derive(Debug, Clone)]
pub struct ProxyClientBuilder {
    list: GoProxy,
    gonoproxy: PrefixPatterns,
    timeouts: Timeouts,
    limits: Limits,
    proxies: HttpProxies,
    credentials: Credentials,
    retries: RetryPolicy,
    breaker: Option<BreakerPolicy>,
    rejections_pass: bool,
    http2: bool,
    fixed: HashMap<String, Vec<SocketAddr>>,
    max_in_flight: Option<NonZeroUsize>,
    #[cfg(feature = "rustls")]
    authorities: Authorities,
}

impl ProxyClient {
    /// The builder of a client for a list of sources.
    pub fn builder(list: GoProxy) -> ProxyClientBuilder {
        ProxyClientBuilder::new(list)
    }
}

impl ProxyClientBuilder {
    pub(crate) fn new(list: GoProxy) -> Self {
        Self {
            list,
            gonoproxy: PrefixPatterns::default(),
            timeouts: Timeouts::new(),
            limits: Limits::new(),
            proxies: HttpProxies::new(),
            credentials: Credentials::new(),
            retries: RetryPolicy::new(),
            breaker: Some(BreakerPolicy::new()),
            rejections_pass: true,
            http2: true,
            fixed: HashMap::new(),
            max_in_flight: None,
            #[cfg(feature = "rustls")]
            authorities: Authorities::new(),
        }
    }

    /// Sets GONOPROXY: modules whose path matches are fetched from no proxy. None, unless set.
    #[must_use]
    pub fn gonoproxy(mut self, gonoproxy: PrefixPatterns) -> Self {
        self.gonoproxy = gonoproxy;
        self
    }

    /// Sets how long sources may take.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets how large files may be.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the HTTP proxies to go through. None, unless set.
    #[must_use]
    pub fn http_proxies(mut self, proxies: HttpProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Sets whether servers may be asked over HTTP/2. They are, unless set to false: what `GODEBUG=http2client=0` says to
    /// the go command.
    #[must_use]
    pub fn http2(mut self, http2: bool) -> Self {
        self.http2 = http2;
        self
    }

    /// Sets the addresses of a name, in place of those that the system finds. A port of 0 stands for that of the URL. All of
    /// them are tried, in turns between IPv6 and IPv4, and those that failed lately last.
    #[must_use]
    pub fn resolve_to_addrs(mut self, name: impl Into<String>, addresses: &[SocketAddr]) -> Self {
        self.fixed.insert(name.into(), addresses.to_vec());
        self
    }

    /// Sets the authorities whose certificates are trusted besides the platform's. None, unless set.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn authorities(mut self, authorities: Authorities) -> Self {
        self.authorities = authorities;
        self
    }

    /// Sets the names, passwords and tokens for `https` sources. None, unless set, but those in the URLs of the list.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Sets how often failed requests are made again. [`RetryPolicy::new`], unless set.
    #[must_use]
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// Sets when sources that do not answer are not asked for a while; `None` for always asking. [`BreakerPolicy::new`], unless
    /// set.
    #[must_use]
    pub fn breaker(mut self, policy: impl Into<Option<BreakerPolicy>>) -> Self {
        self.breaker = policy.into();
        self
    }

    /// Sets how many requests all calls of the client and of its clones have in flight, each from its beginning to the end
    /// of its answer; `None` for no limit. No limit, unless set.
    ///
    /// A request that waits before it is made again, or for a source that does not answer, is not in flight. A
    /// [`ZipFetch`](crate::ZipFetch) is, as long as it is neither read to its end nor dropped.
    #[must_use]
    pub fn max_in_flight(mut self, limit: impl Into<Option<NonZeroUsize>>) -> Self {
        self.max_in_flight = limit.into();
        self
    }

    /// Sets whether a `|` list asks the next source when a caller rejects content. It does, unless set to false.
    ///
    /// The go command stops there, for zips whatever is wrong with them, and for go.mod files that go.sum refutes. Bytes
    /// that a caller accepts only against a known hash make the other way safe.
    #[must_use]
    pub fn rejections_pass(mut self, pass: bool) -> Self {
        self.rejections_pass = pass;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`BuildError`]. The URL of an HTTP proxy that cannot be used is an error of the requests that need it.
    pub fn build(self) -> Result<ProxyClient, BuildError> {
        let proxy_urls = self.proxies.base_urls();
        let (proxies, timeouts) = (self.proxies, self.timeouts);
        let (http2, fixed) = (self.http2, self.fixed);
        let http = move || Http::new(&proxies, &timeouts, http2, fixed.clone());
        #[cfg(feature = "rustls")]
        let http = move || http().map(|http| http.trusting(self.authorities.clone()));
        let http = HttpPools::new(http()?, move || http().map_err(Into::into));
        let urls = self.list.entries().iter().filter_map(|entry| entry.url.as_ref());
        let secrets = self.credentials.secrets(urls.chain(&proxy_urls));
        let shared = Shared {
            secrets,
            list: self.list,
            gonoproxy: self.gonoproxy,
            timeouts: self.timeouts,
            limits: self.limits,
            http,
            credentials: self.credentials,
            breaker: self.breaker.map(|policy| Breaker::new(policy, &self.retries)),
            retries: RetryBudget::new(self.retries),
            rejections_pass: self.rejections_pass,
            mismatched: Memory::default(),
            slots: Slots::new(self.max_in_flight),
        };
        Ok(ProxyClient { shared: Arc::new(shared) })
    }
}
