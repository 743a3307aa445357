//! HTTP proxies are the caller's to name.

use gomod_proxy_client::ErrorKind;
use gomod_proxy_client::transport::HttpProxies;
use gomod_testkit::Endpoint;

use crate::sources::{builder, fetch, good};

/// A loopback server that answers requests for any host is an HTTP proxy for `http`.
#[tokio::test]
async fn http_goes_through_the_proxy_unless_told_otherwise() {
    let proxy = good();
    let through = builder("http://goproxy.invalid").http_proxies(HttpProxies::new().http(proxy.url()));
    let error = fetch(&through.build().unwrap(), Endpoint::Info).await.unwrap_err();
    // The testkit's server takes the absolute URL for a path that it does not have.
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!(proxy.log()[0].target, "http://goproxy.invalid/example.com/%21upper/m/@v/v1.2.3.info");

    let bare = proxy.url().replace("http://", "");
    for no_proxy in ["goproxy.invalid", ".invalid", "*", "x.example, invalid"] {
        let proxies = HttpProxies::new().http(bare.clone()).no_proxy(no_proxy);
        let around = builder("http://goproxy.invalid").http_proxies(proxies).build().unwrap();
        assert!(!fetch(&around, Endpoint::Info).await.unwrap_err().is_not_found(), "{no_proxy}");
    }
    assert_eq!(proxy.hits(), 1);
}

#[tokio::test]
async fn loopback_hosts_are_never_proxied() {
    let (proxy, server) = (good(), good());
    let proxies = HttpProxies::new().http(proxy.url()).https(proxy.url());
    for host in ["127.0.0.1", "localhost"] {
        let list = server.url().replace("127.0.0.1", host);
        let client = builder(&list).http_proxies(proxies.clone()).build().unwrap();
        fetch(&client, Endpoint::Info).await.unwrap();
    }
    assert_eq!((proxy.hits(), server.hits()), (0, 2));
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn loopback_hosts_are_never_proxied_for_https_either() {
    use gomod_proxy_client::transport::RootCertificates;
    use gomod_testkit::{Certificate, LoopbackProxy};

    let proxy = good();
    let server = LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::Good).start();
    let proxies = HttpProxies::new().http(proxy.url()).https(proxy.url());
    let trusted = RootCertificates::from_pem(server.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder(&server.url()).http_proxies(proxies).root_certificates(trusted).build().unwrap();
    fetch(&client, Endpoint::Info).await.unwrap();
    assert_eq!((proxy.hits(), server.hits()), (0, 1));
}

/// An HTTP proxy that tunnels everything to one server, and the heads of the requests that it got.
#[cfg(feature = "rustls")]
fn tunnel(to: std::net::SocketAddr) -> (String, Heads) {
    use std::io::Write as _;
    use std::net::{Shutdown, TcpStream};

    proxy(move |client, reader| {
        let server = &TcpStream::connect(to)?;
        let mut to_client = client;
        to_client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let _ = std::io::copy(&mut { server }, &mut to_client);
                let _ = client.shutdown(Shutdown::Both);
            });
            let _ = std::io::copy(reader, &mut { server });
            let _ = server.shutdown(Shutdown::Both);
        });
        Ok(())
    })
}

type Heads = std::sync::Arc<std::sync::Mutex<Vec<String>>>;

/// A server that keeps the head of each request and answers as told.
fn proxy(
    answer: impl Fn(&std::net::TcpStream, &mut dyn std::io::BufRead) -> std::io::Result<()>
    + Clone
    + Send
    + 'static,
) -> (String, Heads) {
    use std::io::{BufRead as _, BufReader};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = Heads::default();
    let kept = heads.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, kept, answer) = (client.unwrap(), kept.clone(), answer.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(&client);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|n| n > 0) {}
                kept.lock().unwrap().push(head);
                let _ = answer(&client, &mut reader);
            });
        }
    });
    (address, heads)
}

fn refusing(answer: &'static str) -> (String, Heads) {
    use std::io::Write as _;
    proxy(move |mut client, _| client.write_all(answer.as_bytes()))
}

/// What says who asks is for the proxy alone, and what says it to the server goes through the tunnel.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn https_goes_through_a_tunnel() {
    use gomod_proxy_client::Credentials;
    use gomod_proxy_client::transport::RootCertificates;
    use gomod_testkit::{Certificate, LoopbackProxy};

    let server = LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::OtherName).start();
    let (address, heads) = tunnel(server.address());
    let client = builder("https://other.example")
        .http_proxies(HttpProxies::new().https(format!("http://me:s3cr3t@{address}")))
        .credentials(Credentials::new().basic("other.example", "u", "p"))
        .root_certificates(RootCertificates::from_pem(server.ca_pem().unwrap().as_bytes()).unwrap())
        .build()
        .unwrap();
    for endpoint in [Endpoint::Info, Endpoint::Zip] {
        fetch(&client, endpoint).await.unwrap();
        assert_eq!(server.log().last().unwrap().header("authorization"), Some("Basic dTpw"));
        assert_eq!(server.log().last().unwrap().header("proxy-authorization"), None);
    }
    // The first asks whether the proxy lets through, for its answer's status; the second is the tunnel.
    let heads = heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 2, "{heads:?}");
    for head in heads {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("connect other.example:443 http/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nproxy-authorization: basic bwu6cznjcjn0\r\n"), "{head}");
        assert!(!head.contains("\r\nauthorization:"), "{head}");
    }
}

/// What a proxy says in place of the server is asked for once, whatever the retries, and again where it may pass. It is
/// named, with the variable, the status and what it says, and never with its password.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_named() {
    for (status, tries) in [(407, 1), (403, 1), (404, 1), (302, 1), (204, 1), (502, 3), (503, 3)] {
        let head = format!("HTTP/1.1 {status} No\r\nContent-Type: text/plain\r\n");
        let body = if status == 204 { "\r\n" } else { "Content-Length: 9\r\n\r\nask sales" };
        let (address, heads) = refusing(String::leak(head + body));
        let client = builder("https://mirror.invalid")
            .retries(crate::sources::quick_retries().retries(2))
            .http_proxies(HttpProxies::new().https(format!("me:s3cr3t@{address}")).named("", "https_proxy"))
            .build()
            .unwrap();
        let error = fetch(&client, Endpoint::Info).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::HttpProxy, Some(status)), "{error:?}");
        assert_eq!((error.is_transient(), error.is_not_found()), (tries > 1, false), "{status}");
        let proxy = error.http_proxy().unwrap();
        assert_eq!((proxy.setting(), proxy.url()), ("https_proxy", &*format!("http://{address}")));
        let attempt = error.attempts().last().unwrap();
        for text in [error.to_string(), attempt.outcome().to_owned()] {
            let wanted =
                format!("http://{address} (https_proxy) answered CONNECT mirror.invalid:443 with {status}");
            assert!(text.contains(&wanted) && !text.contains("s3cr3t"), "{text}");
        }
        if status != 204 {
            assert_eq!(error.server_response(), Some("ask sales"));
        }
        assert_eq!((heads.lock().unwrap().len(), error.attempts().len()), (tries, tries), "{status}");
        // A refusal that stands is not asked for by the next call either.
        fetch(&client, Endpoint::Zip).await.unwrap_err();
        assert_eq!(heads.lock().unwrap().len(), if tries == 1 { 1 } else { 2 * tries }, "{status}");
    }
}

/// Whatever the port, be it that of another scheme.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn the_answer_to_connect_is_told_for_every_port() {
    let (address, heads) = refusing("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nask sales");
    for (list, authority) in [
        ("https://mirror.invalid", "mirror.invalid:443"),
        ("https://mirror.invalid:443", "mirror.invalid:443"),
        ("https://mirror.invalid:80", "mirror.invalid:80"),
        ("https://mirror.invalid:8443", "mirror.invalid:8443"),
        ("https://[2001:db8::1]:80", "[2001:db8::1]:80"),
    ] {
        let client = builder(list)
            .retries(crate::sources::quick_retries())
            .http_proxies(HttpProxies::new().https(format!("me:s3cr3t@{address}")))
            .build()
            .unwrap();
        let error = fetch(&client, Endpoint::Info).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::HttpProxy, Some(403)), "{error:?}");
        assert!(error.to_string().contains(&format!("answered CONNECT {authority} with 403")), "{error}");
        assert_eq!((error.server_response(), error.attempts().len()), (Some("ask sales"), 1), "{list}");
        let heads = std::mem::take(&mut *heads.lock().unwrap());
        let [head] = &heads[..] else { panic!("{list}: {heads:?}") };
        let head = head.to_ascii_lowercase();
        assert!(
            head.starts_with(&format!("connect {authority} http/1.1\r\nhost: {authority}\r\n")),
            "{head}"
        );
        assert!(head.contains("\r\nproxy-authorization: basic bwu6cznjcjn0\r\n"), "{head}");
        assert!(head.contains("\r\nuser-agent: gomod-proxy-client/"), "{head}");
    }
}

/// A proxy that wants credentials may answer requests for `http` as well.
#[tokio::test]
async fn a_proxy_that_wants_credentials_for_http_is_named() {
    let (address, heads) = refusing("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
    let client = builder("http://mirror.invalid").http_proxies(HttpProxies::new().http(&*address)).build();
    let error = fetch(&client.unwrap(), Endpoint::Info).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::HttpProxy, Some(407)));
    assert!(error.to_string().contains(&format!("http://{address} (HTTP_PROXY) answered 407")), "{error}");
    assert_eq!(heads.lock().unwrap().len(), 1);
}

/// An HTTP proxy that passes `http` on has its own answers where the server's are expected. Whose one is, is said where it
/// asks for credentials for the proxy or can only be a server's; else that it may be of either.
#[tokio::test]
async fn whose_answer_it_is_is_said_or_that_nothing_tells() {
    const OWN: &str = "Proxy-Authenticate: Basic realm=corp\r\n";
    for (status, header, whose) in [
        (407, OWN, "the proxy's"),
        (407, "", "the proxy's"),
        (403, OWN, "the proxy's"),
        (403, "", "of either"),
        (403, "Via: 1.1 squid\r\n", "of either"),
        (502, "", "of either"),
        (503, "", "of either"),
        (504, "", "of either"),
        (401, "WWW-Authenticate: Basic realm=go\r\n", "the server's"),
        (404, "", "the server's"),
        (500, "", "the server's"),
    ] {
        let answer = format!("HTTP/1.1 {status} No\r\n{header}Content-Length: 0\r\n\r\n");
        let (address, _) = refusing(String::leak(answer.clone()));
        let client =
            builder("http://mirror.invalid").http_proxies(HttpProxies::new().http(&*address)).build();
        let error = fetch(&client.unwrap(), Endpoint::Info).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        let named = format!("the HTTP proxy http://{address} (HTTP_PROXY) ");
        let wanted = match whose {
            "the proxy's" => format!("{named}answered {status}"),
            "of either" => format!("from {named}or the server behind it"),
            _ => String::new(),
        };
        for text in [error.to_string(), error.attempts()[0].outcome().to_owned()] {
            assert!(
                text.contains(&wanted) && text.contains(&status.to_string()),
                "{status} {header}: {text}"
            );
            assert_eq!(text.contains(&named), whose != "the server's", "{status} {header}: {text}");
        }
        assert_eq!(error.kind() == ErrorKind::HttpProxy, whose == "the proxy's", "{status} {header}");
        assert_eq!(error.http_proxy().is_some(), whose != "the server's", "{status} {header}");
        assert_eq!(error.is_not_found(), status == 404);

        // Behind `direct` it is that of the last attempt.
        let (address, _) = refusing(String::leak(answer));
        let client =
            builder("http://mirror.invalid|direct").http_proxies(HttpProxies::new().http(&*address)).build();
        let error = fetch(&client.unwrap(), Endpoint::Info).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::DirectUnsupported, Some(status)));
        let proxy = error.http_proxy().map(|proxy| proxy.url().to_owned());
        assert_eq!(
            proxy,
            (whose != "the server's").then(|| format!("http://{address}")),
            "{status} {header}"
        );
        let last = &error.attempts()[0];
        assert_eq!(last.kind() == Some(ErrorKind::HttpProxy), whose == "the proxy's");
        assert_eq!((last.status(), last.is_transient()), (Some(status), status >= 500), "{last}");
    }
}

/// Behind a tunnel it is the server that speaks, whatever it says.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn what_comes_through_a_tunnel_is_the_servers() {
    use gomod_proxy_client::transport::RootCertificates;
    use gomod_testkit::{Certificate, Fault, LoopbackProxy};

    for status in [403, 407, 502] {
        let server = LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::OtherName);
        let server = server.fault(Endpoint::Any, Fault::status(status)).start();
        let (address, _) = tunnel(server.address());
        let client = builder("https://other.example")
            .http_proxies(HttpProxies::new().https(&*address))
            .root_certificates(RootCertificates::from_pem(server.ca_pem().unwrap().as_bytes()).unwrap())
            .build()
            .unwrap();
        let error = fetch(&client, Endpoint::Info).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(status)), "{error:?}");
        assert!(error.http_proxy().is_none() && !error.to_string().contains(&address), "{error}");
    }
}

/// The name and the port are the proxy's.
#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    // Nobody listens any more.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let schemes = if cfg!(feature = "rustls") { &["http", "https"][..] } else { &["http"] };
    for scheme in schemes {
        for (proxy, kind) in [
            (format!("http://{address}"), ErrorKind::Connect),
            (format!("socks5://{address}"), ErrorKind::Connect),
            ("http://proxy.invalid:3128".to_owned(), ErrorKind::Dns),
        ] {
            let client = builder(&format!("{scheme}://mirror.invalid"))
                .http_proxies(HttpProxies::new().http(&*proxy).https(&*proxy))
                .build()
                .unwrap();
            let error = fetch(&client, Endpoint::Info).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{error:?}");
            assert_eq!(error.http_proxy().unwrap().url(), proxy);
            let variable = format!("{proxy} ({}_PROXY)", scheme.to_ascii_uppercase());
            assert!(error.to_string().contains(&variable), "{error}");
        }
    }
}

/// As in Go, the proxy is told the name and not an address, with `socks5` too.
#[tokio::test]
async fn socks_proxies_are_told_the_name() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let server = good();
    let to = server.address();
    for scheme in ["socks5", "socks5h"] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = std::thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(&client);
            let mut head = [0; 2];
            reader.read_exact(&mut head).unwrap();
            reader.read_exact(&mut vec![0; head[1].into()]).unwrap();
            (&client).write_all(&[5, 2]).unwrap();
            // Name and password, each with its length.
            reader.read_exact(&mut [0; 1]).unwrap();
            let mut login = Vec::new();
            for _ in 0..2 {
                let mut length = [0];
                reader.read_exact(&mut length).unwrap();
                let mut text = vec![0; length[0].into()];
                reader.read_exact(&mut text).unwrap();
                login.push(String::from_utf8(text).unwrap());
            }
            (&client).write_all(&[1, 0]).unwrap();
            let mut head = [0; 5];
            reader.read_exact(&mut head).unwrap();
            assert_eq!(head[3], 3, "a name");
            let mut rest = vec![0; usize::from(head[4]) + 2];
            reader.read_exact(&mut rest).unwrap();
            (&client).write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            let server = std::net::TcpStream::connect(to).unwrap();
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") {
                reader.read_line(&mut request).unwrap();
            }
            (&server).write_all(request.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes()).unwrap();
            let _ = std::io::copy(&mut &server, &mut &client);
            (login, String::from_utf8_lossy(&rest[..rest.len() - 2]).into_owned())
        });
        let proxies = HttpProxies::new().http(format!("{scheme}://me:p%40ss@{address}"));
        let client = builder("http://mirror.invalid").http_proxies(proxies).build().unwrap();
        fetch(&client, Endpoint::Info).await.unwrap();
        drop(client);
        let (login, name) = tokio::task::spawn_blocking(|| asked.join().unwrap()).await.unwrap();
        assert_eq!((login, name), (vec!["me".into(), "p@ss".into()], "mirror.invalid".into()));
    }
}

/// The library would send it the request, and credentials, in plain text.
#[cfg(not(feature = "rustls"))]
#[test]
fn https_proxies_need_tls() {
    for proxies in [HttpProxies::new().http("https://h"), HttpProxies::new().http("https://h:3128")] {
        proxies.proxy_for("http://mirror.invalid").unwrap_err();
    }
}

/// A proxy that cannot be used fails what would go through it, and nothing else.
#[tokio::test]
async fn a_proxy_that_is_none_matters_where_it_would_be_used() {
    let server = good();
    for (value, shown) in [
        ("ftp://h:1", "ftp://h:1"),
        ("socks4://h:1", "socks4://h:1"),
        ("http://", "http://"),
        ("http://h:port", "http://h:port"),
        ("http://me:s3cr3t@h:port", "http://xxxxx@h:port"),
        ("me:s3cr3t@h:p", "xxxxx@h:p"),
        ("//h:1", "//h:1"),
        ("http://h\u{7f}", "http://h\u{7f}"),
    ] {
        let proxies = HttpProxies::new().http(value).no_proxy("around.invalid");
        let client = |list: &str| builder(list).http_proxies(proxies.clone()).build().unwrap();
        fetch(&client(&server.url()), Endpoint::Info).await.unwrap();
        let error = fetch(&client("http://mirror.invalid"), Endpoint::Info).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::InvalidUrl, 1), "{error:?}");
        let outcome = error.attempts()[0].outcome();
        assert!(outcome.contains(&format!("HTTP_PROXY is no HTTP proxy: {shown:?}")), "{outcome}");
        let error = fetch(&client("http://around.invalid"), Endpoint::Info).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dns, "{value}");
    }
    assert_eq!(HttpProxies::new().proxy_for("http://mirror.invalid").unwrap(), None);
}
