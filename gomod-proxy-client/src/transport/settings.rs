use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::transport::http_proxies::HttpProxies;
use crate::transport::http_transport::HttpTransport;
use crate::transport::request_headers::RequestHeaders;
#[cfg(feature = "rustls-no-provider")]
use crate::transport::tls::TlsSettings;

/// How requests are made.
#[derive(Clone)]
pub(crate) struct HttpSettings {
    pub(crate) connect: Duration,
    pub(crate) proxies: HttpProxies,
    pub(crate) http2: bool,
    /// Addresses in place of those that the system finds, by name.
    pub(crate) fixed: HashMap<String, Vec<SocketAddr>>,
    pub(crate) headers: RequestHeaders,
    /// What makes them in place of this crate.
    pub(crate) custom: Option<Arc<dyn HttpTransport>>,
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) tls: TlsSettings,
}
