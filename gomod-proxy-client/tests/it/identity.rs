//! Laws: a client's certificate is shown to the sources of the list that ask for one, and to no server else; secret headers go
//! over https alone; no header that is the client's to say can be set.

use std::sync::Arc;

use gomod_proxy_client::transport::{Identity, RootCertificates};
use gomod_proxy_client::{ErrorKind, GoProxy, ProxyClient, ProxyClientBuilder};
use gomod_testkit::{Certificate, Endpoint, Fault, LoopbackProxy};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::sources::{builder, fetch, good, tree};

fn mutual() -> LoopbackProxy {
    LoopbackProxy::builder(tree()).mutual_tls().start()
}

fn trusting(list: &str, servers: &[&LoopbackProxy]) -> ProxyClientBuilder {
    let pem: String = servers.iter().filter_map(|server| server.ca_pem()).collect();
    builder(list).root_certificates(RootCertificates::from_pem(pem.as_bytes()).unwrap())
}

fn identity(server: &LoopbackProxy) -> Identity {
    Identity::from_pem(server.client_pem().unwrap().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_it() {
    let (a, b) = (mutual(), mutual());
    let client = trusting(&a.url(), &[&a]).identity(identity(&a)).build().unwrap();
    for endpoint in [Endpoint::Info, Endpoint::Zip] {
        fetch(&client, endpoint).await.unwrap();
    }
    for client in [trusting(&a.url(), &[&a]), trusting(&a.url(), &[&a]).identity(identity(&b))] {
        let error = fetch(&client.build().unwrap(), Endpoint::Info).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Tls | ErrorKind::Reset), "{error:?}");
    }
}

#[tokio::test]
async fn a_redirect_takes_no_certificate_along() {
    let storage = mutual();
    let to = format!("{}/{{path}}", storage.url());
    let a = LoopbackProxy::builder(tree())
        .tls(Certificate::Good)
        .fault(Endpoint::Any, Fault::Redirect { code: 302, location: to })
        .start();
    let client = trusting(&a.url(), &[&a, &storage]).identity(identity(&storage)).build().unwrap();
    let error = fetch(&client, Endpoint::Info).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Tls | ErrorKind::Reset), "{error:?}");
    assert!(storage.log().is_empty());
}

#[test]
fn an_identity_is_a_certificate_and_a_key() {
    let server = mutual();
    let pem = server.client_pem().unwrap();
    let (certificate, key) = pem.split_at(pem.find("-----BEGIN PRIVATE KEY-----").unwrap());
    for part in [certificate, key, "", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        assert!(Identity::from_pem(part.as_bytes()).is_err(), "{part}");
    }
    let shown = format!("{:?}", identity(&server));
    assert_eq!(shown, "Identity { certificates: 1, .. }");
}

#[tokio::test]
async fn the_provider_of_the_caller_is_used() {
    let a = LoopbackProxy::builder(tree()).tls(Certificate::Good).start();
    let mut none = rustls::crypto::aws_lc_rs::default_provider();
    none.cipher_suites.clear();
    let build = trusting(&a.url(), &[&a]).crypto_provider(Arc::new(none)).build();
    assert!(build.is_err(), "without ciphers there is no TLS");
    let one = rustls::crypto::aws_lc_rs::default_provider();
    let client = trusting(&a.url(), &[&a]).crypto_provider(Arc::new(one)).build().unwrap();
    fetch(&client, Endpoint::Info).await.unwrap();
}

fn header(name: &'static str, value: &'static str, secret: bool) -> (HeaderName, HeaderValue) {
    let mut value = HeaderValue::from_static(value);
    value.set_sensitive(secret);
    (HeaderName::from_static(name), value)
}

#[tokio::test]
async fn headers_of_the_caller() {
    let secure = LoopbackProxy::builder(tree()).tls(Certificate::Good).start();
    let plain = good();
    let headers = HeaderMap::from_iter([header("x-team", "blue", false), header("x-key", "s3cr3t", true)]);
    for (server, key) in [(&secure, Some("s3cr3t")), (&plain, None)] {
        let client =
            trusting(&server.url(), &[&secure]).default_headers(headers.clone()).user_agent("me/1 (x)");
        fetch(&client.build().unwrap(), Endpoint::Info).await.unwrap();
        let request = &server.log()[0];
        assert_eq!(request.header("x-team"), Some("blue"));
        assert_eq!(request.header("x-key"), key);
        assert_eq!(request.header("user-agent"), Some("me/1 (x)"));
    }
}

#[test]
fn what_is_the_clients_to_say_is_refused() {
    let list = GoProxy::parse("https://a.example").unwrap();
    for name in ["authorization", "range", "if-range", "host", "accept-encoding", "cookie", "user-agent"] {
        let headers = HeaderMap::from_iter([header(name, "x", false)]);
        let error = ProxyClient::builder(list.clone()).default_headers(headers).build().unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, format!("the header {name} is not for callers to set"));
    }
    for user_agent in ["", "a\nb", "ü"] {
        assert!(ProxyClient::builder(list.clone()).user_agent(user_agent).build().is_err(), "{user_agent:?}");
    }
}
