//! One source that a walk asks, and what was tried there so far.

use std::ops::Deref;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::policy::breaker::Permit;
use crate::policy::clock::Clock;
use crate::policy::pending_attempt::PendingAttempt;
use crate::policy::retry::{AttemptResult, RetryBudget, RetryState};
use crate::policy::source_record::Outage;
use crate::policy::timeouts::Timeouts;
use crate::protocol::goproxy::Entry;
use crate::report::error::Reported;
use crate::report::failure::Failure;

/// A source that is asked now.
#[derive(Clone)]
pub(crate) struct SourceAttempt {
    pub(crate) entry: Entry,
    /// For the content.
    pub(crate) clock: Clock,
    /// For the first byte of the answer.
    pub(crate) first_byte: Clock,
    /// Whether the list lets another source be asked after an error.
    pub(crate) has_fallback: bool,
}

impl Deref for SourceAttempt {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

/// What was tried at one source in one call.
pub(crate) struct SourceState {
    timeouts: Timeouts,
    clock: Clock,
    /// Tries that got no first byte in time.
    silent: u32,
    retries: RetryState,
    /// Before this the source is not asked again.
    until: Option<Instant>,
    /// Why it is asked again.
    failure: Option<Reported>,
}

impl SourceState {
    pub(crate) fn start(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            clock: Clock::start(&timeouts),
            silent: 0,
            retries: RetryState::default(),
            until: None,
            failure: None,
        }
    }

    /// Whether the source is not to be asked again yet.
    pub(crate) fn is_backing_off(&self) -> bool {
        self.until.is_some()
    }

    /// Returns when the source may be asked (again). Giving up the wait loses nothing.
    pub(crate) async fn backoff(&mut self) {
        if let Some(until) = self.until {
            sleep_until(until).await;
            self.until = None;
        }
    }

    pub(crate) fn attempt(&self, entry: Entry, has_fallback: bool) -> SourceAttempt {
        let first_byte = self.clock.before_answer(&self.timeouts, self.silent);
        SourceAttempt { entry, clock: self.clock, first_byte, has_fallback }
    }

    /// How long to wait before the source is asked again, or `None` where it is not.
    pub(crate) fn wait(
        &mut self,
        budget: &RetryBudget,
        has_fallback: bool,
        pending: &PendingAttempt,
        failure: &Failure,
    ) -> Option<Duration> {
        let permit = pending.permit.as_ref();
        if !failure.may_pass() || has_fallback && permit.is_some_and(Permit::is_tripped_with_fallback) {
            return None;
        }
        let outage = permit.filter(|_| !has_fallback).and_then(Permit::outage);
        if outage == Some(Outage::Over) {
            return None;
        }
        let result = AttemptResult {
            is_alive: outage.is_some() || permit.is_some_and(Permit::is_earned),
            reached: pending.reached(),
            retry_after: failure.retry_after(),
            left: self.clock.left(),
            has_fallback,
        };
        let wait = self.retries.again(budget, result)?;
        self.silent = self.silent.saturating_add(u32::from(failure.gets_longer()));
        if let Some(permit) = permit.filter(|_| outage.is_some()) {
            permit.probe_after(wait);
        }
        Some(wait)
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
