//! What the tests and tools of this workspace share: files of vectors ([`vectors`]), module zips
//! ([`ModuleZip`]), loopback proxies that fail on purpose ([`LoopbackProxy`]), a small checksum database
//! ([`SumDbLog`], served as [`SumDb`]), and the real `go` command where a machine has it ([`GoCommand`]),
//! with its golang.org/x/mod ([`XMod`]).
//!
//! With the feature `tls` a proxy can speak TLS, with certificates that are made for it, and with `http2` HTTP/2.
//!
//! Never published: crates name it as a dev-dependency by path, without a version.
//!
//! ```
//! use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule};
//!
//! let tree = ModuleTree::new().module("example.com/m", "v1.0.0", &[("m.go", b"package m\n")]);
//! let proxy = LoopbackProxy::builder(tree).rule(Rule::new(Endpoint::Zip, Fault::status(502)).times(1)).start();
//! // GET {url}/example.com/m/@v/v1.0.0.zip: the first answer is 502, the second is the zip.
//! println!("GOPROXY={}", proxy.url());
//! assert_eq!(proxy.requests(), [""; 0]);
//! ```
#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "test support: a broken fixture should stop the test")]

#[cfg(target_os = "linux")]
pub mod confined;
pub mod vectors;

mod answer;
mod bomb;
mod fault;
mod flapping;
#[cfg(target_os = "linux")]
mod full_backlog;
mod go;
mod http;
#[cfg(feature = "http2")]
mod http2;
mod proxy;
mod rule;
mod scenario;
mod serving;
mod skip;
mod sumdb;
mod sumdb_server;
mod throttle;
#[cfg(feature = "tls")]
mod tls;
mod tree;
mod wire_text;
mod x_mod;
mod zips;

pub use bomb::Bomb;
pub use fault::{Fault, UnknownFault};
#[cfg(target_os = "linux")]
pub use full_backlog::FullBacklog;
pub use go::{GoCommand, GoOutput, GoRun, mod_cache, remove_tree};
pub use http::{Reply, Request};
pub use proxy::{LoopbackProxy, ProxyBuilder};
pub use rule::{Endpoint, Rule};
pub use scenario::{Scenario, ScenarioError};
pub use serving::{Answered, Ended, Seen};
pub use skip::skip;
pub use sumdb::SumDbLog;
pub use sumdb_server::SumDb;
#[cfg(feature = "tls")]
pub use tls::Certificate;
pub use tree::{ModuleTree, TIME};
pub use x_mod::{XMod, hex, unhex};
pub use zips::{ModuleZip, source_text};
