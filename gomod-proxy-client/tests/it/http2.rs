//! HTTP/2, and HTTP/1.1 in its place where it breaks.

use gomod_proxy_client::transport::RootCertificates;
use gomod_proxy_client::{ErrorKind, ProxyClient};
use gomod_testkit::{Certificate, Endpoint, Fault, LoopbackProxy, ProxyBuilder, Rule};

use crate::sources::{builder, fetch, module, quick_retries, read, tree, zip_bytes};

const CUT: Fault = Fault::CutBody { after: 500, reset: false };

fn proxy() -> ProxyBuilder {
    LoopbackProxy::builder(tree()).tls(Certificate::Good).http2().ranges(true)
}

fn client(list: &str, trusted: &[&LoopbackProxy]) -> ProxyClient {
    let pem: String = trusted.iter().filter_map(|proxy| proxy.ca_pem()).collect();
    let certificates = RootCertificates::from_pem(pem.as_bytes()).unwrap();
    assert_eq!(certificates.len(), trusted.len());
    builder(list).retries(quick_retries()).root_certificates(certificates).build().unwrap()
}

fn versions(proxy: &LoopbackProxy) -> Vec<u8> {
    proxy.log().iter().map(|request| if request.http2 { 2 } else { 1 }).collect()
}

#[tokio::test]
async fn it_is_spoken_where_the_server_does() {
    let (a, old) = (proxy().start(), LoopbackProxy::builder(tree()).tls(Certificate::Good).start());
    let trusted = [&a, &old];
    for (server, version) in [(&a, 2), (&old, 1)] {
        let client = client(&server.url(), &trusted);
        for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List] {
            fetch(&client, endpoint).await.unwrap();
        }
        assert_eq!(versions(server), [version; 4]);
    }
}

#[tokio::test]
async fn after_two_breaks_in_a_body_the_server_is_asked_over_http_1() {
    let a = proxy().rule(Rule::new(Endpoint::Zip, CUT).times(2)).start();
    let b = proxy().rule(Rule::new(Endpoint::Zip, CUT).times(1)).start();
    let with_b = client(&format!("{}|{}", a.url(), b.url()), &[&a, &b]);
    fetch(&with_b, Endpoint::Info).await.unwrap();
    // Twice at a, and then at b, whose one break does not count for it.
    fetch(&with_b, Endpoint::Zip).await.unwrap();
    assert_eq!((versions(&a), versions(&b)), (vec![2, 2, 2], vec![2, 2]));
    a.recover();
    for endpoint in [Endpoint::Zip, Endpoint::Info] {
        fetch(&with_b, endpoint).await.unwrap();
    }
    assert_eq!(versions(&a)[3..], [1, 1], "for a while");
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    tokio::time::resume();
    fetch(&with_b, Endpoint::Info).await.unwrap();
    assert_eq!(versions(&a)[5..], [2], "and not longer");
    fetch(&client(&a.url(), &[&a]), Endpoint::Info).await.unwrap();
    assert_eq!(versions(&a)[6..], [2], "another client knows nothing of it");
}

#[tokio::test]
async fn a_zip_goes_on_over_http_1_where_it_broke_off() {
    let a = proxy().rule(Rule::new(Endpoint::Zip, CUT).times(2)).start();
    let mut zip = client(&a.url(), &[&a]).zip(&module()).await.unwrap();
    assert_eq!(read(&mut zip).await.unwrap(), zip_bytes());
    assert_eq!(versions(&a), [2, 2, 1]);
    let trace = zip.accept();
    let kinds: Vec<_> = trace.attempts().iter().map(gomod_proxy_client::report::Attempt::kind).collect();
    assert_eq!(kinds, [Some(ErrorKind::IncompleteBody), Some(ErrorKind::IncompleteBody), None]);
}

#[tokio::test]
async fn an_answer_is_no_break() {
    let a = proxy().rule(Rule::new(Endpoint::Zip, Fault::Status(502)).times(4)).start();
    fetch(&client(&a.url(), &[&a]), Endpoint::Zip).await.unwrap();
    assert_eq!(versions(&a), [2; 5]);
}

/// HTTP/2 that is broken off before the answer begins: the request is made over HTTP/1.1 at once, without a retry, and so
/// are those after the second time.
#[tokio::test]
async fn what_breaks_before_the_answer_is_asked_for_over_http_1() {
    let broken = Fault::ResetBeforeFirstByte;
    let rule = |endpoint| Rule::new(endpoint, broken.clone()).times(1);
    let a = proxy().rule(rule(Endpoint::Info)).rule(rule(Endpoint::Mod)).start();
    let client = client(&a.url(), &[&a]);
    for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List] {
        let trace = fetch(&client, endpoint).await.unwrap();
        assert_eq!(trace.attempts().len(), 1, "{endpoint:?}");
    }
    assert_eq!(versions(&a), [2, 1, 2, 1, 1, 1]);
}

/// Once is enough where the server says so.
#[tokio::test]
async fn a_server_that_wants_http_1_gets_it() {
    let a = proxy().rule(Rule::new(Endpoint::Info, Fault::CloseBeforeFirstByte).times(1)).start();
    let client = client(&a.url(), &[&a]);
    for endpoint in [Endpoint::Info, Endpoint::Zip] {
        assert_eq!(fetch(&client, endpoint).await.unwrap().attempts().len(), 1, "{endpoint:?}");
    }
    assert_eq!(versions(&a), [2, 1, 1]);
}

/// `GODEBUG=http2client=0`.
#[tokio::test]
async fn a_caller_may_want_http_1_alone() {
    let a = proxy().start();
    let certificates = RootCertificates::from_pem(a.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder(&a.url()).root_certificates(certificates).http2(false).build().unwrap();
    for endpoint in [Endpoint::Info, Endpoint::Zip] {
        fetch(&client, endpoint).await.unwrap();
    }
    assert_eq!(versions(&a), [1, 1]);
}

/// An event with bytes means that there are some: `read` looks at each.
#[tokio::test]
async fn frames_without_bytes_are_no_news() {
    let a = proxy().fault(Endpoint::Any, Fault::EmptyFrames).start();
    let client = client(&a.url(), &[&a]);
    for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List] {
        fetch(&client, endpoint).await.unwrap();
    }
    assert_eq!(versions(&a), [2; 4]);
}

/// A server that restarts says GOAWAY, at any request of a run.
#[tokio::test]
async fn a_goaway_at_any_request_loses_nothing() {
    let files = [Endpoint::Info, Endpoint::Mod, Endpoint::Zip, Endpoint::List];
    for before in 0..files.len() as u64 {
        for times in [1, 2] {
            let rule = Rule::new(Endpoint::Any, Fault::GoAway).skip(before).times(times);
            let a = proxy().rule(rule).start();
            let client = client(&a.url(), &[&a]);
            for endpoint in files {
                fetch(&client, endpoint).await.unwrap();
            }
        }
    }
}
