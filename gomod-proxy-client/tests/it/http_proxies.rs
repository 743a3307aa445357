//! HTTP proxies are the caller's to name.

use gomod_proxy_client::HttpProxies;
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
    use gomod_proxy_client::Authorities;
    use gomod_testkit::{Certificate, LoopbackProxy};

    let proxy = good();
    let server = LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::Good).start();
    let proxies = HttpProxies::new().http(proxy.url()).https(proxy.url());
    let trusted = Authorities::from_pem(server.ca_pem().unwrap().as_bytes()).unwrap();
    let client = builder(&server.url()).http_proxies(proxies).authorities(trusted).build().unwrap();
    fetch(&client, Endpoint::Info).await.unwrap();
    assert_eq!((proxy.hits(), server.hits()), (0, 1));
}

/// A proxy that tunnels everything to one server, and the head of the one request that it gets.
#[cfg(feature = "rustls")]
fn tunnel(to: std::net::SocketAddr) -> (String, std::thread::JoinHandle<String>) {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{Shutdown, TcpListener, TcpStream};

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let proxy = std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&client);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        let server = TcpStream::connect(to).unwrap();
        (&client).write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _ = std::io::copy(&mut &server, &mut &client);
                let _ = client.shutdown(Shutdown::Both);
            });
            let _ = std::io::copy(&mut reader, &mut &server);
            let _ = server.shutdown(Shutdown::Both);
        });
        head
    });
    (address, proxy)
}

/// What says who asks is for the proxy alone, and what says it to the server goes through the tunnel.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn https_goes_through_a_tunnel() {
    use gomod_proxy_client::{Authorities, Credentials};
    use gomod_testkit::{Certificate, LoopbackProxy};

    let server = LoopbackProxy::builder(crate::sources::tree()).tls(Certificate::OtherName).start();
    let (address, proxy) = tunnel(server.address());
    let client = builder("https://other.example")
        .http_proxies(HttpProxies::new().https(format!("http://me:s3cr3t@{address}")))
        .credentials(Credentials::new().basic("other.example", "u", "p"))
        .authorities(Authorities::from_pem(server.ca_pem().unwrap().as_bytes()).unwrap())
        .build()
        .unwrap();
    fetch(&client, Endpoint::Zip).await.unwrap();
    assert_eq!(server.log()[0].header("authorization"), Some("Basic dTpw"));
    assert_eq!(server.log()[0].header("proxy-authorization"), None);
    drop(client);
    // The runtime closes the connection while this waits.
    let head = tokio::task::spawn_blocking(|| proxy.join().unwrap()).await.unwrap().to_ascii_lowercase();
    assert!(head.starts_with("connect other.example:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: basic bwu6cznjcjn0\r\n"), "{head}");
    assert!(!head.contains("\r\nauthorization:"), "{head}");
}

/// The library would send it the request, and credentials, in plain text.
#[cfg(not(feature = "rustls"))]
#[test]
fn https_proxies_need_tls() {
    for proxies in [HttpProxies::new().http("https://h"), HttpProxies::new().https("https://h")] {
        builder("off").http_proxies(proxies).build().unwrap_err();
    }
}

#[test]
fn proxies_that_are_none() {
    for url in ["socks5://h:1", "http://", "http://h:port"] {
        let error = builder("off").http_proxies(HttpProxies::new().http(url)).build().unwrap_err();
        assert_eq!(error.url, url);
    }
    builder("off").http_proxies(HttpProxies::new().http("").https("")).build().unwrap();
}
