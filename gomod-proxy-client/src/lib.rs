#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

// The order of the layers: each uses those before it.
pub mod protocol;

pub mod report;

pub mod policy;

pub mod auth;

pub mod transport;

pub mod client;

#[cfg(feature = "blocking")]
pub mod blocking;

pub use auth::Credentials;
pub use client::{Event, Fetched, ProxyClient, ProxyClientBuilder, QueryOptions, ZipFetch};
pub use protocol::GoProxy;
pub use report::{Error, ErrorKind, Rejection};
