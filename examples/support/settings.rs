//! From the Go environment to a cache and a client.

use std::time::Duration;

use gomod_cache::ModCache;
use gomod_module::{GoEnv, GoEnvError, PrefixPatterns};
use gomod_proxy_client::{BuildError, GoProxy, GoProxyError, HttpProxies, ProxyClient, Timeouts};
use thiserror::Error;

/// What the environment says cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A variable that the go command would refuse.
    #[error("Go environment")]
    Env(#[from] GoEnvError),
    /// GOPROXY.
    #[error("GOPROXY")]
    GoProxy(#[from] GoProxyError),
    /// `HTTP_PROXY` or `HTTPS_PROXY`.
    #[error("HTTP_PROXY, HTTPS_PROXY")]
    HttpProxies(#[from] BuildError),
}

/// The module cache that the go command would use.
///
/// # Errors
/// [`SettingsError::Env`].
pub fn cache(env: &GoEnv) -> Result<ModCache, SettingsError> {
    Ok(ModCache::from_env(env)?)
}

/// A client for GOPROXY that gives a silent source up after `stall`.
///
/// # Errors
/// [`SettingsError::GoProxy`], [`SettingsError::HttpProxies`].
pub fn client(env: &GoEnv, stall: Duration) -> Result<ProxyClient, SettingsError> {
    let list = GoProxy::parse(env.goproxy())?;
    let proxies = HttpProxies::new().http(env.http_proxy()).https(env.https_proxy()).no_proxy(env.no_proxy());
    let builder = ProxyClient::builder(list)
        .no_proxy(PrefixPatterns::parse(env.gonoproxy()))
        .timeouts(Timeouts::new().stall(stall).connect(stall.min(Timeouts::new().connect)))
        .http_proxies(proxies);
    Ok(builder.build()?)
}
