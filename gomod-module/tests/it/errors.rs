//! Where a user would see it, an error reads as Go's.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::operations::OPERATIONS;

const COMPARED: [&str; 13] = [
    "check",
    "check_path",
    "check_import_path",
    "check_file_path",
    "escape_path",
    "escape_version",
    "unescape_path",
    "unescape_version",
    "check_path_major",
    "pseudo_parse",
    "modfile_parse",
    "modfile_parse_lax",
    "workfile_parse",
];

/// Go's own name for what should not have happened; we call the version disallowed.
const INCONSISTENCY: &str = "internal error: inconsistency in EscapePath";

#[test]
fn texts_are_those_of_go() {
    for name in COMPARED {
        let (_, run) = OPERATIONS.iter().find(|(operation, _)| *operation == name).unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.jsonl"));
        let data = fs::read_to_string(file).unwrap();
        let mut count = 0;
        for line in data.split_terminator('\n') {
            let case: Value = serde_json::from_str(line).unwrap();
            let Some(theirs) = case.get("error").and_then(Value::as_str) else { continue };
            if theirs == INCONSISTENCY || case["in"].to_string().contains("\"b64\"") {
                continue;
            }
            assert_eq!(run(&case["in"]).error.as_deref(), Some(theirs), "{name}: {}", case["in"]);
            count += 1;
        }
        assert!(count > 0, "{name}");
    }
}
