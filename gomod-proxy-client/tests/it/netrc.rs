//! Law: of any bytes, the entries that the go command reads, in order, and nothing shows them.

use gomod_proxy_client::Credentials;
use gomod_proxy_client::auth::{Netrc, NetrcNoteKind};
use proptest::prelude::*;

use NetrcNoteKind::{Default, Incomplete, Quoted, WithoutValue};

/// Lines and what is said of them.
type Notes<'a> = &'a [(usize, NetrcNoteKind)];

#[test]
fn entries_and_notes() {
    let cases: &[(&str, usize, Notes)] = &[
        ("", 0, &[]),
        ("machine h login u password p", 1, &[]),
        ("machine h\n\tlogin u\n\tpassword p\n", 1, &[]),
        ("machine h password p account a login u", 1, &[]),
        ("machine h:8443 login u password p\r\nmachine h login u password p\r\n", 2, &[]),
        // Words on another line than their values.
        ("machine\nh login u password p", 0, &[(1, WithoutValue)]),
        ("machine h login u password\np", 0, &[(1, WithoutValue), (1, Incomplete)]),
        ("machine h login u\nmachine i login u password p", 1, &[(1, Incomplete)]),
        ("machine h login \"u v\" password p", 0, &[(1, Quoted), (1, Incomplete)]),
        ("machine h login u password \"p\"", 1, &[(1, Quoted)]),
        // What follows on the line of `default` is out of step; on other lines it counts.
        ("default login u password p\nmachine h login u password p", 1, &[(1, Default)]),
        ("default\nmachine h login u password p", 0, &[(1, Default)]),
        ("machine h login u default\npassword p", 0, &[(1, Default), (1, Incomplete)]),
        // A macro ends at an empty line, which has no carriage return.
        ("macdef m\nmachine h login u password p\n\nmachine i login u password p", 1, &[]),
        ("macdef m\r\n\r\nmachine h login u password p\r\n", 0, &[]),
        ("machine h login u password p macdef", 1, &[]),
        ("machine\u{a0}h\u{2003}login u password p", 1, &[]),
        ("# machine h login u password p", 0, &[]),
    ];
    for (text, entries, notes) in cases {
        let netrc = Netrc::parse(text.as_bytes());
        let said: Vec<_> = netrc.notes().iter().map(|note| (note.line(), note.kind())).collect();
        assert_eq!((netrc.len(), &*said), (*entries, *notes), "{text:?}");
    }
}

#[test]
fn notes_have_a_limit() {
    let netrc = Netrc::parse("machine s3cr3t\n".repeat(10_000).as_bytes());
    assert_eq!((netrc.len(), netrc.notes().len()), (0, 100));
    assert!(netrc.notes().iter().all(|note| !note.to_string().contains("s3cr3t")));
}

#[test]
fn tokens_are_visible() {
    for token in ["", "a b", "a\nb", "ä", "\u{7f}"] {
        let error = Credentials::new().bearer("h", token).unwrap_err();
        assert!(token.is_empty() || !format!("{error} {error:?}").contains(token));
    }
    Credentials::new().bearer("h", "a-._~+/b==").unwrap();
}

proptest! {
    #[test]
    fn any_bytes_are_a_file_that_nothing_shows(lines in prop::collection::vec(line(), 0..20)) {
        let data = lines.join(&b'\n');
        let netrc = Netrc::parse(&data);
        let shown = format!("{netrc:?} {:?}", Credentials::new().netrc(netrc.clone()));
        prop_assert!(!shown.contains("s3cr3t"), "{shown}");
        prop_assert!(netrc.notes().windows(2).all(|notes| notes[0].line() <= notes[1].line() || notes[1].kind() == Incomplete));
    }
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"machine",
        b"login",
        b"password",
        b"default",
        b"macdef",
        b"s3cr3t",
        b"\"s3cr3t",
        b"h",
        b"\xff",
        b"\xe2\x80",
        b"\xc2\xa0",
    ];
    let word = prop::sample::select(words).prop_map(<[u8]>::to_vec);
    prop::collection::vec(word, 0..7).prop_map(|words| words.join(&b' '))
}
