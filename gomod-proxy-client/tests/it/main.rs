//! What the client answers, held against Go's answers and against servers that fail in every way Go was watched to
//! meet.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a broken fixture should stop the test")]

mod answers;
mod auto_traits;
mod cancelled;
mod files;
mod flapping;
mod health;
mod http_proxies;
mod lists;
mod operations;
mod prop;
mod redaction;
mod resume;
mod retries;
mod routes;
mod servers;
mod servers_go;
mod sources;
mod timeouts;
#[cfg(all(feature = "rustls", target_os = "linux"))]
mod tls;
mod vectors;
mod verdicts;
