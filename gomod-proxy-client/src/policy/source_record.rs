//! What a source did lately, and what that means for the next request.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::policy::breaker_policy::BreakerPolicy;
use crate::report::kind::ErrorKind;

/// How many tries a source can have earned by its answers.
pub(crate) const MAX_CREDIT: u32 = 20;

/// How long the outage of a source is waited out behind which there is no other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutagePolicy {
    pub(crate) retries: u32,
    pub(crate) patience: Duration,
}

/// What a source did lately.
#[derive(Debug, Clone)]
pub(crate) struct Record {
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
    pub(crate) trial: bool,
    /// Before this no request finds out, where calls wait for the source.
    pub(crate) probe_at: Option<Instant>,
    /// Complete answers, less requests that failed.
    credit: u32,
    pub(crate) in_flight: u32,
    pub(crate) changed: Arc<Notify>,
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
pub(crate) enum Admission {
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
pub(crate) enum Meaning {
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
pub(crate) struct Admitted {
    pub(crate) since: Instant,
    /// Whether it is the one that finds out.
    pub(crate) trial: bool,
    /// Whether the list lets another source be asked after an error.
    pub(crate) has_fallback: bool,
}

/// The end of a request.
pub(crate) struct Ended<'a> {
    pub(crate) meaning: Meaning,
    pub(crate) last: Option<&'a LastFailure>,
}

impl Meaning {
    pub(crate) fn of(kind: ErrorKind) -> Self {
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
            | ErrorKind::Repository
            | ErrorKind::InvalidQuery
            | ErrorKind::InsideRuntime
            | ErrorKind::Undecided
            | ErrorKind::Write
            | ErrorKind::Io => Self::Nothing,
        }
    }
}

impl Record {
    pub(crate) fn new(cooldown: Duration) -> Self {
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

    pub(crate) fn is_tripped(&self, policy: &BreakerPolicy, has_fallback: bool) -> bool {
        let trips_sooner = self.timeouts > 0 || self.failures >= policy.failure_threshold_with_fallback;
        self.failures > 0 && (self.failures >= policy.failure_threshold || has_fallback && trips_sooner)
    }

    /// Whether the last failure is so long ago that it says nothing. A cooldown that overflows the clock does not end.
    pub(crate) fn has_cooled_down(&self, now: Instant) -> bool {
        self.failed.and_then(|at| at.checked_add(self.cooldown)).is_some_and(|end| now >= end)
    }

    /// Whether to ask a source behind which the list has another.
    pub(crate) fn try_acquire(&mut self, policy: &BreakerPolicy, now: Instant) -> Admission {
        if !self.is_tripped(policy, true) {
            return Admission::Granted { trial: false };
        }
        if !self.has_cooled_down(now) || self.trial {
            return Admission::Refused(self.last.clone());
        }
        Admission::Granted { trial: true }
    }

    /// Whether to ask the last source that a list allows. `queued` says whether this call has waited behind another one.
    pub(crate) fn try_acquire_last(
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
    pub(crate) fn outage(
        &self,
        policy: &BreakerPolicy,
        outages: &OutagePolicy,
        now: Instant,
    ) -> Option<Outage> {
        if !self.is_tripped(policy, false) {
            return None;
        }
        let down = self.down_since.map(|since| now.saturating_duration_since(since)).unwrap_or_default();
        let over = down >= outages.patience && self.failures > outages.retries && self.credit == 0;
        Some(if over { Outage::Over } else { Outage::Waiting })
    }

    /// Takes the end of a request; whether the source had earned that it is made again.
    pub(crate) fn end(
        &mut self,
        policy: &BreakerPolicy,
        request: Admitted,
        ended: &Ended<'_>,
        now: Instant,
    ) -> bool {
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

#[cfg(test)]
mod tests;
