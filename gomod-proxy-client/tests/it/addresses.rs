//! All addresses of a name are tried, and an error says which one, and how far it came.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gomod_proxy_client::policy::{RetryPolicy, Timeouts};
use gomod_proxy_client::report::Phase;
use gomod_proxy_client::{ErrorKind, ProxyClientBuilder};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy};

use crate::sources::{builder, faulty, fetch, good, quick_retries};

/// Something ill at another loopback address, on the port of the healthy server, and how many connections it got.
struct Ill {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

/// What it does to each connection, and whether that stays open.
type Illness = fn(&mut TcpStream) -> bool;

fn silent(_: &mut TcpStream) -> bool {
    true
}

fn closes(_: &mut TcpStream) -> bool {
    false
}

fn is_no_tls(stream: &mut TcpStream) -> bool {
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    true
}

fn hears_and_is_silent(stream: &mut TcpStream) -> bool {
    hear(stream);
    true
}

fn hears_and_closes(stream: &mut TcpStream) -> bool {
    hear(stream);
    false
}

fn hear(stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
}

impl Ill {
    /// None where this system has no other loopback address.
    fn start(port: u16, illness: Illness) -> Option<Self> {
        let Ok(listener) = TcpListener::bind(("127.0.0.2", port)) else {
            gomod_testkit::skip("there is no second loopback address");
            return None;
        };
        let (address, connections) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let mut stream = stream.unwrap();
                if illness(&mut stream) {
                    open.push(stream);
                }
            }
        });
        Some(Self { address, connections })
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A client for a server of which this address comes first, and the healthy one second.
fn both(scheme: &str, ill: &Ill, healthy: &LoopbackProxy) -> ProxyClientBuilder {
    let port = healthy.address().port();
    builder(&format!("{scheme}://other.example:{port}"))
        .resolve_to_addrs("other.example", &[ill.address, healthy.address()])
}

/// No retry is needed: the other address is tried while nothing has been asked.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn the_other_address_is_tried_where_tls_fails() {
    use gomod_proxy_client::transport::RootCertificates;
    use gomod_testkit::Certificate;

    for illness in [silent as Illness, closes, is_no_tls] {
        let healthy = LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::OtherName).start();
        let Some(ill) = Ill::start(healthy.address().port(), illness) else { return };
        let trusted = RootCertificates::from_pem(healthy.ca_pem().unwrap().as_bytes()).unwrap();
        let client = both("https", &ill, &healthy).root_certificates(trusted).build().unwrap();
        for endpoint in [Endpoint::Info, Endpoint::Mod, Endpoint::Zip] {
            fetch(&client, endpoint).await.unwrap();
        }
        assert_eq!((ill.connections(), healthy.hits()), (1, 3));
    }
}

/// What was sent is sent again by a retry, and that goes to the other address; so does the next call.
#[tokio::test]
async fn a_retry_does_not_go_to_the_address_that_gave_no_answer() {
    for illness in [hears_and_is_silent as Illness, hears_and_closes] {
        let healthy = good();
        let Some(ill) = Ill::start(healthy.address().port(), illness) else { return };
        let client = both("http", &ill, &healthy)
            .retries(quick_retries())
            .timeouts(Timeouts::new().stall(Duration::from_millis(500)))
            .build()
            .unwrap();
        let trace = fetch(&client, Endpoint::Info).await.unwrap();
        assert_eq!(trace.attempts().len(), 2);
        let outcome = trace.attempts()[0].outcome();
        assert!(outcome.contains(&format!("no answer from {}", ill.address)), "{outcome}");
        let trace = fetch(&client, Endpoint::Mod).await.unwrap();
        assert_eq!((trace.attempts().len(), ill.connections(), healthy.hits()), (1, 1, 2));
    }
}

/// Connections that are open already are not used any more.
#[tokio::test]
async fn a_connection_to_the_address_that_gave_no_answer_is_left() {
    fn answers_once(stream: &mut TcpStream) -> bool {
        hear(stream);
        let info = r#"{"Version":"v1.2.3"}"#;
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{info}", info.len());
        true
    }
    let healthy = good();
    let Some(ill) = Ill::start(healthy.address().port(), answers_once) else { return };
    let client = both("http", &ill, &healthy)
        .retries(quick_retries())
        .timeouts(Timeouts::new().stall(Duration::from_millis(500)))
        .build()
        .unwrap();
    fetch(&client, Endpoint::Info).await.unwrap();
    let trace = fetch(&client, Endpoint::Mod).await.unwrap();
    assert_eq!((trace.attempts().len(), ill.connections(), healthy.hits()), (2, 1, 1));
    let outcome = trace.attempts()[0].outcome();
    assert!(outcome.contains(&format!("no answer from {}", ill.address)), "{outcome}");
}

#[tokio::test]
async fn an_address_that_refuses_is_passed_over() {
    let healthy = good();
    let nobody = SocketAddr::from(([127, 0, 0, 3], healthy.address().port()));
    let list = format!("http://other.example:{}", healthy.address().port());
    let both = [nobody, healthy.address()];
    let client = builder(&list).resolve_to_addrs("other.example", &both).build().unwrap();
    fetch(&client, Endpoint::Info).await.unwrap();
    // Where all of them do, each is named.
    let another = SocketAddr::from(([127, 0, 0, 4], nobody.port()));
    let client = builder(&list).resolve_to_addrs("other.example", &[nobody, another]).build().unwrap();
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains(&format!("no connection to {nobody}, nor from {another}")), "{error}");
}

/// Name, connection, TLS, answer, body.
#[tokio::test]
async fn an_error_names_the_address_and_the_phase() {
    let quick = |list: &str| builder(list).timeouts(Timeouts::new().stall(Duration::from_millis(300)));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mute, short) =
        (faulty(Endpoint::Info, Fault::StallBeforeFirstByte), faulty(Endpoint::Info, Fault::StallAfter(3)));
    let mut cases = vec![
        ("http://server.invalid".to_owned(), ErrorKind::Dns, "its name is looked up".to_owned()),
        (format!("http://{port}"), ErrorKind::Connect, format!("no connection to {port}")),
        (mute.url(), ErrorKind::Stalled, format!("no answer from {}", mute.address())),
        (short.url(), ErrorKind::Stalled, format!("no more bytes from {}", short.address())),
    ];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    if cfg!(feature = "rustls") {
        let address = listener.local_addr().unwrap();
        cases.push((format!("https://{address}"), ErrorKind::Timeout, format!("no TLS with {address}")));
    }
    for (list, kind, place) in cases {
        let limits = quick(&list).build().unwrap();
        let error = fetch(&limits, Endpoint::Info).await.unwrap_err();
        let outcome = error.attempts()[0].outcome();
        assert!(error.to_string().contains(&place) && outcome.contains(&place), "{error}; {outcome}");
        let is_kind =
            error.kind() == kind || kind == ErrorKind::Timeout && error.kind() == ErrorKind::Stalled;
        assert!(is_kind, "{error:?}");
    }
}

#[tokio::test]
async fn whom_a_client_waits_for() {
    let mute = faulty(Endpoint::Info, Fault::StallBeforeFirstByte);
    let client = builder(&mute.url()).retries(RetryPolicy::none()).build().unwrap();
    assert!(client.pending().is_empty());
    let asking = client.clone();
    let call = tokio::spawn(async move { fetch(&asking, Endpoint::Info).await });
    while mute.hits() == 0 {
        tokio::task::yield_now().await;
    }
    let pending = client.pending();
    let [pending] = &pending[..] else { panic!("{pending:?}") };
    assert_eq!((pending.phase(), pending.address()), (Phase::Request, Some(mute.address())));
    assert!(pending.url().starts_with(&mute.url()) && pending.url().ends_with("v1.2.3.info"));
    assert!(pending.to_string().contains(&format!("no answer from {} for ", mute.address())), "{pending}");
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert!(client.pending().is_empty());

    // Between two tries it waits as well.
    let busy = faulty(Endpoint::Info, Fault::RetryAfter { code: 503, seconds: 30 });
    let client = builder(&busy.url()).retries(RetryPolicy::new()).build().unwrap();
    let asking = client.clone();
    let call = tokio::spawn(async move { fetch(&asking, Endpoint::Info).await });
    while client.pending().first().is_none_or(|pending| pending.phase() != Phase::Retry) {
        assert!(!call.is_finished());
        tokio::task::yield_now().await;
    }
    assert_eq!(client.pending()[0].url(), busy.url());
    call.abort();
}
