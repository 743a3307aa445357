//! What the client answers, held against Go's answers and against servers that fail in every way Go was watched to
//! meet.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a broken fixture should stop the test")]

mod absurd;
mod addresses;
mod answers;
mod auto_traits;
mod blocking;
mod cancelled;
mod credentials;
mod direct;
mod endpoints;
#[cfg(feature = "os")]
mod environment;
mod error_report;
mod files;
mod flapping;
#[cfg(feature = "os")]
mod goauth;
mod health;
#[cfg(feature = "rustls")]
mod http2;
mod http_proxies;
#[cfg(feature = "rustls")]
mod identity;
mod lists;
mod netrc;
mod operations;
mod own_stack;
mod privacy;
mod prop;
mod redaction;
mod resolve;
mod resume;
mod retries;
mod routes;
mod said;
#[cfg(feature = "serde")]
mod serde;
mod servers;
mod servers_go;
mod servers_versions;
mod sources;
mod sumdb;
mod timeouts;
#[cfg(all(feature = "rustls", target_os = "linux"))]
mod tls;
mod update;
mod vectors;
mod verdicts;
mod zip_to;
