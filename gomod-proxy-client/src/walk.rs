//! One request on its way through the list: the fallback machine, with the sources really asked.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::client::Fetched;
use crate::clock::Clock;
use crate::error::{Error, Reported};
use crate::failure::Failure;
use crate::fallback::{Answer, Fallback, Next, Skip, Source, Step};
use crate::goproxy::Entry;
use crate::persistence::{Persistence, Retries, Tried};
use crate::shared::{Failed, Shared};
use crate::timeouts::Timeouts;
use crate::trace::{Exchange, Trace};

/// A source that is asked now.
#[derive(Clone)]
pub(crate) struct Turn {
    pub(crate) entry: Entry,
    pub(crate) clock: Clock,
    /// Whether an error lets another one be asked.
    pub(crate) another: bool,
    /// Whether it was asked before, in this turn.
    pub(crate) again: bool,
}

impl Deref for Turn {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

pub(crate) struct Walk {
    pub(crate) shared: Arc<Shared>,
    fallback: Fallback,
    subject: String,
    pub(crate) trace: Trace,
    /// By position; what was skipped without a word has none.
    failures: Vec<Option<Reported>>,
    /// The last source that answered, and what, for the error at `direct`.
    last: Option<(String, String)>,
    /// What was tried at the source whose turn it is.
    visit: Option<Visit>,
}

/// What was tried at one source.
pub(crate) struct Visit {
    pub(crate) clock: Clock,
    pub(crate) persistence: Persistence,
    /// Before this the source is not asked again.
    until: Option<Instant>,
    /// Why it is asked again.
    failure: Option<Reported>,
}

impl Walk {
    pub(crate) fn new(shared: &Arc<Shared>, path: &str, subject: String) -> Self {
        Self {
            shared: Arc::clone(shared),
            fallback: Fallback::new(&shared.list, &shared.gonoproxy, path),
            subject,
            trace: Trace::default(),
            failures: Vec::new(),
            last: None,
            visit: None,
        }
    }

    /// The source to ask, once it is time to; the same one until [`Walk::failed`]. Giving up the wait loses nothing.
    ///
    /// # Errors
    /// Where none is left.
    pub(crate) async fn source(&mut self) -> Result<Turn, Error> {
        let entry = loop {
            let (word, failure) = match self.fallback.step() {
                Some(Step::Ask(entry)) => break entry.clone(),
                Some(Step::Direct) if self.fallback.source() == Some(Source::NoProxy) => {
                    ("direct", Failure::NoProxy)
                }
                Some(Step::Direct) => ("direct", Failure::Direct { last: self.last.clone() }),
                Some(Step::Skip(Skip::Off)) => ("off", Failure::Off),
                Some(Step::Skip(_)) => {
                    self.fallback.answer(Answer::NotFound);
                    self.failures.push(None);
                    continue;
                }
                None => return Err(self.error()),
            };
            self.failed(Exchange::new(word.to_owned(), None), failure)?;
        };
        let timeouts = &self.shared.timeouts;
        let visit = self.visit.get_or_insert_with(|| Visit::start(timeouts));
        if let Some(until) = visit.until {
            sleep_until(until).await;
            visit.until = None;
        }
        let again = visit.persistence.is_retrying();
        Ok(Turn { entry, clock: visit.clock, another: self.fallback.has_another(), again })
    }

    /// Which of the sources it is.
    pub(crate) fn position(&self) -> usize {
        self.fallback.position()
    }

    /// The answer of the source, or `None` where it, or the next one, is to be asked.
    ///
    /// # Errors
    /// Where the list ends here.
    pub(crate) fn take<T>(
        &mut self,
        answer: Result<(Exchange, T), Failed>,
    ) -> Result<Option<Fetched<T>>, Error> {
        match answer {
            Ok((exchange, value)) => {
                self.found(exchange);
                Ok(Some(Fetched { value, trace: std::mem::take(&mut self.trace) }))
            }
            Err(failed) => {
                let (exchange, failure) = *failed;
                self.failed(exchange, failure)?;
                Ok(None)
            }
        }
    }

    /// The source has what was asked for.
    pub(crate) fn found(&mut self, exchange: Exchange) {
        let next = self.fallback.answer(Answer::Found);
        self.trace.push(exchange.succeeded(next));
    }

    /// A request whose answer leads to another one to the same source.
    pub(crate) fn same_source(&mut self, mut exchange: Exchange, failure: Option<&Failure>) {
        let attempt = match failure {
            Some(failure) => {
                exchange.report(failure);
                exchange.failed(failure, Next::SameSource)
            }
            None => exchange.succeeded(Next::SameSource),
        };
        self.trace.push(attempt);
    }

    /// The request failed: the same source is asked once more, or the next one.
    ///
    /// # Errors
    /// Where the list ends here.
    pub(crate) fn failed(&mut self, mut exchange: Exchange, failure: Failure) -> Result<(), Error> {
        exchange.report(&failure);
        if let Some(wait) = self.wait(&exchange, &failure) {
            let attempt = exchange.failed(&failure, Next::Retry(wait));
            if let Some(visit) = &mut self.visit {
                visit.until = Instant::now().checked_add(wait);
                visit.failure = Some(Reported::new(failure, attempt.redirected_to()));
            }
            self.trace.push(attempt);
            return Ok(());
        }
        let earlier = self.visit.take().and_then(|visit| visit.failure);
        let rejected = matches!(failure, Failure::Rejected { .. });
        let (answer, reported) = match (failure.answer(), earlier) {
            // An error closes `,`, and "not found" in place of its repetition does not open it again.
            (Answer::NotFound, Some(earlier)) => (Answer::Error, Some(earlier)),
            (answer, _) => (answer, None),
        };
        let next = if rejected && !self.shared.rejections_pass {
            self.fallback.stop(answer)
        } else {
            self.fallback.answer(answer)
        };
        let attempt = exchange.failed(&failure, next);
        self.last = Some((attempt.source().to_owned(), attempt.outcome().to_owned()));
        let reported = reported.unwrap_or_else(|| Reported::new(failure, attempt.redirected_to()));
        self.trace.push(attempt);
        self.failures.push(Some(reported));
        match next {
            Next::ErrorStops | Next::RejectionStops | Next::EndOfList => Err(self.error()),
            _ => Ok(()),
        }
    }

    /// How long to wait before the same source is asked again, or `None` where it is not.
    fn wait(&mut self, exchange: &Exchange, failure: &Failure) -> Option<Duration> {
        let another = self.fallback.has_another();
        self.visit.as_mut()?.wait(&self.shared.retries, another, exchange, failure)
    }

    fn error(&mut self) -> Error {
        let reported = self.fallback.reported().and_then(|index| self.failures.get_mut(index)?.take());
        // Only GONOPROXY's own entry is skipped without a word, and it is never alone in the list.
        let reported = reported.unwrap_or_else(|| Failure::NoProxy.into());
        Error::new(self.subject.clone(), reported, std::mem::take(&mut self.trace))
    }
}

impl Visit {
    pub(crate) fn start(timeouts: &Timeouts) -> Self {
        let persistence = Persistence::default();
        Self { clock: Clock::start(timeouts), persistence, until: None, failure: None }
    }

    /// How long to wait before the source is asked again, or `None` where it is not.
    pub(crate) fn wait(
        &mut self,
        retries: &Retries,
        another: bool,
        exchange: &Exchange,
        failure: &Failure,
    ) -> Option<Duration> {
        if !failure.may_pass() || another && exchange.is_tripped_before_another() {
            return None;
        }
        let tried = Tried {
            reached: exchange.reached(),
            retry_after: failure.retry_after(),
            left: self.clock.left(),
            another,
        };
        self.persistence.again(retries, tried)
    }
}
