//! The zips of modules from git have the names and hashes of the go command's: of attributes, links, odd names, directories,
//! licences and go.mod files in every place.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use gomod_testkit::skip;
use serde_json::Value;

use crate::tool::{Run, tool};

/// What the repositories are made for whose zips are odd.
const ODD: [&str; 6] = ["attrs", "multi", "names", "paths", "tree", "v2dir"];

#[test]
fn zips_from_git_are_those_of_go() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gomod-vcs/tests");
    let dir = tempfile::tempdir().unwrap();
    let repositories = dir.path().join("repositories");
    let made = Command::new("sh").arg(tests.join("make-repos.sh")).arg(&repositories).output();
    if Command::new("git").arg("--version").output().is_err() || made.is_err() {
        return skip("zips_from_git_are_those_of_go: no git or no sh on this machine");
    }
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let vectors = fs::read_to_string(tests.join("data/vcs.jsonl")).unwrap();
    let is_odd = |line: &&str| {
        let case: Value = serde_json::from_str(line).unwrap();
        let repo = case["in"]["repo"].as_str().unwrap_or_default();
        ODD.iter().any(|name| repo.ends_with(&format!("/{name}")))
    };
    let lines: Vec<_> = vectors.lines().filter(is_odd).collect();
    let asked = dir.path().join("asked");
    fs::write(&asked, lines.join("\n") + "\n").unwrap();
    let mut command = Command::new(tool("conformance"));
    command.arg("vcs").env("GIT_CONFIG_GLOBAL", repositories.join("gitconfig"));
    command.stdin(Stdio::from(fs::File::open(&asked).unwrap()));
    let run = Run::of(command).expect(0);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), lines.len());
    let mut zips = 0;
    for (line, ours) in lines.iter().zip(&answers) {
        let wanted: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&ours["ok"], &ours["value"]), (&wanted["ok"], &wanted["value"]), "{line}\n{ours}");
        zips += usize::from(!ours["value"]["zip_h1"].is_null());
    }
    assert!(zips > 30, "{zips} zips");
}
