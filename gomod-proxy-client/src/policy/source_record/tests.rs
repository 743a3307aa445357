use super::*;

const COOLDOWN: Duration = Duration::from_secs(30);

/// The record of one source, and a clock that only this test moves.
struct Watched {
    policy: BreakerPolicy,
    record: Record,
    now: Instant,
}

impl Watched {
    fn new(policy: BreakerPolicy) -> Self {
        Self { policy, record: Record::new(policy.cooldown), now: Instant::now() }
    }

    /// Whether a source is asked behind which there is another one: as a trial or not.
    fn try_acquire(&mut self) -> Result<bool, LastFailure> {
        match self.record.try_acquire(&self.policy, self.now) {
            Admission::Granted { trial } => {
                self.record.trial |= trial;
                Ok(trial)
            }
            Admission::Refused(last) => Err(last),
            Admission::Wait(_) => panic!("nothing waits before another source"),
        }
    }

    fn is_open(&mut self) -> bool {
        self.try_acquire().is_err()
    }

    fn is_waited_for(&self) -> bool {
        let outages = OutagePolicy { retries: 5, patience: COOLDOWN };
        self.record.outage(&self.policy, &outages, self.now).is_some()
    }

    fn end(&mut self, trial: bool, since: Instant, kind: ErrorKind) {
        let last = LastFailure { kind, outcome: "why".into() };
        let ended = Ended { meaning: Meaning::of(kind), last: Some(&last) };
        let request = Admitted { since, trial, has_fallback: true };
        self.record.end(&self.policy, request, &ended, self.now);
    }

    fn fail(&mut self, kind: ErrorKind) {
        self.end(false, self.now, kind);
    }
}

fn watched() -> Watched {
    Watched::new(BreakerPolicy::new())
}

#[test]
fn it_opens_after_failures_in_a_row() {
    let mut watched = watched();
    for count in 1..=6 {
        watched.fail(ErrorKind::Connect);
        assert_eq!(watched.is_open(), count >= 3, "{count}");
        assert_eq!(watched.is_waited_for(), count >= 5, "{count}");
    }
    let last = watched.try_acquire().unwrap_err();
    assert_eq!((last.kind, &*last.outcome), (ErrorKind::Connect, "why"));
    watched.fail(ErrorKind::NotFound);
    assert!(!watched.is_open());
}

#[test]
fn one_time_out_is_enough_before_another_source() {
    let mut watched = watched();
    watched.fail(ErrorKind::Stalled);
    assert!(watched.is_open());
    assert!(!watched.is_waited_for());
}

#[test]
fn silence_beside_answers_is_no_silent_source() {
    let mut watched = watched();
    let since = watched.now;
    watched.now += Duration::from_secs(1);
    watched.fail(ErrorKind::Status);
    watched.now += Duration::from_secs(1);
    watched.end(false, since, ErrorKind::Stalled);
    assert!(!watched.is_open());
}

#[test]
fn any_answer_closes_it_and_what_never_left_does_not() {
    for (kind, closes) in [
        (ErrorKind::NotFound, true),
        (ErrorKind::Status, true),
        (ErrorKind::IncompleteBody, true),
        (ErrorKind::Rejected, true),
        (ErrorKind::Tls, false),
        (ErrorKind::InsecureCredentials, false),
        (ErrorKind::Io, false),
    ] {
        let mut watched = watched();
        watched.fail(ErrorKind::Stalled);
        watched.fail(kind);
        assert_eq!(watched.is_open(), !closes, "{kind}");
    }
}

#[test]
fn one_request_goes_through_after_the_cooldown() {
    let mut watched = watched();
    watched.fail(ErrorKind::Stalled);
    watched.now += Duration::from_millis(29_999);
    assert!(watched.is_open());
    watched.now += Duration::from_millis(1);
    assert!(watched.try_acquire().unwrap(), "a trial");
    assert!(watched.is_open(), "one at a time");
    watched.end(true, watched.now, ErrorKind::Connect);
    // The next cooldown is twice as long.
    watched.now += COOLDOWN;
    assert!(watched.is_open());
    watched.now += COOLDOWN;
    assert!(watched.try_acquire().unwrap());
    watched.end(true, watched.now, ErrorKind::NotFound);
    assert!(!watched.is_open());
    // And closed it begins anew.
    watched.fail(ErrorKind::Stalled);
    watched.now += COOLDOWN;
    assert!(!watched.is_open());
}

#[test]
fn cooldowns_have_a_longest_and_overflow_no_clock() {
    let mut watched = Watched::new(BreakerPolicy::new().cooldown(COOLDOWN).max_cooldown(COOLDOWN));
    watched.fail(ErrorKind::Stalled);
    for _ in 0..5 {
        watched.now += COOLDOWN;
        assert!(watched.try_acquire().unwrap());
        watched.end(true, watched.now, ErrorKind::Stalled);
    }
    let mut watched = Watched::new(BreakerPolicy::new().cooldown(Duration::MAX));
    watched.fail(ErrorKind::Stalled);
    watched.now += COOLDOWN * 1000;
    assert!(watched.is_open());
}
