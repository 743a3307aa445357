//! Law: a go.mod or go.work file says to us what it says to `go mod edit -json` and `go work edit -json`; what they
//! refuse is refused, with the same problems at the same places.
//!
//! The files are changed templates. `GOMOD_MODFILES=DIR` adds every `*.mod` file below a directory, such as
//! `$GOMODCACHE/cache/download`, as it is and changed.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_module::modfile::Replace;
use gomod_module::text::GoString;
use gomod_module::{GoMod, GoWork};
use gomod_testkit::{GoCommand, GoOutput};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

const CASES: usize = 150;

const GO_MOD: &[&str] = &[
    "\
// Deprecated: use example.com/new instead,
// which is maintained.
module example.com/old // trailing

go 1.21.0

toolchain go1.22.1

godebug (
\tdefault=go1.21
\tpanicnil=1
)

require (
\texample.com/a v1.2.3
\texample.com/B/v2 v2.0.0-rc.1 // indirect
\tgopkg.in/yaml.v3 v3.0.1 // indirect; for the tests

\texample.com/legacy v2.0.0+incompatible
\t\"example.com/quoted\" v0.0.0-20191109021931-daa7c04131f5
)

require example.com/single v1 // indirect

exclude example.com/a v1.2.2
exclude (
\texample.com/a v1.2.1
)

replace example.com/a => ../a
replace (
\texample.com/B/v2 v2.0.0-rc.1 => example.com/fork/v2 v2.0.0
\texample.com/single => \"./dir with space\"
)

// Published too early.
retract v1.0.0

retract (
\t[v1.1.0, v1.2.0] // broken on Windows
\t// Contains a secret.
\tv0.9.0
)

// All of these.
retract (
\tv0.1.0
\tv0.2.0
)

tool example.com/a/cmd/gen
tool (
\texample.com/single/x
)

ignore ./node_modules
ignore (
\tstatic
)
",
    "module \"m\"\ngo 1.17\nrequire a.b/c v1.0.0\n",
    "module \"\"\nrequire a.b/c v1.0.0\nrequire \"\" v1.0.0\nretract \"\"\n",
    "module (\n\texample.com/m\n)\nrequire (\n)\nrequire(a.b/c v1.0.0)\n",
    "module gopkg.in/m.v1\r\n\r\ngo 1.12\r\nrequire gopkg.in/x.v0 v0.1.0 // indirect\r\n",
    "// Deprecated:\n// Deprecated: no\n\n// Deprecated: yes\nmodule m\nretract [ v1 , v2 ] // a // b\n",
];

const GO_WORK: &[&str] = &[
    "\
go 1.22

toolchain go1.22.1

godebug panicnil=1

use ./a // one
use (
\t.
\t\"./dir with space\"
\t../outside
)

replace (
\texample.com/a v1.2.3 => ./a
\texample.com/b => example.com/c v1.0.0
)
",
    "go 1.18\nuse .\n",
];

const PIECES: &[&str] = &[
    " (\n",
    ")\n",
    "(",
    ")",
    "[",
    "]",
    ",",
    "\"",
    "`",
    "'",
    "\\",
    "//",
    "/*",
    "// indirect",
    "// Deprecated: x\n",
    "\n",
    "\n\n",
    "\r",
    "\t",
    " ",
    " => ",
    "=>",
    "../x",
    "v1",
    "v1.2",
    "v2.0.0",
    "v1.0.0+meta",
    "latest",
    "example.com/m",
    "example.com/m/v1",
    "require ",
    "module ",
    "go ",
    "go 1.21\n",
    "toolchain ",
    "retract ",
    "use ",
    "x=y",
    "{",
    "}",
    ";",
    "é",
    "\u{feff}",
    "\u{a0}",
    "\u{2028}",
    "\0",
    "\"\\x41\"",
    "\"a\\\nb\"",
    "v1.0.0 // indirect",
    "C:\\x",
    "@v1",
];

fn boundaries(text: &str) -> Vec<usize> {
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect()
}

fn changed(texts: Vec<String>) -> impl Strategy<Value = String> {
    let change = (any::<Index>(), any::<Index>(), 0..6, select(PIECES));
    (select(texts), prop::collection::vec(change, 0..4)).prop_map(|(mut text, changes)| {
        for (at, to, kind, piece) in changes {
            let places = boundaries(&text);
            let at = places[at.index(places.len())];
            let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
            match kind {
                0 if at < text.len() => drop(text.remove(at)),
                1 => {
                    let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
                    let moved: String = text.drain(line..end).collect();
                    let places = boundaries(&text);
                    text.insert_str(places[to.index(places.len())], &moved);
                }
                2 => text.insert_str(line, piece),
                3 => {
                    let end = text[at..].char_indices().nth(5).map_or(text.len(), |(length, _)| at + length);
                    text.replace_range(at..end, piece);
                }
                _ => text.insert_str(at, piece),
            }
        }
        text
    })
}

fn find_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            find_files(&entry.path(), out);
        } else if entry.path().extension().is_some_and(|extension| extension == "mod") {
            out.push(entry.path());
        }
    }
}

/// The files to compare: templates, then changed ones.
fn cases(templates: &[&str], own: &[String]) -> Vec<String> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let texts: Vec<String> = templates.iter().map(ToString::to_string).chain(own.iter().cloned()).collect();
    let count = CASES.max(own.len() * 4);
    let changed = (0..count).map(|_| changed(texts.clone()).new_tree(&mut runner).unwrap().current());
    texts.iter().cloned().chain(changed.collect::<Vec<_>>()).collect()
}

/// Go shows an empty path, and no other empty text.
fn text(name: &str, text: &GoString) -> (String, Value) {
    (name.to_owned(), (name == "Path" || !text.is_empty()).then(|| text.to_string()).into())
}

fn object(fields: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

fn module(path: &GoString, version: Option<&str>) -> Value {
    object([text("Path", path), ("Version".into(), version.into())])
}

/// What Go leaves out where it is empty.
fn list<T>(items: &[T], show: impl Fn(&T) -> Value) -> Value {
    if items.is_empty() { Value::Null } else { items.iter().map(show).collect() }
}

fn replacements(items: &[Replace]) -> Value {
    list(items, |line| {
        let new = module(&line.new_path, line.new_version.as_deref());
        json!({"Old": module(&line.old_path, line.old_version.as_deref()), "New": new})
    })
}

/// Go clears a file of lines about nothing before it prints it.
fn go_mod(mut file: GoMod) -> Value {
    file.require.retain(|line| !line.path.is_empty());
    file.exclude.retain(|line| !line.path.is_empty());
    file.replace.retain(|line| !line.old_path.is_empty());
    file.retract.retain(|line| !(line.low.is_empty() && line.high.is_empty()));
    file.godebug.retain(|line| !line.key.is_empty());
    let paths = |paths: Vec<&GoString>| list(&paths, |path| object([text("Path", path)]));
    let own = file.module.as_ref().map(|line| {
        let deprecated = line.deprecated.clone().unwrap_or_default();
        object([text("Path", &line.path), text("Deprecated", &deprecated)])
    });
    let require = list(&file.require, |line| {
        let mut require = module(&line.path, Some(&line.version));
        if line.indirect {
            require["Indirect"] = true.into();
        }
        require
    });
    let retract = list(&file.retract, |line| {
        object([text("Low", &line.low), text("High", &line.high), text("Rationale", &line.rationale)])
    });
    let godebug = list(&file.godebug, |line| json!({"Key": *line.key, "Value": *line.value}));
    object([
        ("Module".into(), own.unwrap_or_else(|| json!({"Path": ""}))),
        ("Go".into(), file.go.as_ref().map(|line| line.version.clone()).into()),
        ("Toolchain".into(), file.toolchain.as_ref().map(|line| line.name.to_string()).into()),
        ("GoDebug".into(), godebug),
        ("Require".into(), require),
        ("Exclude".into(), list(&file.exclude, |line| module(&line.path, Some(&line.version)))),
        ("Replace".into(), replacements(&file.replace)),
        ("Retract".into(), retract),
        ("Tool".into(), paths(file.tool.iter().map(|line| &line.path).collect())),
        ("Ignore".into(), paths(file.ignore.iter().map(|line| &line.path).collect())),
    ])
}

/// `go work edit -json` does not tell of toolchain and godebug lines.
fn go_work(mut file: GoWork) -> Value {
    file.use_modules.retain(|line| !line.path.is_empty());
    file.replace.retain(|line| !line.old_path.is_empty());
    object([
        ("Go".into(), file.go.as_ref().map(|line| line.version.clone()).into()),
        ("Use".into(), list(&file.use_modules, |line| object([text("DiskPath", &line.path)]))),
        ("Replace".into(), replacements(&file.replace)),
    ])
}

/// Go's answer without the fields that it shows as null or empty, whose absence means the same.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields = map.into_iter().map(|(name, value)| (name, without_nothing(value)));
            let kept = fields.filter(|(name, value)| !(value.is_null() || (value == "" && name != "Path")));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.into_iter().map(without_nothing).collect(),
        other => other,
    }
}

fn compare(theirs: &GoOutput, ours: Result<Value, String>, file: &str, data: &str) {
    let (ours, theirs) = match ours {
        Ok(value) => {
            assert!(theirs.success(), "only Go refuses {data:?}: {}", theirs.stderr);
            let theirs = serde_json::from_str(&theirs.stdout).unwrap();
            (without_nothing(value), without_nothing(theirs))
        }
        Err(problems) => {
            let mut told = theirs.stderr.strip_prefix("go: ").unwrap_or(&theirs.stderr);
            while let Some(rest) = told.strip_prefix(&format!("errors parsing {file}:\n")) {
                told = rest;
            }
            (problems.into(), told.trim_end_matches('\n').into())
        }
    };
    assert_eq!(ours, theirs, "{data:?}");
}

#[test]
fn go_mod_files_read_as_go_reads_them() {
    let Some(go) = GoCommand::find("go_mod_files_read_as_go_reads_them") else { return };
    let home = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    if let Some(dir) = std::env::var_os("GOMOD_MODFILES") {
        find_files(Path::new(&dir), &mut files);
        assert!(!files.is_empty());
    }
    let own: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for data in cases(GO_MOD, &own) {
        fs::write(home.path().join("x.mod"), &data).unwrap();
        let theirs = go.command(&["mod", "edit", "-json", "x.mod"], home.path()).run();
        let ours = GoMod::parse(data.as_bytes());
        compare(&theirs, ours.map(go_mod).map_err(|error| error.go_text("x.mod")), "x.mod", &data);
    }
}

#[test]
fn go_work_files_read_as_go_reads_them() {
    let Some(go) = GoCommand::find("go_work_files_read_as_go_reads_them") else { return };
    let home = tempfile::tempdir().unwrap();
    for data in cases(GO_WORK, &[]) {
        fs::write(home.path().join("go.work"), &data).unwrap();
        let theirs = go.command(&["work", "edit", "-json", "go.work"], home.path()).run();
        let ours = GoWork::parse(data.as_bytes());
        compare(&theirs, ours.map(go_work).map_err(|error| error.go_text("go.work")), "go.work", &data);
    }
}
