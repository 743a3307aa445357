//! A tool as a process: where it is, and what a run of it left.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The tool that `cargo test` has built beside this test; `cargo test --test …` alone does not build it.
pub(crate) fn tool(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("the directory of a profile");
    let tool = profile.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(tool.is_file(), "first run: cargo build -p gomod-examples --example {name}");
    tool
}

/// The SHA-256 of a file, in hexadecimal digits.
pub(crate) fn sha256(path: &Path) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(std::fs::read(path).unwrap());
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// What a run of the tool left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(mut command: Command) -> Self {
        Self::of_mut(&mut command)
    }

    pub(crate) fn of_mut(command: &mut Command) -> Self {
        Self::from(command.output().expect("the tool starts"))
    }

    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let run =
            Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    /// A run that must not hang: it is killed after a minute, which is no measure of speed.
    pub(crate) fn within(mut command: Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool starts");
        let (ended, is_over) = mpsc::channel();
        let id = child.id().to_string();
        let guard = thread::spawn(move || {
            if is_over.recv_timeout(Duration::from_secs(60)).is_err() {
                let _ = Command::new("kill").args(["-KILL", &id]).status();
            }
        });
        let output = child.wait_with_output().expect("the tool ends");
        let _ = ended.send(());
        guard.join().expect("the guard ends");
        Self::from(output)
    }

    /// The run, which ended with this status.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard error has each of these texts.
    #[track_caller]
    pub(crate) fn says(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in:\n{}", self.stderr);
        }
    }

    /// The only line that begins with `error: `.
    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        let errors: Vec<_> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        let [error] = errors[..] else { panic!("not one error:\n{}", self.stderr) };
        error
    }

    /// The records of `--json`.
    pub(crate) fn records(&self) -> Vec<Value> {
        let record = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        self.stdout.split_terminator('\n').map(record).collect()
    }

    /// The record of a module.
    #[track_caller]
    pub(crate) fn record(&self, module: &str) -> Value {
        let of = |record: &Value| {
            let field = |name| record[name].as_str().unwrap_or_default();
            format!("{}@{}", field("Path"), field("Version")) == module
        };
        self.records().into_iter().find(of).unwrap_or_else(|| panic!("no {module} in\n{}", self.stdout))
    }
}
