//! What is known of the sources' health, and whether a source is asked at all.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::breaker_policy::BreakerPolicy;
use crate::error::ErrorKind;
use crate::failure::Failure;

/// The records of all sources.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    records: Mutex<HashMap<String, Record>>,
}

/// What a source did lately.
#[derive(Debug, Clone)]
struct Record {
    /// Requests in a row without an answer.
    failures: u32,
    /// Those of them that ran into a time limit, with no answer to any other request meanwhile.
    timeouts: u32,
    last: LastFailure,
    /// When the last failure was.
    failed: Option<Instant>,
    answered: Option<Instant>,
    pause: Duration,
    /// Whether a request is on its way to find out.
    trial: bool,
}

/// How a source failed last.
#[derive(Debug, Clone)]
pub(crate) struct LastFailure {
    pub(crate) kind: ErrorKind,
    pub(crate) outcome: Arc<str>,
}

/// What a request means for the record of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Answered,
    TimedOut,
    Failed,
    /// Nothing: the request never left, or something else than the source failed.
    Nothing,
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
            ErrorKind::NotFound
            | ErrorKind::Status
            | ErrorKind::IncompleteBody
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
    fn new(pause: Duration) -> Self {
        let last = LastFailure { kind: ErrorKind::Connect, outcome: Arc::default() };
        Self { failures: 0, timeouts: 0, last, failed: None, answered: None, pause, trial: false }
    }

    fn is_tripped(&self, policy: &BreakerPolicy, another: bool) -> bool {
        self.failures >= policy.failures
            || another && (self.timeouts > 0 || self.failures >= policy.failures_before_another)
    }

    /// Whether to ask: as a trial or not; else how it failed last.
    fn admit(&mut self, policy: &BreakerPolicy, another: bool, now: Instant) -> Result<bool, LastFailure> {
        if self.failures == 0 || !self.is_tripped(policy, another) {
            return Ok(false);
        }
        // A pause that overflows the clock does not end.
        let over = self.failed.and_then(|at| at.checked_add(self.pause)).is_some_and(|end| now >= end);
        if !over || self.trial {
            return Err(self.last.clone());
        }
        self.trial = true;
        Ok(true)
    }

    /// Takes the end of a request that was admitted at `since`, perhaps as a trial.
    fn end(
        &mut self,
        policy: &BreakerPolicy,
        (trial, since): (bool, Instant),
        ended: &Ended<'_>,
        now: Instant,
    ) {
        let Ended { meaning, last } = *ended;
        if trial {
            self.trial = false;
        }
        match meaning {
            Meaning::Nothing => {}
            Meaning::Answered => {
                *self = Self { answered: Some(now), trial: self.trial, ..Self::new(policy.pause) };
            }
            Meaning::TimedOut | Meaning::Failed => {
                self.failures = self.failures.saturating_add(1);
                let answered_meanwhile = self.answered.is_some_and(|at| at >= since);
                if meaning == Meaning::TimedOut && !answered_meanwhile {
                    self.timeouts = self.timeouts.saturating_add(1);
                }
                if trial {
                    self.pause = self.pause.saturating_mul(2).min(policy.longest_pause);
                }
                self.failed = Some(now);
                if let Some(last) = last {
                    self.last = last.clone();
                }
            }
        }
    }
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy) -> Arc<Self> {
        Arc::new(Self { policy, records: Mutex::default() })
    }

    /// Whether a source may be asked; `another` says that the list lets another one be asked after an error.
    pub(crate) fn admit(self: &Arc<Self>, source: &str, another: bool) -> Result<Watch, LastFailure> {
        let now = Instant::now();
        let trial = match self.records().get_mut(source) {
            Some(record) => record.admit(&self.policy, another, now)?,
            None => false,
        };
        Ok(Watch { breaker: Arc::clone(self), source: source.to_owned(), trial, since: now, ended: false })
    }

    /// The same for a request that is made whatever is known of the source.
    pub(crate) fn insist(self: &Arc<Self>, source: &str) -> Watch {
        let breaker = Arc::clone(self);
        Watch { breaker, source: source.to_owned(), trial: false, since: Instant::now(), ended: false }
    }

    fn records(&self) -> std::sync::MutexGuard<'_, HashMap<String, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way. Dropping it leaves the record of its source as it was.
pub(crate) struct Watch {
    breaker: Arc<Breaker>,
    source: String,
    trial: bool,
    since: Instant,
    ended: bool,
}

impl Watch {
    /// The source answered.
    pub(crate) fn answered(&mut self) {
        self.end(Meaning::Answered, None);
    }

    /// The request failed, perhaps at a server that redirects had led to.
    pub(crate) fn failed(&mut self, failure: &Failure, redirected: Option<&str>) {
        let outcome = match redirected {
            Some(to) => format!("{} (redirected to {to})", failure.outcome()),
            None => failure.outcome(),
        };
        let last = LastFailure { kind: failure.kind(), outcome: outcome.into() };
        self.end(Meaning::of(failure.kind()), Some(&last));
    }

    /// Whether the source is left alone now where another one may be asked.
    pub(crate) fn is_tripped_before_another(&self) -> bool {
        let policy = &self.breaker.policy;
        self.breaker.records().get(&self.source).is_some_and(|record| record.is_tripped(policy, true))
    }

    fn end(&mut self, meaning: Meaning, last: Option<&LastFailure>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let policy = &self.breaker.policy;
        let mut records = self.breaker.records();
        let record = records.entry(self.source.clone()).or_insert_with(|| Record::new(policy.pause));
        record.end(policy, (self.trial, self.since), &Ended { meaning, last }, Instant::now());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.trial {
            self.end(Meaning::Nothing, None);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("trial", &self.trial).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
