//! Law: every input that a target was ever found wrong on, the files in `artifacts/TARGET`, keeps its laws now, and so do
//! the inputs of the vectors and the zips of the corpus.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_fuzz::TARGETS;
use gomod_testkit::vectors::{bytes, zip_cases, zip_index};
use serde_json::Value;

fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

/// All texts of an input, each for itself and together.
fn texts(value: &Value, out: &mut Vec<Vec<u8>>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| texts(item, out)),
        Value::Object(map) if !map.contains_key("b64") => map.values().for_each(|item| texts(item, out)),
        Value::String(_) | Value::Object(_) => out.push(bytes(value)),
        _ => {}
    }
}

#[test]
fn findings() {
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    for (name, target) in TARGETS {
        for file in files(&artifacts.join(name)) {
            target(&fs::read(file).unwrap());
        }
    }
}

#[test]
fn vectors() {
    let dir = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("tests/data");
    let mut inputs = Vec::new();
    for file in ["gomod-module", "gomod-proxy-client"].into_iter().flat_map(|name| files(&dir(name))) {
        for line in fs::read_to_string(file).unwrap().split_terminator('\n') {
            let case: Value = serde_json::from_str(line).unwrap();
            let mut found = Vec::new();
            texts(&case["in"], &mut found);
            inputs.push(found.join(&b'\n'));
            inputs.extend(found);
        }
    }
    assert!(inputs.len() > 10_000);
    for (_, target) in TARGETS.iter().filter(|(name, _)| !name.contains("zip")) {
        inputs.iter().map(Vec::as_slice).for_each(target);
    }
}

#[test]
fn zips() {
    for case in zip_cases(&zip_index()).iter().filter(|case| case.line["heavy"] != true) {
        let data = fs::read(&case.file).unwrap();
        TARGETS.iter().filter(|(name, _)| name.contains("zip")).for_each(|(_, target)| target(&data));
    }
}
