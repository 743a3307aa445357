use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::timeouts::{LowestSpeed, Timeouts};

/// The limits in time of a call at one source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    stall: Duration,
    total: Option<(Duration, Instant)>,
    lowest_speed: Option<LowestSpeed>,
}

impl Clock {
    pub(crate) fn start(timeouts: &Timeouts) -> Self {
        // A limit that overflows the clock is none.
        let total = timeouts.total.and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        Self { stall: timeouts.stall, total, lowest_speed: timeouts.lowest_speed }
    }

    /// Each wait at most this long.
    pub(crate) fn hurried(self, stall: Duration) -> Self {
        Self { stall: self.stall.min(stall), ..self }
    }

    /// How much time is left, where there is a limit.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.total.map(|(_, end)| end.saturating_duration_since(Instant::now()))
    }

    /// The output of one wait for bytes.
    pub(crate) async fn wait<T>(&self, url: &str, bytes: impl Future<Output = T>) -> Result<T, Failure> {
        let bytes = timeout(self.stall, bytes);
        let stalled = |_| Failure::Stalled { url: url.to_owned(), limit: self.stall, at: None };
        match self.total {
            None => bytes.await.map_err(stalled),
            Some((limit, end)) => match timeout_at(end, bytes).await {
                Ok(bytes) => bytes.map_err(stalled),
                Err(_) => Err(Failure::TooSlow { url: url.to_owned(), limit, at: None }),
            },
        }
    }
}

/// The speed of a body, from one stretch of time to the next.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// Counts a wait and the bytes that it brought: time that the caller takes for itself is not the source's.
    ///
    /// # Errors
    /// Where a whole stretch brought too few.
    pub(crate) fn count(
        &mut self,
        clock: &Clock,
        url: &str,
        waited: Duration,
        bytes: usize,
    ) -> Result<(), Failure> {
        let Some(slowest) = clock.lowest_speed else { return Ok(()) };
        self.waited = self.waited.saturating_add(waited);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.waited < slowest.over {
            return Ok(());
        }
        let due = u128::from(slowest.bytes_per_second).saturating_mul(self.waited.as_millis()) / 1000;
        if u128::from(self.bytes) < due {
            return Err(Failure::Crawling { url: url.to_owned(), lowest: slowest });
        }
        *self = Self::default();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn each_stretch_is_judged_by_itself() {
        let lowest = LowestSpeed { bytes_per_second: 100, over: SECOND * 10 };
        let clock = Clock::start(&Timeouts::new().lowest_speed(lowest));
        let mut pace = Pace::default();
        // Slow for a while, and fast enough on the whole.
        for _ in 0..9 {
            pace.count(&clock, "u", SECOND, 1).unwrap();
        }
        pace.count(&clock, "u", SECOND, 1000).unwrap();
        // What was brought before does not help later.
        pace.count(&clock, "u", SECOND * 10, 1_000_000).unwrap();
        for _ in 0..9 {
            pace.count(&clock, "u", SECOND, 99).unwrap();
        }
        assert!(matches!(pace.count(&clock, "u", SECOND, 99), Err(Failure::Crawling { .. })));
        let clock = Clock::start(&Timeouts::new().lowest_speed(None));
        Pace::default().count(&clock, "u", Duration::MAX, 0).unwrap();
    }
}
