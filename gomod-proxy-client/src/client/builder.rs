use std::collections::HashMap;
#[cfg(feature = "rustls-no-provider")]
use std::collections::HashSet;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use gomod_module::PrefixPatterns;
use reqwest::header::HeaderMap;

#[cfg(feature = "os")]
use crate::auth::commands::Commands;
use crate::auth::credential_store::CredentialStore;
use crate::auth::credentials::Credentials;
#[cfg(feature = "os")]
use crate::auth::goauth::{GoAuth, GoAuthCommand};
#[cfg(feature = "os")]
use crate::auth::program::AuthPrograms;
use crate::client::direct::DirectSource;
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
use crate::report::secrets::Secrets;
use crate::transport::clients::BuildError;
use crate::transport::http::Http;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::http_body::server;
use crate::transport::http_pools::HttpPools;
use crate::transport::http_proxies::HttpProxies;
use crate::transport::http_transport::HttpTransport;
use crate::transport::request_headers::{InvalidHeaderError, RequestHeaders};
use crate::transport::settings::HttpSettings;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::tls::{Identity, RootCertificates, TlsSettings};

/// What a [`ProxyClient`] is built from.
#[derive(Debug, Clone)]
pub struct ProxyClientBuilder {
    list: GoProxy,
    gonoproxy: PrefixPatterns,
    timeouts: Timeouts,
    limits: Limits,
    proxies: HttpProxies,
    credentials: Credentials,
    #[cfg(feature = "os")]
    goauth: Option<GoAuth>,
    #[cfg(feature = "os")]
    auth_programs: Option<AuthPrograms>,
    retries: RetryPolicy,
    breaker: Option<BreakerPolicy>,
    rejections_pass: bool,
    http2: bool,
    fixed: HashMap<String, Vec<SocketAddr>>,
    user_agent: Option<String>,
    headers: HeaderMap,
    custom: Option<Arc<dyn HttpTransport>>,
    direct: Option<Arc<dyn DirectSource>>,
    max_in_flight: Option<NonZeroUsize>,
    #[cfg(feature = "rustls-no-provider")]
    tls: TlsSettings,
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
            #[cfg(feature = "os")]
            goauth: None,
            #[cfg(feature = "os")]
            auth_programs: None,
            retries: RetryPolicy::new(),
            breaker: Some(BreakerPolicy::new()),
            rejections_pass: true,
            http2: true,
            fixed: HashMap::new(),
            user_agent: None,
            headers: HeaderMap::new(),
            custom: None,
            direct: None,
            max_in_flight: None,
            #[cfg(feature = "rustls-no-provider")]
            tls: TlsSettings::default(),
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
    #[cfg(feature = "rustls-no-provider")]
    #[must_use]
    pub fn root_certificates(mut self, certificates: RootCertificates) -> Self {
        self.tls.root_certificates = certificates;
        self
    }

    /// Sets the certificate that sources of the list see where they ask for one. None, unless set.
    #[cfg(feature = "rustls-no-provider")]
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.tls.identity = Some(identity);
        self
    }

    /// Sets the cryptography of TLS, such as that of `ring` or a FIPS module, in place of the process's default one
    /// (`CryptoProvider::install_default`), or that of aws-lc-rs where the process has none (feature `rustls`). With the
    /// feature `rustls-no-provider` alone aws-lc-rs is not compiled, and [`build`](Self::build) fails where neither is set.
    #[cfg(feature = "rustls-no-provider")]
    #[must_use]
    pub fn crypto_provider(mut self, provider: Arc<rustls::crypto::CryptoProvider>) -> Self {
        self.tls.provider = Some(provider);
        self
    }

    /// Sets the `User-Agent` of all requests, those to HTTP proxies included: visible ASCII and spaces. The name of this crate
    /// with its version, unless set.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Sets headers of every request to a source or a checksum database. None, unless set.
    ///
    /// They stay behind where a redirect leads to another server, and no HTTP proxy sees them as its own. Those marked
    /// sensitive (`HeaderValue::set_sensitive`) go over https alone, and no text of a server shows them. What the client says
    /// itself, such as `Authorization` and `Range`, is an error of [`build`](Self::build): see [`credentials`](Self::credentials).
    ///
    /// ```
    /// use gomod_proxy_client::{GoProxy, ProxyClient};
    /// use http::{HeaderMap, HeaderValue};
    ///
    /// let mut key = HeaderValue::from_static("s3cr3t");
    /// key.set_sensitive(true);
    /// let headers = HeaderMap::from_iter([("x-api-key".parse()?, key)]);
    /// let client = ProxyClient::builder(GoProxy::parse("https://goproxy.example")?)
    ///     .user_agent("my-builder/2.1")
    ///     .default_headers(headers)
    ///     .build()?;
    /// assert_eq!(client.redacted("you sent s3cr3t"), "you sent xxxxx");
    ///
    /// let range = HeaderMap::from_iter([("range".parse()?, HeaderValue::from_static("bytes=0-9"))]);
    /// assert!(ProxyClient::builder(client.list().clone()).default_headers(range).build().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn default_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Sets what makes the HTTP requests, in place of this crate. All that is said of the list, of credentials and of limits
    /// holds above it; [`http_proxies`](Self::http_proxies), [`http2`](Self::http2), [`resolve_to_addrs`](Self::resolve_to_addrs),
    /// the limit for connections and what is set for TLS have no effect.
    #[must_use]
    pub fn http_transport(mut self, transport: impl HttpTransport) -> Self {
        self.custom = Some(Arc::new(transport));
        self
    }

    /// Sets what is asked where the list says `direct`, and for modules that GONOPROXY matches. Nothing, unless set: those
    /// requests end with [`ErrorKind::DirectUnsupported`](crate::ErrorKind::DirectUnsupported).
    #[must_use]
    pub fn direct(mut self, source: impl DirectSource) -> Self {
        self.direct = Some(Arc::new(source));
        self
    }

    /// Sets the names, passwords and tokens for `https` sources. None, unless set, but those in the URLs of the list.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Sets the commands of GOAUTH. None, unless set; [`from_env`](Self::from_env) sets those of the environment.
    ///
    /// Programs among them, and git, are run only with [`auth_programs`](Self::auth_programs). `netrc` stands for
    /// [`credentials`](Self::credentials), which come first where it is missing: of what two commands say of the same place, that
    /// of the first counts, and of several places the longest that a URL begins with.
    #[cfg(feature = "os")]
    #[must_use]
    pub fn goauth(mut self, goauth: GoAuth) -> Self {
        self.goauth = Some(goauth);
        self
    }

    /// Allows to run the programs that GOAUTH names, and git for `git DIR`. None are run, unless this is set.
    ///
    /// As in the go command (`go help goauth`), each program runs once before the first https request to a source, and all
    /// commands again, with the URL, after every answer with a status from 400 to 499; git only then. The request is made once
    /// more where there are other credentials for it by then. What they say is sent over https alone, not after a redirect to
    /// another server, and not to a source with user info in its URL. What a command does wrong is told where a server then
    /// refuses ([`NotSent`](crate::report::NotSent)).
    ///
    /// ```
    /// use gomod_proxy_client::auth::{AuthPrograms, GoAuth};
    /// use gomod_proxy_client::{GoProxy, ProxyClient};
    ///
    /// let client = ProxyClient::builder(GoProxy::parse("https://goproxy.corp.example")?)
    ///     .goauth(GoAuth::parse("netrc; git /home/ci/work; corp-login --quiet")?)
    ///     .auth_programs(AuthPrograms::new(std::env::vars_os()))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "os")]
    #[must_use]
    pub fn auth_programs(mut self, programs: AuthPrograms) -> Self {
        self.auth_programs = Some(programs);
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
        let invalid = |e: InvalidHeaderError| BuildError { source: e.into() };
        let mut headers = RequestHeaders::new();
        if let Some(user_agent) = &self.user_agent {
            headers.user_agent(user_agent).map_err(invalid)?;
        }
        headers.set(self.headers).map_err(invalid)?;
        let told = Secrets::new(headers.secrets());
        let proxy_urls = self.proxies.base_urls();
        let settings = HttpSettings {
            connect: self.timeouts.connect,
            proxies: self.proxies,
            http2: self.http2,
            fixed: self.fixed,
            headers,
            custom: self.custom,
            #[cfg(feature = "rustls-no-provider")]
            tls: TlsSettings { identified_to: identified_to(&self.tls, &self.list), ..self.tls },
        };
        let http = move || Http::new(&settings);
        let http = HttpPools::new(http()?, move || http().map_err(Into::into));
        let urls = self.list.entries().iter().filter_map(|entry| entry.url.as_ref());
        let urls = urls.chain(&proxy_urls).cloned().collect();
        let credentials = CredentialStore::new(self.credentials, urls, told);
        #[cfg(feature = "os")]
        let credentials = match (self.goauth.filter(names_programs), self.auth_programs) {
            (Some(goauth), Some(programs)) => credentials.with_commands(Commands { goauth, programs }),
            (Some(_), None) => credentials.note("the programs that GOAUTH names are not run"),
            (None, _) => credentials,
        };
        let shared = Shared {
            list: self.list,
            gonoproxy: self.gonoproxy,
            timeouts: self.timeouts,
            limits: self.limits,
            http,
            credentials,
            breaker: self.breaker.map(|policy| Breaker::new(policy, &self.retries)),
            retries: RetryBudget::new(self.retries),
            rejections_pass: self.rejections_pass,
            direct: self.direct,
            mismatched: Memory::default(),
            slots: Slots::new(self.max_in_flight),
        };
        Ok(ProxyClient { shared: Arc::new(shared) })
    }
}

/// Whether there is something to run.
#[cfg(feature = "os")]
fn names_programs(goauth: &GoAuth) -> bool {
    goauth.commands().iter().any(|command| *command != GoAuthCommand::Netrc)
}

/// The servers of the list, where there is something to show them.
#[cfg(feature = "rustls-no-provider")]
fn identified_to(tls: &TlsSettings, list: &GoProxy) -> HashSet<String> {
    let urls = list.entries().iter().filter_map(|entry| entry.url.as_ref()?.join("").ok());
    urls.filter(|_| tls.identity.is_some()).map(|url| server(&url)).collect()
}
