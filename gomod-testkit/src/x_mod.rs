//! A Go program that answers with what golang.org/x/mod says.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

use crate::go::GoCommand;
use crate::skip::skip;

/// A Go program that reads requests, one JSON value a line, and answers each with a line, built with the
/// golang.org/x/mod that the machine's Go has in its own sources. A test binary has it as a static: the program is built
/// and started when it is asked first.
#[derive(Debug)]
pub struct XMod {
    main: &'static str,
    packages: &'static [&'static str],
    scratch: &'static str,
    running: OnceLock<Option<Mutex<Running>>>,
}

#[derive(Debug)]
struct Running {
    _process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl XMod {
    /// The program with this source file, which imports these packages of golang.org/x/mod, or they each other. What
    /// Go compiles is kept below the directory `scratch`.
    pub const fn new(main: &'static str, packages: &'static [&'static str], scratch: &'static str) -> Self {
        Self { main, packages, scratch, running: OnceLock::new() }
    }

    /// The answer to a request. `None`, with a message, where there is no Go, or one without its sources.
    ///
    /// # Panics
    /// When the program does not build or does not answer, and after another test failed while it asked.
    pub fn ask(&self, request: &Value) -> Option<Value> {
        let running = self.running.get_or_init(|| self.start().map(Mutex::new)).as_ref()?;
        // A test that failed may have left an answer unread.
        assert!(!running.is_poisoned(), "another test failed while it asked");
        let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(running.requests, "{request}").expect("the program reads");
        let mut answer = String::new();
        running.answers.read_line(&mut answer).expect("the program answers");
        Some(serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{request}: {answer:?}: {e}")))
    }

    fn start(&self) -> Option<Running> {
        let go = GoCommand::find("nothing is compared with golang.org/x/mod")?;
        let home = Path::new(self.scratch).join("x-mod");
        fs::create_dir_all(&home).expect("a directory");
        let ask =
            |name: &str| go.command(&["env", name], &home).run().expect_success().stdout.trim().to_owned();
        let modules = PathBuf::from(ask("GOROOT")).join("src/cmd/vendor/golang.org/x/mod");
        let minor = ask("GOVERSION").split('.').nth(1).and_then(|minor| minor.parse().ok());
        let has_sources = self.packages.iter().all(|package| modules.join(package).is_dir());
        if minor.is_none_or(|minor: u32| minor < 24) || !has_sources {
            skip("this Go is older than 1.24, or comes without its sources");
            return None;
        }
        // The sources lie elsewhere in every process; what is compiled is found again through its content.
        let sources = tempfile::tempdir().expect("a directory");
        for package in self.packages {
            copy_files(&modules.join(package), &sources.path().join(package)).expect("sources of Go");
        }
        fs::copy(self.main, sources.path().join("main.go")).expect("the program");
        fs::write(sources.path().join("go.mod"), "module golang.org/x/mod\n\ngo 1.24\n").expect("a file");
        let program = sources.path().join(format!("x-mod{}", env::consts::EXE_SUFFIX));
        let build = go.command(&["build", "-trimpath", "-o", program.to_str().expect("a path"), "."], &home);
        let _ = build.current_dir(sources.path()).run().expect_success();
        let spawned = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = spawned.expect("the program starts");
        let (requests, answers) = process.stdin.take().zip(process.stdout.take()).expect("pipes");
        Some(Running { _process: process, requests, answers: BufReader::new(answers) })
    }
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The bytes that [`hex`] writes so.
///
/// # Panics
/// When it is something else.
pub fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(digits.get(at..at + 2).expect("two digits"), 16).expect("digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
