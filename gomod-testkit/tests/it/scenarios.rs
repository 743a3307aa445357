//! A scenario is read strictly, says what is wrong with it and where, and does what it says.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gomod_testkit::{Ended, Endpoint, Fault, LoopbackProxy, ModuleTree, Reply, Rule, Scenario, Seen};

use crate::client::{ask, get, read_all};

const ZIP: &str = "/example.com/m/@v/v1.0.0.zip";

fn tree() -> ModuleTree {
    ModuleTree::new().file(&ZIP[1..], "0123456789")
}

fn one_rule(fault: &str) -> Result<Rule, String> {
    let text = format!("{{\"rules\": [{{\"fault\": {fault}}}]}}");
    let scenario = Scenario::parse(&text).map_err(|error| error.to_string())?;
    Ok(scenario.rules.into_iter().next().unwrap())
}

/// Each in JSON, as text, and what it is.
fn faults() -> Vec<(&'static str, &'static str, Fault)> {
    let ms = Duration::from_millis;
    vec![
        (r#"{"status": 502}"#, "status=502", Fault::Status(502)),
        (r#""html""#, "html", Fault::Html),
        (
            r#"{"retry_after": {"seconds": 2}}"#,
            "retry_after=seconds:2",
            Fault::RetryAfter { code: 429, seconds: 2 },
        ),
        (r#"{"body": "12"}"#, "body=12", Fault::Body(b"12".to_vec())),
        (r#"{"body": "a:b,c:d"}"#, "body=a:b,c:d", Fault::Body(b"a:b,c:d".to_vec())),
        (r#"{"flip_byte": {"offset": 3}}"#, "flip_byte=offset:3", Fault::FlipByte { offset: 3 }),
        (
            r#"{"redirect": {"location": "https://x.y/a:b"}}"#,
            "redirect=location:https://x.y/a:b",
            Fault::Redirect { code: 302, location: "https://x.y/a:b".to_owned() },
        ),
        (r#"{"redirect_hops": 9}"#, "redirect_hops=9", Fault::RedirectHops(9)),
        (r#""redirect_to_self""#, "redirect-to-self", Fault::RedirectToSelf),
        (
            r#"{"cut_body": {"after": 5, "reset": true}}"#,
            "cut_body=after:5,reset:true",
            Fault::CutBody { after: 5, reset: true },
        ),
        (r#"{"away": {"connections": 3}}"#, "away=connections:3", Fault::Away { connections: 3 }),
        (r#"{"stall_after": 4}"#, "stall_after=4", Fault::StallAfter(4)),
        (r#"{"delay_ms": 3}"#, "delay_ms=3", Fault::Delay(ms(3))),
        (
            r#"{"trickle": {"piece": 2, "pause_ms": 1}}"#,
            "trickle=piece:2,pause_ms:1",
            Fault::Trickle { piece: 2, pause: ms(1) },
        ),
        (r#""gzip_bad_crc""#, "gzip_bad_crc", Fault::GzipBadCrc),
        (r#"{"content_encoding": "br"}"#, "content_encoding=br", Fault::ContentEncoding("br".to_owned())),
        (r#""http_1_0""#, "http_1_0", Fault::Http10),
        (r#""continue_100""#, "continue_100", Fault::Continue100),
        (r#"{"close_after": {}}"#, "close_after", Fault::CloseAfter { reset: false }),
    ]
}

#[test]
fn a_fault_has_one_meaning_in_json_and_as_text() {
    for (json, text, fault) in faults() {
        assert_eq!(one_rule(json), Ok(Rule::new(Endpoint::Any, fault.clone())), "{json}");
        assert_eq!(text.parse(), Ok(fault.clone()), "{text}");
        assert_eq!(fault.to_string().parse(), Ok(fault.clone()), "{fault}");
        assert_eq!(format!("sumdb:{text}").parse(), Ok(Rule::new(Endpoint::SumDb, fault)), "{text}");
    }
    let reply = Reply::new(503).reason("Busy").header("X-A", "b").body("later");
    let json = r#"{"reply": {"code": 503, "reason": "Busy", "headers": [["X-A", "b"]], "body": "later"}}"#;
    assert_eq!(one_rule(json), Ok(Rule::new(Endpoint::Any, Fault::Reply(reply))));
}

#[test]
fn a_text_that_is_no_fault_is_refused() {
    for (text, reason) in [
        ("", "unknown variant ``"),
        ("teapot", "unknown variant `teapot`, expected one of `reply`, `status`"),
        ("status", "expected"),
        ("status=many", "expected u16"),
        ("status=70000", "expected u16"),
        ("cut_body", "missing field `after`"),
        ("cut_body=before:3", "unknown field `before`"),
        ("cut_body=after:-1", "expected usize"),
        ("html=1", "expected unit"),
        ("exe:html", "unknown variant `exe:html`"),
        ("zip:teapot", "unknown variant `teapot`"),
    ] {
        let error = text.parse::<Rule>().unwrap_err();
        assert!(error.reason.contains(reason), "{text}: {error}");
    }
}

#[test]
fn a_scenario_says_where_it_is_wrong() {
    for (text, line, column, reason) in [
        ("", 1, 0, "EOF while parsing a value"),
        ("[]\n", 0, 0, "a list, not an object"),
        ("{\n \"latency\": 3}", 2, 10, "unknown field `latency`, expected one of `latency_ms`"),
        ("{\"latency_ms\": -3}", 1, 17, "invalid value: integer `-3`, expected u64"),
        ("{\"bandwidth\": 0}", 1, 15, "expected a nonzero u64"),
        ("{} {}", 1, 4, "trailing characters"),
        ("{\"seed\": 1, \"seed\": 2}", 1, 18, "duplicate field `seed`"),
        ("{\"rules\": [\n{\"fault\": \"html\", \"when\": 1}]}", 2, 24, "unknown field `when`"),
        ("{\"rules\": [\n{\"endpoint\": \"zip\"}]}", 2, 19, "missing field `fault`"),
        ("{\"rules\": [{\"fault\": \"html\", \"module\": \"a b\"}]}", 1, 46, "malformed module path \"a b\""),
        ("{\"rules\": [{\"fault\": \"html\", \"every\": 0}]}", 1, 39, "expected a nonzero u64"),
        ("{\"rules\": [{\"fault\": {\"status\": 1, \"html\": 1}}]}", 1, 33, "expected value"),
    ] {
        let error = Scenario::parse(text).expect_err(text);
        assert!(error.reason.contains(reason), "{text}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
    }
    let deep = "[".repeat(100_000);
    assert!(Scenario::parse(&format!("{{\"rules\": {deep}")).is_err());
}

#[test]
fn rules_choose_every_nth_and_one_in_many() {
    let three = NonZeroU64::new(3).unwrap();
    let codes = |rule: Rule, count: usize| {
        let proxy = LoopbackProxy::builder(tree()).rule(rule).start();
        (0..count).map(|_| get(&proxy, ZIP).0[9..12].parse().unwrap()).collect::<Vec<u16>>()
    };
    let rule = Rule::new(Endpoint::Zip, Fault::Status(500)).skip(1).every(three).times(2);
    assert_eq!(codes(rule, 11), [200, 200, 200, 500, 200, 200, 500, 200, 200, 200, 200]);
    let drawn = |seed| codes(Rule::new(Endpoint::Zip, Fault::Status(500)).one_in(three, seed), 60);
    let failed = drawn(1).iter().filter(|code| **code == 500).count();
    assert!((10..30).contains(&failed), "{failed}");
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}

#[test]
fn a_proxy_does_what_its_scenario_says_and_tells() {
    let text = r#"{"latency_ms": 1, "bandwidth": 1000000, "ranges": true, "seed": 3, "rules": [
        {"endpoint": "zip", "times": 1, "fault": {"retry_after": {"seconds": 5}}},
        {"endpoint": "zip", "module": "example.com/m", "times": 1, "fault": {"cut_body": {"after": 4}}},
        {"endpoint": "zip", "times": 1, "fault": {"trickle": {"piece": 1, "pause_ms": 0}}}
    ]}"#;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watcher = Arc::clone(&seen);
    let proxy = LoopbackProxy::builder(tree())
        .scenario(Scenario::parse(text).unwrap())
        .watched(move |event| watcher.lock().unwrap().push(event))
        .start();
    let head = get(&proxy, ZIP).0;
    assert!(
        head.starts_with("HTTP/1.1 429 Too Many Requests\r\nContent-Type")
            && head.contains("Retry-After: 5\r\n")
    );
    assert!(read_all(ask(&proxy, ZIP, "")).0.ends_with(b"\r\n\r\n0123"));
    assert_eq!(get(&proxy, ZIP).1, b"0123456789");
    assert_eq!(read_all(ask(&proxy, ZIP, "Range: bytes=8-\r\nConnection: close\r\n")).0[9..12], *b"206");
    drop(proxy);
    let seen = seen.lock().unwrap();
    let told: Vec<_> = seen
        .iter()
        .map(|seen| match seen {
            Seen::Answered(answered) => {
                assert!(answered.elapsed >= Duration::from_millis(1) && answered.sent > 0);
                (answered.fault.clone().map(|fault| fault.to_string()), answered.status, answered.ended)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let fault = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            (fault("retry_after=code:429,seconds:5"), Some(429), Ended::Kept),
            (fault("cut_body=after:4,reset:false"), Some(200), Ended::Closed),
            (fault("trickle=pause_ms:0,piece:1"), Some(200), Ended::Kept),
            (None, Some(206), Ended::Kept),
        ]
    );
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let proxy = LoopbackProxy::serve(tree());
    let error = LoopbackProxy::builder(tree()).start_at(proxy.address().port()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

/// Whatever a client asks for, it gets nothing from outside the tree.
#[cfg(unix)]
#[test]
fn nothing_outside_the_tree_is_served() {
    use std::fs;
    use std::os::unix::fs::symlink;

    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("tree");
    fs::create_dir_all(root.join("inside")).unwrap();
    fs::write(dir.path().join("secret"), "secret").unwrap();
    fs::write(root.join("inside/file"), "public").unwrap();
    symlink("../secret", root.join("link")).unwrap();
    symlink(dir.path(), root.join("up")).unwrap();
    symlink("inside/file", root.join("alias")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    // The tree itself may be named by a link.
    let named = dir.path().join("named");
    symlink(&root, &named).unwrap();
    let proxy = LoopbackProxy::serve(ModuleTree::from_dir(&named));
    for target in ["/inside/file", "/alias", "/inside/%66ile"] {
        assert_eq!(get(&proxy, target).1, b"public", "{target}");
    }
    for target in [
        "/../secret",
        "/inside/../../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/link",
        "/up/secret",
        "/up/tree/../secret",
        "/loop",
        "/inside",
        "/",
        "/inside/file%00",
        "/./../secret",
    ] {
        let (head, body) = get(&proxy, target);
        assert!(head.starts_with("HTTP/1.1 404 "), "{target}: {head}");
        assert!(!body.starts_with(b"secret"), "{target}");
    }
}
