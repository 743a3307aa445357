//! The Go program in `go/`, which answers with what golang.org/x/mod says.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use gomod_testkit::{GoCommand, skip};
use serde_json::{Value, json};

pub(crate) struct GoSide {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl GoSide {
    /// Builds and starts the program. `None`, with a message, where there is no Go or golang.org/x/mod cannot be had.
    pub(crate) fn start(test: &str) -> Option<Self> {
        GoCommand::find(test)?;
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(scratch).unwrap();
        let program = scratch.join(format!("{test}{}", std::env::consts::EXE_SUFFIX));
        let mut build = Command::new("go");
        build.args(["build", "-o"]).arg(&program).arg(".");
        build.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("go"));
        let build = build.env("GOWORK", "off").env("GOFLAGS", "-mod=readonly").output().unwrap();
        if !build.status.success() {
            let why = String::from_utf8_lossy(&build.stderr);
            skip(&format!("{test}: the Go side does not build, perhaps for lack of a network: {why}"));
            return None;
        }
        let mut process = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (requests, answers) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        Some(Self { process, requests, answers })
    }

    /// The answers to inputs of these operations, in order.
    pub(crate) fn ask(&mut self, requests: &[(&str, Value)]) -> Vec<Value> {
        let stdin = self.requests.as_mut().expect("it runs");
        thread::scope(|scope| {
            scope.spawn(move || {
                let lines: String = requests
                    .iter()
                    .flat_map(|(op, input)| [json!({"op": op, "in": input}).to_string(), "\n".into()])
                    .collect();
                stdin.write_all(lines.as_bytes()).and_then(|()| stdin.flush()).expect("the Go side reads");
            });
            let answer = |(op, input): &(&str, Value)| {
                let mut line = String::new();
                self.answers.read_line(&mut line).expect("the Go side answers");
                serde_json::from_str(&line).unwrap_or_else(|e| panic!("{op} {input}: {line:?}: {e}"))
            };
            requests.iter().map(answer).collect()
        })
    }
}

impl Drop for GoSide {
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}
