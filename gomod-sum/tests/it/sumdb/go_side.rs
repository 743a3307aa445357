//! The program in `tests/go`, which answers with what Go's own code says.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use gomod_testkit::{GoCommand, GoRun, skip};
use serde_json::Value;

/// The packages of golang.org/x/mod that the program needs, all of which every Go distribution brings along.
const PACKAGES: &[&str] = &["internal/lazyregexp", "module", "semver", "sumdb", "sumdb/note", "sumdb/tlog"];

pub(crate) struct GoSide {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl GoSide {
    /// Asks the program, which is built and started once in a process. `None`, with a message, where there is no Go.
    pub(crate) fn ask(request: &Value) -> Option<Value> {
        static RUNNING: OnceLock<Option<Mutex<GoSide>>> = OnceLock::new();
        let running = RUNNING.get_or_init(|| Self::start().map(Mutex::new)).as_ref()?;
        // A test that failed may have left an answer unread.
        assert!(!running.is_poisoned(), "another test failed while it asked");
        let mut side = running.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(side.requests, "{request}").unwrap();
        let mut answer = String::new();
        side.answers.read_line(&mut answer).unwrap();
        Some(serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{request}: {answer:?}: {e}")))
    }

    fn start() -> Option<Self> {
        let go = GoCommand::find("nothing is compared with golang.org/x/mod")?;
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-side");
        fs::create_dir_all(&home).unwrap();
        let ask =
            |name: &str| go.command(&["env", name], &home).run().expect_success().stdout.trim().to_owned();
        let modules = PathBuf::from(ask("GOROOT")).join("src/cmd/vendor/golang.org/x/mod");
        let minor = ask("GOVERSION").split('.').nth(1).and_then(|minor| minor.parse().ok());
        if minor.is_none_or(|minor: u32| minor < 24) || !modules.join("sumdb").is_dir() {
            skip("this Go is older than 1.24, or comes without its sources");
            return None;
        }
        // The sources lie elsewhere in every process; what is compiled is found again through its content.
        let sources = tempfile::tempdir().unwrap();
        for package in PACKAGES {
            let to = sources.path().join(package);
            fs::create_dir_all(&to).unwrap();
            for file in fs::read_dir(modules.join(package)).unwrap() {
                let file = file.unwrap();
                if file.file_type().unwrap().is_file() {
                    fs::copy(file.path(), to.join(file.file_name())).unwrap();
                }
            }
        }
        let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go/main.go");
        fs::copy(main, sources.path().join("main.go")).unwrap();
        fs::write(sources.path().join("go.mod"), "module golang.org/x/mod\n\ngo 1.24\n").unwrap();
        let program = sources.path().join(format!("go-side{}", env::consts::EXE_SUFFIX));
        let build: GoRun = go.command(&["build", "-trimpath", "-o", program.to_str().unwrap(), "."], &home);
        let _ = build.current_dir(sources.path()).run().expect_success();
        let spawned = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = spawned.unwrap();
        let (requests, answers) = process.stdin.take().zip(process.stdout.take()).unwrap();
        Some(Self { process, requests, answers: BufReader::new(answers) })
    }
}

impl Drop for GoSide {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
