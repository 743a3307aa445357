//! Servers that go silent, which hang the go command for ever.

use std::time::Duration;

use gomod_proxy_client::{ErrorKind, LowestSpeed, ProxyClient, Timeouts};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree};

use crate::sources::{builder, faulty, fetch, good};

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

/// Go waits 30 seconds for each file, and so does a list with `,` before it ends.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_never_made_is_an_error() {
    let (a, b) = (gomod_testkit::FullBacklog::open(), good());
    let timeouts = Timeouts::new().connect(STALL);
    for list in [a.url(), format!("{},{}", a.url(), b.url())] {
        let error = fetch(&hurried(&list, timeouts), Endpoint::Info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
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
    let lowest = LowestSpeed { bytes_per_second: 1_000_000, over: Duration::from_millis(100) };
    let error =
        fetch(&hurried(&a.url(), Timeouts::new().lowest_speed(lowest)), Endpoint::Zip).await.unwrap_err();
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
