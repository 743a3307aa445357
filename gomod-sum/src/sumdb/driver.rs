//! Driving a session: what it asks for is read and written.

use std::error::Error;
use std::future::{self, Future};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::answer::LookupAnswer;
use super::cache::SumDbCache;
use super::error::Misbehavior;
use super::files::{ReadRequest, ReadSource};
use super::session::{Session, SessionStep};

/// How many files are read at a time.
const WIDTH: usize = 32;

impl Session {
    /// Returns the answers to all lookups since the last time, in their order, once `cache` and `fetch` have given what
    /// that takes. `fetch` reads a file from the network, below the base URL of the database or of a proxy in front of it
    /// (`ReadRemote` of x/mod's `sumdb.ClientOps`); up to 32 of its futures are polled at a time.
    ///
    /// No runtime is needed. Where there is none, see [`run_blocking`](Self::run_blocking). A future that is dropped leaves
    /// the session as it is: it may be run again.
    ///
    /// # Errors
    /// [`Misbehavior`] ends the session: every further call returns it again.
    pub async fn run<T, E>(
        &mut self,
        cache: &impl SumDbCache,
        fetch: &impl Fn(ReadRequest) -> T,
    ) -> Result<Vec<LookupAnswer>, Misbehavior>
    where
        T: Future<Output = Result<Vec<u8>, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        loop {
            if let Some(answers) = self.run_step(cache, fetch).await? {
                return Ok(answers);
            }
        }
    }

    /// Returns the answers as [`run`](Self::run), once all is done; the thread waits meanwhile, and files are fetched one
    /// after the other.
    ///
    /// ```
    /// use gomod_sum::sumdb::{MemoryCache, Session};
    ///
    /// # fn get(_: &str) -> Result<Vec<u8>, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
    /// let key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse()?;
    /// let mut session = Session::new(key);
    /// session.lookup(&"golang.org/x/text@v0.3.0".parse()?);
    /// let answers = session.run_blocking(&MemoryCache::new(), |file| get(&file.path))?; // an HTTP client of your choice
    /// let error = answers[0].result.as_ref().unwrap_err();
    /// assert_eq!(error.to_string(), "lookup/golang.org/x/text@v0.3.0 is not available");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_blocking<E>(
        &mut self,
        cache: &impl SumDbCache,
        fetch: impl Fn(&ReadRequest) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<LookupAnswer>, Misbehavior>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        block_on(self.run(cache, &|file| future::ready(fetch(&file))))
    }

    /// Does the next step of [`run`](Self::run); returns the answers once nothing is left to do. Between two steps further
    /// lookups may be added.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_step<T, E>(
        &mut self,
        cache: &impl SumDbCache,
        fetch: &impl Fn(ReadRequest) -> T,
    ) -> Result<Option<Vec<LookupAnswer>>, Misbehavior>
    where
        T: Future<Output = Result<Vec<u8>, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        match self.step()? {
            SessionStep::Read(files) => self.read(files, cache, fetch).await,
            SessionStep::ReadHead => match cache.read_head().await {
                Ok(head) => self.provide_head(head),
                Err(error) => self.provide_head_error(error),
            },
            SessionStep::StoreHead { old, new } => match cache.replace_head(&old, &new).await {
                Ok(true) => self.head_stored(),
                Ok(false) => self.head_conflict(),
                Err(error) => self.provide_head_error(error),
            },
            SessionStep::Store(files) => {
                for file in files {
                    cache.write(&file.path, &file.content).await;
                }
            }
            SessionStep::Done(answers) => return Ok(Some(answers)),
        }
        Ok(None)
    }

    async fn read<T, E>(
        &mut self,
        files: Vec<ReadRequest>,
        cache: &impl SumDbCache,
        fetch: &impl Fn(ReadRequest) -> T,
    ) where
        T: Future<Output = Result<Vec<u8>, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let (cached, remote): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.source == ReadSource::Cache);
        let kept = cached.into_iter().map(|file| async move {
            let content = cache.read(&file.path, file.limit).await.map_err(Into::into);
            (file, content.and_then(|content| content.ok_or(io::Error::from(io::ErrorKind::NotFound).into())))
        });
        for_each(kept, |(file, content)| self.give(&file, content)).await;
        let fetched = remote.into_iter().map(|file| async move {
            let content = fetch(file.clone()).await.map_err(Into::into);
            (file, content)
        });
        for_each(fetched, |(file, content)| self.give(&file, content)).await;
    }

    fn give(&mut self, file: &ReadRequest, content: Result<Vec<u8>, Box<dyn Error + Send + Sync>>) {
        match content {
            Ok(content) => self.provide(&file.path, file.source, &content),
            Err(error) => self.provide_error(&file.path, file.source, error),
        }
    }
}

/// Polls futures, up to [`WIDTH`] at a time, until all are ready; `done` gets what each gives.
async fn for_each<T: Future>(mut futures: impl Iterator<Item = T>, mut done: impl FnMut(T::Output)) {
    let mut running: Vec<Pin<Box<T>>> = Vec::new();
    future::poll_fn(|context| {
        loop {
            let free = WIDTH.saturating_sub(running.len());
            running.extend(futures.by_ref().take(free).map(Box::pin));
            let before = running.len();
            running.retain_mut(|future| match future.as_mut().poll(context) {
                Poll::Ready(output) => {
                    done(output);
                    false
                }
                Poll::Pending => true,
            });
            match running.len() {
                0 if before == 0 => return Poll::Ready(()),
                after if after == before => return Poll::Pending,
                // There is room for others, which have to be polled once.
                _ => {}
            }
        }
    })
    .await;
}

/// Waits for a future on this thread.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
