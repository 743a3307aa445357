//! Servers that go silent, which hang the go command for ever.

use std::time::Duration;

use gomod_proxy_client::policy::Timeouts;
use gomod_proxy_client::report::{Limit, MinThroughput};
use gomod_proxy_client::{ErrorKind, ProxyClient};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree};

use crate::sources::{builder, faulty, fetch, good, quick_retries};

const STALL: Duration = Duration::from_millis(200);

fn hurried(list: &str, timeouts: Timeouts) -> ProxyClient {
    builder(list).timeouts(timeouts).build().unwrap()
}

#[tokio::test]
async fn silence_is_an_error() {
    for endpoint in [Endpoint::Info, Endpoint::Zip] {
        for fault in [Fault::StallBeforeFirstByte, Fault::StallAfter(20)] {
            let (a, b) = (faulty(endpoint, fault.clone()), good());
            let timeouts = Timeouts::new().stall(STALL);
            for list in [a.url(), format!("{},{}", a.url(), b.url())] {
                let error = fetch(&hurried(&list, timeouts), endpoint).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Stalled, "{fault:?}: {error:?}");
                assert!(error.is_transient());
                let attempt = &error.attempts()[0];
                assert!(attempt.elapsed() >= STALL);
                let waited = attempt.waited().map(|waited| waited <= attempt.elapsed());
                assert_eq!(waited, attempt.status().map(|_| true), "{attempt:?}");
            }
            assert_eq!(b.hits(), 0);
            let list = format!("{}|{}", a.url(), b.url());
            let timeouts = Timeouts::new().stall(Duration::from_millis(500));
            let trace = fetch(&hurried(&list, timeouts), endpoint).await.unwrap();
            assert_eq!(trace.attempts()[0].kind(), Some(ErrorKind::Stalled));
            assert_eq!(trace.source(), Some(b.url().as_str()));
        }
    }
}

/// A proxy that builds a module first: Go waits for it. Each try has twice the time of the one before.
#[tokio::test]
async fn slow_is_not_dead() {
    let stall = Duration::from_millis(400);
    for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip] {
        // Longer than the second try, by as much as the third one has beyond it.
        let a = faulty(endpoint, Fault::Delay(stall * 3));
        let timeouts = Timeouts::new().stall(stall);
        let client = builder(&a.url()).timeouts(timeouts).retries(quick_retries());
        let client = client.breaker(gomod_proxy_client::policy::BreakerPolicy::new()).build().unwrap();
        let trace = fetch(&client, endpoint).await.unwrap();
        let limits: Vec<_> =
            trace.attempts().iter().map(gomod_proxy_client::report::Attempt::limit).collect();
        let first_byte = |factor| Some(Limit::FirstByte(stall * factor));
        assert_eq!(limits, [first_byte(1), first_byte(2), None]);
    }
}

#[tokio::test]
async fn a_source_that_is_silent_for_the_longest_time_has_failed() {
    for (factor, tries) in [(1, 6), (2, 2), (4, 3)] {
        let a = faulty(Endpoint::Info, Fault::StallBeforeFirstByte);
        let timeouts = Timeouts::new().stall(Duration::from_millis(50)).max_stall_factor(factor);
        let client = builder(&a.url()).timeouts(timeouts).retries(quick_retries()).build().unwrap();
        let error = fetch(&client, Endpoint::Info).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Stalled, tries));
        assert_eq!(error.limit(), Some(Limit::FirstByte(Duration::from_millis(50) * factor)));
    }
}

#[tokio::test]
async fn every_limit_that_ends_something_is_named() {
    let drops = Fault::Trickle { piece: 100, pause: Duration::from_millis(20) };
    let lowest = MinThroughput { bytes_per_second: 1_000_000, window: Duration::from_millis(100) };
    let total = Duration::from_millis(300);
    for (fault, timeouts, limit) in [
        (Fault::StallAfter(20), Timeouts::new().stall(STALL), Limit::Stall(STALL)),
        (drops.clone(), Timeouts::new().total(total), Limit::Total(total)),
        (drops, Timeouts::new().min_throughput(lowest), Limit::MinThroughput(lowest)),
    ] {
        let a = faulty(Endpoint::Zip, fault);
        let error = fetch(&hurried(&a.url(), timeouts), Endpoint::Zip).await.unwrap_err();
        assert_eq!((error.limit(), error.attempts()[0].limit()), (Some(limit), Some(limit)), "{error:?}");
    }
    let limits = gomod_proxy_client::policy::Limits::new().info(10);
    let a = good();
    let client = builder(&a.url()).limits(limits).build().unwrap();
    assert_eq!(fetch(&client, Endpoint::Info).await.unwrap_err().limit(), Some(Limit::Size(10)));
    assert_eq!(fetch(&client, Endpoint::List).await.unwrap().attempts()[0].limit(), None);
}

/// Go waits 30 seconds for each file, and so does a list with `,` before it ends.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_never_made_is_an_error() {
    let (a, b) = (gomod_testkit::FullBacklog::open(), good());
    let timeouts = Timeouts::new().connect(STALL);
    for list in [a.url(), format!("{},{}", a.url(), b.url())] {
        let error = fetch(&hurried(&list, timeouts), Endpoint::Info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert_eq!(error.limit(), Some(Limit::Connect(STALL)));
        assert!(error.is_transient() && error.attempts()[0].elapsed() >= STALL);
    }
    assert_eq!(b.hits(), 0);
    let list = format!("{}|{}", a.url(), b.url());
    // Time enough for B on a machine under load.
    let timeouts = Timeouts::new().connect(Duration::from_secs(3));
    let trace = fetch(&hurried(&list, timeouts), Endpoint::Info).await.unwrap();
    assert_eq!(trace.attempts()[0].kind(), Some(ErrorKind::Timeout));
    assert_eq!(trace.source(), Some(b.url().as_str()));
}

#[tokio::test]
async fn a_body_in_drops_ends_with_the_total_limit() {
    let drops = Fault::Trickle { piece: 1, pause: Duration::from_millis(20) };
    let a = faulty(Endpoint::Zip, drops);
    let timeouts = Timeouts::new().total(Duration::from_millis(300));
    let error = fetch(&hurried(&a.url(), timeouts), Endpoint::Zip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
}

#[tokio::test]
async fn a_body_that_hardly_comes_is_given_up() {
    let drops = Fault::Trickle { piece: 100, pause: Duration::from_millis(20) };
    let a = faulty(Endpoint::Zip, drops);
    let lowest = MinThroughput { bytes_per_second: 1_000_000, window: Duration::from_millis(100) };
    let error =
        fetch(&hurried(&a.url(), Timeouts::new().min_throughput(lowest)), Endpoint::Zip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert_eq!(error.attempts()[0].outcome(), "less than 1000000 bytes a second for 100ms");
    assert!(error.is_transient());
}

/// A status says enough: the body beside it is not waited for as long as it comes.
#[tokio::test]
async fn a_body_in_drops_beside_a_status_is_left() {
    let drops = Fault::Trickle { piece: 100, pause: Duration::from_millis(100) };
    let a = LoopbackProxy::builder(ModuleTree::new()).fault(Endpoint::Any, drops).start();
    // The server's text names the path: half a minute of drops, none of them late.
    let long = format!("{}/{}", a.url(), "a".repeat(30_000));
    let error = fetch(&hurried(&long, Timeouts::new()), Endpoint::Info).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    let elapsed = error.attempts()[0].elapsed();
    assert!(elapsed < Duration::from_secs(15), "{elapsed:?}");
}

#[tokio::test]
async fn no_limit_is_a_limit_that_overflows_no_clock() {
    let a = good();
    let timeouts = Timeouts::new().stall(Duration::MAX).connect(Duration::MAX);
    for total in [None, Some(Duration::MAX)] {
        fetch(&hurried(&a.url(), timeouts.total(total)), Endpoint::Zip).await.unwrap();
    }
}
