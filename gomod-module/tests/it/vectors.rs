use std::path::Path;

use gomod_testkit::vectors::{self, Wording};

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
    // The caller names the file.
    ("module_set", |theirs, ours| {
        theirs.replace("go.mod:1:", "line 1:").replace("as: ", "as ") == ours
            || theirs.strip_prefix("go.mod: ") == Some(ours)
    }),
];

#[test]
fn answers_are_those_of_go() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    vectors::check(&dir, OPERATIONS, WORDINGS);
}
