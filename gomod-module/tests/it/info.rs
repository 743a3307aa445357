//! Each file with what Go 1.26 writes after reading it.

use gomod_module::{Info, Timestamp};

const ZERO: &str = r#"{"Version":"","Time":"0001-01-01T00:00:00Z"}"#;

fn rewritten(file: &[u8]) -> Option<String> {
    Info::parse(file).ok().map(|info| info.encode())
}

#[test]
fn reads_and_writes_as_go() {
    let files: &[(&str, &str)] = &[
        (
            r#"{"Version":"v1.2.3","Time":"2024-01-23T18:54:04Z"}"#,
            r#"{"Version":"v1.2.3","Time":"2024-01-23T18:54:04Z"}"#,
        ),
        ("null", ZERO),
        ("{}", ZERO),
        (r#"{"Version":null,"Time":null,"Origin":null}"#, ZERO),
        (r#"{"Name":"x","Short":"y","X":[1,{"a":[true]}]}"#, ZERO),
        (r#"{"X":"\ud800"}"#, ZERO),
        (r#"{"X":1e999}"#, ZERO),
        (r#"{"Origin":{"VCS":"git"},"Origin":null}"#, ZERO),
        (" {\"Version\" : \"v1\" } \n\n", r#"{"Version":"v1","Time":"0001-01-01T00:00:00Z"}"#),
        (r#"{"version":"a","VERSION":"b"}"#, r#"{"Version":"b","Time":"0001-01-01T00:00:00Z"}"#),
        (r#"{"Verſion":"k"}"#, r#"{"Version":"k","Time":"0001-01-01T00:00:00Z"}"#),
        (r#"{"\u0056ersion":"e"}"#, r#"{"Version":"e","Time":"0001-01-01T00:00:00Z"}"#),
        (r#"{"Time":"2024-01-23T18:54:04+02:00"}"#, r#"{"Version":"","Time":"2024-01-23T18:54:04+02:00"}"#),
        (r#"{"Time":"2024-01-23T18:54:04+00:00"}"#, r#"{"Version":"","Time":"2024-01-23T18:54:04Z"}"#),
        (r#"{"Time":"2024-01-23T18:54:04.1200Z"}"#, r#"{"Version":"","Time":"2024-01-23T18:54:04.12Z"}"#),
        (
            r#"{"Time":"2024-01-23T18:54:04.123456789123Z"}"#,
            r#"{"Version":"","Time":"2024-01-23T18:54:04.123456789Z"}"#,
        ),
        (r#"{"Time":"0000-01-01T00:00:00+14:00"}"#, r#"{"Version":"","Time":"0000-01-01T00:00:00+14:00"}"#),
        (r#"{"Time":"9999-12-31T23:59:59-23:59"}"#, r#"{"Version":"","Time":"9999-12-31T23:59:59-23:59"}"#),
        (
            r#"{"Origin":{"VCS":"git","url":"https://x/<a>&b","Ref":"r","Nope":1},"Origin":{"Hash":"h"}}"#,
            r#"{"Version":"","Time":"0001-01-01T00:00:00Z","Origin":{"VCS":"git","URL":"https://x/\u003ca\u003e\u0026b","Hash":"h","Ref":"r"}}"#,
        ),
        (r#"{"Origin":{"VCS":null}}"#, r#"{"Version":"","Time":"0001-01-01T00:00:00Z","Origin":{}}"#),
        (
            r#"{"Version":"\ud83d\ude00\u2028\u0000\b\f"}"#,
            "{\"Version\":\"😀\\u2028\\u0000\\b\\f\",\"Time\":\"0001-01-01T00:00:00Z\"}",
        ),
    ];
    for (file, expected) in files {
        assert_eq!(rewritten(file.as_bytes()).as_deref(), Some(*expected), "{file}");
    }
    let replaced = rewritten(b"{\"Version\":\"a\xff\xe4\xb8b\",\"\xff\":1}");
    assert_eq!(
        replaced.as_deref(),
        Some("{\"Version\":\"a\u{fffd}\u{fffd}\u{fffd}b\",\"Time\":\"0001-01-01T00:00:00Z\"}")
    );
}

#[test]
fn refuses_what_go_refuses() {
    for file in [
        "",
        "[]",
        "\"x\"",
        "1",
        r#"{"Version":1}"#,
        r#"{"Version":"v1"} x"#,
        "\u{feff}{}",
        r#"{"Time":"2024\u002d01-23T18:54:04Z"}"#,
        r#"{"Time":""}"#,
        r#"{"Time":5}"#,
        r#"{"Time":"2024-02-30T18:54:04Z"}"#,
        r#"{"Time":"2024-01-23t18:54:04z"}"#,
        r#"{"Time":"2024-01-23T18:54:60Z"}"#,
        r#"{"Time":"2024-01-23T18:54:04.Z"}"#,
        r#"{"Origin":3}"#,
        r#"{"Version":"v1",}"#,
        "{\"Version\":\"a\nb\"}",
        "{\"X\":\"\u{1}\"}",
        r#"{"X":01}"#,
        r#"{"X":-}"#,
        r#"{"X":nul}"#,
    ] {
        assert_eq!(rewritten(file.as_bytes()), None, "{file}");
    }
}

#[test]
fn nests_as_deep_as_go() {
    let nested =
        |depth: usize| format!(r#"{{"X\"[":{}{},"Y":[]}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert_eq!(rewritten(nested(10_000).as_bytes()).as_deref(), Some(ZERO));
    assert_eq!(rewritten(nested(10_001).as_bytes()), None);
}

/// Go takes these; see `Info::parse`.
#[test]
fn refuses_more() {
    for file in [
        r#"{"Time":"2024-01-23T8:54:04Z"}"#,
        r#"{"Time":"2024-01-23T18:54:04,5Z"}"#,
        r#"{"Time":"2024-01-23T18:54:04+24:00"}"#,
        r#"{"Version":"\ud800"}"#,
    ] {
        assert_eq!(rewritten(file.as_bytes()), None, "{file}");
    }
}

#[test]
fn system_times_come_back() {
    for text in ["2024-01-23T18:54:04Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z"] {
        let time: Timestamp = text.parse().unwrap();
        assert_eq!(time.to_system_time().and_then(Timestamp::from_system_time), Some(time), "{text}");
    }
}
