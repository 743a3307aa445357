//! The client: walks over the list of sources.

pub(crate) mod builder;
pub(crate) mod direct;
pub(crate) mod direct_answer;
#[cfg(feature = "os")]
pub(crate) mod environment;
pub(crate) mod fetched;
pub(crate) mod info;
pub(crate) mod proxy_client;
pub(crate) mod query_rules;
pub(crate) mod resolve;
pub(crate) mod shared;
pub(crate) mod source_query;
pub(crate) mod source_state;
pub(crate) mod sumdb;
pub(crate) mod update;
pub(crate) mod walk;
pub(crate) mod web_page;
pub(crate) mod zip_fetch;
pub(crate) mod zip_to;

pub use builder::ProxyClientBuilder;
pub use direct::{DirectError, DirectFuture, DirectSource, DirectSteps};
#[cfg(feature = "os")]
pub use environment::{EnvError, EnvNote};
pub use fetched::Fetched;
pub use proxy_client::ProxyClient;
pub use resolve::{QueryOptions, Resolved};
pub use sumdb::{InvalidSumDbUrl, SumDbClient};
pub use update::Update;
pub use web_page::WebPage;
pub use zip_fetch::{Event, Progress, ZipFetch};
pub use zip_to::ZipWriter;
