//! The same repository as the go command, with the same requests in the same order, or a refusal that is listed.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::operations::OPERATIONS;

/// What is refused here and taken by Go: how many cases, and what the error says.
const REFUSED: &[(usize, &str)] = &[
    (1, "is no directory of a repository: element \"..\""),
    (2, "is no directory of a repository: element \".\""),
    (3, "the scheme http is not secure, and GOINSECURE does not match"),
    (2, "host begins with a hyphen"),
];

#[test]
fn vectors_agree() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/go_import.jsonl");
    let data = fs::read_to_string(path).expect("the vectors");
    let (_, run) = OPERATIONS.iter().find(|(name, _)| *name == "go_import").expect("the operation");
    let mut differences = Vec::new();
    let mut refused = vec![0; REFUSED.len()];
    for (number, line) in data.split_terminator('\n').enumerate() {
        let case: Value = serde_json::from_str(line).expect("a line of JSON");
        let ours = run(&case["in"]).to_json();
        let wanted = of_discovery(&case["value"]);
        let has_same_end = ours["ok"] == case["ok"];
        if has_same_end && ours["value"] == wanted {
            continue;
        }
        let error = ours["error"].as_str().unwrap_or_default();
        let listed = REFUSED.iter().position(|(_, text)| error.contains(text));
        match listed.filter(|_| case["ok"] == true) {
            Some(index) => refused[index] += 1,
            None => differences.push(format!(
                "{}: {}\n want {wanted}\n ours {ours}\n error {}",
                number + 1,
                case["in"],
                case["error"]
            )),
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    let wanted: Vec<_> = REFUSED.iter().map(|(count, _)| *count).collect();
    assert_eq!(refused, wanted);
}

/// A value without what came after discovery: the requests to the module proxy that a tag names, and their outcome.
fn of_discovery(value: &Value) -> Value {
    let mut value = value.clone();
    let fields = value.as_object_mut().expect("an object");
    fields.remove("later_error");
    let is_proxy = fields["vcs"] == "mod";
    if let Some(requests) = fields.get_mut("requests").and_then(Value::as_array_mut).filter(|_| is_proxy) {
        requests.retain(|url| !url.as_str().is_some_and(|url| url.contains("/@v/")));
    }
    value
}
