use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

/// A flag that ends long work before its end: set on one thread, looked at by the others between two pieces of at most
/// 64 KiB, two entries or two files. Clones share the flag, and it is never taken back.
///
/// ```
/// use gomod_archive::CancelToken;
///
/// let token = CancelToken::new();
/// let seen_by_the_work = token.clone();
/// token.cancel();
/// assert!(seen_by_the_work.check().is_err());
/// ```
#[derive(Debug, Clone, Default)]
#[doc(alias = "CancellationToken")]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Returns a token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all work that looks at this token or a clone of it. May be called from any thread, and more than once.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says that work may go on.
    ///
    /// # Errors
    /// [`Cancelled`] once [`cancel`](Self::cancel) was called.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

/// Work ended before its end because its [`CancelToken`] said so. It says nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("cancelled")]
#[non_exhaustive]
pub struct Cancelled;
