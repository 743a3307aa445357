//! Requests that are made again: which, how often, at whom, and what counts in the end.

use std::time::Duration;

use gomod_proxy_client::policy::RetryPolicy;
use gomod_proxy_client::protocol::Next;
use gomod_proxy_client::{ErrorKind, Rejection};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply, Rule};

use crate::sources::{
    WIRE, builder, faulty, fetch, good, module, persistent, quick_retries, read, tree, zip_bytes,
};

const FILES: [Endpoint; 3] = [Endpoint::Info, Endpoint::Mod, Endpoint::Zip];

fn failing_first(times: usize, endpoint: Endpoint, fault: Fault) -> LoopbackProxy {
    LoopbackProxy::builder(tree()).rule(Rule::new(endpoint, fault).times(times)).start()
}

#[tokio::test]
async fn what_may_pass_is_asked_for_again() {
    for fault in [
        Fault::status(408),
        Fault::status(429),
        Fault::status(500),
        Fault::status(503),
        Fault::CloseBeforeFirstByte,
        Fault::ResetBeforeFirstByte,
        Fault::HalfHeader,
        Fault::CutBody { after: 10, reset: false },
        Fault::CutBody { after: 10, reset: true },
        Fault::CutChunked { after: 10 },
        Fault::GzipTruncated,
    ] {
        for endpoint in FILES {
            let a = failing_first(3, endpoint, fault.clone());
            let trace = fetch(&persistent(&a.url()), endpoint).await;
            let trace = trace.unwrap_or_else(|e| panic!("{fault:?}: {e:?}"));
            assert_eq!(a.hits(), 4, "{fault:?}");
            let next: Vec<_> = trace.attempts().iter().map(|attempt| attempt.next().as_str()).collect();
            assert_eq!(next, ["retry", "retry", "retry", "found"], "{fault:?}");
            assert!(trace.attempts()[..3].iter().all(gomod_proxy_client::report::Attempt::is_transient));
        }
    }
}

#[tokio::test]
async fn what_stays_as_it_is_is_asked_for_once() {
    for fault in [
        Fault::status(404),
        Fault::status(403),
        Fault::status(501).clone(),
        Fault::html(),
        Fault::TwoLengths,
        Fault::NotHttp,
        Fault::RedirectToSelf,
    ] {
        let a = faulty(Endpoint::Info, fault.clone());
        let error = fetch(&persistent(&a.url()), Endpoint::Info).await.unwrap_err();
        let asked = a.requests().iter().filter(|path| **path == format!("{WIRE}.info")).count();
        let wanted = match fault {
            Fault::RedirectToSelf => 10,
            // A server that does not know how to do it is one that fails, as far as a status tells.
            _ if error.status() == Some(501) => 6,
            _ => 1,
        };
        assert_eq!(asked, wanted, "{fault:?}");
    }
    // Content that earned a verdict.
    let a = faulty(Endpoint::Zip, Fault::FlipByte { offset: 99 });
    let mut zip = persistent(&a.url()).zip(&module()).await.unwrap();
    read(&mut zip).await.unwrap();
    let error = zip.reject(Rejection::mismatch("checksum mismatch")).unwrap_err();
    assert_eq!((error.kind(), a.hits()), (ErrorKind::Mismatch, 1));
}

#[tokio::test]
async fn the_last_allowed_source_has_all_retries_and_the_others_one() {
    let status = || faulty(Endpoint::Info, Fault::status(503));
    for (separator, hits, kind) in [("|", (2, 6), "end_of_list"), (",", (6, 0), "error_stops")] {
        let (a, b) = (status(), status());
        let list = format!("{}{separator}{}", a.url(), b.url());
        let error = fetch(&persistent(&list), Endpoint::Info).await.unwrap_err();
        assert_eq!((a.hits(), b.hits()), hits, "{separator}");
        assert_eq!(error.status(), Some(503));
        assert_eq!(error.attempts().last().unwrap().next().as_str(), kind);
    }
    // Nobody is asked behind these.
    for list in ["direct", "off"] {
        let a = status();
        fetch(&persistent(&format!("{}|{list}", a.url())), Endpoint::Info).await.unwrap_err();
        assert_eq!(a.hits(), 6, "{list}");
    }
    // A `,` further down the list makes no difference.
    let (a, b, c) = (status(), status(), good());
    let list = format!("{}|{},{}", a.url(), b.url(), c.url());
    fetch(&persistent(&list), Endpoint::Info).await.unwrap_err();
    assert_eq!((a.hits(), b.hits(), c.hits()), (2, 6, 0));
}

/// Go stops at the first error of a `,` source. An answer "not found" that comes instead of its repetition must not let
/// the next source be asked.
#[tokio::test]
async fn not_found_after_an_error_does_not_open_a_comma() {
    let b = good();
    for (separator, passes) in [(",", false), ("|", true)] {
        let a = LoopbackProxy::builder(tree())
            .rule(Rule::new(Endpoint::Info, Fault::status(503)).times(1))
            .fault(Endpoint::Info, Fault::status(404))
            .start();
        let list = format!("{}{separator}{}", a.url(), b.url());
        match fetch(&persistent(&list), Endpoint::Info).await {
            Ok(trace) => {
                assert!(passes);
                assert_eq!(trace.source(), Some(b.url().as_str()));
            }
            Err(error) => {
                assert!(!passes);
                assert_eq!(b.hits(), 0);
                assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(503)));
                let said: Vec<_> =
                    error.attempts().iter().map(|a| (a.outcome(), a.next().as_str())).collect();
                assert_eq!(said, [("503 Service Unavailable", "retry"), ("404 Not Found", "error_stops")]);
            }
        }
    }
}

#[tokio::test]
async fn a_run_has_a_budget_that_clones_share() {
    let a = faulty(Endpoint::Info, Fault::status(503));
    let client = builder(&a.url()).retries(quick_retries().budget(7)).build().unwrap();
    for hits in [6, 9, 10, 11] {
        fetch(&client.clone(), Endpoint::Info).await.unwrap_err();
        assert_eq!(a.hits(), hits);
    }
}

#[tokio::test]
async fn a_server_that_asks_for_too_much_time_is_not_asked_again() {
    let reply = |after: &str| Fault::Reply(Reply::new(429).header("Retry-After", after));
    let policy = quick_retries().max_retry_after(Duration::from_secs(5));
    let a = faulty(Endpoint::Info, reply("6"));
    let client = builder(&a.url()).retries(policy).build().unwrap();
    assert_eq!(fetch(&client, Endpoint::Info).await.unwrap_err().status(), Some(429));
    assert_eq!(a.hits(), 1);

    let a = failing_first(2, Endpoint::Info, reply("0"));
    fetch(&persistent(&a.url()), Endpoint::Info).await.unwrap();
    assert_eq!(a.hits(), 3);
}

#[tokio::test]
async fn the_time_that_a_server_asks_for_is_waited() {
    let reply = Fault::Reply(Reply::new(503).header("Retry-After", "1"));
    let a = failing_first(1, Endpoint::Info, reply);
    let trace = fetch(&persistent(&a.url()), Endpoint::Info).await.unwrap();
    let Next::Retry(wait) = trace.attempts()[0].next() else { panic!("{trace:?}") };
    assert!(wait >= Duration::from_secs(1) && wait < Duration::from_millis(1001), "{wait:?}");
}

#[tokio::test]
async fn bytes_that_are_new_cost_no_retry() {
    let size = zip_bytes().len();
    let steps = 20;
    let mut proxy = LoopbackProxy::builder(tree());
    for step in 1..steps {
        let cut = Fault::CutBody { after: size * step / steps, reset: false };
        proxy = proxy.rule(Rule::new(Endpoint::Zip, cut).times(1));
    }
    let a = proxy.start();
    let client = builder(&a.url()).retries(quick_retries().retries(1).budget(1)).build().unwrap();
    let trace = fetch(&client, Endpoint::Zip).await.unwrap();
    assert_eq!(trace.attempts().len(), steps);
    // The same bytes again and again are not new.
    let a = faulty(Endpoint::Zip, Fault::CutBody { after: 500, reset: false });
    let client = builder(&a.url()).retries(quick_retries().retries(4)).build().unwrap();
    assert_eq!(fetch(&client, Endpoint::Zip).await.unwrap_err().kind(), ErrorKind::IncompleteBody);
    assert_eq!(a.hits(), 6);
}

#[tokio::test]
async fn latest_is_asked_for_again_as_a_whole() {
    let pseudo = "v0.0.0-20210102030405-bbbbbbbbbbbb";
    let tree = tree()
        .file("example.com/!upper/m/@v/list", pseudo)
        .file(&format!("example.com/!upper/m/@v/{pseudo}.info"), format!("{{\"Version\":\"{pseudo}\"}}"));
    let a = LoopbackProxy::builder(tree).rule(Rule::new(Endpoint::List, Fault::status(502)).times(1)).start();
    let latest = persistent(&a.url()).latest(&crate::sources::path()).await.unwrap();
    assert_eq!(latest.value.version, pseudo);
    let next: Vec<_> = latest.trace.attempts().iter().map(|attempt| attempt.next().as_str()).collect();
    assert_eq!(next, ["same_source", "retry", "same_source", "same_source", "found"]);
}

#[tokio::test]
async fn without_retries_everything_is_asked_for_once() {
    let a = faulty(Endpoint::Zip, Fault::CutBody { after: 500, reset: false });
    let client = builder(&a.url()).retries(RetryPolicy::none()).build().unwrap();
    fetch(&client, Endpoint::Zip).await.unwrap_err();
    assert_eq!(a.hits(), 1);
}

#[tokio::test]
async fn redirects_are_named_in_the_trace_and_the_error() {
    let b = faulty(Endpoint::Info, Fault::status(403));
    let location = format!("{}/{{path}}?token=secret", b.url());
    let a = faulty(Endpoint::Info, Fault::Redirect { code: 302, location });
    let error = fetch(&persistent(&a.url()), Endpoint::Info).await.unwrap_err();
    let attempt = &error.attempts()[0];
    let to = format!("{}/example.com/%21upper/m/@v/v1.2.3.info", b.url());
    assert_eq!(attempt.redirected_to(), Some(to.as_str()));
    let shown = attempt.to_string();
    assert!(shown.contains(&format!(" -> {to}: 403 Forbidden")), "{shown}");
    let shown = format!("{error} {error:?} {shown}");
    assert!(error.to_string().ends_with(&format!(": 403 Forbidden (redirected to {to})")), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");

    // Also where it did not answer.
    let location = format!("{}/cdn?token=secret", LoopbackProxy::refused_url());
    let to = location.split('?').next().unwrap();
    let a = faulty(Endpoint::Info, Fault::Redirect { code: 302, location: location.clone() });
    let client = persistent(&a.url());
    for _ in 0..2 {
        let error = fetch(&client, Endpoint::Info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.to_string().ends_with(&format!(" (redirected to {to})")), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
    assert_eq!(a.hits(), 7, "all tries, and then one for each call");

    // A checksum database, and content that is wrong.
    let a = faulty(Endpoint::Any, Fault::Redirect { code: 302, location: location.clone() });
    let database = persistent(&a.url()).sum_db("sum.example", None).unwrap();
    let error = database.source().await.unwrap_err();
    assert!(error.to_string().ends_with(&format!(" (redirected to {to})")), "{error}");
    let html = faulty(Endpoint::Info, Fault::html());
    let location = format!("{}/{{path}}", html.url());
    let a = faulty(Endpoint::Info, Fault::Redirect { code: 302, location });
    let error = fetch(&persistent(&a.url()), Endpoint::Info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains(&format!("(redirected to {}", html.url())), "{error}");
}
