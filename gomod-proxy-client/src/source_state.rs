//! One source that a walk asks, and what was tried there so far.

use std::ops::Deref;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;
use crate::error::Reported;
use crate::failure::Failure;
use crate::goproxy::Entry;
use crate::retry::{AttemptResult, RetryBudget, RetryState};
use crate::timeouts::Timeouts;
use crate::trace::Exchange;

/// A source that is asked now.
#[derive(Clone)]
pub(crate) struct SourceAttempt {
    pub(crate) entry: Entry,
    pub(crate) clock: Clock,
    /// Whether the list lets another source be asked after an error.
    pub(crate) has_fallback: bool,
    /// Whether this source was asked before in this call.
    pub(crate) is_retry: bool,
}

impl Deref for SourceAttempt {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

/// What was tried at one source in one call.
pub(crate) struct SourceState {
    clock: Clock,
    retries: RetryState,
    /// Before this the source is not asked again.
    until: Option<Instant>,
    /// Why it is asked again.
    failure: Option<Reported>,
}

impl SourceState {
    pub(crate) fn start(timeouts: &Timeouts) -> Self {
        let retries = RetryState::default();
        Self { clock: Clock::start(timeouts), retries, until: None, failure: None }
    }

    /// Returns when the source may be asked (again). Giving up the wait loses nothing.
    pub(crate) async fn backoff(&mut self) {
        if let Some(until) = self.until {
            sleep_until(until).await;
            self.until = None;
        }
    }

    pub(crate) fn attempt(&self, entry: Entry, has_fallback: bool) -> SourceAttempt {
        SourceAttempt { entry, clock: self.clock, has_fallback, is_retry: self.retries.is_retrying() }
    }

    /// How long to wait before the source is asked again, or `None` where it is not.
    pub(crate) fn wait(
        &mut self,
        budget: &RetryBudget,
        has_fallback: bool,
        exchange: &Exchange,
        failure: &Failure,
    ) -> Option<Duration> {
        if !failure.may_pass() || has_fallback && exchange.is_tripped_before_another() {
            return None;
        }
        let result = AttemptResult {
            reached: exchange.reached(),
            retry_after: failure.retry_after(),
            left: self.clock.left(),
            has_fallback,
        };
        self.retries.again(budget, result)
    }

    /// Notes that the source is asked again, and why.
    pub(crate) fn retry_after(&mut self, wait: Duration, failure: Reported) {
        self.until = Instant::now().checked_add(wait);
        self.failure = Some(failure);
    }

    /// The failure before the last one.
    pub(crate) fn into_failure(self) -> Option<Reported> {
        self.failure
    }
}
