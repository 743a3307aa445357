//! `conformance`: a line of a vector file in, the answer to it out.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::tool::{Run, tool};

#[test]
fn every_line_gets_the_answer_of_its_vector() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gomod-module/tests/data/check_path.jsonl");
    let mut command = Command::new(tool("conformance"));
    command.arg("check_path").stdin(Stdio::from(fs::File::open(&file).unwrap()));
    let answers = Run::of(command).expect(0).records();
    let vectors = fs::read_to_string(file).unwrap();
    let vectors = vectors.split_terminator('\n').map(|line| serde_json::from_str::<Value>(line).unwrap());
    let wanted: Vec<_> = vectors.map(|vector| vector["ok"].clone()).collect();
    assert!(wanted.len() > 800, "{}", wanted.len());
    assert_eq!(answers.iter().map(|answer| answer["ok"].clone()).collect::<Vec<_>>(), wanted);
}
