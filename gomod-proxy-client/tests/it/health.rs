//! A source that does not answer costs its time limit once, and opens no way that the list closes.

use std::time::{Duration, Instant};

use gomod_module::ModuleVersion;
use gomod_proxy_client::policy::{BreakerPolicy, Timeouts};
use gomod_proxy_client::{ErrorKind, ProxyClient};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule};

use crate::sources::{builder, faulty, fetch, good, quick_retries};

const STALL: Duration = Duration::from_secs(2);

/// Cooldowns without an end, so that no test depends on time.
fn client(list: &str) -> ProxyClient {
    let policy = BreakerPolicy::new().cooldown(Duration::MAX);
    builder(list).retries(quick_retries()).breaker(policy).build().unwrap()
}

#[tokio::test]
async fn a_silent_first_proxy_delays_a_project_once() {
    let modules: Vec<_> = (0..30).map(|n| (format!("example.com/m{n}"), "v1.0.0")).collect();
    let tree = modules.iter().fold(ModuleTree::new(), |tree, (path, version)| {
        tree.module(path, version, &[("m.go", b"package m\n")])
    });
    let silent =
        LoopbackProxy::builder(tree.clone()).fault(Endpoint::Any, Fault::StallBeforeFirstByte).start();
    let b = LoopbackProxy::serve(tree);
    let client = builder(&format!("{}|{}", silent.url(), b.url()))
        .timeouts(Timeouts::new().stall(STALL))
        .retries(quick_retries())
        .breaker(BreakerPolicy::new().cooldown(Duration::MAX))
        .build()
        .unwrap();
    let started = Instant::now();
    for (path, version) in &modules {
        let module = ModuleVersion::parse(path, version).unwrap();
        client.info(&module).await.unwrap();
        client.go_mod(&module).await.unwrap();
        let mut zip = client.zip(&module).await.unwrap();
        while zip.next().await.unwrap().is_some() {}
    }
    let (files, elapsed) = (3 * modules.len(), started.elapsed());
    eprintln!(
        "{files} files behind a silent proxy: {elapsed:.1?} with a limit of {STALL:?}; without memory {:.0?}",
        STALL * 90
    );
    assert_eq!((silent.hits(), b.hits()), (1, files));
}

#[tokio::test]
async fn a_comma_stays_closed_however_broken_its_source_is() {
    let (a, b) = (faulty(Endpoint::Any, Fault::CloseBeforeFirstByte), good());
    let client = client(&format!("{},{}", a.url(), b.url()));
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    assert_eq!((error.attempts().len(), a.hits()), (6, 6));
    for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip] {
        let error = fetch(&client, endpoint).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Reset);
        assert!(error.is_transient());
        // Nothing but this source is left: it is asked, for it may be back, but without patience.
        let [attempt] = error.attempts() else { panic!("{error:?}") };
        assert!(attempt.url().is_some());
        assert_eq!(attempt.next().as_str(), "error_stops");
    }
    assert_eq!((a.hits(), b.hits()), (9, 0));
    a.recover();
    fetch(&client, Endpoint::Info).await.unwrap();
}

#[tokio::test]
async fn a_pipe_leads_to_the_next_source_at_once() {
    let (a, b) = (faulty(Endpoint::Any, Fault::CloseBeforeFirstByte), good());
    let client = client(&format!("{}|{}", a.url(), b.url()));
    let asked: Vec<_> = {
        let mut asked = Vec::new();
        for _ in 0..4 {
            let trace = fetch(&client, Endpoint::Zip).await.unwrap();
            assert_eq!(trace.source(), Some(b.url().as_str()));
            asked.push(a.hits());
        }
        asked
    };
    assert_eq!(asked, [2, 3, 3, 3], "two with the retry, then the third failure in a row");
}

#[tokio::test]
async fn an_answer_of_any_status_closes_it() {
    let a = LoopbackProxy::builder(crate::sources::tree())
        .rule(Rule::new(Endpoint::Any, Fault::CloseBeforeFirstByte).times(4))
        .rule(Rule::new(Endpoint::Any, Fault::status(404)).times(1))
        .fault(Endpoint::Any, Fault::CloseBeforeFirstByte)
        .start();
    let client = client(&a.url());
    // Four failures and an answer: not open. Then six failures: open.
    for attempts in [5, 6, 1] {
        assert_eq!(fetch(&client, Endpoint::Info).await.unwrap_err().attempts().len(), attempts);
    }
}

#[tokio::test]
async fn after_the_cooldown_one_request_finds_out() {
    let a = LoopbackProxy::builder(crate::sources::tree())
        .rule(Rule::new(Endpoint::Any, Fault::CloseBeforeFirstByte).times(6))
        .start();
    let policy = BreakerPolicy::new().cooldown(Duration::ZERO);
    let client = builder(&a.url()).retries(quick_retries()).breaker(policy).build().unwrap();
    fetch(&client, Endpoint::Info).await.unwrap_err();
    fetch(&client, Endpoint::Info).await.unwrap();
    assert_eq!(a.hits(), 7);
}

/// Behind a `|` the record is an error of its source at once, which says so.
#[tokio::test]
async fn a_source_that_is_not_asked_says_why() {
    let (a, b) =
        (faulty(Endpoint::Any, Fault::CloseBeforeFirstByte), faulty(Endpoint::Any, Fault::status(500)));
    let client = client(&format!("{}|{}", a.url(), b.url()));
    for _ in 0..3 {
        fetch(&client, Endpoint::Info).await.unwrap_err();
    }
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    let attempt = &error.attempts()[0];
    assert_eq!((attempt.url(), attempt.source()), (None, a.url().as_str()));
    assert!(attempt.outcome().starts_with("not asked, because it failed before: "), "{attempt}");
    assert_eq!(attempt.next().as_str(), "error_passes");
}

#[tokio::test]
async fn switched_off_every_file_is_asked_of_everybody() {
    let (a, b) = (faulty(Endpoint::Any, Fault::CloseBeforeFirstByte), good());
    let list = format!("{}|{}", a.url(), b.url());
    let client = builder(&list).retries(quick_retries()).breaker(None).build().unwrap();
    for round in 1..=5 {
        fetch(&client, Endpoint::Info).await.unwrap();
        assert_eq!(a.hits(), 2 * round);
    }
}

/// Two spellings of one source have one record, and one memory of what it sent.
#[tokio::test]
async fn a_source_is_its_url_not_its_text() {
    let a = faulty(Endpoint::Zip, Fault::FlipByte { offset: 99 });
    let list = format!("{0}|{0}/", a.url());
    let mut zip = client(&list).zip(&crate::sources::module()).await.unwrap();
    crate::sources::read(&mut zip).await.unwrap();
    zip.reject(gomod_proxy_client::Rejection::mismatch("checksum mismatch")).unwrap();
    assert_eq!(zip.next().await.unwrap_err().kind(), ErrorKind::Mismatch);
    assert_eq!(a.hits(), 1);
}
