//! The client for programs without a runtime (feature `blocking`).
//!
//! Each call waits on the current thread. A thread that executes asynchronous tasks would stop them: there, calls fail with
//! [`ErrorKind::InsideRuntime`](crate::ErrorKind::InsideRuntime) instead; use the asynchronous client, or call from
//! `spawn_blocking` or `block_in_place`. (Below tokio's `unconstrained`, and behind a `block_in_place` for as long as the
//! task does not yield, this cannot be seen, and the thread waits.)
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
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use bytes::Bytes;
use gomod_module::{Info, ModulePath, ModuleVersion, Query, Version};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::coop;

use crate::auth::privacy::PrivacyWarning;
use crate::client::fetched::Fetched;
use crate::client::resolve::{QueryOptions, Resolved};
use crate::client::sumdb::InvalidSumDbUrl;
use crate::client::update::Update;
use crate::client::zip_fetch::{Event, Progress};
use crate::client::zip_to::ZipWriter;
use crate::report::error::Error;
use crate::report::failure::Failure;
use crate::report::rejection::Rejection;
use crate::report::trace::{Attempt, Trace};
use crate::transport::resume::Partial;

/// A [`ProxyClient`](crate::ProxyClient) with a runtime of its own, which runs on one thread of its own. Clones share it.
#[derive(Clone)]
pub struct ProxyClient {
    client: crate::ProxyClient,
    runtime: Arc<BlockingRuntime>,
}

/// A zip on its way. See [`ZipFetch`](crate::ZipFetch).
pub struct ZipFetch {
    zip: crate::ZipFetch,
    subject: String,
    runtime: Arc<BlockingRuntime>,
}

/// A reader of a checksum database. See [`SumDbClient`](crate::client::SumDbClient).
#[derive(Clone)]
pub struct SumDbClient {
    database: crate::client::SumDbClient,
    runtime: Arc<BlockingRuntime>,
}

/// The system gives no runtime: it lacks what asynchronous I/O needs.
#[derive(Debug, thiserror::Error)]
#[error("start the runtime of the blocking client")]
#[non_exhaustive]
pub struct RuntimeError {
    /// What the system says.
    pub source: io::Error,
}

/// A runtime that is driven by a thread of its own: connections that no call uses at the moment are served as well.
struct BlockingRuntime {
    handle: Handle,
    /// The thread ends when it is dropped.
    _running: oneshot::Sender<()>,
}

impl ProxyClient {
    /// A blocking client that shares all with an asynchronous one but the connections: both can be used.
    ///
    /// # Errors
    /// [`RuntimeError`].
    pub fn new(client: crate::ProxyClient) -> Result<Self, RuntimeError> {
        let runtime = BlockingRuntime::start().map_err(|source| RuntimeError { source })?;
        Ok(Self { client, runtime: Arc::new(runtime) })
    }

    /// See [`ProxyClient::info`](crate::ProxyClient::info).
    ///
    /// # Errors
    /// As there.
    pub fn info(&self, module: &ModuleVersion) -> Result<Fetched<Info>, Error> {
        self.runtime.block_on(module, self.client.info(module))
    }

    /// See [`ProxyClient::go_mod`](crate::ProxyClient::go_mod): nothing proves these bytes.
    ///
    /// # Errors
    /// As there.
    pub fn go_mod(&self, module: &ModuleVersion) -> Result<Fetched<Bytes>, Error> {
        self.runtime.block_on(module, self.client.go_mod(module))
    }

    /// See [`ProxyClient::go_mod_checked`](crate::ProxyClient::go_mod_checked).
    ///
    /// # Errors
    /// As there.
    pub fn go_mod_checked(
        &self,
        module: &ModuleVersion,
        check: impl FnMut(&[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Bytes>, Error> {
        self.runtime.block_on(module, self.client.go_mod_checked(module, check))
    }

    /// See [`ProxyClient::versions`](crate::ProxyClient::versions).
    ///
    /// # Errors
    /// As there.
    pub fn versions(&self, module: &ModulePath) -> Result<Fetched<Vec<String>>, Error> {
        self.runtime.block_on(module, self.client.versions(module))
    }

    /// See [`ProxyClient::latest`](crate::ProxyClient::latest).
    ///
    /// # Errors
    /// As there.
    pub fn latest(&self, module: &ModulePath) -> Result<Fetched<Info>, Error> {
        self.runtime.block_on(module, self.client.latest(module))
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
        self.runtime
            .block_on(&format_args!("{module}@{query}"), self.client.resolve(module, query, options, check))
    }

    /// See [`ProxyClient::update`](crate::ProxyClient::update).
    ///
    /// # Errors
    /// As there.
    pub fn update(
        &self,
        module: &ModuleVersion,
        excluded: &[Version],
        check: impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Update>, Error> {
        self.runtime.block_on(&module, self.client.update(module, excluded, check))
    }

    /// See [`ProxyClient::zip`](crate::ProxyClient::zip).
    ///
    /// # Errors
    /// As there.
    pub fn zip(&self, module: &ModuleVersion) -> Result<ZipFetch, Error> {
        let zip = self.runtime.block_on(module, self.client.zip(module))?;
        Ok(ZipFetch { zip, subject: module.to_string(), runtime: Arc::clone(&self.runtime) })
    }

    /// See [`ProxyClient::zip_to`](crate::ProxyClient::zip_to).
    ///
    /// # Errors
    /// As there.
    pub fn zip_to<W: ZipWriter, T>(
        &self,
        module: &ModuleVersion,
        to: &mut W,
        check: impl FnMut(&mut W) -> Result<T, Rejection>,
    ) -> Result<Fetched<T>, Error> {
        self.runtime.block_on(module, self.client.zip_to(module, to, check))
    }

    /// See [`ProxyClient::sum_db`](crate::ProxyClient::sum_db).
    ///
    /// # Errors
    /// [`InvalidSumDbUrl`].
    pub fn sum_db(&self, name: &str, url: Option<&str>) -> Result<SumDbClient, InvalidSumDbUrl> {
        let database = self.client.sum_db(name, url)?;
        Ok(SumDbClient { database, runtime: Arc::clone(&self.runtime) })
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
        let zip = self.runtime.block_on(module, self.client.zip_from(module, partial))?;
        Ok(ZipFetch { zip, subject: module.to_string(), runtime: Arc::clone(&self.runtime) })
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
        self.runtime.block_on(&self.subject, self.zip.next())
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

    /// See [`ZipFetch::progress`](crate::ZipFetch::progress).
    pub fn progress(&self) -> Progress {
        self.zip.progress()
    }

    /// See [`ZipFetch::write_to`](crate::ZipFetch::write_to).
    ///
    /// # Errors
    /// As there.
    pub fn write_to<W: ZipWriter, T>(
        self,
        to: &mut W,
        progress: impl FnMut(Progress),
        check: impl FnMut(&mut W) -> Result<T, Rejection>,
    ) -> Result<Fetched<T>, Error> {
        self.runtime.block_on(&self.subject, self.zip.write_to(to, progress, check))
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

    /// See [`SumDbClient::source`](crate::client::SumDbClient::source).
    ///
    /// # Errors
    /// As there.
    pub fn source(&self) -> Result<Fetched<String>, Error> {
        self.runtime.block_on(&self.name(), self.database.source())
    }

    /// See [`SumDbClient::read`](crate::client::SumDbClient::read).
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, path: &str, limit: u64) -> Result<Fetched<Bytes>, Error> {
        self.runtime.block_on(&self.name(), self.database.read(path, limit))
    }
}

impl BlockingRuntime {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, ended) = oneshot::channel();
        thread::Builder::new().name("gomod-proxy-client".to_owned()).spawn(move || {
            // An error: the sender was dropped.
            let _ = runtime.block_on(ended);
            // A file on a disk that hangs is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _running: running })
    }

    /// The output of a future, on this thread.
    fn block_on<T>(
        &self,
        subject: &impl fmt::Display,
        output: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if executes_tasks() {
            return Err(Error::new(subject.to_string(), Failure::InsideRuntime, Trace::default()));
        }
        // The thread of the runtime drives its sockets and timers; nothing else of it is needed here.
        let _entered = self.handle.enter();
        let mut output = pin!(output);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match output.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }
}

/// Whether this thread is executing an asynchronous task, and not code that may wait. Such a task has a budget of
/// operations after which it must yield; `spawn_blocking` and `block_in_place` have none.
fn executes_tasks() -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    let mut context = Context::from_waker(Waker::noop());
    let mut taken = Vec::new();
    let ends = (0..=u8::MAX).any(|_| match coop::poll_proceed(&mut context) {
        Poll::Ready(restore) => {
            taken.push(restore);
            false
        }
        Poll::Pending => true,
    });
    // Each gives back what was there before it.
    while taken.pop().is_some() {}
    ends
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
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
