//! One request: HTTP, TLS and files, and going on where an answer broke off.

pub(crate) mod addresses;
pub(crate) mod body;
pub(crate) mod clients;
#[cfg(feature = "rustls")]
pub(crate) mod connect;
pub(crate) mod dial;
pub(crate) mod encoding;
pub(crate) mod file;
#[cfg(feature = "rustls")]
pub(crate) mod handshake;
pub(crate) mod http;
pub(crate) mod http_body;
pub(crate) mod http_date;
pub(crate) mod http_error;
pub(crate) mod http_pools;
pub(crate) mod http_proxies;
#[cfg(feature = "rustls")]
pub(crate) mod issuer;
pub(crate) mod no_proxy;
pub(crate) mod redirect;
pub(crate) mod resume;
#[cfg(feature = "rustls")]
pub(crate) mod tls;
#[cfg(feature = "rustls")]
pub(crate) mod tunnel;
pub(crate) mod user_agent;
pub(crate) mod waits;

pub use clients::BuildError;
pub use http_proxies::HttpProxies;
pub use resume::{MalformedPartial, Partial};
#[cfg(feature = "rustls")]
pub use tls::{Authorities, InvalidAuthorities};
