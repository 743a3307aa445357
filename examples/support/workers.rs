//! Work for the processor, and how much is under way. The client bounds the requests in flight.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use gomod_archive::Threads;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

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

    /// The result of work for the processor, on as many threads as nobody else needs. Once begun it is done to its end,
    /// even where nobody waits for it any more, unless the process is interrupted.
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
        match done.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Waits until the work that was begun is done.
    pub async fn settle(&self) {
        let all = u32::try_from(self.threads).unwrap_or(u32::MAX);
        drop(self.processors.acquire_many(all).await);
    }
}
