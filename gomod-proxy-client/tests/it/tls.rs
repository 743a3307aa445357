//! https: which certificates are taken, and what the others mean for a list.
//!
//! The client trusts what the machine trusts, and the environment of a process says what that is (`SSL_CERT_FILE`). So
//! each list is asked for by a process of its own, which is this program again.

use std::env;
use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use gomod_proxy_client::auth::Netrc;
use gomod_proxy_client::policy::Timeouts;
use gomod_proxy_client::transport::{HttpProxies, RootCertificates};
use gomod_proxy_client::{Credentials, ErrorKind};
use gomod_testkit::{Certificate, Endpoint, Fault, LoopbackProxy, Rule};
use serde_json::{Value, json};

use crate::sources::{builder, client, faulty, fetch, good, tree};

const LIST: &str = "GOMOD_TEST_LIST";
const HTTP_PROXY: &str = "GOMOD_TEST_HTTP_PROXY";
pub(crate) const NETRC: &str = "GOMOD_TEST_NETRC";
pub(crate) const TOKEN: &str = "GOMOD_TEST_TOKEN";
const ANSWER: &str = "ATTEMPTS ";

/// One attempt as the other process saw it.
#[derive(Debug)]
pub(crate) struct Said {
    source: String,
    /// Empty where the file was taken.
    pub(crate) kind: String,
    transient: bool,
    next: String,
    outcome: String,
    /// What the server said beside the status that is reported.
    pub(crate) response: Option<String>,
}

#[tokio::test]
async fn part_fetch() {
    let Ok(list) = env::var(LIST) else { return };
    let proxies = HttpProxies::new().http(env::var(HTTP_PROXY).unwrap_or_default());
    let mut credentials = Credentials::new();
    if let Ok(token) = env::var(TOKEN) {
        let (place, token) = token.split_once(' ').unwrap();
        credentials = credentials.bearer(place, token).unwrap();
    }
    credentials = credentials.netrc(Netrc::parse(env::var(NETRC).unwrap_or_default().as_bytes()));
    let client = builder(&list).http_proxies(proxies).credentials(credentials).build().unwrap();
    let (attempts, response) = match fetch(&client, Endpoint::Zip).await {
        Ok(trace) => (trace.attempts().to_vec(), None),
        Err(error) => (error.attempts().to_vec(), error.server_response().map(str::to_owned)),
    };
    let said: Vec<Value> = attempts
        .iter()
        .map(|attempt| {
            json!({
                "source": attempt.source(),
                "kind": attempt.kind().map_or("", ErrorKind::as_str),
                "transient": attempt.is_transient(),
                "next": attempt.next().as_str(),
                "outcome": attempt.outcome(),
                "response": response,
            })
        })
        .collect();
    println!("\n{ANSWER}{}", Value::from(said));
}

/// What comes of a list on a machine that trusts the authorities of these proxies alone.
fn ask(trusted: &[&LoopbackProxy], list: &str, http_proxy: &str) -> Vec<Said> {
    ask_with(trusted, list, &[(HTTP_PROXY, http_proxy)])
}

/// The same, with more in the environment.
pub(crate) fn ask_with(trusted: &[&LoopbackProxy], list: &str, more: &[(&str, &str)]) -> Vec<Said> {
    let dir = tempfile::tempdir().unwrap();
    let certificates = dir.path().join("ca.pem");
    let pem: String = trusted.iter().filter_map(|proxy| proxy.ca_pem()).collect();
    fs::write(&certificates, pem).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "tls::part_fetch", "--nocapture", "--test-threads=1"])
        .env(LIST, list)
        .envs(more.iter().copied())
        .env("SSL_CERT_FILE", &certificates)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answer = text.lines().find_map(|line| line.strip_prefix(ANSWER));
    let answer: Value = serde_json::from_str(answer.unwrap_or_else(|| panic!("{text}"))).unwrap();
    let text = |attempt: &Value, name: &str| attempt[name].as_str().unwrap().to_owned();
    let said = answer.as_array().unwrap().iter().map(|attempt| Said {
        source: text(attempt, "source"),
        kind: text(attempt, "kind"),
        transient: attempt["transient"].as_bool().unwrap(),
        next: text(attempt, "next"),
        outcome: text(attempt, "outcome"),
        response: attempt["response"].as_str().map(str::to_owned),
    });
    said.collect()
}

pub(crate) fn secure(certificate: Certificate) -> LoopbackProxy {
    LoopbackProxy::builder(tree()).tls(certificate).start()
}

/// The rows of Go for a source that fails over TLS: alone and before a comma the list ends, a pipe is passed.
fn stops(a: &LoopbackProxy, trusted: &[&LoopbackProxy], kind: &str, reason: &str) {
    let b = good();
    let (url_a, url_b) = (a.url(), b.url());
    for (list, next) in [(url_a.clone(), "end_of_list"), (format!("{url_a},{url_b}"), "error_stops")] {
        let [said] = &ask(trusted, &list, "")[..] else { panic!("{list}: one attempt was expected") };
        assert_eq!((said.kind.as_str(), said.next.as_str()), (kind, next), "{said:?}");
        assert!(!said.transient, "{said:?}");
        assert!(said.outcome.contains(reason), "{said:?}");
    }
    assert_eq!(b.hits(), 0);
    let [first, second] = &ask(trusted, &format!("{url_a}|{url_b}"), "")[..] else { panic!("two attempts") };
    assert_eq!((first.kind.as_str(), first.next.as_str()), (kind, "error_passes"), "{first:?}");
    assert_eq!((second.kind.as_str(), &second.source), ("", &url_b), "{second:?}");
    assert_eq!((a.hits(), b.hits()), (0, 1));
}

#[test]
fn a_certificate_of_a_trusted_authority_is_taken() {
    let a = secure(Certificate::Good);
    for list in [a.url(), a.url().replace("127.0.0.1", "localhost")] {
        let [said] = &ask(&[&a], &list, "")[..] else { panic!("one attempt") };
        assert_eq!((said.kind.as_str(), said.next.as_str()), ("", "found"), "{said:?}");
    }
    assert_eq!(a.hits(), 2);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    stops(&secure(Certificate::Good), &[&secure(Certificate::Good)], "tls", "UnknownIssuer");
}

/// Where a proxy intercepts TLS, its name is all that tells its user so.
#[tokio::test]
async fn who_issued_a_refused_certificate_is_named_and_can_be_trusted() {
    let (a, other) = (secure(Certificate::Good), secure(Certificate::Good));
    let trusting = |proxies: &[&LoopbackProxy]| {
        let pem: String = proxies.iter().filter_map(|proxy| proxy.ca_pem()).collect();
        builder(&a.url())
            .root_certificates(RootCertificates::from_pem(pem.as_bytes()).unwrap())
            .build()
            .unwrap()
    };
    let error = fetch(&trusting(&[&other]), Endpoint::Zip).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    let reason = std::error::Error::source(&error).unwrap().to_string();
    for part in ["UnknownIssuer", "; it was issued by ", "O=", "add its authority", "SSL_CERT_FILE"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert_eq!(error.attempts()[0].outcome(), reason);
    fetch(&trusting(&[&other, &a]), Endpoint::Zip).await.unwrap();

    let expired = secure(Certificate::Expired);
    let certificates = RootCertificates::from_pem(expired.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder(&expired.url()).root_certificates(certificates).build().unwrap();
    let shown = format!("{:?}", fetch(&client, Endpoint::Zip).await.unwrap_err());
    assert!(shown.contains("xpired") && !shown.contains("add its authority"), "{shown}");

    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "text", broken, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        RootCertificates::from_pem(pem.as_bytes()).unwrap_err();
    }
    assert!(RootCertificates::from_pem(format!("{}{broken}", a.ca_pem().unwrap()).as_bytes()).is_err());
}

#[test]
fn a_machine_that_trusts_nobody_refuses_every_certificate() {
    stops(&secure(Certificate::Good), &[], "no_trust_roots", "SSL_CERT_FILE");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let a = secure(Certificate::OtherName);
    stops(&a, &[&a], "tls", "other.example");
}

#[test]
fn a_certificate_that_has_ended_is_refused() {
    let a = secure(Certificate::Expired);
    stops(&a, &[&a], "tls", "expired");
}

#[test]
fn faults_are_the_same_inside_tls() {
    for (fault, kind) in [
        (Fault::status(404), "not_found"),
        (Fault::status(502), "status"),
        (Fault::CutBody { after: 10, reset: false }, "incomplete_body"),
        (Fault::CutBody { after: 10, reset: true }, "incomplete_body"),
        (Fault::NoLength, ""),
    ] {
        let a =
            LoopbackProxy::builder(tree()).tls(Certificate::Good).fault(Endpoint::Zip, fault.clone()).start();
        let [said] = &ask(&[&a], &a.url(), "")[..] else { panic!("one attempt: {fault:?}") };
        assert_eq!(said.kind, kind, "{fault:?}: {said:?}");
        // Go asks twice for what a 4xx answers over https.
        assert_eq!(a.hits(), 1);
    }
}

#[test]
fn redirects_lead_into_tls_and_not_out_of_it() {
    let to = |location: &LoopbackProxy| Fault::Redirect {
        code: 302,
        location: format!("{}/{{path}}", location.url()),
    };
    let b = secure(Certificate::Good);
    let a = faulty(Endpoint::Zip, to(&b));
    let [said] = &ask(&[&b], &a.url(), "")[..] else { panic!("one attempt") };
    assert_eq!(said.kind, "", "{said:?}");

    let plain = good();
    let a = LoopbackProxy::builder(tree()).tls(Certificate::Good).fault(Endpoint::Zip, to(&plain)).start();
    let [said] = &ask(&[&a], &format!("{},{}", a.url(), plain.url()), "")[..] else { panic!("one attempt") };
    assert_eq!((said.kind.as_str(), said.next.as_str()), ("redirect", "error_stops"), "{said:?}");
    assert_eq!((a.hits(), plain.hits()), (1, 0));
}

#[test]
fn credentials_go_to_their_server_alone() {
    let a = secure(Certificate::Good);
    let with_credentials = a.url().replace("https://", "https://user:s3cr3t@");
    let authorization = |proxy: &LoopbackProxy| {
        proxy
            .log()
            .iter()
            .map(|request| request.header("authorization").map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let sent = Some("Basic dXNlcjpzM2NyM3Q=".to_owned());
    let [said] = &ask(&[&a], &with_credentials, "")[..] else { panic!("one attempt") };
    assert_eq!(said.kind, "", "{said:?}");
    assert_eq!(said.source, a.url().replace("https://", "https://user:xxxxx@"));
    assert_eq!(authorization(&a), std::slice::from_ref(&sent));

    // From a to b and back: b chose where in a, so that a hears no name either.
    let back = format!("{}/back/{{path}}", a.url());
    let b = LoopbackProxy::builder(tree())
        .tls(Certificate::Good)
        .fault(Endpoint::Any, Fault::Redirect { code: 302, location: back })
        .start();
    let away = Fault::Redirect { code: 302, location: format!("{}/{{path}}", b.url()) };
    a.add_rule(Rule::new(Endpoint::Any, away).times(1));
    let [said] = &ask(&[&a, &b], &with_credentials, "")[..] else { panic!("one attempt") };
    assert_eq!(said.kind, "not_found", "{said:?}");
    assert_eq!(authorization(&b), [None]);
    assert_eq!(authorization(&a), [sent.clone(), sent, None]);
}

/// `http` sources need certificates where the proxy on the way to them does.
#[test]
fn an_http_proxy_that_speaks_tls() {
    let proxy = secure(Certificate::Good);
    let list = "http://goproxy.invalid";
    let [said] = &ask(&[&proxy], list, &proxy.url())[..] else { panic!("one attempt") };
    // The testkit's server takes the absolute URL for a path that it does not have.
    assert_eq!(said.kind, "not_found", "{said:?}");
    assert!(proxy.log()[0].target.starts_with("http://goproxy.invalid/"), "{:?}", proxy.log());

    let [said] = &ask(&[], list, &proxy.url())[..] else { panic!("one attempt") };
    assert_eq!(said.kind, "no_trust_roots", "{said:?}");
}

#[tokio::test]
async fn plain_http_to_a_server_that_speaks_tls() {
    let (a, b) = (secure(Certificate::Good), good());
    let list = a.url().replace("https://", "http://");
    fetch(&client(&format!("{list},{}", b.url())), Endpoint::Info).await.unwrap_err();
    assert_eq!(b.hits(), 0);
    fetch(&client(&format!("{list}|{}", b.url())), Endpoint::Info).await.unwrap();
}

#[tokio::test]
async fn a_handshake_that_is_never_answered_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let https = format!("https://{}", listener.local_addr().unwrap());
    let silent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let timeouts = Timeouts::new().connect(Duration::from_millis(300));
    let client = builder(&https).timeouts(timeouts).build().unwrap();
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    // A machine without certificates has no TLS client to be kept waiting.
    if error.kind() != ErrorKind::NoTrustRoots {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert!(error.is_transient());
        drop(client);
        silent.join().unwrap();
    }
}
