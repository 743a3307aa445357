//! One request on its way through the list: the fallback machine, with the sources really asked.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gomod_module::PrefixPatterns;

use crate::client::fetched::Fetched;
use crate::client::shared::{Failed, Shared};
use crate::client::source_state::{SourceAttempt, SourceState};
use crate::policy::pending_attempt::PendingAttempt;
use crate::policy::timeouts::Timeouts;
use crate::protocol::endpoint::Endpoint;
use crate::protocol::fallback::{Answer, Fallback, Next, Skip, Source, Step};
use crate::protocol::goproxy::{Entry, GoProxy};
use crate::report::error::{Error, Reported};
use crate::report::failure::{Failure, Last};
use crate::report::trace::Trace;

pub(crate) struct Walk {
    pub(crate) shared: Arc<Shared>,
    fallback: Fallback,
    subject: String,
    pub(crate) trace: Trace,
    /// By position; what was skipped without a word has none.
    failures: Vec<Option<Reported>>,
    /// The last source that answered, and what, for the error at `direct`.
    last: Option<Last>,
    /// What was tried at the source that is asked.
    state: Option<SourceState>,
    /// Whether `direct` and `off` lead nowhere and say nothing.
    words_pass: bool,
    timeouts: Timeouts,
}

impl Walk {
    /// The walk for a file of a module.
    pub(crate) fn of_module(shared: &Arc<Shared>, path: &str, subject: String) -> Self {
        Self::new(shared, Fallback::new(&shared.list, &shared.gonoproxy, path), subject)
    }

    /// The walk for what serves a checksum database: GONOPROXY plays no part, and where the list leads to `direct` or `off`
    /// it ends as where no source has it.
    pub(crate) fn of_database(shared: &Arc<Shared>, name: &str) -> Self {
        let fallback = Fallback::new(&shared.list, &PrefixPatterns::default(), "");
        let timeouts = shared.timeouts.of_database();
        Self { words_pass: true, timeouts, ..Self::new(shared, fallback, name.to_owned()) }
    }

    /// The walk over the one source of a checksum database, after the requests that led to it.
    pub(crate) fn of_database_at(shared: &Arc<Shared>, entry: &Entry, subject: String, trace: Trace) -> Self {
        let fallback = Fallback::new(&GoProxy::of(entry.clone()), &PrefixPatterns::default(), "");
        Self { trace, timeouts: shared.timeouts.of_database(), ..Self::new(shared, fallback, subject) }
    }

    fn new(shared: &Arc<Shared>, fallback: Fallback, subject: String) -> Self {
        Self {
            shared: Arc::clone(shared),
            fallback,
            subject,
            trace: Trace::default(),
            failures: Vec::new(),
            last: None,
            state: None,
            words_pass: false,
            timeouts: shared.timeouts,
        }
    }

    /// One file, from the first source that has one with which `judge` agrees: the loop of everything that is read in one
    /// piece.
    ///
    /// # Errors
    /// Where the list ends without it.
    pub(crate) async fn read<T>(
        mut self,
        endpoint: &Endpoint,
        what: &'static str,
        limit: u64,
        mut judge: impl FnMut(&SourceAttempt, &Bytes) -> Result<T, Failure>,
    ) -> Result<Fetched<T>, Error> {
        loop {
            let attempt = self.source().await?;
            let answer = self.shared.read(&attempt, endpoint, what, limit).await;
            let answer = judged(answer, |body| judge(&attempt, body));
            if let Some(fetched) = self.take(answer)? {
                return Ok(fetched);
            }
        }
    }

    /// The source to ask, once it is time to; the same one until [`Walk::failed`]. Giving up the wait loses nothing.
    ///
    /// # Errors
    /// Where none is left.
    pub(crate) async fn source(&mut self) -> Result<SourceAttempt, Error> {
        let entry = loop {
            let (word, failure) = match self.fallback.step() {
                Some(Step::Ask(entry)) => break entry.clone(),
                Some(Step::Direct | Step::Skip(Skip::Off)) if self.words_pass => {
                    self.fallback.answer(Answer::NotFound);
                    self.failures.push(Some(Failure::Off.into()));
                    continue;
                }
                Some(Step::Direct) if self.shared.direct.is_some() => {
                    if !self.was_asked_directly() {
                        break Entry::direct();
                    }
                    // GONOPROXY matches, and the list says so again: the answer would be the same.
                    let failure = self.failures.first_mut().and_then(Option::take);
                    self.fallback.answer(Answer::NotFound);
                    self.failures.push(failure);
                    continue;
                }
                Some(Step::Direct) if self.fallback.source() == Some(Source::NoProxy) => {
                    ("direct", Failure::NoProxy)
                }
                Some(Step::Direct) => ("direct", Failure::direct(self.last.as_ref())),
                Some(Step::Skip(Skip::Off)) => ("off", Failure::Off),
                Some(Step::Skip(_)) => {
                    self.fallback.answer(Answer::NotFound);
                    self.failures.push(None);
                    continue;
                }
                None => return Err(self.error()),
            };
            self.failed(PendingAttempt::new(word.to_owned(), None), failure)?;
        };
        let timeouts = self.timeouts;
        let state = self.state.get_or_insert_with(|| SourceState::start(timeouts));
        if state.is_backing_off() {
            let _wait = self.shared.http.waits_to_retry(&entry.to_string());
            state.backoff().await;
        }
        Ok(state.attempt(entry, self.fallback.has_another()))
    }

    /// Whether GONOPROXY let a direct source be asked before the list.
    fn was_asked_directly(&self) -> bool {
        let first = self.fallback.sources().next();
        first == Some(Source::NoProxy) && matches!(self.failures.first(), Some(Some(_)))
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
        answer: Result<(PendingAttempt, T), Failed>,
    ) -> Result<Option<Fetched<T>>, Error> {
        match answer {
            Ok((pending, value)) => {
                self.found(pending);
                Ok(Some(Fetched { value, trace: std::mem::take(&mut self.trace) }))
            }
            Err(failed) => {
                let (pending, failure) = *failed;
                self.failed(pending, failure)?;
                Ok(None)
            }
        }
    }

    /// The source has what was asked for.
    pub(crate) fn found(&mut self, mut pending: PendingAttempt) {
        self.steps_of(&mut pending);
        let next = self.fallback.answer(Answer::Found);
        self.trace.push(pending.succeeded(next));
    }

    /// A request whose answer leads to another one to the same source.
    pub(crate) fn same_source(&mut self, mut pending: PendingAttempt, failure: Option<&Failure>) {
        self.steps_of(&mut pending);
        let attempt = match failure {
            Some(failure) => {
                pending.report(failure);
                pending.failed(failure, Next::SameSource).without(&self.shared.secrets())
            }
            None => pending.succeeded(Next::SameSource),
        };
        self.trace.push(attempt);
    }

    /// The request failed: the same source is asked once more, or the next one.
    ///
    /// # Errors
    /// Where the list ends here.
    pub(crate) fn failed(&mut self, mut pending: PendingAttempt, failure: Failure) -> Result<(), Error> {
        self.steps_of(&mut pending);
        let rejected = matches!(failure, Failure::Rejected { .. });
        let secrets = &self.shared.secrets();
        let failure = failure.of_page(pending.page.as_deref(), secrets).cleansed(secrets);
        let failure = failure.after(self.last.as_ref());
        if failure.is_of_caller() {
            return Err(self.stopped(Some(pending), failure));
        }
        pending.report(&failure);
        if let Some(wait) = self.wait(&pending, &failure) {
            let attempt = pending.failed(&failure, Next::Retry(wait));
            if let Some(state) = &mut self.state {
                state.retry_after(wait, Reported::new(failure, &attempt));
            }
            self.trace.push(attempt);
            return Ok(());
        }
        let earlier = self.state.take().and_then(SourceState::into_failure);
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
        let attempt = pending.failed(&failure, next);
        self.last = Some(Last::of(attempt.source(), &failure));
        let reported = reported.unwrap_or_else(|| Reported::new(failure, &attempt));
        self.trace.push(attempt);
        self.failures.push(Some(reported));
        match next {
            Next::ErrorStops | Next::RejectionStops | Next::EndOfList => Err(self.error()),
            _ => Ok(()),
        }
    }

    /// The error with which the caller itself ends the walk.
    pub(crate) fn stopped(&mut self, pending: Option<PendingAttempt>, failure: Failure) -> Error {
        let reported = match pending {
            Some(mut pending) => {
                self.steps_of(&mut pending);
                let attempt = pending.failed(&failure, Next::CallerStops);
                let reported = Reported::new(failure, &attempt);
                self.trace.push(attempt);
                reported
            }
            None => failure.into(),
        };
        Error::new(self.subject.clone(), reported, std::mem::take(&mut self.trace))
    }

    /// Traces what led to an answer.
    fn steps_of(&mut self, pending: &mut PendingAttempt) {
        pending.steps.drain(..).for_each(|step| self.trace.push(step));
    }

    /// How long to wait before the same source is asked again, or `None` where it is not.
    fn wait(&mut self, pending: &PendingAttempt, failure: &Failure) -> Option<Duration> {
        if matches!(self.fallback.step(), Some(Step::Direct)) {
            return None;
        }
        let another = self.fallback.has_another();
        self.state.as_mut()?.wait(&self.shared.retries, another, pending, failure)
    }

    fn error(&mut self) -> Error {
        let reported = self.fallback.reported().and_then(|index| self.failures.get_mut(index)?.take());
        // Only GONOPROXY's own entry is skipped without a word, and it is never alone in the list.
        let reported = reported.unwrap_or_else(|| Failure::NoProxy.into());
        Error::new(self.subject.clone(), reported, std::mem::take(&mut self.trace))
    }
}

/// What the content of an answer means.
pub(crate) fn judged<T>(
    answer: Result<(PendingAttempt, Bytes), Failed>,
    judge: impl FnOnce(&Bytes) -> Result<T, Failure>,
) -> Result<(PendingAttempt, T), Failed> {
    let (pending, body) = answer?;
    match judge(&body) {
        Ok(value) => Ok((pending, value)),
        Err(failure) => Err(Box::new((pending, failure))),
    }
}

#[cfg(test)]
mod tests;
