use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use gomod_module::{
    Info, ModulePath, ModuleVersion, PrefixPatterns, canonical_version, check, quote, semver,
};

use crate::breaker::Breaker;
use crate::breaker_policy::BreakerPolicy;
use crate::clients::BuildError;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::fallback::Answer;
use crate::goproxy::{Entry, GoProxy};
use crate::http::Http;
use crate::http_pools::HttpPools;
use crate::http_proxies::HttpProxies;
use crate::limits::Limits;
use crate::memory::Memory;
use crate::pending::Pending;
use crate::rejection::Rejection;
use crate::resume::Partial;
use crate::retry::RetryBudget;
use crate::retry_policy::RetryPolicy;
use crate::shared::{Failed, Shared};
use crate::slots::Slots;
use crate::source_state::SourceAttempt;
use crate::sumdb::{InvalidSumDbUrl, SumDbClient};
use crate::timeouts::Timeouts;
#[cfg(feature = "rustls")]
use crate::tls::Authorities;
use crate::trace::{Exchange, Trace};
use crate::version_list::{newest, versions};
use crate::walk::{Walk, judged};
use crate::zip_fetch::ZipFetch;

/// A client for the GOPROXY protocol over a list of sources.
///
/// Each file walks the list from its start ([GOPROXY protocol](https://go.dev/ref/mod#goproxy-protocol)). Clones
/// share connections, on each runtime those that were opened there, so that one client serves several. What it remembers
/// of sources and contents it forgets after a while: it can live as long as its program. It needs a tokio runtime with time and I/O enabled; it starts none, starts no thread (files of
/// `file://` sources are read on the runtime's blocking threads) and reads no environment. Dropping a future ends its
/// request.
#[derive(Clone)]
pub struct ProxyClient {
    pub(crate) shared: Arc<Shared>,
}

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

/// An answer, and how it was obtained.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fetched<T> {
    /// The answer.
    pub value: T,
    /// All requests that were made; the last one gave the answer.
    pub trace: Trace,
}

impl ProxyClientBuilder {
    /// Sets GONOPROXY: modules whose path matches are fetched from no proxy. None, unless set.
    #[must_use]
    pub fn no_proxy(mut self, gonoproxy: PrefixPatterns) -> Self {
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
    /// [`ZipFetch`] is, as long as it is neither read to its end nor dropped.
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

impl ProxyClient {
    /// The builder of a client for a list of sources.
    pub fn builder(list: GoProxy) -> ProxyClientBuilder {
        ProxyClientBuilder {
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

    /// The list of sources.
    pub fn list(&self) -> &GoProxy {
        &self.shared.list
    }

    /// The requests of this client and of its clones whose source has the turn: whom they wait for, and how long, the
    /// longest wait first. Not among them are files.
    pub fn pending(&self) -> Vec<Pending> {
        self.shared.http.pending()
    }

    /// The metadata of a version: `$module/@v/$version.info`.
    ///
    /// A source whose answer is no `.info` file, or that of another version, has failed: that stops a `,` list and
    /// passes `|`.
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn info(&self, module: &ModuleVersion) -> Result<Fetched<Info>, Error> {
        let endpoint = Endpoint::info(module);
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        let version = module.version().as_str();
        walk.read(&endpoint, "info", self.shared.limits.info, |source, body| {
            parse_info(&self.shared, source, body, Some(version))
        })
        .await
    }

    /// The go.mod file of a version: `$module/@v/$version.mod`, with what `check` says of its bytes. Where there is
    /// nothing to check, pass `|_| Ok(())`; nobody else has looked at them.
    ///
    /// # Errors
    /// [`Error`] where no source has it, or none that the check accepts.
    pub async fn go_mod(
        &self,
        module: &ModuleVersion,
        mut check: impl FnMut(&[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Bytes>, Error> {
        let endpoint = Endpoint::go_mod(module);
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        walk.read(&endpoint, "mod", self.shared.limits.go_mod, |source, body| match check(body) {
            Ok(()) => Ok(body.clone()),
            Err(rejection) => Err(self.shared.rejected(source, &endpoint, rejection)),
        })
        .await
    }

    /// The known versions of a module: `$module/@v/list`, read as [`protocol::versions`](crate::protocol::versions)
    /// does. Empty for a module without tagged versions.
    ///
    /// # Errors
    /// [`Error`] where no source has a list.
    pub async fn versions(&self, module: &ModulePath) -> Result<Fetched<Vec<String>>, Error> {
        let endpoint = Endpoint::list(module);
        let walk = Walk::of_module(&self.shared, module.as_str(), module.to_string());
        walk.read(&endpoint, "list", self.shared.limits.list, |_, body| {
            Ok(self.shared.without_secrets(versions(body, "")))
        })
        .await
    }

    /// The version to take where [`versions`](ProxyClient::versions) names none: `$module/@latest` or, where a source
    /// does not have that, the version with the newest time in its list (`proxyRepo.Latest` in cmd/go).
    ///
    /// The go command's `@latest` looks at the versions first, and at `.mod` files for retractions. The version is a
    /// text that nobody has checked.
    ///
    /// # Errors
    /// [`Error`] where no source knows one.
    pub async fn latest(&self, module: &ModulePath) -> Result<Fetched<Info>, Error> {
        let mut walk = Walk::of_module(&self.shared, module.as_str(), module.to_string());
        loop {
            let entry = walk.source().await?;
            let answer = self.latest_of(module, &entry, &mut walk).await;
            if let Some(fetched) = walk.take(answer)? {
                return Ok(fetched);
            }
        }
    }

    async fn latest_of(
        &self,
        module: &ModulePath,
        entry: &SourceAttempt,
        walk: &mut Walk,
    ) -> Result<(Exchange, Info), Failed> {
        let limits = self.shared.limits;
        let latest = self.shared.read(entry, &Endpoint::latest(module), "info", limits.info).await;
        match latest {
            Err(failed) if failed.1.answer() == Answer::NotFound => {
                walk.same_source(failed.0, Some(&failed.1));
            }
            other => return judged(other, |body| parse_info(&self.shared, entry, body, None)),
        }
        let list = self.shared.read(entry, &Endpoint::list(module), "list", limits.list).await;
        let (exchange, (version, endpoint)) = judged(list, |body| {
            let version = newest(body).ok_or(Failure::NoCommits)?;
            let endpoint = Endpoint::revision(module, &version)
                .map_err(|source| Failure::UnusableVersion { proxy: entry.to_string(), source })?;
            Ok((version, endpoint))
        })?;
        walk.same_source(exchange, None);
        let exact = canonical_version(&version).is_some_and(|canonical| canonical == version)
            && check(module.as_str(), &version).is_ok();
        let answer = self.shared.read(entry, &endpoint, "info", limits.info).await;
        judged(answer, |body| parse_info(&self.shared, entry, body, exact.then_some(version.as_str())))
    }

    /// The files of a version: `$module/@v/$version.zip`, from the first source that answers with content. See
    /// [`ZipFetch`].
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn zip(&self, module: &ModuleVersion) -> Result<ZipFetch, Error> {
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        ZipFetch::open(walk, Endpoint::zip(module), None).await
    }

    /// The same for a zip of which an earlier fetch, perhaps of an earlier run, left the beginning. The first event is
    /// [`Event::Resume`](crate::Event::Resume) where that is good, else [`Event::Restart`](crate::Event::Restart).
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn zip_from(&self, module: &ModuleVersion, partial: Partial) -> Result<ZipFetch, Error> {
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        ZipFetch::open(walk, Endpoint::zip(module), Some(partial)).await
    }
}

impl ProxyClient {
    /// A text that came from a server, a repository's URL in an `.info` file for instance, without the credentials of this
    /// client that it may quote, in whatever encoding. The texts of errors and traces have gone through it.
    ///
    /// ```
    /// use gomod_proxy_client::{GoProxy, ProxyClient};
    ///
    /// let client = ProxyClient::builder(GoProxy::parse("https://ci:s3cr3t@goproxy.example")?).build()?;
    /// assert_eq!(client.redacted("git+https://%73%33CR3T@git.example"), "git+https://xxxxx@git.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.shared.secrets.hide(text)
    }

    /// A reader of the checksum database of this name: at `url` where GOSUMDB names one, else as [`SumDbClient`] finds it
    /// through this client's list. It touches no network.
    ///
    /// # Errors
    /// [`InvalidSumDbUrl`].
    pub fn sum_db(&self, name: &str, url: Option<&str>) -> Result<SumDbClient, InvalidSumDbUrl> {
        SumDbClient::new(&self.shared, name, url)
    }
}

impl fmt::Debug for ProxyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyClient").field("list", &self.shared.list).finish_non_exhaustive()
    }
}

impl<T> Fetched<T> {
    /// The answer alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

pub(crate) fn parse_info(
    shared: &Shared,
    entry: &Entry,
    body: &[u8],
    version: Option<&str>,
) -> Result<Info, Failure> {
    let info = Info::parse(body).map_err(|source| Failure::Info { proxy: entry.to_string(), source })?;
    // The version that was asked for tells nothing.
    if version != Some(info.version.as_str()) && shared.secrets.are_told_by(&info.version) {
        let text = "proxy returned info for a version that quotes credentials".to_owned();
        return Err(Failure::Told { kind: ErrorKind::Malformed, text });
    }
    match version {
        Some(version) if version != info.version => {
            // What is no version may hold what plays tricks on a terminal.
            let shown =
                if semver::is_valid(&info.version) { info.version } else { quote(info.version.as_bytes()) };
            Err(Failure::WrongVersion { version: shown })
        }
        _ => Ok(info),
    }
}
