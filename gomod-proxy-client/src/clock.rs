use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::timeouts::Timeouts;

/// The limits in time of one file from one source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    stall: Duration,
    total: Option<(Duration, Instant)>,
}

impl Clock {
    pub(crate) fn start(timeouts: &Timeouts) -> Self {
        // A limit that overflows the clock is none.
        let total = timeouts.total.and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        Self { stall: timeouts.stall, total }
    }

    /// Each wait at most this long.
    pub(crate) fn hurried(self, stall: Duration) -> Self {
        Self { stall: self.stall.min(stall), ..self }
    }

    /// The output of one wait for bytes.
    pub(crate) async fn wait<T>(&self, url: &str, bytes: impl Future<Output = T>) -> Result<T, Failure> {
        let bytes = timeout(self.stall, bytes);
        let stalled = |_| Failure::Stalled { url: url.to_owned(), limit: self.stall };
        match self.total {
            None => bytes.await.map_err(stalled),
            Some((limit, end)) => match timeout_at(end, bytes).await {
                Ok(bytes) => bytes.map_err(stalled),
                Err(_) => Err(Failure::TooSlow { url: url.to_owned(), limit }),
            },
        }
    }
}
