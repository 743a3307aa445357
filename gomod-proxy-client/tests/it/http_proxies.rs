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
