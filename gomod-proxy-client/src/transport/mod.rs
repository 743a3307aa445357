//! One request: HTTP, TLS and files, and going on where an answer broke off.

pub(crate) mod addresses;
pub(crate) mod body;
pub(crate) mod clients;
#[cfg(feature = "rustls-no-provider")]
pub(crate) mod connect;
pub(crate) mod dial;
pub(crate) mod encoding;
pub(crate) mod file;
#[cfg(feature = "rustls-no-provider")]
pub(crate) mod handshake;
pub(crate) mod http;
pub(crate) mod http_body;
pub(crate) mod http_date;
pub(crate) mod http_error;
pub(crate) mod http_pools;
pub(crate) mod http_proxies;
pub(crate) mod http_transport;
#[cfg(feature = "rustls-no-provider")]
pub(crate) mod issuer;
pub(crate) mod no_proxy;
pub(crate) mod own_http;
pub(crate) mod redirect;
pub(crate) mod request;
pub(crate) mod request_headers;
pub(crate) mod response_head;
pub(crate) mod resume;
pub(crate) mod settings;
#[cfg(feature = "rustls-no-provider")]
pub(crate) mod tls;
#[cfg(feature = "rustls-no-provider")]
pub(crate) mod tunnel;
pub(crate) mod waits;

pub use clients::BuildError;
pub use http_proxies::HttpProxies;
pub use http_transport::{HttpFuture, HttpTransport, ResponseBody, TransportError};
pub use request_headers::InvalidHeaderError;
pub use resume::{MalformedPartialError, Partial};
#[cfg(feature = "rustls-no-provider")]
pub use tls::{Identity, InvalidIdentityError, InvalidRootCertificatesError, RootCertificates};
