//! Go's answers, input by input.

use std::path::Path;

use gomod_testkit::vectors::{Answer, Wording, check, zip_cases, zip_index};

use super::operations::{OPERATIONS, ZIP_OPERATIONS};

/// Where the words are not those of Go: an error is one line and names what it is about, and the system's are the system's.
const WORDINGS: &[Wording] = &[
    ("gosum_format", is_malformed),
    ("gosum_have", is_malformed),
    ("gosum_parse", is_malformed),
    ("hash1", |theirs, ours| {
        theirs.strip_prefix("dirhash: ").is_some_and(|text| ours.starts_with(&format!("{text}: \"")))
    }),
    ("tree_hash_dir", |theirs, ours| !theirs.is_empty() && !ours.is_empty()),
];

fn is_malformed(theirs: &str, ours: &str) -> bool {
    let line = theirs.strip_prefix("malformed go.sum:\ngo.sum:").and_then(|text| text.strip_suffix('\n'));
    line.is_some_and(|line| format!("malformed go.sum: line {line}") == ours)
}

#[test]
fn files() {
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), OPERATIONS, WORDINGS);
}

/// Zips whose hash we refuse and Go does not; none so far.
const REFUSED: &[&str] = &[];

#[test]
fn zips() {
    let mut refused = Vec::new();
    let mut differences = Vec::new();
    let cases = zip_cases(&zip_index());
    assert!(cases.len() > 400, "{} zips", cases.len());
    for case in &cases {
        for (name, run) in ZIP_OPERATIONS {
            let theirs = &case.line[name];
            let ours: Answer = run(case);
            let file = case.line["file"].as_str().expect("a file name");
            if !ours.ok && theirs["ok"] == true {
                refused.push(file);
            } else if theirs["ok"] != ours.ok || theirs.get("value") != ours.value.as_ref() {
                differences.push(format!("{name} {file}: want {theirs}, ours {}", ours.to_json()));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(refused, REFUSED);
}
