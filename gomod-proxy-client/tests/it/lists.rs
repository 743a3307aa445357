//! GOPROXY values, one by one, as Go was watched to take them.

use gomod_proxy_client::{ErrorKind, GoProxy};
use gomod_testkit::{Endpoint, Fault, LoopbackProxy};

use crate::sources::{client, faulty, fetch, good};

fn status(code: u16) -> LoopbackProxy {
    faulty(Endpoint::Any, Fault::status(code))
}

async fn ask(list: &str) -> Result<String, (ErrorKind, String)> {
    match fetch(&client(list), Endpoint::Info).await {
        Ok(trace) => Ok(trace.source().unwrap().to_owned()),
        Err(error) => Err((error.kind(), error.to_string())),
    }
}

#[test]
fn values_that_fail_every_lookup() {
    for (value, wanted) in [
        ("", "GOPROXY list is not the empty string, but contains no entries"),
        (",", "GOPROXY list is not the empty string, but contains no entries"),
        ("   ", "GOPROXY list is not the empty string, but contains no entries"),
        (" , | ,", "GOPROXY list is not the empty string, but contains no entries"),
        ("https://good.example|ftp://x", "invalid proxy URL scheme (must be https, http, file): ftp://x"),
        ("http://a\nhttp://b", r#"parse "http://a\nhttp://b": net/url: invalid control character in URL"#),
        ("\"http://a\"", r#"parse "\"http://a\"": first path segment in URL cannot contain colon"#),
        ("/abs/dir", "invalid proxy URL missing scheme: /abs/dir"),
        ("proxy|https://b", "invalid proxy URL missing scheme: proxy"),
        ("DIRECT", "invalid proxy URL missing scheme: DIRECT"),
        ("none", "invalid proxy URL missing scheme: none"),
        ("http://[::1", r#"parse "http://[::1": missing ']' in host"#),
        ("file://localhost/x", "invalid file:// proxy URL with non-path elements: file://localhost/x"),
        ("file:///tmp/x?", "invalid file:// proxy URL with non-path elements: file:///tmp/x?"),
        ("https://h:1:2", r#"parse "https://h:1:2": invalid port ":1:2" after host"#),
    ] {
        assert_eq!(GoProxy::parse(value).unwrap_err().to_string(), wanted, "{value:?}");
    }
}

#[tokio::test]
async fn separators() {
    let servers = (status(404), status(403), good());
    let (a404, a403, good) = (servers.0.url(), servers.1.url(), servers.2.url());
    for list in [
        format!(",{good}"),
        format!("{a404},,{good}"),
        format!("{a403}|,{good}"),
        format!("{a404}\t,\t{good}"),
        format!(" {good} "),
        format!("{good},direct"),
        format!("{good},off,not a URL"),
    ] {
        assert_eq!(ask(&list).await, Ok(good.clone()), "{list}");
    }
    // The `|` belongs to the empty entry.
    let (kind, _) = ask(&format!("{a403},|{good}")).await.unwrap_err();
    assert_eq!(kind, ErrorKind::Status);
    // One URL each.
    for list in [format!("{a404}/x;{good}"), format!("{a404}/x {good}")] {
        let (kind, message) = ask(&list).await.unwrap_err();
        assert_eq!(kind, ErrorKind::NotFound, "{message}");
    }
}

#[tokio::test]
async fn off() {
    for list in ["off", " off ", "off,https://b.example", "off,direct"] {
        let (kind, message) = ask(list).await.unwrap_err();
        assert_eq!(kind, ErrorKind::Off);
        assert_eq!(message, "example.com/Upper/m@v1.2.3: module lookup disabled by GOPROXY=off");
    }
    let (a404, a403) = (status(404), status(403));
    let (kind, _) = ask(&format!("{},off", a404.url())).await.unwrap_err();
    assert_eq!(kind, ErrorKind::Off);
    let (kind, message) = ask(&format!("{}|off", a403.url())).await.unwrap_err();
    assert_eq!(kind, ErrorKind::Status);
    assert!(message.ends_with(": 403 Forbidden"), "{message}");
}

#[tokio::test]
async fn the_error_that_is_reported() {
    for (a, separator, b, wanted) in [
        (404, ",", 404, "404 Not Found"),
        (404, ",", 410, "410 Gone"),
        (500, "|", 404, "500 Internal Server Error"),
        (404, "|", 502, "502 Bad Gateway"),
        (500, "|", 502, "502 Bad Gateway"),
        (404, ",", 502, "502 Bad Gateway"),
    ] {
        let (a, b) = (status(a), status(b));
        let (_, message) = ask(&format!("{}{separator}{}", a.url(), b.url())).await.unwrap_err();
        assert!(message.ends_with(wanted), "{message}");
        assert_eq!((a.hits(), b.hits()), (1, 1));
    }
}

#[tokio::test]
async fn entries_that_the_grammar_admits_and_that_name_no_server() {
    let b = good();
    for entry in ["https://", "https:/one-slash.example", "https://:", "http://0x7f.1"] {
        let (kind, _) = ask(&format!("{entry},{}", b.url())).await.unwrap_err();
        assert_eq!(kind, ErrorKind::InvalidUrl, "{entry}");
        assert_eq!(ask(&format!("{entry}|{}", b.url())).await, Ok(b.url()), "{entry}");
    }
}

/// Values of GOPROXY, and which servers are asked by Go: the last one's answer is used, or with `!` nobody's. `A` has the
/// module, `A404` answers with that status, and so on.
const TABLE: [(&str, &str); 48] = [
    (",", "!"),
    ("   ", "!"),
    (" , | ,", "!"),
    (",A", "A"),
    ("A404,,B", "AB"),
    ("A403,|B", "A!"),
    ("A403|,B", "AB"),
    ("off", "!"),
    (" off ", "!"),
    ("off,B", "!"),
    ("off,direct", "!"),
    ("A404,off", "A!"),
    ("A403|off", "A!"),
    ("A404,B404", "AB!"),
    ("A404,B410", "AB!"),
    ("A500|B404", "AB!"),
    ("A404|B502", "AB!"),
    ("A500|B502", "AB!"),
    ("A404,B502", "AB!"),
    ("A,ftp://x", "!"),
    ("A404\nB", "!"),
    ("A404\t,\tB", "AB"),
    ("A404/x;B", "A!"),
    ("A404/x B", "A!"),
    ("\"A\"", "!"),
    ("A404,direct", "A!"),
    ("A500|direct", "A!"),
    ("/abs/dir", "!"),
    ("/abs/dir|B", "!"),
    ("golden.invalid/cache/download", "!"),
    ("golden.invalid/cache/download|B", "B"),
    ("proxy", "!"),
    ("proxy|B", "!"),
    ("DIRECT", "!"),
    ("DIRECT|B", "!"),
    ("none", "!"),
    ("none|B", "!"),
    ("ftp://x|B", "!"),
    ("http://[::1", "!"),
    ("http://[::1|B", "!"),
    ("file://localhost/x|B", "!"),
    ("file:///tmp/x?y=1|B", "!"),
    ("file:///nonexist", "!"),
    ("file:///nonexist|B", "B"),
    ("file:///etc/passwd", "!"),
    ("file:///etc/passwd|B", "B"),
    ("http://user:pass@A", "!"),
    ("http://user:pass@A|B", "B"),
];

#[tokio::test]
async fn every_list_of_the_table() {
    for (value, by_go) in TABLE {
        let mut list = value.to_owned();
        let mut servers = Vec::new();
        for name in ["A", "B"] {
            let codes = [404, 403, 410, 500, 502].map(|code| (format!("{name}{code}"), Some(code)));
            for (word, code) in codes.into_iter().chain([(name.to_owned(), None)]) {
                let Some(at) = list.find(&word) else { continue };
                let server = code.map_or_else(good, status);
                let url = server.url();
                let bare = list[..at].ends_with('@');
                list.replace_range(at..at + word.len(), if bare { &url["http://".len()..] } else { &url });
                servers.push((name, server));
                break;
            }
        }
        let ended = match GoProxy::parse(&list) {
            Ok(_) => ask(&list).await.is_ok(),
            Err(_) => false,
        };
        let asked = servers.iter().filter(|(_, server)| server.hits() > 0).map(|&(name, _)| name);
        let here = asked.chain((!ended).then_some("!")).collect::<String>();
        eprintln!("{value:40?} go: {by_go:4} here: {here}");
        assert_eq!(here, by_go, "{list:?}");
    }
}
