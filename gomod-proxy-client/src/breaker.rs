//! What is known of the sources' health, and whether a source is asked at all.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::breaker_policy::BreakerPolicy;
use crate::error::ErrorKind;
use crate::failure::Failure;
use crate::retry_policy::RetryPolicy;
use crate::slots::{Slot, Slots};

/// How many tries a source can have earned by its answers.
const MAX_CREDIT: u32 = 20;

/// The records of all sources.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    outages: Option<OutagePolicy>,
    records: Mutex<HashMap<String, Record>>,
}

/// How long the outage of a source is waited out behind which there is no other.
#[derive(Debug, Clone, Copy)]
struct OutagePolicy {
    retries: u32,
    patience: Duration,
}

/// What a source did lately.
#[derive(Debug, Clone)]
struct Record {
    /// Requests in a row without an answer.
    failures: u32,
    /// Those of them that ran into a time limit, with no answer to any other request meanwhile.
    timeouts: u32,
    last: LastFailure,
    /// When the first failure in a row was.
    down_since: Option<Instant>,
    /// When the last failure was.
    failed: Option<Instant>,
    answered: Option<Instant>,
    cooldown: Duration,
    /// Whether a request is on its way to find out.
    trial: bool,
    /// Before this no request finds out, where calls wait for the source.
    probe_at: Option<Instant>,
    /// Complete answers, less requests that failed.
    credit: u32,
    in_flight: u32,
    changed: Arc<Notify>,
}

/// How a source failed last.
#[derive(Debug, Clone)]
pub(crate) struct LastFailure {
    pub(crate) kind: ErrorKind,
    pub(crate) outcome: Arc<str>,
}

/// A source that leaves its calls without any answer, and behind which there is no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// It is waited for.
    Waiting,
    /// It was waited for long enough.
    Over,
}

/// Whether a source is asked.
#[derive(Debug)]
enum Admission {
    /// Perhaps as the one request that finds out.
    Granted {
        trial: bool,
    },
    /// Not before another request has found out, or not before this moment.
    Wait(Option<Instant>),
    Refused(LastFailure),
}

/// What a request means for the record of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// As it should be.
    Complete,
    Answered,
    /// An answer that broke off.
    Broken,
    TimedOut,
    Failed,
    /// Nothing: the request never left, or something else than the source failed.
    Nothing,
}

/// A request that was admitted.
#[derive(Debug, Clone, Copy)]
struct Admitted {
    since: Instant,
    /// Whether it is the one that finds out.
    trial: bool,
    /// Whether the list lets another source be asked after an error.
    has_fallback: bool,
}

/// The end of a request.
struct Ended<'a> {
    meaning: Meaning,
    last: Option<&'a LastFailure>,
}

impl Meaning {
    fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Timeout | ErrorKind::Stalled => Self::TimedOut,
            ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Reset => Self::Failed,
            ErrorKind::NotFound => Self::Complete,
            ErrorKind::IncompleteBody => Self::Broken,
            ErrorKind::Status
            | ErrorKind::Protocol
            | ErrorKind::Redirect
            | ErrorKind::TooLarge
            | ErrorKind::Malformed
            | ErrorKind::Mismatch
            | ErrorKind::NoMatchingVersion
            | ErrorKind::Rejected => Self::Answered,
            ErrorKind::HttpProxy
            | ErrorKind::Tls
            | ErrorKind::NoTrustRoots
            | ErrorKind::InsecureCredentials
            | ErrorKind::InvalidUrl
            | ErrorKind::Off
            | ErrorKind::DirectUnsupported
            | ErrorKind::InvalidQuery
            | ErrorKind::InsideRuntime
            | ErrorKind::Io => Self::Nothing,
        }
    }
}

impl Record {
    fn new(cooldown: Duration) -> Self {
        let last = LastFailure { kind: ErrorKind::Connect, outcome: Arc::default() };
        Self {
            failures: 0,
            timeouts: 0,
            last,
            down_since: None,
            failed: None,
            answered: None,
            cooldown,
            trial: false,
            probe_at: None,
            credit: 0,
            in_flight: 0,
            changed: Arc::default(),
        }
    }

    fn is_tripped(&self, policy: &BreakerPolicy, has_fallback: bool) -> bool {
        let trips_sooner = self.timeouts > 0 || self.failures >= policy.failure_threshold_with_fallback;
        self.failures > 0 && (self.failures >= policy.failure_threshold || has_fallback && trips_sooner)
    }

    /// Whether the last failure is so long ago that it says nothing. A cooldown that overflows the clock does not end.
    fn has_cooled_down(&self, now: Instant) -> bool {
        self.failed.and_then(|at| at.checked_add(self.cooldown)).is_some_and(|end| now >= end)
    }

    /// Whether to ask a source behind which the list has another.
    fn try_acquire(&mut self, policy: &BreakerPolicy, now: Instant) -> Admission {
        if !self.is_tripped(policy, true) {
            return Admission::Granted { trial: false };
        }
        if !self.has_cooled_down(now) || self.trial {
            return Admission::Refused(self.last.clone());
        }
        Admission::Granted { trial: true }
    }

    /// Whether to ask the last source that a list allows. `queued` says whether this call has waited behind another one.
    fn try_acquire_last(
        &mut self,
        policy: &BreakerPolicy,
        outages: &OutagePolicy,
        queued: &mut bool,
        now: Instant,
    ) -> Admission {
        if self.in_flight == 0 && self.has_cooled_down(now) {
            (self.failures, self.timeouts, self.down_since) = (0, 0, None);
        }
        let Some(outage) = self.outage(policy, outages, now) else {
            return Admission::Granted { trial: false };
        };
        if self.trial {
            *queued = true;
            return Admission::Wait(None);
        }
        match outage {
            Outage::Over if *queued => Admission::Refused(self.last.clone()),
            Outage::Waiting if self.probe_at.is_some_and(|at| now < at) => Admission::Wait(self.probe_at),
            _ => Admission::Granted { trial: true },
        }
    }

    /// The outage that a source is in, as calls see it that have no other.
    fn outage(&self, policy: &BreakerPolicy, outages: &OutagePolicy, now: Instant) -> Option<Outage> {
        if !self.is_tripped(policy, false) {
            return None;
        }
        let down = self.down_since.map(|since| now.saturating_duration_since(since)).unwrap_or_default();
        let over = down >= outages.patience && self.failures > outages.retries && self.credit == 0;
        Some(if over { Outage::Over } else { Outage::Waiting })
    }

    /// Takes the end of a request; whether the source had earned that it is made again.
    fn end(&mut self, policy: &BreakerPolicy, request: Admitted, ended: &Ended<'_>, now: Instant) -> bool {
        let Ended { meaning, last } = *ended;
        let Admitted { since, trial, has_fallback } = request;
        if trial {
            self.trial = false;
        }
        match meaning {
            Meaning::Nothing => {}
            Meaning::Complete | Meaning::Answered | Meaning::Broken => {
                let Self { trial, credit, in_flight, .. } = *self;
                let changed = Arc::clone(&self.changed);
                let answered = Some(now);
                *self = Self { answered, trial, credit, in_flight, changed, ..Self::new(policy.cooldown) };
            }
            Meaning::TimedOut | Meaning::Failed => {
                self.failures = self.failures.saturating_add(1);
                let answered_meanwhile = self.answered.is_some_and(|at| at >= since);
                if meaning == Meaning::TimedOut && !answered_meanwhile {
                    self.timeouts = self.timeouts.saturating_add(1);
                }
                if trial && has_fallback {
                    self.cooldown = self.cooldown.saturating_mul(2).min(policy.max_cooldown);
                }
                self.down_since.get_or_insert(now);
                self.failed = Some(now);
                if let Some(last) = last {
                    self.last = last.clone();
                }
            }
        }
        match meaning {
            Meaning::Complete => self.credit = self.credit.saturating_add(1).min(MAX_CREDIT),
            Meaning::Broken | Meaning::Failed => {
                let earned = self.credit > 0;
                self.credit = self.credit.saturating_sub(1);
                return earned;
            }
            _ => {}
        }
        false
    }
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
