//! Law: every input that a target was ever found wrong on, the files in `artifacts/TARGET`, keeps its laws now, and so do
//! the inputs of the vectors, what becomes of them by small changes (`GOMOD_FUZZ_CASES` of them, from the seed
//! `GOMOD_FUZZ_SEED`), and the zips of the corpus.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_fuzz::{TARGETS, Target};
use gomod_testkit::vectors::{bytes, zip_cases, zip_index};
use serde_json::Value;

use crate::count;
use crate::mutate::{Random, mutate};

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

/// The inputs of all vectors that are no zips.
fn inputs() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dirs = [
        "gomod-module/tests/data",
        "gomod-module/tests/data/graph",
        "gomod-sum/tests/data",
        "gomod-sum/tests/data/sumdb",
        "gomod-proxy-client/tests/data",
        "gomod-vcs/tests/data",
    ];
    let mut inputs = Vec::new();
    for file in dirs.iter().flat_map(|dir| files(&root.join(dir))) {
        for line in fs::read_to_string(file).unwrap().split_terminator('\n') {
            let case: Value = serde_json::from_str(line).unwrap();
            let mut found = Vec::new();
            texts(&case["in"], &mut found);
            inputs.push(found.join(&b'\n'));
            inputs.extend(found);
        }
    }
    assert!(inputs.len() > 10_000);
    inputs
}

/// The targets that take texts.
fn of_texts() -> Vec<Target> {
    TARGETS.into_iter().filter(|(name, _)| !name.contains("zip")).collect()
}

#[test]
fn vectors() {
    let inputs = inputs();
    for (_, target) in of_texts() {
        inputs.iter().map(Vec::as_slice).for_each(target);
    }
}

#[test]
fn changed_vectors() {
    let (inputs, targets) = (inputs(), of_texts());
    let mut random = Random::new(count("GOMOD_FUZZ_SEED", 1));
    for _ in 0..count("GOMOD_FUZZ_CASES", 20_000) {
        let mut input = random.pick(&inputs).clone();
        mutate(&mut input, random.pick::<Vec<u8>>(&inputs), &mut random);
        let (name, target) = random.pick(&targets);
        let kept = input.clone();
        let run = std::panic::catch_unwind(move || target(&input));
        assert!(run.is_ok(), "{name}: {:?}", String::from_utf8_lossy(&kept));
    }
}

#[test]
fn zips() {
    for case in zip_cases(&zip_index()).iter().filter(|case| case.line["heavy"] != true) {
        let data = fs::read(&case.file).unwrap();
        TARGETS.iter().filter(|(name, _)| name.contains("zip")).for_each(|(_, target)| target(&data));
    }
}
