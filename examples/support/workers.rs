//! Work for the processor, and how much is under way; work on the disk. The client bounds the requests in flight.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use gomod_archive::Threads;
use tokio::runtime::{self, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, spawn_blocking};

use crate::interrupt;

/// The permits; clones share them. The semaphores are never closed.
#[derive(Debug, Clone)]
pub struct Workers {
    processors: Arc<Semaphore>,
    jobs: usize,
    threads: usize,
}

impl Workers {
    /// For a client with at most `jobs` requests at a time; as much work on the processor as it can do at once.
    pub fn new(jobs: NonZeroUsize) -> Self {
        let (jobs, threads) = (jobs.get(), available_parallelism().map_or(1, NonZeroUsize::get));
        Self { processors: Arc::new(Semaphore::new(threads)), jobs, threads }
    }

    /// How many modules to have under way so that neither the network nor the processor waits for the other, nor both for
    /// some whose requests wait before they are made again.
    pub fn width(&self) -> usize {
        self.jobs.saturating_mul(4).saturating_add(self.threads)
    }

    /// The runtime of a tool. It has a thread for each request whose name may not resolve, and few for the disk: with one for
    /// everything that is asked of it, many small modules cost more in waking threads than in work.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn runtime(&self) -> io::Result<Runtime> {
        let threads = self.jobs.saturating_add(2 * self.threads);
        runtime::Builder::new_multi_thread().max_blocking_threads(threads).enable_all().build()
    }

    /// The result of work for the processor, on all threads that are free. Once begun it is done to its end,
    /// even where its result is not awaited any more, unless the process is interrupted.
    pub async fn compute<T: Send + 'static>(&self, work: impl FnOnce(Threads) -> T + Send + 'static) -> T {
        let mut permit: Option<OwnedSemaphorePermit> =
            Arc::clone(&self.processors).acquire_owned().await.ok();
        while let (Some(permit), Ok(more)) = (&mut permit, Arc::clone(&self.processors).try_acquire_owned()) {
            permit.merge(more);
        }
        let threads = permit.as_ref().and_then(|permit| NonZeroUsize::new(permit.num_permits()));
        let done = spawn_blocking(move || {
            let threads = Threads::new(threads.unwrap_or(NonZeroUsize::MIN)).cancelled_by(interrupt::token());
            let done = work(threads);
            drop(permit);
            done
        });
        ended(done).await
    }

    /// Waits until the work that was begun is done.
    pub async fn settle(&self) {
        let all = u32::try_from(self.threads).unwrap_or(u32::MAX);
        drop(self.processors.acquire_many(all).await);
    }
}

/// The result of work on the disk, which may be slow, or wait for the writer of a pipe. Requests and modules all go on in
/// one task: what held up its thread would hold up every one of them. Once begun it is done to its end.
pub async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    ended(spawn_blocking(work)).await
}

/// What a blocking task came to; where it panicked, that goes on here.
async fn ended<T>(task: impl Future<Output = Result<T, JoinError>>) -> T {
    match task.await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
