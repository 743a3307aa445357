#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod addresses;
mod asking;
mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod body;
mod breaker;
mod breaker_policy;
mod client;
mod client_builder;
mod clients;
mod clock;
#[cfg(feature = "rustls")]
mod connect;
mod credentials;
mod dial;
mod encoding;
mod endpoint;
#[cfg(feature = "os")]
mod environment;
mod error;
mod failure;
mod fallback;
mod file;
#[cfg(feature = "os")]
mod goauth;
mod goproxy;
#[cfg(feature = "rustls")]
mod handshake;
mod http;
mod http_body;
mod http_date;
mod http_error;
mod http_pools;
mod http_proxies;
#[cfg(feature = "rustls")]
mod issuer;
mod limit;
mod limits;
mod memory;
mod netrc;
mod no_proxy;
mod outcome;
mod page;
mod pending;
mod percent;
mod privacy;
mod redirect;
mod refusal;
mod rejection;
mod resolve;
mod resume;
mod retry;
mod retry_policy;
mod secrets;
mod sent;
mod server_response;
mod shared;
mod slots;
mod source_record;
mod source_state;
mod sumdb;
mod timeouts;
#[cfg(feature = "rustls")]
mod tls;
mod trace;
#[cfg(feature = "rustls")]
mod tunnel;
mod update;
mod version_list;
mod walk;
mod zip_fetch;

pub use base_url::UrlReason;
pub use breaker_policy::BreakerPolicy;
pub use client::{Fetched, ProxyClient};
pub use client_builder::ProxyClientBuilder;
pub use clients::BuildError;
pub use credentials::{Credentials, InvalidToken};
#[cfg(feature = "os")]
pub use environment::{EnvError, EnvNote};
pub use error::{Error, ErrorKind};
#[cfg(feature = "os")]
pub use goauth::{GoAuth, GoAuthCommand, GoAuthError};
pub use goproxy::{Entry, EntryKind, GoProxy, GoProxyError, Separator};
pub use http_proxies::{HttpProxies, HttpProxy, HttpProxyError};
pub use limit::Limit;
pub use limits::Limits;
pub use netrc::{Netrc, NetrcNote, NetrcNoteKind};
pub use pending::{Pending, Phase};
pub use privacy::{PrivacyReason, PrivacyWarning};
pub use rejection::{Rejection, RejectionKind};
pub use resolve::{QueryOptions, Resolved};
pub use resume::{MalformedPartial, Partial};
pub use retry_policy::RetryPolicy;
pub use sent::{NotSent, SentCredentials};
pub use sumdb::{InvalidSumDbUrl, SumDbClient};
pub use timeouts::{LowestSpeed, Timeouts};
#[cfg(feature = "rustls")]
pub use tls::{Authorities, InvalidAuthorities};
pub use trace::{Attempt, Trace};
pub use update::Update;
pub use zip_fetch::{Event, ZipFetch};

/// The protocol without its I/O: what to ask for, whom to ask next, and how a list is read.
pub mod protocol {
    pub use crate::endpoint::Endpoint;
    pub use crate::fallback::{Answer, Fallback, Next, Skip, Source, Step};
    pub use crate::version_list::versions;
}
