//! What a client says of the answers it gets, and what it sends to get them.

use gomod_proxy_client::ErrorKind;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply, Rule};

use crate::servers::FILES;
use crate::sources::{WIRE, client, faulty, fetch, good};

#[tokio::test]
async fn a_status_is_asked_for_once_whatever_it_is() {
    for code in [404, 429, 500, 503] {
        let a = faulty(Endpoint::Info, Fault::status(code));
        let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
        assert_eq!(error.status(), Some(code));
        assert_eq!(error.is_transient(), code != 404);
        assert_eq!(a.requests(), [format!("{WIRE}.info")]);
        assert_eq!(error.server_response(), Some(format!("status {code}").as_str()));
    }
    let html = Fault::Reply(Reply::new(500).content_type("text/html").body("<h1>no</h1>"));
    let a = faulty(Endpoint::Info, html);
    let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
    assert_eq!(error.server_response(), Some("web page: no"));
}

/// A source that knows a version by its `.info` alone: the others come from the next one.
#[tokio::test]
async fn go_mod_and_zip_that_are_both_not_found() {
    let missing = |endpoint| Rule::new(endpoint, Fault::status(404));
    let builder = LoopbackProxy::builder(crate::sources::tree());
    let (a, b) = (builder.rule(missing(Endpoint::Mod)).rule(missing(Endpoint::Zip)).start(), good());
    for separator in [',', '|'] {
        let client = client(&format!("{}{separator}{}", a.url(), b.url()));
        for (endpoint, source) in [(Endpoint::Info, &a), (Endpoint::Mod, &b), (Endpoint::Zip, &b)] {
            let trace = fetch(&client, endpoint).await.unwrap();
            assert_eq!(trace.source(), Some(source.url().as_str()), "{endpoint:?}");
        }
    }
}

#[tokio::test]
async fn refused_connections_and_unknown_names() {
    let b = good();
    for (a, kind) in [
        (LoopbackProxy::refused_url(), ErrorKind::Connect),
        ("http://nonexistent.invalid".to_owned(), ErrorKind::Dns),
    ] {
        for list in [a.clone(), format!("{a},{}", b.url())] {
            let error = fetch(&client(&list), Endpoint::Info).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(error.is_transient());
        }
        assert_eq!(b.hits(), 0);
    }
    let list = format!("{}|{}", LoopbackProxy::refused_url(), b.url());
    fetch(&client(&list), Endpoint::Info).await.unwrap();
}

/// The next request on a connection that its server has closed meanwhile is made again, once, on a new one.
#[tokio::test]
async fn connections_that_close_between_requests() {
    for reset in [false, true] {
        let a = faulty(Endpoint::Any, Fault::CloseAfter { reset });
        let client = client(&a.url());
        for _ in 0..20 {
            for endpoint in FILES {
                fetch(&client, endpoint).await.unwrap();
            }
        }
    }
    let a = good();
    let client = client(&a.url());
    fetch(&client, Endpoint::Info).await.unwrap();
    a.add_rule(Rule::new(Endpoint::Zip, Fault::CloseBeforeFirstByte));
    assert_eq!(fetch(&client, Endpoint::Zip).await.unwrap_err().kind(), ErrorKind::Reset);
    assert_eq!(a.hits(), 3);
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn https_to_a_server_that_speaks_http() {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let https = format!("https://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let b = good();
    let error = fetch(&client(&format!("{https},{}", b.url())), Endpoint::Info).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
    assert!(!error.is_transient());
    fetch(&client(&format!("{https}|{}", b.url())), Endpoint::Info).await.unwrap();
    assert_eq!(b.hits(), 1);
    server.join().unwrap();
}

/// The whole message is one layer; the cause is below it.
#[tokio::test]
async fn errors_say_what_go_says() {
    let a = faulty(Endpoint::Info, Fault::status(404));
    let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
    let url = format!("{}/example.com/%21upper/m/@v/v1.2.3.info", a.url());
    assert_eq!(error.to_string(), format!("example.com/Upper/m@v1.2.3: reading {url}: 404 Not Found"));
    assert_eq!(error.attempts()[0].url(), Some(url.as_str()));
    assert_eq!(error.attempts()[0].outcome(), "404 Not Found");

    let a = faulty(Endpoint::Info, Fault::Body(b"{\"Version\":\"v1.2.4\"}".into()));
    let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
    let wanted = "proxy returned info for version v1.2.4 instead of requested version";
    assert_eq!(error.to_string(), format!("example.com/Upper/m@v1.2.3: {wanted}"));
    assert_eq!(error.attempts()[0].status(), Some(200));

    // What could play tricks on a terminal is quoted.
    let a = faulty(Endpoint::Info, Fault::Body(b"{\"Version\":\"\\u001b[31m\"}".into()));
    let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
    let wanted = r#"proxy returned info for version "\x1b[31m" instead of requested version"#;
    assert_eq!(error.attempts()[0].outcome(), wanted);

    let a = faulty(Endpoint::Info, Fault::html());
    let error = fetch(&client(&a.url()), Endpoint::Info).await.unwrap_err();
    let wanted = format!("example.com/Upper/m@v1.2.3: invalid response from proxy \"{}\"", a.url());
    assert_eq!(error.to_string(), wanted);
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_request_is_small_and_says_who_asks() {
    let a = good();
    fetch(&client(&format!("{}/", a.url())), Endpoint::Zip).await.unwrap();
    let request = &a.log()[0];
    assert_eq!(request.target, "/example.com/%21upper/m/@v/v1.2.3.zip");
    let agent = concat!("gomod-proxy-client/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(agent));
    // The offsets of a packed zip would be others.
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let known = ["accept", "accept-encoding", "host", "user-agent"];
    assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
    fetch(&client(&a.url()), Endpoint::Info).await.unwrap();
    assert_eq!(a.log()[1].header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn the_query_of_a_base_goes_with_every_request() {
    let a = good();
    fetch(&client(&format!("{}//?token=1", a.url())), Endpoint::Info).await.unwrap();
    assert_eq!(a.log()[0].target, "/example.com/%21upper/m/@v/v1.2.3.info?token=1");
}

#[tokio::test]
async fn latest_comes_from_the_list_where_a_proxy_has_no_latest() {
    let pseudo = "v0.0.0-20210102030405-bbbbbbbbbbbb";
    let list = "v0.0.0-20200102030405-aaaaaaaaaaaa\nv0.0.0-20210102030405-bbbbbbbbbbbb\n";
    let tree = crate::sources::tree()
        .file("example.com/!upper/m/@v/list", list)
        .file(&format!("example.com/!upper/m/@v/{pseudo}.info"), format!("{{\"Version\":\"{pseudo}\"}}"));
    let a = LoopbackProxy::serve(tree);
    let latest = client(&a.url()).latest(&crate::sources::path()).await.unwrap();
    assert_eq!(latest.value.version, pseudo);
    let next: Vec<_> = latest.trace.attempts().iter().map(|attempt| attempt.next().as_str()).collect();
    assert_eq!(next, ["same_source", "same_source", "found"]);

    let latest = LoopbackProxy::serve(crate::sources::tree().latest(crate::sources::PATH, "v9.9.9"));
    let b = client(&latest.url()).latest(&crate::sources::path()).await.unwrap();
    assert_eq!(b.value.version, "v9.9.9");

    // Tagged versions without a time are no candidates.
    let error = client(&good().url()).latest(&crate::sources::path()).await.unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().ends_with("m: no commits"), "{error}");
}
