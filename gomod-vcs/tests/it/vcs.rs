//! The same lists, versions, origins and go.mod files as the go command, from the same repositories, each line with an empty
//! cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use gomod_testkit::skip;
use serde_json::Value;

use crate::vcs_answer::ask;

/// The repositories of `make-repos.sh`, made once; `None` without git or sh.
pub(crate) fn repositories() -> Option<&'static Path> {
    static MADE: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        let repositories = dir.path().join("repositories");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/make-repos.sh");
        if Command::new("git").arg("--version").output().is_err() {
            skip("no git on this machine: no repository is read");
            return None;
        }
        let made = Command::new("sh").arg(script).arg(&repositories).output();
        let Ok(made) = made else {
            skip("no sh on this machine: no repository is read");
            return None;
        };
        assert!(made.status.success(), "make-repos.sh: {}", String::from_utf8_lossy(&made.stderr));
        Some((dir, repositories))
    });
    made.as_ref().map(|(_, repositories)| repositories.as_path())
}

#[test]
fn answers_are_those_of_go() {
    let Some(repositories) = repositories() else { return };
    let config = repositories.join("gitconfig");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vcs.jsonl");
    let data = fs::read_to_string(file).expect("the vectors");
    let cases: Vec<Value> =
        data.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let (next, differences) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(difference) = difference(case, &config) {
                        differences.lock().expect("no panic").push(difference);
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().expect("no panic");
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

fn difference(case: &Value, config: &Path) -> Option<String> {
    let cache = tempfile::tempdir().expect("a directory");
    let found = ask(&case["in"], cache.path(), &[("GIT_CONFIG_GLOBAL", config)]);
    let mut wanted = case["value"].as_object().cloned().unwrap_or_default();
    // Files and hashes are those of the zip, which is not made here.
    for name in ["files", "zip_h1", "mod_h1"] {
        wanted.remove(name);
    }
    let is_found = found.result.is_ok();
    // What fails later than here: Go is too old, or no zip can be made.
    let has_version = wanted.contains_key("info");
    let is_same_end = case["ok"] == is_found || has_version && is_found;
    let error = found.result.err().unwrap_or_default();
    (!is_same_end || wanted != found.value).then(|| {
        let wanted = Value::from(wanted);
        let ours = Value::from(found.value);
        format!("{}\n want {wanted}\n      {}\n ours {ours}\n      {error}", case["in"], case["error"])
    })
}
