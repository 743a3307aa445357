//! The same list of entries, the same contents and the same errors as Go's archive/zip for every zip of the corpus.

use std::path::Path;

use gomod_testkit::vectors::{Answer, zip_cases, zip_index};
use serde_json::{Value, json};

use super::operations::ZIP_OPERATIONS;

/// The zips that Go opens and this crate refuses, with our reason.
const REFUSED: &[(&str, &str)] = &[];

/// The zips where Go gives another reason for refusing an entry: a stream that is both corrupt and cut.
const OTHER_REASON: &[&str] = &["deflate_dyn_zero_a.zip"];

/// What the reference says of an entry that it has not read, as the archive expands to hundreds of MiB.
const NOT_READ: &str = "(not read to its end by the oracle)";

#[test]
fn corpus() {
    let (_, list) = ZIP_OPERATIONS.iter().find(|(name, _)| *name == "list").expect("the operation");
    let mut differences = Vec::new();
    let cases = zip_cases(&zip_index());
    assert!(cases.len() > 400, "the corpus is gone");
    for case in &cases {
        let name = case.file.file_name().and_then(|name| name.to_str()).expect("a name");
        let theirs = &case.line["list"];
        let ours = list(case);
        if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            assert_eq!(ours.error.as_deref(), Some(*reason), "{name}");
            continue;
        }
        let (mut ours, mut theirs) = (normal_ours(&ours), normal_theirs(theirs));
        if OTHER_REASON.contains(&name) {
            for line in [&mut ours, &mut theirs] {
                rewrite_errors(line, |_| "some error".into());
            }
        }
        if ours != theirs && !differs_where_unread(&ours, &theirs) {
            differences.push(format!("{name}\n  want {theirs}\n  ours {ours}"));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_exception_is_in_the_corpus() {
    let dir = zip_index();
    let dir = dir.parent().unwrap_or(Path::new("."));
    for file in REFUSED.iter().map(|(file, _)| file).chain(OTHER_REASON) {
        assert!(dir.join(file).exists(), "{file}");
    }
}

fn normal_ours(answer: &Answer) -> Value {
    let mut line = answer.to_json();
    rewrite_errors(&mut line, |text| match text {
        _ if text.starts_with("unsupported compression algorithm") => {
            "unsupported compression algorithm".into()
        }
        _ if text.starts_with("corrupt deflate data") => "corrupt".into(),
        text => text.into(),
    });
    line
}

/// The kinds of errors that this crate tells apart.
fn normal_theirs(line: &Value) -> Value {
    let mut line = line.clone();
    rewrite_errors(&mut line, |text| match text {
        "EOF" => "unexpected EOF".into(),
        _ if text.ends_with("negative offset") => "not a valid zip file".into(),
        _ if text.starts_with("flate: corrupt input") => "corrupt".into(),
        text => text.trim_start_matches("zip: ").into(),
    });
    line
}

fn rewrite_errors(line: &mut Value, rewrite: impl Fn(&str) -> String) {
    let rewrite_in = |value: &mut Value| {
        if let Some(text) = value.get("error").and_then(Value::as_str) {
            value["error"] = json!(rewrite(text));
        }
    };
    rewrite_in(line);
    if let Some(entries) = line.pointer_mut("/value/entries").and_then(Value::as_array_mut) {
        entries.iter_mut().for_each(rewrite_in);
    }
}

fn differs_where_unread(ours: &Value, theirs: &Value) -> bool {
    let (mut ours, mut theirs) = (ours.clone(), theirs.clone());
    let entries =
        |line: &mut Value| line.pointer_mut("/value/entries").and_then(Value::as_array_mut).cloned();
    let (Some(our_entries), Some(their_entries)) = (entries(&mut ours), entries(&mut theirs)) else {
        return false;
    };
    our_entries.len() == their_entries.len()
        && our_entries.into_iter().zip(their_entries).all(|(mut ours, mut theirs)| {
            if theirs["error"] == NOT_READ {
                for entry in [&mut ours, &mut theirs].into_iter().filter_map(Value::as_object_mut) {
                    entry.retain(|key, _| key != "sha256" && key != "error");
                }
            }
            ours == theirs
        })
}
