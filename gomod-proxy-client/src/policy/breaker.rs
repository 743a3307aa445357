//! What is known of the sources' health, and whether a source is asked at all.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::policy::breaker_policy::BreakerPolicy;
use crate::policy::retry_policy::RetryPolicy;
use crate::policy::slots::{Slot, Slots};
use crate::policy::source_record::{
    Admission, Admitted, Ended, LastFailure, Meaning, Outage, OutagePolicy, Record,
};
use crate::report::failure::Failure;

/// The records of all sources.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    outages: Option<OutagePolicy>,
    records: Mutex<HashMap<String, Record>>,
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy, retries: &RetryPolicy) -> Arc<Self> {
        let RetryPolicy { retries, patience, .. } = *retries;
        let outages = (retries > 0).then_some(OutagePolicy { retries, patience });
        Arc::new(Self { policy, outages, records: Mutex::default() })
    }

    /// The right to ask a source, with one of the `slots` for requests in flight, as soon as both are there; nothing is held
    /// meanwhile. `has_fallback` says that the list lets another source be asked after an error.
    ///
    /// # Errors
    /// The last failure of a source that is not asked.
    pub(crate) async fn acquire(
        self: &Arc<Self>,
        source: &str,
        has_fallback: bool,
        slots: &Slots,
    ) -> Result<(Permit, Option<Slot>), LastFailure> {
        let mut queued = false;
        loop {
            let slot = slots.acquire().await;
            let changed = self.changed(source);
            let mut changed = pin!(changed.notified());
            changed.as_mut().enable();
            match self.try_acquire(source, has_fallback, &mut queued) {
                Admission::Granted { trial } => {
                    let admitted = Admitted { since: Instant::now(), trial, has_fallback };
                    return Ok((Permit::new(self, source, admitted), slot));
                }
                Admission::Refused(last) => return Err(last),
                Admission::Wait(until) => {
                    drop(slot);
                    match until {
                        Some(until) => _ = timeout_at(until, changed).await,
                        None => changed.await,
                    }
                }
            }
        }
    }

    fn try_acquire(&self, source: &str, has_fallback: bool, queued: &mut bool) -> Admission {
        let now = Instant::now();
        let mut records = self.records();
        let Some(record) = records.get_mut(source) else { return Admission::Granted { trial: false } };
        let admission = match &self.outages {
            _ if has_fallback => record.try_acquire(&self.policy, now),
            Some(outages) => record.try_acquire_last(&self.policy, outages, queued, now),
            // Every call asks once.
            None => Admission::Granted { trial: false },
        };
        if let Admission::Granted { trial } = admission {
            record.trial |= trial;
            record.in_flight = record.in_flight.saturating_add(1);
        }
        admission
    }

    /// What tells that the record of a source has changed.
    fn changed(&self, source: &str) -> Arc<Notify> {
        self.record(source, |record| Arc::clone(&record.changed))
    }

    fn record<T>(&self, source: &str, use_it: impl FnOnce(&mut Record) -> T) -> T {
        let mut records = self.records();
        use_it(records.entry(source.to_owned()).or_insert_with(|| Record::new(self.policy.cooldown)))
    }

    fn records(&self) -> std::sync::MutexGuard<'_, HashMap<String, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way. Dropping it leaves the record of its source as it was.
pub(crate) struct Permit {
    breaker: Arc<Breaker>,
    source: String,
    admitted: Admitted,
    ended: bool,
    /// Whether the source had earned that the request is made again.
    earned: bool,
}

impl Permit {
    fn new(breaker: &Arc<Breaker>, source: &str, admitted: Admitted) -> Self {
        let (breaker, source) = (Arc::clone(breaker), source.to_owned());
        Self { breaker, source, admitted, ended: false, earned: false }
    }

    /// The source sent what it was asked for.
    pub(crate) fn answered(&mut self) {
        self.end(Meaning::Complete, None);
    }

    /// The request failed, perhaps at a server that redirects had led to.
    pub(crate) fn failed(&mut self, failure: &Failure, redirected: Option<&str>) {
        let outcome = match redirected {
            Some(to) => format!("{} (redirected to {to})", failure.outcome()),
            None => failure.outcome(),
        };
        let last = LastFailure { kind: failure.kind(), outcome: outcome.into() };
        let meaning = match Meaning::of(failure.kind()) {
            // Slow is not dead: the same source gets more time first.
            Meaning::TimedOut if failure.gets_longer() && !self.admitted.has_fallback => Meaning::Nothing,
            meaning => meaning,
        };
        self.end(meaning, Some(&last));
    }

    /// Whether the source is not asked now where another one may be.
    pub(crate) fn is_tripped_with_fallback(&self) -> bool {
        self.breaker.record(&self.source, |record| record.is_tripped(&self.breaker.policy, true))
    }

    /// Whether the source had earned by its answers that this request is made again.
    pub(crate) fn is_earned(&self) -> bool {
        self.earned
    }

    /// The outage that the source is in, for a call that has no other.
    pub(crate) fn outage(&self) -> Option<Outage> {
        let Breaker { policy, outages, .. } = &*self.breaker;
        let outages = outages.as_ref()?;
        self.breaker.record(&self.source, |record| record.outage(policy, outages, Instant::now()))
    }

    /// Lets the next request find out after this wait at the earliest.
    pub(crate) fn probe_after(&self, wait: Duration) {
        self.breaker.record(&self.source, |record| record.probe_at = Instant::now().checked_add(wait));
    }

    fn end(&mut self, meaning: Meaning, last: Option<&LastFailure>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let ended = Ended { meaning, last };
        self.earned = self.breaker.record(&self.source, |record| {
            record.in_flight = record.in_flight.saturating_sub(1);
            let earned = record.end(&self.breaker.policy, self.admitted, &ended, Instant::now());
            record.changed.notify_waiters();
            earned
        });
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.end(Meaning::Nothing, None);
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("admitted", &self.admitted).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
