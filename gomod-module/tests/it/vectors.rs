use std::path::Path;

use gomod_testkit::vectors::{self, Wording};

use crate::graph_operations::GRAPH_OPERATIONS;
use crate::operations::OPERATIONS;

/// Where the words are not those of Go.
const WORDINGS: &[Wording] = &[
    // Go's own name for what should not have happened; here the version is disallowed.
    ("escape_version", |theirs, ours| {
        theirs == "internal error: inconsistency in EscapePath" && ours.ends_with("disallowed version string")
    }),
    // Without what the go command says before and behind every error.
    ("go_env_resolve", |theirs, ours| {
        let theirs = theirs.strip_prefix("go: ").and_then(|theirs| theirs.strip_prefix(ours));
        theirs.is_some_and(|rest| rest.is_empty() || rest == ".\nFor more details see: 'go help gopath'")
    }),
];

#[test]
fn answers_are_those_of_go() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    vectors::check(&dir, OPERATIONS, WORDINGS);
}

/// Where the words are not those of Go.
const GRAPH_WORDINGS: &[Wording] = &[
    // The caller names the file.
    ("module_set", |theirs, ours| {
        theirs.replace("go.mod:1:", "line 1:").replace("as: ", "as ") == ours
            || theirs.strip_prefix("go.mod: ") == Some(ours)
    }),
    // One line, without what to do about it; the system's words are the system's.
    ("workspace_set", |theirs, ours| {
        if let Some(subject) = ours.strip_suffix(": no go.mod") {
            return theirs.contains(subject)
                && (theirs.contains("no such file") || theirs.contains("not a dir"));
        }
        let theirs = theirs.replace("$DIR/", "./");
        let mut words = words(&theirs);
        let mut ours =
            self::words(ours).filter(|word| !matches!(*word, "and" | "decides" | "updates" | "it"));
        ours.all(|word| words.any(|other| other == word))
    }),
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, ':' | ';' | ',' | '"' | '`' | '(' | ')' | '=');
    text.split(is_mark).map(|word| word.trim_end_matches(['.', '…'])).filter(|word| !word.is_empty())
}

#[test]
fn graphs_are_those_of_go() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/graph");
    vectors::check(&dir, GRAPH_OPERATIONS, GRAPH_WORDINGS);
}
