//! The laws: the hash of a list of files does not depend on the order in which they are given; directories and zips
//! with the same files have the same hash on any number of threads; go.sum reads any bytes, what it writes reads back
//! as itself, and finding lines by key gives what looking at all lines gives.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_sum::{FileHash, GoSum, GoSumLine, HashBuilder, hash_dir, hash_zip};
use gomod_testkit::ModuleZip;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

fn hash(files: &[(Vec<u8>, Vec<u8>)]) -> String {
    let mut hashes = HashBuilder::new();
    for (name, content) in files {
        hashes.push(name, FileHash::of(content)).unwrap();
    }
    hashes.finish().to_string()
}

fn files() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    let byte = any::<u8>().prop_filter("no newline", |byte| *byte != b'\n');
    vec((vec(byte, 0..5), vec(any::<u8>(), 0..9)), 0..12)
}

/// Files below directories called `d0` to `d2`, so that no file stands where a directory must.
fn tree() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    btree_map("(d[0-2]/){0,2}[a-cA-C.-]{0,2}[a-c]", vec(any::<u8>(), 0..200), 0..20)
}

/// Texts in which keys come again, with odd blanks, broken lines and bytes that are not UTF-8.
fn go_sum_text() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        &b"a"[..],
        b"b",
        b"v1.0.0",
        b"v1.0.0/go.mod",
        b"v1.10.0",
        b"v1.0.0+incompatible",
        b"h1:x",
        b"h1:y",
        b"h2:x",
        b"h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=",
        b"\xff",
        b"\xe2\x80",
        b"\xc3\xa9",
        b"/",
    ]);
    let blank =
        prop::sample::select(vec![&b" "[..], b" ", b" ", b"\n", b"\n", b"\t", b"\r\n", b"\xc2\xa0", b""]);
    vec((token, blank), 0..60)
        .prop_map(|parts| parts.into_iter().flat_map(|(token, blank)| [token, blank].concat()).collect())
}

fn check_go_sum(text: &[u8]) {
    let sum = GoSum::parse_lax(text);
    let entries: Vec<_> = sum.entries().collect();
    match GoSum::parse(text) {
        Ok(strict) => assert_eq!(strict.entries().collect::<Vec<_>>(), entries),
        Err(error) => assert_ne!(error.fields, 0),
    }
    let lines: Vec<_> = text.split(|&byte| byte == b'\n').collect();
    for entry in &entries {
        let line = lines[entry.line - 1];
        assert!([entry.path, entry.version, entry.hash].iter().all(|field| !field.is_empty()));
        assert!(line.windows(entry.hash.len()).any(|window| window == entry.hash));
        let same_key = |other: &&GoSumLine<'_>| (other.path, other.version) == (entry.path, entry.version);
        let expected: Vec<_> = entries.iter().filter(same_key).copied().collect();
        assert_eq!(sum.lines(entry.path, entry.version).collect::<Vec<_>>(), expected);
    }

    let written = sum.to_go_text();
    let again = GoSum::parse(&written).expect("what we write is well-formed");
    assert_eq!(again.to_go_text(), written);
    let fields = |sum: &GoSum| {
        let mut all: Vec<_> =
            sum.entries().map(|entry| [entry.path, entry.version, entry.hash].map(<[u8]>::to_vec)).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(fields(&again), fields(&sum));
}

proptest! {
    #[test]
    fn order_does_not_matter((files, shuffled) in files().prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle()))) {
        prop_assert_eq!(hash(&files), hash(&shuffled));
    }

    #[test]
    fn directory_and_zip_agree_on_any_number_of_threads(tree in tree(), threads in 1_usize..5) {
        let dir = tempfile::tempdir().unwrap();
        let mut zip = ModuleZip::new("x.y/m", "v1.0.0");
        let mut files = Vec::new();
        for (name, content) in &tree {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
            zip = zip.file(name, content.clone());
            files.push((format!("x.y/m@v1.0.0/{name}").into_bytes(), content.clone()));
        }
        let expected = hash(&files);
        let threads = NonZeroUsize::new(threads).unwrap();
        prop_assert_eq!(hash_dir(dir.path(), "x.y/m@v1.0.0", threads).unwrap().to_string(), expected.clone());
        let zip = zip.build();
        let archive = Archive::open(&zip[..], &Limits::default()).unwrap();
        prop_assert_eq!(hash_zip(&archive, threads).unwrap().to_string(), expected);
    }

    #[test]
    fn go_sum_of_likely_text(text in go_sum_text()) {
        check_go_sum(&text);
    }

    #[test]
    fn go_sum_of_any_bytes(text in vec(any::<u8>(), 0..300)) {
        check_go_sum(&text);
    }
}
