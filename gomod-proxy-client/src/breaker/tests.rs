use super::*;

const PAUSE: Duration = Duration::from_secs(30);

/// The record of one source, and a clock that only this test moves.
struct Watched {
    policy: BreakerPolicy,
    record: Record,
    now: Instant,
}

impl Watched {
    fn new(policy: BreakerPolicy) -> Self {
        Self { policy, record: Record::new(policy.pause), now: Instant::now() }
    }

    fn admit(&mut self, another: bool) -> Result<bool, LastFailure> {
        self.record.admit(&self.policy, another, self.now)
    }

    fn is_open(&mut self, another: bool) -> bool {
        self.admit(another).is_err()
    }

    fn end(&mut self, trial: bool, since: Instant, kind: ErrorKind) {
        let last = LastFailure { kind, outcome: "why".into() };
        let ended = Ended { meaning: Meaning::of(kind), last: Some(&last) };
        self.record.end(&self.policy, (trial, since), &ended, self.now);
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
        assert_eq!(watched.is_open(true), count >= 3, "{count}");
        assert_eq!(watched.is_open(false), count >= 5, "{count}");
    }
    let last = watched.admit(false).unwrap_err();
    assert_eq!((last.kind, &*last.outcome), (ErrorKind::Connect, "why"));
    watched.fail(ErrorKind::NotFound);
    assert!(!watched.is_open(true));
}

#[test]
fn one_time_out_is_enough_before_another_source() {
    let mut watched = watched();
    watched.fail(ErrorKind::Stalled);
    assert!(watched.is_open(true));
    assert!(!watched.is_open(false));
}

#[test]
fn silence_beside_answers_is_no_silent_source() {
    let mut watched = watched();
    let since = watched.now;
    watched.now += Duration::from_secs(1);
    watched.fail(ErrorKind::Status);
    watched.now += Duration::from_secs(1);
    watched.end(false, since, ErrorKind::Stalled);
    assert!(!watched.is_open(true));
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
        assert_eq!(watched.is_open(true), !closes, "{kind}");
    }
}

#[test]
fn one_request_goes_through_after_the_pause() {
    let mut watched = watched();
    watched.fail(ErrorKind::Stalled);
    watched.now += Duration::from_millis(29_999);
    assert!(watched.is_open(true));
    watched.now += Duration::from_millis(1);
    assert!(watched.admit(true).unwrap(), "a trial");
    assert!(watched.is_open(true), "one at a time");
    watched.end(true, watched.now, ErrorKind::Connect);
    // The next pause is twice as long.
    watched.now += PAUSE;
    assert!(watched.is_open(true));
    watched.now += PAUSE;
    assert!(watched.admit(true).unwrap());
    watched.end(true, watched.now, ErrorKind::NotFound);
    assert!(!watched.is_open(true));
    // And closed it begins anew.
    watched.fail(ErrorKind::Stalled);
    watched.now += PAUSE;
    assert!(!watched.is_open(true));
}

#[test]
fn pauses_have_a_longest_and_overflow_no_clock() {
    let mut watched = Watched::new(BreakerPolicy::new().pause(PAUSE).longest_pause(PAUSE));
    watched.fail(ErrorKind::Stalled);
    for _ in 0..5 {
        watched.now += PAUSE;
        assert!(watched.admit(true).unwrap());
        watched.end(true, watched.now, ErrorKind::Stalled);
    }
    let mut watched = Watched::new(BreakerPolicy::new().pause(Duration::MAX));
    watched.fail(ErrorKind::Stalled);
    watched.now += PAUSE * 1000;
    assert!(watched.is_open(true));
}

#[test]
fn a_request_that_is_dropped_changes_nothing() {
    let failure = Failure::Get { url: "u".into(), kind: ErrorKind::Stalled, at: None, source: "why".into() };
    let policy = BreakerPolicy::new();
    let breaker = Breaker::new(policy);
    drop(breaker.insist("a"));
    breaker.insist("a").failed(&failure, None);
    drop(breaker.insist("a"));
    assert!(breaker.admit("a", true).is_err());
    assert!(breaker.admit("b", true).is_ok());

    let breaker = Breaker::new(policy.pause(Duration::ZERO));
    breaker.insist("a").failed(&failure, None);
    for _ in 0..3 {
        drop(breaker.admit("a", true).unwrap());
    }
    let mut trial = breaker.admit("a", true).unwrap();
    assert!(breaker.admit("a", true).is_err(), "one at a time");
    trial.answered();
    assert!(breaker.admit("a", true).is_ok());
}
