use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::policy::timeouts::Timeouts;
use crate::report::failure::Failure;
use crate::report::limit::{MinThroughput, Silence};

/// The limits in time of a call at one source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    stall: Duration,
    silence: Silence,
    total: Option<(Duration, Instant)>,
    min_throughput: Option<MinThroughput>,
}

impl Clock {
    pub(crate) fn start(timeouts: &Timeouts) -> Self {
        // A limit that overflows the clock is none.
        let total = timeouts.total.and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        Self {
            stall: timeouts.stall,
            silence: Silence::InBody,
            total,
            min_throughput: timeouts.min_throughput,
        }
    }

    /// The limits of a try that waits for the first byte of an answer, after so many others that got none in time.
    pub(crate) fn before_answer(self, timeouts: &Timeouts, silent: u32) -> Self {
        let longest = timeouts.stall.saturating_mul(timeouts.max_stall_factor.max(1));
        let factor = 1_u32.checked_shl(silent).unwrap_or(u32::MAX);
        let stall = timeouts.stall.saturating_mul(factor).min(longest);
        let silence = match () {
            () if stall < longest => Silence::GetsLonger,
            () if silent > 0 => Silence::Final,
            () => Silence::BeforeAnswer,
        };
        Self { stall, silence, ..self }
    }

    /// Each wait at most this long.
    pub(crate) fn with_max_stall(self, stall: Duration) -> Self {
        Self { stall: self.stall.min(stall), ..self }
    }

    /// How much time is left, where there is a limit.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.total.map(|(_, end)| end.saturating_duration_since(Instant::now()))
    }

    /// The output of a wait that is bounded by the limit for the whole call alone.
    pub(crate) async fn within_total<T>(
        &self,
        url: &str,
        output: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        match self.total {
            None => Ok(output.await),
            Some((limit, end)) => {
                let late = |_| Failure::TooSlow { url: url.to_owned(), limit, at: None };
                timeout_at(end, output).await.map_err(late)
            }
        }
    }

    /// The output of one wait for bytes.
    pub(crate) async fn wait<T>(&self, url: &str, bytes: impl Future<Output = T>) -> Result<T, Failure> {
        let bytes = timeout(self.stall, bytes);
        let silence = self.silence;
        let stalled = |_| Failure::Stalled { url: url.to_owned(), limit: self.stall, silence, at: None };
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
pub(crate) struct ThroughputGuard {
    waited: Duration,
    bytes: u64,
}

impl ThroughputGuard {
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
        let Some(slowest) = clock.min_throughput else { return Ok(()) };
        self.waited = self.waited.saturating_add(waited);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.waited < slowest.window {
            return Ok(());
        }
        let due = u128::from(slowest.bytes_per_second).saturating_mul(self.waited.as_millis()) / 1000;
        if u128::from(self.bytes) < due {
            return Err(Failure::BelowMinThroughput { url: url.to_owned(), lowest: slowest });
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
    fn the_first_byte_has_more_time_with_each_try_up_to_a_limit() {
        let of = |timeouts: Timeouts, silent| {
            let clock = Clock::start(&timeouts).before_answer(&timeouts, silent);
            (clock.stall, clock.silence)
        };
        let timeouts = Timeouts::new().stall(SECOND);
        assert_eq!(of(timeouts, 0), (SECOND, Silence::GetsLonger));
        assert_eq!(of(timeouts, 1), (SECOND * 2, Silence::GetsLonger));
        assert_eq!(of(timeouts, 2), (SECOND * 4, Silence::Final));
        assert_eq!(of(timeouts, u32::MAX), (SECOND * 4, Silence::Final));
        for factor in [0, 1] {
            assert_eq!(of(timeouts.max_stall_factor(factor), 0), (SECOND, Silence::BeforeAnswer));
        }
        let endless = timeouts.stall(Duration::MAX);
        assert_eq!(of(endless, 0), (Duration::MAX, Silence::BeforeAnswer));
        // The content has the limit as it was set.
        assert_eq!(Clock::start(&timeouts).stall, SECOND);
    }

    #[test]
    fn each_stretch_is_judged_by_itself() {
        let lowest = MinThroughput { bytes_per_second: 100, window: SECOND * 10 };
        let clock = Clock::start(&Timeouts::new().min_throughput(lowest));
        let mut throughput = ThroughputGuard::default();
        // Slow for a while, and fast enough on the whole.
        for _ in 0..9 {
            throughput.count(&clock, "u", SECOND, 1).unwrap();
        }
        throughput.count(&clock, "u", SECOND, 1000).unwrap();
        // What was brought before does not help later.
        throughput.count(&clock, "u", SECOND * 10, 1_000_000).unwrap();
        for _ in 0..9 {
            throughput.count(&clock, "u", SECOND, 99).unwrap();
        }
        assert!(matches!(throughput.count(&clock, "u", SECOND, 99), Err(Failure::BelowMinThroughput { .. })));
        let clock = Clock::start(&Timeouts::new().min_throughput(None));
        ThroughputGuard::default().count(&clock, "u", Duration::MAX, 0).unwrap();
    }
}
