#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "client"), doc = "The GOPROXY protocol without I/O: see [`protocol`].")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

// The order of the layers: each uses those before it.
pub mod protocol;

#[cfg(feature = "client")]
pub mod report;

#[cfg(feature = "client")]
pub mod policy;

#[cfg(feature = "client")]
pub mod auth;

#[cfg(feature = "client")]
pub mod transport;

#[cfg(feature = "client")]
pub mod client;

#[cfg(feature = "blocking")]
pub mod blocking;

#[cfg(feature = "client")]
pub use auth::Credentials;
#[cfg(feature = "client")]
pub use client::{Event, Fetched, ProxyClient, ProxyClientBuilder, QueryOptions, ZipFetch};
pub use protocol::GoProxy;
#[cfg(feature = "client")]
pub use report::{Error, ErrorKind, Rejection};
