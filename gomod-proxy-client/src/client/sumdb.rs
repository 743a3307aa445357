//! Files of a checksum database, through whichever proxy serves it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::client::fetched::Fetched;
use crate::client::shared::Shared;
use crate::client::walk::Walk;
use crate::protocol::base_url::redacted::redacted_text;
use crate::protocol::endpoint::Endpoint;
use crate::protocol::goproxy::{Entry, GoProxyError, Separator};
use crate::report::error::Error;
use crate::report::failure::Failure;
use crate::report::trace::Trace;

/// How long an error is the answer to the question where a database is: as long as a source that does not answer is not
/// asked, by default.
const MEMORY_OF_ERRORS: Duration = Duration::from_secs(30);
/// What its files are called in errors.
const WHAT: &str = "sumdb";

/// A reader of one checksum database: through the first proxy of the list that serves it, else from the database itself
/// ([`ProxyClient::sum_db`](crate::ProxyClient::sum_db)).
///
/// Proxies are asked for `sumdb/$NAME/supported` when the first file is read, once: by Go's rule (`initBase` of cmd/go,
/// <https://go.dev/design/25530-sumdb#proxying-a-checksum-database>) one that answers with status 200 is the only one
/// asked from then on, and the database is never asked directly. "Not found" and `|` lead to the next source, any other
/// error is final, and `direct`, `off` and the end of the list mean `https://$NAME`. GONOPROXY plays no part.
///
/// Its files are small, and no source builds them first: silence is waited for a third of
/// [`Timeouts::stall`](crate::policy::Timeouts::stall), and before the first byte at most two thirds. A database that never answers
/// fails within a minute, by default.
///
/// Nothing that is read has been checked. Clones are the same reader.
#[derive(Clone)]
pub struct SumDbClient {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    name: String,
    /// The URL of GOSUMDB.
    given: Option<Entry>,
    /// `https://$NAME`.
    direct: Entry,
    base: Mutex<Option<Search>>,
}

/// What the list was found to say.
enum Search {
    Found(Arc<Base>),
    /// And when that was.
    Failed(Error, Instant),
}

/// Where the files are.
struct Base {
    entry: Entry,
    /// Whether it is a proxy, which has them below `sumdb/$NAME`.
    is_proxy: bool,
}

impl SumDbClient {
    pub(crate) fn new(shared: &Arc<Shared>, name: &str, url: Option<&str>) -> Result<Self, InvalidSumDbUrl> {
        let entry = |url: &str| {
            // What the grammar of GOPROXY adds is not added here.
            let entry = if url.contains(":/") {
                Entry::parse(url, Separator::Comma)
            } else {
                Err(GoProxyError::MissingScheme { entry: redacted_text(url) })
            };
            entry.map_err(|source| InvalidSumDbUrl { source })
        };
        let inner = Inner {
            shared: Arc::clone(shared),
            name: name.to_owned(),
            given: url.map(entry).transpose()?,
            direct: entry(&format!("https://{name}"))?,
            base: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The base URL that files are read from, redacted. Only the first call, or the first read, makes requests; the trace
    /// has them.
    ///
    /// # Errors
    /// [`Error`] where a source failed in a way that the list does not let pass: each call and read of the next 30 seconds
    /// fails with it, later ones search again.
    pub async fn source(&self) -> Result<Fetched<String>, Error> {
        let mut trace = Trace::default();
        let base = self.base(&mut trace).await?;
        let url = match &base.entry.url {
            Some(url) if base.is_proxy => url.redacted_join(&format!("sumdb/{}", self.inner.name)),
            _ => base.entry.to_string(),
        };
        Ok(Fetched { value: url, trace })
    }

    /// A file of the database, of at most `limit` bytes: `lookup/…` or `tile/…`.
    ///
    /// # Errors
    /// [`Error`] where there is no source, or it does not have the file.
    pub async fn read(&self, path: &str, limit: u64) -> Result<Fetched<Bytes>, Error> {
        let mut trace = Trace::default();
        if path.split('/').any(|element| matches!(element, "" | "." | "..")) {
            let failure = Failure::SumDbPath { path: path.to_owned() };
            return Err(Error::new(self.inner.name.clone(), failure, trace));
        }
        let base = self.base(&mut trace).await?;
        let name = &self.inner.name;
        let endpoint =
            if base.is_proxy { Endpoint::sum_db(name, path) } else { Endpoint::of_database(name, path) };
        let walk = Walk::of_database_at(&self.inner.shared, &base.entry, self.inner.name.clone(), trace);
        walk.read(&endpoint, WHAT, limit, |_, body| Ok(body.clone())).await
    }

    /// Where the files are, searched for once; after an error, once more when that is old.
    async fn base(&self, trace: &mut Trace) -> Result<Arc<Base>, Error> {
        let mut search = self.inner.base.lock().await;
        match &*search {
            Some(Search::Found(base)) => return Ok(Arc::clone(base)),
            Some(Search::Failed(error, at)) if at.elapsed() < MEMORY_OF_ERRORS => return Err(error.clone()),
            _ => {}
        }
        let found = self.find(trace).await.map(Arc::new);
        *search = Some(match &found {
            Ok(base) => Search::Found(Arc::clone(base)),
            Err(error) => Search::Failed(error.clone(), Instant::now()),
        });
        found
    }

    async fn find(&self, trace: &mut Trace) -> Result<Base, Error> {
        let Inner { shared, name, given, direct, .. } = &*self.inner;
        if let Some(entry) = given {
            return Ok(Base { entry: entry.clone(), is_proxy: false });
        }
        let mut walk = Walk::of_database(shared, name);
        match self.find_proxy(&mut walk).await {
            Ok(base) => {
                *trace = walk.trace;
                Ok(base)
            }
            Err(error) if error.is_not_found() => {
                trace.extend(error.attempts().iter().cloned());
                Ok(Base { entry: direct.clone(), is_proxy: false })
            }
            Err(error) => Err(error),
        }
    }

    /// The first source of the list that serves the database.
    async fn find_proxy(&self, walk: &mut Walk) -> Result<Base, Error> {
        let Inner { shared, name, .. } = &*self.inner;
        let supported = Endpoint::sum_db(name, "supported");
        loop {
            let attempt = walk.source().await?;
            match shared.read(&attempt, &supported, WHAT, shared.limits.info).await {
                Ok((pending, _)) => {
                    walk.same_source(pending, None);
                    return Ok(Base { entry: attempt.entry, is_proxy: true });
                }
                Err(failed) => {
                    let (pending, failure) = *failed;
                    walk.failed(pending, failure)?;
                }
            }
        }
    }
}

impl fmt::Debug for SumDbClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SumDbClient").field("name", &self.inner.name).finish_non_exhaustive()
    }
}

/// The URL of a checksum database, or one with its name, is none that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the URL of the checksum database")]
#[non_exhaustive]
pub struct InvalidSumDbUrl {
    /// What is wrong with it, in the words for proxies: the same schemes are known.
    pub source: GoProxyError,
}
