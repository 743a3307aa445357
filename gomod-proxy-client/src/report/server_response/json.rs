//! The messages in an error of JSON: of GitLab, Nexus, Artifactory, Google, RFC 9457 and others, which agree on little.

use std::borrow::Cow;

use serde_json::Value;

/// The names under which people are told something, the headline first.
const NAMES: [&str; 13] = [
    "title",
    "message",
    "error",
    "errors",
    "error_description",
    "error_message",
    "detail",
    "details",
    "reason",
    "description",
    "msg",
    "summary",
    "cause",
];
/// More texts are not shown.
const MAX_MESSAGES: usize = 8;

/// What the text says, line by line; `None` where it is no JSON, or says nothing under a name that is known.
pub(super) fn messages<'a>(text: &str) -> Option<Cow<'a, str>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let mut found = Vec::new();
    collect(&value, value.is_string(), &mut found);
    // A blank line would end what is shown.
    let lines = found.iter().flat_map(|message| message.lines()).filter(|line| !line.trim().is_empty());
    let lines: Vec<&str> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// `is_message` says that a text here is one for people.
fn collect<'v>(value: &'v Value, is_message: bool, found: &mut Vec<&'v str>) {
    if found.len() >= MAX_MESSAGES {
        return;
    }
    match value {
        Value::String(text) if is_message && !found.contains(&text.as_str()) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_message, found)),
        Value::Object(fields) => {
            let before = found.len();
            for name in NAMES {
                for (_, value) in fields.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)) {
                    collect(value, true, found);
                }
            }
            // Such as `{"message": {"base": ["…"]}}`.
            if found.len() == before && is_message {
                fields
                    .values()
                    .filter(|value| !value.is_object())
                    .for_each(|value| collect(value, true, found));
            }
        }
        _ => {}
    }
}
