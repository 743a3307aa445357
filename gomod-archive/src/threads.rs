use std::num::NonZeroUsize;

use crate::cancel::CancelToken;

/// The most threads that one call starts, whatever it is told: 128. Each holds up to 3 MiB of buffers.
pub const MAX_THREADS: NonZeroUsize = NonZeroUsize::new(128).unwrap();

/// On how many threads work is done, the caller's included, and what ends it early.
///
/// A number of threads is one as well: `NonZeroUsize` converts into it, with a token that is never cancelled.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use gomod_archive::{CancelToken, MAX_THREADS, Threads};
///
/// let token = CancelToken::new();
/// let threads = Threads::new(NonZeroUsize::MAX).cancelled_by(&token);
/// assert_eq!(threads.for_items(3), 3);
/// assert_eq!(threads.for_items(1_000_000), MAX_THREADS.get());
/// ```
#[derive(Debug, Clone)]
pub struct Threads {
    count: NonZeroUsize,
    cancel: CancelToken,
}

impl Threads {
    /// Returns up to `count` threads, of which no more are started than [`MAX_THREADS`].
    pub fn new(count: NonZeroUsize) -> Self {
        Self { count: count.min(MAX_THREADS), cancel: CancelToken::new() }
    }

    /// Returns as many threads as the system says may run at a time; one where it does not say.
    pub fn available() -> Self {
        std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN).into()
    }

    /// Sets what ends the work early.
    #[must_use]
    pub fn cancelled_by(self, cancel: &CancelToken) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// Returns how many threads there are at most.
    pub fn count(&self) -> NonZeroUsize {
        self.count
    }

    /// Returns how many threads work on so many items that are independent of each other: no more than there are items.
    pub fn for_items(&self, items: usize) -> usize {
        self.count.get().min(items)
    }

    /// Returns what ends the work early.
    pub fn cancel(&self) -> &CancelToken {
        &self.cancel
    }
}

impl From<NonZeroUsize> for Threads {
    fn from(count: NonZeroUsize) -> Self {
        Self::new(count)
    }
}

impl From<&Threads> for Threads {
    fn from(threads: &Threads) -> Self {
        threads.clone()
    }
}
