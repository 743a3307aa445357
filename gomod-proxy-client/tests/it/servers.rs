//! Each server that fails in a way that Go was watched to meet, alone, before a comma and before a pipe.

use std::time::Duration;

use gomod_proxy_client::ErrorKind;
use gomod_proxy_client::protocol::Next;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, Reply, Rule};

use crate::sources::{WIRE, client, faulty, fetch, good};

/// What comes of `A`, `A,B` and `A|B`.
#[derive(Debug, Clone, Copy)]
enum Want {
    /// A's answer is taken; B is never asked.
    Used,
    /// "Not found": B is asked behind either separator.
    Passes,
    /// An error: B is asked behind `|` alone.
    Stops(ErrorKind),
}

use Want::{Passes, Stops, Used};

const FILES: [Endpoint; 3] = [Endpoint::Info, Endpoint::Mod, Endpoint::Zip];

async fn row(fault: Fault, endpoint: Endpoint, want: Want) {
    let name = format!("{fault:?} on {endpoint:?}");
    let (a, b) = (faulty(endpoint, fault), good());
    let (url_a, url_b) = (a.url(), b.url());
    let alone = fetch(&client(&url_a), endpoint).await;
    let comma = fetch(&client(&format!("{url_a},{url_b}")), endpoint).await;
    let asked_by_comma = b.hits();
    let pipe = fetch(&client(&format!("{url_a}|{url_b}")), endpoint).await;
    let asked_by_pipe = b.hits() - asked_by_comma;
    let kind = match want {
        Used => {
            for trace in [alone, comma, pipe] {
                let trace = trace.unwrap_or_else(|e| panic!("{name}: {e:?}"));
                assert_eq!(trace.source(), Some(url_a.as_str()), "{name}");
                assert_eq!(trace.attempts().last().unwrap().next(), Next::Found, "{name}");
            }
            assert_eq!(b.hits(), 0, "{name}");
            return;
        }
        Passes => ErrorKind::NotFound,
        Stops(kind) => kind,
    };
    let alone = alone.expect_err(&name);
    assert_eq!(alone.kind(), kind, "{name}: {alone:?}");
    assert_eq!(alone.attempts().len(), 1, "{name}");
    assert_eq!(alone.attempts()[0].next(), Next::EndOfList, "{name}");
    assert_eq!(alone.attempts()[0].kind(), Some(kind), "{name}");
    assert_eq!(alone.is_not_found(), matches!(want, Passes), "{name}");
    if matches!(want, Passes) {
        let trace = comma.unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(trace.source(), Some(url_b.as_str()), "{name}");
        assert_eq!(trace.attempts().len(), 2, "{name}");
        assert_eq!(trace.attempts()[0].next().to_string(), "not found passes `,`", "{name}");
    } else {
        let stopped = comma.expect_err(&name);
        assert_eq!(stopped.kind(), kind, "{name}: {stopped:?}");
        assert_eq!(asked_by_comma, 0, "{name}");
        assert_eq!(stopped.attempts().last().unwrap().next(), Next::ErrorStops, "{name}");
    }
    let trace = pipe.unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(trace.source(), Some(url_b.as_str()), "{name}");
    assert_eq!(trace.attempts().len(), 2, "{name}");
    assert_eq!(asked_by_pipe, 1, "{name}");
}

#[tokio::test]
async fn statuses() {
    for code in [404, 410] {
        for endpoint in FILES {
            row(Fault::status(code), endpoint, Passes).await;
        }
        row(Fault::status(code), Endpoint::List, Passes).await;
    }
    for code in [
        300, 305, 400, 401, 403, 405, 406, 407, 409, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 599,
        201, 203, 204, 206, 304,
    ] {
        row(Fault::status(code), Endpoint::Info, Stops(ErrorKind::Status)).await;
    }
    for endpoint in [Endpoint::Mod, Endpoint::Zip, Endpoint::List] {
        for code in [403, 500] {
            row(Fault::status(code), endpoint, Stops(ErrorKind::Status)).await;
        }
    }
    let html = |code| Fault::Reply(Reply::new(code).content_type("text/html").body("<h1>no</h1>"));
    row(html(404), Endpoint::Info, Passes).await;
    row(html(500), Endpoint::Info, Stops(ErrorKind::Status)).await;
    row(Fault::Reply(Reply::new(500)), Endpoint::Info, Stops(ErrorKind::Status)).await;
}

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
    assert_eq!(error.server_response(), None);
}

#[tokio::test]
async fn redirects() {
    for code in [301, 302, 303, 307, 308] {
        let good = good();
        let location = format!("{}/{{path}}", good.url());
        row(Fault::Redirect { code, location }, Endpoint::Info, Used).await;
    }
    let to = |location: &str| Fault::Redirect { code: 302, location: location.to_owned() };
    for endpoint in FILES {
        row(Fault::RedirectHops(9), endpoint, Used).await;
        row(Fault::RedirectHops(10), endpoint, Stops(ErrorKind::Redirect)).await;
        row(Fault::RedirectToSelf, endpoint, Stops(ErrorKind::Redirect)).await;
        row(Fault::RedirectForever, endpoint, Stops(ErrorKind::Redirect)).await;
        row(to("ftp://127.0.0.1/x"), endpoint, Stops(ErrorKind::Redirect)).await;
        row(to("file:///{path}"), endpoint, Stops(ErrorKind::Redirect)).await;
        row(Fault::Reply(Reply::new(302)), endpoint, Stops(ErrorKind::Status)).await;
        let nothing = LoopbackProxy::serve(gomod_testkit::ModuleTree::new());
        row(to(&format!("{}/gone", nothing.url())), endpoint, Passes).await;
    }
}

#[tokio::test]
async fn connections() {
    for endpoint in FILES {
        row(Fault::CloseBeforeFirstByte, endpoint, Stops(ErrorKind::Reset)).await;
        row(Fault::ResetBeforeFirstByte, endpoint, Stops(ErrorKind::Reset)).await;
        row(Fault::HalfHeader, endpoint, Stops(ErrorKind::Reset)).await;
        let incomplete = Stops(ErrorKind::IncompleteBody);
        row(Fault::CutBody { after: 10, reset: false }, endpoint, incomplete).await;
        row(Fault::CutBody { after: 10, reset: true }, endpoint, incomplete).await;
        row(Fault::CutChunked { after: 10 }, endpoint, incomplete).await;
        row(Fault::NoFinalChunk, endpoint, incomplete).await;
        row(Fault::GzipTruncated, endpoint, incomplete).await;
        let protocol = Stops(ErrorKind::Protocol);
        row(Fault::BadChunkSize, endpoint, protocol).await;
        row(Fault::TwoLengths, endpoint, protocol).await;
        row(Fault::NotHttp, endpoint, protocol).await;
        row(Fault::BadStatusLine, endpoint, protocol).await;
        row(Fault::HugeHeader, endpoint, protocol).await;
        row(Fault::GzipBadCrc, endpoint, protocol).await;
        row(Fault::ContentEncoding("gzip".into()), endpoint, protocol).await;
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

#[tokio::test]
async fn answers_that_are_unusual_and_right() {
    for endpoint in FILES {
        for fault in [
            Fault::Chunked,
            Fault::NoLength,
            Fault::Http10,
            Fault::Continue100,
            Fault::Gzip,
            Fault::GzipNoLength,
            Fault::CloseAfter { reset: false },
            Fault::CloseAfter { reset: true },
            Fault::Trickle { piece: 20_000, pause: Duration::from_millis(1) },
            Fault::Delay(Duration::from_millis(20)),
        ] {
            row(fault, endpoint, Used).await;
        }
    }
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

/// Without a length nothing shows that a body is cut; other encodings are passed through as they are.
#[tokio::test]
async fn bodies_that_only_their_content_betrays() {
    for fault in [
        Fault::NoLengthCut { after: 10 },
        Fault::ShortLength { by: 3 },
        Fault::Body(Vec::new()),
        Fault::html(),
        Fault::Body(vec![0, 1, 2, 255]),
        Fault::Truncate { len: 9 },
    ] {
        row(fault.clone(), Endpoint::Info, Stops(ErrorKind::Malformed)).await;
        // Go asks no other source for a zip that is none; here a `|` list does.
        row(fault.clone(), Endpoint::Zip, Stops(ErrorKind::Rejected)).await;
        row(fault, Endpoint::Mod, Stops(ErrorKind::Rejected)).await;
    }
    row(Fault::FlipByte { offset: 1000 }, Endpoint::Zip, Stops(ErrorKind::Rejected)).await;
    for endpoint in FILES {
        row(Fault::ContentEncoding("deflate".into()), endpoint, Used).await;
    }
}

#[tokio::test]
async fn contents_of_info_files() {
    for body in [
        "\u{feff}{\"Version\":\"v1.2.3\"}",
        "[]",
        "{\"Version\":\"v1.2.3\"} {}",
        "{\"Version\":\"v1.2.3\",\"Time\":\"yesterday\"}",
        "{\"Version\":\"v1.2.4\"}",
        "{\"Version\":\"v1.2.4-0.20190411231829-aaaaaaaaaaaa\"}",
        "{\"Time\":\"2024-01-02T03:04:05Z\"}",
        "null",
        "{}",
    ] {
        row(Fault::Body(body.into()), Endpoint::Info, Stops(ErrorKind::Malformed)).await;
    }
    for body in [
        "{\"Version\":\"v1.2.3\",\"Time\":\"1999-01-02T03:04:05+02:00\"}",
        "{\"Version\":\"v1.2.3\"}",
        "{\"version\":\"v1.2.3\",\"time\":\"2024-01-02T03:04:05Z\"}",
        "{\"Version\":\"v1.2.3\",\"Name\":\"x\",\"Origin\":{\"VCS\":\"git\"}}",
    ] {
        row(Fault::Body(body.into()), Endpoint::Info, Used).await;
    }
}

#[tokio::test]
async fn version_lists() {
    row(Fault::CutBody { after: 3, reset: false }, Endpoint::List, Stops(ErrorKind::IncompleteBody)).await;
    for fault in [Fault::html(), Fault::Body(Vec::new()), Fault::NoLengthCut { after: 3 }] {
        row(fault, Endpoint::List, Used).await;
    }
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
    assert_eq!(request.header("accept-encoding"), Some("gzip"));
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let known = ["accept", "accept-encoding", "host", "user-agent"];
    assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
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
