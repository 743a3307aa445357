//! The client for programs without a runtime (feature `blocking`).
//!
//! Each call waits on the current thread. Inside a runtime, where that would stop others, calls fail with
//! [`ErrorKind::InsideRuntime`](crate::ErrorKind::InsideRuntime) instead: use the asynchronous client there.
//!
//! ```
//! use gomod_module::ModuleVersion;
//! use gomod_proxy_client::{GoProxy, blocking};
//!
//! # let dir = tempfile::tempdir()?;
//! # gomod_testkit::ModuleTree::new().module("example.com/m", "v1.0.0", &[]).write_to(dir.path());
//! # let goproxy = format!("file://{}", dir.path().display());
//! let client = gomod_proxy_client::ProxyClient::builder(GoProxy::parse(&goproxy)?).build()?;
//! let client = blocking::ProxyClient::new(client)?;
//! let m = ModuleVersion::parse("example.com/m", "v1.0.0")?;
//! assert_eq!(client.info(&m)?.value.version, "v1.0.0");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use gomod_module::{Info, ModulePath, ModuleVersion, Query};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::client::Fetched;
use crate::error::Error;
use crate::failure::Failure;
use crate::privacy::PrivacyWarning;
use crate::rejection::Rejection;
use crate::resolve::{QueryOptions, Resolved};
use crate::resume::Partial;
use crate::sumdb::InvalidSumDbUrl;
use crate::trace::{Attempt, Trace};
use crate::zip_fetch::Event;

/// A [`ProxyClient`](crate::ProxyClient) with a runtime of its own, which runs on the thread that calls. Clones share
/// it; threads wait for each other only where they use the same connection.
#[derive(Clone)]
pub struct ProxyClient {
    client: crate::ProxyClient,
    waiting: Arc<Waiting>,
}

/// A zip on its way. See [`ZipFetch`](crate::ZipFetch).
pub struct ZipFetch {
    zip: crate::ZipFetch,
    subject: String,
    waiting: Arc<Waiting>,
}

/// A reader of a checksum database. See [`SumDbClient`](crate::SumDbClient).
#[derive(Clone)]
pub struct SumDbClient {
    database: crate::SumDbClient,
    waiting: Arc<Waiting>,
}

/// The system gives no runtime: it lacks what asynchronous I/O needs.
#[derive(Debug, thiserror::Error)]
#[error("start the runtime of the blocking client")]
#[non_exhaustive]
pub struct RuntimeError {
    /// What the system says.
    pub source: io::Error,
}

/// `Some` until it is dropped.
struct Waiting(Option<Runtime>);

impl ProxyClient {
    /// A blocking client with the settings and the health of an asynchronous one.
    ///
    /// # Errors
    /// [`RuntimeError`].
    pub fn new(client: crate::ProxyClient) -> Result<Self, RuntimeError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| RuntimeError { source })?;
        Ok(Self { client, waiting: Arc::new(Waiting(Some(runtime))) })
    }

    /// See [`ProxyClient::info`](crate::ProxyClient::info).
    ///
    /// # Errors
    /// As there.
    pub fn info(&self, module: &ModuleVersion) -> Result<Fetched<Info>, Error> {
        self.waiting.until(module, self.client.info(module))
    }

    /// See [`ProxyClient::go_mod`](crate::ProxyClient::go_mod).
    ///
    /// # Errors
    /// As there.
    pub fn go_mod(
        &self,
        module: &ModuleVersion,
        check: impl FnMut(&[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Bytes>, Error> {
        self.waiting.until(module, self.client.go_mod(module, check))
    }

    /// See [`ProxyClient::versions`](crate::ProxyClient::versions).
    ///
    /// # Errors
    /// As there.
    pub fn versions(&self, module: &ModulePath) -> Result<Fetched<Vec<String>>, Error> {
        self.waiting.until(module, self.client.versions(module))
    }

    /// See [`ProxyClient::latest`](crate::ProxyClient::latest).
    ///
    /// # Errors
    /// As there.
    pub fn latest(&self, module: &ModulePath) -> Result<Fetched<Info>, Error> {
        self.waiting.until(module, self.client.latest(module))
    }

    /// See [`ProxyClient::resolve`](crate::ProxyClient::resolve).
    ///
    /// # Errors
    /// As there.
    pub fn resolve(
        &self,
        module: &ModulePath,
        query: &Query,
        options: &QueryOptions,
        check: impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Resolved>, Error> {
        self.waiting
            .until(&format_args!("{module}@{query}"), self.client.resolve(module, query, options, check))
    }

    /// See [`ProxyClient::zip`](crate::ProxyClient::zip).
    ///
    /// # Errors
    /// As there.
    pub fn zip(&self, module: &ModuleVersion) -> Result<ZipFetch, Error> {
        let zip = self.waiting.until(module, self.client.zip(module))?;
        Ok(ZipFetch { zip, subject: module.to_string(), waiting: Arc::clone(&self.waiting) })
    }

    /// See [`ProxyClient::sum_db`](crate::ProxyClient::sum_db).
    ///
    /// # Errors
    /// [`InvalidSumDbUrl`].
    pub fn sum_db(&self, name: &str, url: Option<&str>) -> Result<SumDbClient, InvalidSumDbUrl> {
        let database = self.client.sum_db(name, url)?;
        Ok(SumDbClient { database, waiting: Arc::clone(&self.waiting) })
    }

    /// See [`ProxyClient::privacy_warning`](crate::ProxyClient::privacy_warning).
    pub fn privacy_warning(&self, module: &ModulePath) -> Option<PrivacyWarning> {
        self.client.privacy_warning(module)
    }

    /// See [`ProxyClient::zip_from`](crate::ProxyClient::zip_from).
    ///
    /// # Errors
    /// As there.
    pub fn zip_from(&self, module: &ModuleVersion, partial: Partial) -> Result<ZipFetch, Error> {
        let zip = self.waiting.until(module, self.client.zip_from(module, partial))?;
        Ok(ZipFetch { zip, subject: module.to_string(), waiting: Arc::clone(&self.waiting) })
    }
}

impl ZipFetch {
    /// See [`ZipFetch::partial`](crate::ZipFetch::partial).
    pub fn partial(&self) -> Option<Partial> {
        self.zip.partial()
    }

    /// See [`ZipFetch::next`](crate::ZipFetch::next).
    ///
    /// # Errors
    /// As there.
    #[expect(clippy::should_implement_trait, reason = "the name of the asynchronous method")]
    pub fn next(&mut self) -> Result<Option<Event>, Error> {
        self.waiting.until(&self.subject, self.zip.next())
    }

    /// See [`ZipFetch::accept`](crate::ZipFetch::accept).
    pub fn accept(self) -> Trace {
        self.zip.accept()
    }

    /// See [`ZipFetch::reject`](crate::ZipFetch::reject).
    ///
    /// # Errors
    /// As there.
    pub fn reject(&mut self, rejection: Rejection) -> Result<(), Error> {
        self.zip.reject(rejection)
    }

    /// See [`ZipFetch::source`](crate::ZipFetch::source).
    pub fn source(&self) -> Option<String> {
        self.zip.source()
    }

    /// See [`ZipFetch::size`](crate::ZipFetch::size).
    pub fn size(&self) -> Option<u64> {
        self.zip.size()
    }

    /// See [`ZipFetch::attempts`](crate::ZipFetch::attempts).
    pub fn attempts(&self) -> &[Attempt] {
        self.zip.attempts()
    }
}

impl SumDbClient {
    /// The name of the database.
    pub fn name(&self) -> &str {
        self.database.name()
    }

    /// See [`SumDbClient::source`](crate::SumDbClient::source).
    ///
    /// # Errors
    /// As there.
    pub fn source(&self) -> Result<Fetched<String>, Error> {
        self.waiting.until(&self.name(), self.database.source())
    }

    /// See [`SumDbClient::read`](crate::SumDbClient::read).
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, path: &str, limit: u64) -> Result<Fetched<Bytes>, Error> {
        self.waiting.until(&self.name(), self.database.read(path, limit))
    }
}

impl Waiting {
    /// The output of a future, on this thread.
    fn until<T>(
        &self,
        subject: &impl fmt::Display,
        output: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match &self.0 {
            Some(runtime) if Handle::try_current().is_err() => runtime.block_on(output),
            _ => Err(Error::new(subject.to_string(), Failure::InsideRuntime, Trace::default())),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Waiting for its threads, a file on a disk that hangs, is a panic inside another runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for ProxyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::ProxyClient").field(&self.client).finish()
    }
}

impl fmt::Debug for ZipFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::ZipFetch").field(&self.zip).finish()
    }
}

impl fmt::Debug for SumDbClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::SumDbClient").field(&self.database).finish()
    }
}
