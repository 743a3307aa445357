//! A call that is dropped at any await point leaves no request under way and no changed record.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gomod_proxy_client::ProxyClient;
use gomod_proxy_client::policy::BreakerPolicy;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy};

use crate::sources::{builder, fetch, quick_retries, tree};

/// The output of a future, unless it needs more polls than this.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

fn client(list: &str) -> ProxyClient {
    // One failure opens it for good.
    let policy = BreakerPolicy::new();
    let policy = policy.failure_threshold(1).failure_threshold_with_fallback(1).cooldown(Duration::MAX);
    builder(list).retries(quick_retries()).breaker(policy).build().unwrap()
}

#[tokio::test]
async fn nothing_is_left_of_it() {
    for fault in [
        Fault::Chunked,
        Fault::StallBeforeFirstByte,
        Fault::StallAfter(10),
        Fault::Trickle { piece: 9000, pause: Duration::from_millis(1) },
        Fault::CutBody { after: 500, reset: false },
    ] {
        for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip] {
            let a = LoopbackProxy::builder(tree()).ranges(true).fault(endpoint, fault.clone()).start();
            let client = client(&a.url());
            let silent = matches!(fault, Fault::StallBeforeFirstByte | Fault::StallAfter(_));
            // What never ends is dropped at its last poll too: where it waits for the server.
            let most = if silent { 8 } else { 40 };
            for times in 0..most {
                if silent {
                    let waiting = polled(usize::MAX, fetch(&client, endpoint));
                    let limited = tokio::time::timeout(Duration::from_millis(times), waiting).await;
                    assert!(limited.is_err(), "{fault:?}");
                } else {
                    polled(usize::try_from(times).unwrap(), fetch(&client, endpoint)).await;
                }
            }
            // The runtime closes the connections while this waits.
            let idle = tokio::task::spawn_blocking(move || {
                a.wait_until_idle();
                a
            });
            let a = idle.await.unwrap();
            a.recover();
            fetch(&client, endpoint).await.unwrap_or_else(|e| panic!("{fault:?} on {endpoint:?}: {e:?}"));
        }
    }
}

/// The one request that finds out whether a source is back may be dropped: another one finds out then.
#[tokio::test]
async fn a_dropped_trial_is_no_trial() {
    let a = LoopbackProxy::builder(tree()).fault(Endpoint::Any, Fault::CloseBeforeFirstByte).start();
    let policy = BreakerPolicy::new().failure_threshold(1);
    let client = builder(&a.url()).retries(quick_retries()).breaker(policy).build().unwrap();
    fetch(&client, Endpoint::Info).await.unwrap_err();
    for times in 0..5 {
        polled(times, fetch(&client, Endpoint::Info)).await;
    }
    a.recover();
    fetch(&client, Endpoint::Info).await.unwrap();
}
