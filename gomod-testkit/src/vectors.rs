//! Files of vectors: one JSON object a line, `{"in":{…},"ok":true|false,"value":…,"error":"…"}`, as the reference
//! answered.
//!
//! A string that is not UTF-8 is written as `{"b64":"…"}`. Each crate keeps its operations in one table, which
//! its own tests and the `conformance` tool both run: an operation cannot be in one and not in the other.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The answer to one input.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the vector files is fixed")]
pub struct Answer {
    /// Whether the function returned no error.
    pub ok: bool,
    /// What it returned; sometimes present beside an error.
    pub value: Option<Value>,
    /// The error's text, where there is one.
    pub error: Option<String>,
}

impl Answer {
    /// Success without a value.
    pub fn ok() -> Self {
        Self { ok: true, value: None, error: None }
    }

    /// Success with a value.
    pub fn value(value: impl Into<Value>) -> Self {
        Self { ok: true, value: Some(value.into()), error: None }
    }

    /// An error without a value.
    pub fn error(error: impl Display) -> Self {
        Self { ok: false, value: None, error: Some(error.to_string()) }
    }

    /// An error beside which the value stands.
    pub fn partial(value: impl Into<Value>, error: impl Display) -> Self {
        Self { ok: false, value: Some(value.into()), error: Some(error.to_string()) }
    }

    /// An error with its causes, as Go writes them.
    pub fn caused(error: &dyn Error) -> Self {
        let causes = std::iter::successors(error.source(), |&error| error.source());
        Self::error(causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}")))
    }

    /// Success or error without a value.
    pub fn check<T, E: Display>(result: Result<T, E>) -> Self {
        result.map_or_else(Self::error, |_| Self::ok())
    }

    /// Success with a value, or an error.
    pub fn result<T: Into<Value>, E: Display>(result: Result<T, E>) -> Self {
        result.map_or_else(Self::error, Self::value)
    }

    /// The form of a vector file, without its input.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("ok".into(), self.ok.into());
        if let Some(value) = &self.value {
            map.insert("value".into(), value.clone());
        }
        if let Some(error) = &self.error {
            map.insert("error".into(), error.clone().into());
        }
        Value::Object(map)
    }
}

/// The name of an operation and what answers its inputs.
pub type Operation = (&'static str, fn(&Value) -> Answer);

/// The bytes of a string as the vector files write them.
///
/// # Panics
/// When `value` is neither a string nor `{"b64":…}`: the vector file is broken.
pub fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.clone().into_bytes(),
        Value::Object(map) => {
            let text = map.get("b64").and_then(Value::as_str).expect("a string or {\"b64\": …}");
            STANDARD.decode(text).expect("base64")
        }
        other => panic!("not a string: {other}"),
    }
}

/// The text of a string, or `None` where it is not UTF-8.
pub fn text(value: &Value) -> Option<String> {
    String::from_utf8(bytes(value)).ok()
}

/// A string in the form of the vector files.
pub fn json_bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => json!({ "b64": STANDARD.encode(bytes) }),
    }
}

/// An operation whose errors have words of our own, and whether ours stand for those of the reference: its text first.
pub type Wording = (&'static str, fn(&str, &str) -> bool);

/// Whether an error reads as the reference's. What an argument that is not UTF-8 is called is not compared: most operations never
/// see it.
fn is_said_alike(case: &Value, ours: &Answer, wording: Option<&Wording>) -> bool {
    if case["in"].to_string().contains("{\"b64\":") {
        return true;
    }
    let theirs = case.get("error").and_then(Value::as_str).unwrap_or_default();
    let ours = ours.error.as_deref().unwrap_or_default();
    theirs == ours || wording.is_some_and(|(_, stands_for)| stands_for(theirs, ours))
}

/// A text without the escapes of unprintable characters, of which the two may differ in how many they have.
pub fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = match escape.bytes().next() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let code = escape.get(1..=digits).and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(char) = code.and_then(char::from_u32).filter(|_| digits > 0) {
            out.push(char);
            rest = &escape[1 + digits..];
        } else if let Some(after) = escape.strip_prefix('n') {
            out.push('\n');
            rest = after;
        } else if let Some(after) = escape.strip_prefix('t') {
            out.push('\t');
            rest = after;
        } else {
            out.push('\\');
            rest = escape;
        }
    }
    out + rest
}

/// Runs every operation of a table on `<dir>/<operation>.jsonl` and compares `ok`, `value` and, word for word, `error`; the
/// wordings say where the words are others on purpose.
///
/// # Panics
/// When an answer differs, when an operation has no file, when a file has no operation, or when a wording is of no use.
pub fn check(dir: &Path, operations: &[Operation], wordings: &[Wording]) {
    let mut idle: BTreeSet<_> = wordings.iter().map(|(name, _)| *name).collect();
    let mut files = jsonl_files(dir);
    let mut differences = Vec::new();
    for (name, run) in operations {
        let path = dir.join(format!("{name}.jsonl"));
        files.retain(|file| *file != path);
        let data = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut count = 0;
        for (number, line) in data.split_terminator('\n').enumerate() {
            let case: Value = serde_json::from_str(line).expect("a line of JSON");
            let ours = run(&case["in"]);
            let theirs_ok = case["ok"].as_bool().expect("ok");
            let wording = wordings.iter().find(|(of, _)| of == name);
            let is_said_alike = is_said_alike(&case, &ours, wording);
            if is_said_alike && !self::is_said_alike(&case, &ours, None) {
                idle.remove(name);
            }
            if ours.ok != theirs_ok || ours.value.as_ref() != case.get("value") || !is_said_alike {
                differences.push(format!(
                    "{name}.jsonl:{}\n  in    {}\n  want  ok={theirs_ok} {} {}\n  ours  {}",
                    number + 1,
                    case["in"],
                    case.get("value").unwrap_or(&Value::Null),
                    case.get("error").unwrap_or(&Value::Null),
                    ours.to_json(),
                ));
            }
            count += 1;
        }
        assert!(count > 0, "{name}.jsonl is empty");
    }
    assert!(files.is_empty(), "vector files without an operation: {files:?}");
    let shown: Vec<_> = differences.iter().take(10).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), shown.join("\n"));
    assert!(idle.is_empty(), "wordings that stand for nothing: {idle:?}");
}

fn jsonl_files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .map(|entry| entry.expect("a directory entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect()
}

/// One zip file of a corpus and the arguments to check it with.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "the format of the vector files is fixed")]
pub struct ZipCase {
    /// The file.
    pub file: PathBuf,
    /// The module path; any text.
    pub path: String,
    /// The module version; any text.
    pub version: String,
    /// The line of the index: the reference's verdicts, each `{"ok","value","error"}`.
    pub line: Value,
}

/// The name of an operation on a zip file and what answers it.
pub type ZipOperation = (&'static str, fn(&ZipCase) -> Answer);

/// The corpus of this workspace: `gomod-testkit/data/zips/index.jsonl`.
pub fn zip_index() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/zips/index.jsonl")
}

/// The zips named by an index, which lie beside it.
///
/// # Panics
/// When the index cannot be read or is not one JSON object a line.
pub fn zip_cases(index: &Path) -> Vec<ZipCase> {
    let data = fs::read_to_string(index).unwrap_or_else(|e| panic!("{}: {e}", index.display()));
    let dir = index.parent().unwrap_or(Path::new("."));
    data.split_terminator('\n')
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            // What is not UTF-8 gets U+FFFD, which no module path may hold either.
            let field = |name: &str| String::from_utf8_lossy(&bytes(&line[name])).into_owned();
            ZipCase { file: dir.join(field("file")), path: field("path"), version: field("version"), line }
        })
        .collect()
}
