use super::*;
use crate::policy::source_record::MAX_CREDIT;
use crate::report::kind::ErrorKind;

const COOLDOWN: Duration = Duration::from_secs(30);

fn failure(kind: ErrorKind) -> Failure {
    Failure::Get { url: "u".into(), kind, at: None, source: "why".into() }
}

async fn acquire(breaker: &Arc<Breaker>, has_fallback: bool) -> Result<Permit, LastFailure> {
    breaker.acquire("a", has_fallback, &Slots::default()).await.map(|(permit, _)| permit)
}

async fn fail(breaker: &Arc<Breaker>, times: u32) {
    let mut permits = Vec::new();
    for _ in 0..times {
        permits.push(acquire(breaker, false).await.unwrap());
    }
    for permit in &mut permits {
        permit.failed(&failure(ErrorKind::Connect), None);
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_changes_nothing() {
    let policy = BreakerPolicy::new();
    let breaker = Breaker::new(policy, &RetryPolicy::new());
    drop(acquire(&breaker, true).await);
    acquire(&breaker, true).await.unwrap().failed(&failure(ErrorKind::Stalled), None);
    assert!(acquire(&breaker, true).await.is_err());
    assert!(breaker.acquire("b", true, &Slots::default()).await.is_ok());

    let breaker = Breaker::new(policy.cooldown(Duration::ZERO), &RetryPolicy::new());
    acquire(&breaker, true).await.unwrap().failed(&failure(ErrorKind::Stalled), None);
    for _ in 0..3 {
        drop(acquire(&breaker, true).await.unwrap());
    }
    let mut trial = acquire(&breaker, true).await.unwrap();
    assert!(acquire(&breaker, true).await.is_err(), "one at a time");
    trial.answered();
    assert!(acquire(&breaker, true).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn calls_without_another_source_queue_behind_one_that_finds_out() {
    let breaker = Breaker::new(BreakerPolicy::new(), &RetryPolicy::new());
    fail(&breaker, 5).await;
    let probe = acquire(&breaker, false).await.unwrap();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let breaker = Arc::clone(&breaker);
            tokio::spawn(async move { acquire(&breaker, false).await.map(drop) })
        })
        .collect();
    tokio::time::advance(Duration::from_secs(60 * 60)).await;
    assert!(calls.iter().all(|call| !call.is_finished()), "they are not refused");
    // One that is given up leaves its place to another one; that one is answered, and all go on.
    drop(probe);
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_outlasts_all_patience_is_told_to_those_who_wait() {
    let retries = RetryPolicy::new();
    let breaker = Breaker::new(BreakerPolicy::new(), &retries);
    fail(&breaker, 6).await;
    tokio::time::advance(retries.patience).await;
    for _ in 0..3 {
        let mut probe = acquire(&breaker, false).await.expect("each call asks, or waits for one that does");
        let waits = Arc::clone(&breaker);
        let waits = tokio::spawn(async move { acquire(&waits, false).await });
        tokio::task::yield_now().await;
        probe.failed(&failure(ErrorKind::Reset), None);
        assert_eq!(probe.outage(), Some(Outage::Over));
        assert_eq!(waits.await.unwrap().unwrap_err().kind, ErrorKind::Reset);
    }
    let mut probe = acquire(&breaker, false).await.unwrap();
    probe.answered();
    assert_eq!(probe.outage(), None);
    // And after the cooldown it is as if nothing had been.
    fail(&breaker, 6).await;
    tokio::time::advance(retries.patience).await;
    assert_eq!(acquire(&breaker, false).await.unwrap().outage(), Some(Outage::Over));
    tokio::time::advance(COOLDOWN).await;
    assert_eq!(acquire(&breaker, false).await.unwrap().outage(), None);
}

#[tokio::test]
async fn answers_earn_tries_up_to_a_limit() {
    let breaker = Breaker::new(BreakerPolicy::new(), &RetryPolicy::new());
    let earned = async |kind| {
        let mut permit = acquire(&breaker, false).await.unwrap();
        permit.failed(&failure(kind), None);
        permit.is_earned()
    };
    assert!(!earned(ErrorKind::IncompleteBody).await);
    for _ in 0..1000 {
        acquire(&breaker, false).await.unwrap().answered();
    }
    // A status is an answer about one file.
    assert!(!earned(ErrorKind::Status).await);
    for n in 0..MAX_CREDIT {
        assert!(earned(ErrorKind::IncompleteBody).await, "{n}");
    }
    assert!(!earned(ErrorKind::IncompleteBody).await);
}
