use super::*;

fn shown(output: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let header = |(name, value): &(HeaderName, HeaderValue)| {
        format!("{name}={}", String::from_utf8_lossy(value.as_bytes()))
    };
    let sets = parse(output.as_bytes()).unwrap();
    sets.into_iter().map(|set| (set.places, set.headers.iter().map(header).collect())).collect()
}

fn refused(output: &str) -> String {
    parse(output.as_bytes()).unwrap_err().to_string()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn sets_of_urls_and_headers() {
    assert_eq!(shown(""), []);
    let output = "https://example.com\nhttps://example.net/api/\n\nAuthorization: Basic  dTpw \nX-A: 1\nX-A: 2\n\n\
                  https://another-example.org/\n\nExample: Data\n\nhttps://gone.example\n\n\n";
    let sets = [
        (
            strings(&["example.com", "example.net/api/"]),
            strings(&["authorization=Basic  dTpw", "x-a=1", "x-a=2"]),
        ),
        (strings(&["another-example.org/"]), strings(&["example=Data"])),
        (strings(&["gone.example"]), vec![]),
    ];
    assert_eq!(shown(output), sets);
    // As in Go, nothing but the format is asked of a set: it may name no URL.
    assert_eq!(shown("\nA: b\n\n"), [(vec![], strings(&["a=b"]))]);
}

#[test]
fn places_are_written_as_go_writes_urls() {
    for (url, places) in [
        ("HTTPS://Example.com/a", &["Example.com/a"][..]),
        ("https://h:8443", &["h:8443"]),
        ("h.example:8443/x", &["h.example:8443/x"]),
        ("https://h/a%2fb%20c", &["h/a%2fb%20c"]),
        ("https://h/a b\"", &["h/a%20b%22"]),
        ("https://h/ü#x?q", &["h/%C3%BC%23x?q"]),
        ("http://h/a", &[]),
        ("https://u:p@h", &[]),
        ("/path", &[]),
        ("mailto:me", &[]),
    ] {
        assert_eq!(shown(&format!("{url}\n\nA: b\n\n")), [(strings(places), strings(&["a=b"]))], "{url}");
    }
}

/// What stands in the wrong place may be a secret.
#[test]
fn malformed_outputs_are_refused_without_quoting_them() {
    let url = "line 1 of the output: could not parse URL";
    let header = "line 3 of the output: invalid format: invalid header line";
    for (output, reason) in [
        ("s3cr3t\n\n", url),
        // A URL with the scheme `authorization`.
        (
            "Authorization: s3cr3t\n\n",
            "line 3 of the output: invalid format: missing empty line after headers",
        ),
        ("s3cr3t", "line 1 of the output: invalid format: missing empty line after URLs"),
        ("https://h\n", "line 2 of the output: invalid format: missing empty line after URLs"),
        ("https://h\r\n\r\nA: s3cr3t\r\n\r\n", url),
        ("https://h:s3cr3t/\n\n", url),
        ("https://h/%s3cr3t\n\n", url),
        ("https://h\n\nA:s3cr3t\n\n", header),
        ("https://h\n\nA b: s3cr3t\n\n", header),
        ("https://h\n\n: s3cr3t\n\n", header),
        ("https://h\n\nA: s3\u{7f}cr3t\n\n", header),
        (
            "https://h\n\nA: s3cr3t\n",
            "line 4 of the output: invalid format: missing empty line after headers",
        ),
        ("https://h\n\n", "line 3 of the output: invalid format: missing empty line after headers"),
    ] {
        assert_eq!(refused(output), reason, "{output:?}");
    }
    let many = format!("{}\nA: b\n\n", "https://h\n".repeat(1001));
    assert!(refused(&many).contains("more than 1000 URLs"));
}

proptest::proptest! {
    #[test]
    fn no_output_is_too_odd(output: Vec<u8>, text in "(https://[a-z./%#?@:]{0,9}\n|[A-Z]: ?[a-z]*\n|\n){0,12}") {
        let _ = parse(&output);
        for set in parse(text.as_bytes()).into_iter().flatten() {
            let host = |place: &str| place.split(['/', '?']).next().unwrap_or_default().to_owned();
            proptest::prop_assert!(set.places.iter().all(|place| !host(place).contains('@') && !place.contains('#')));
        }
    }
}
