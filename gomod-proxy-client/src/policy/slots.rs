//! How many requests are in flight.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to one request, from before it is sent to the end of its answer.
pub(crate) type Slot = OwnedSemaphorePermit;

/// All of them; clones share them. The semaphore is never closed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots(Option<Arc<Semaphore>>);

impl Slots {
    /// As many as this; `None` for no limit.
    pub(crate) fn new(limit: Option<NonZeroUsize>) -> Self {
        let semaphore = |limit: NonZeroUsize| Semaphore::new(limit.get().min(Semaphore::MAX_PERMITS));
        Self(limit.map(|limit| Arc::new(semaphore(limit))))
    }

    pub(crate) async fn acquire(&self) -> Option<Slot> {
        Arc::clone(self.0.as_ref()?).acquire_owned().await.ok()
    }
}
