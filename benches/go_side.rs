//! The program in `go/`: the same jobs, done by golang.org/x/mod.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The program, which stays running.
#[derive(Debug)]
pub struct GoSide {
    process: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl GoSide {
    /// Builds the program with the machine's own `go`, which downloads golang.org/x/mod if it must; `None`, with a word
    /// on standard error, where that fails.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(dir: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let program = dir.join(format!("go-side{}", env::consts::EXE_SUFFIX));
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("go");
        match Command::new("go").args(["build", "-o"]).arg(&program).current_dir(source).status() {
            Ok(status) if status.success() => {}
            failed => {
                gomod_testkit::skip(&format!("the Go side cannot be built: {failed:?}"));
                return Ok(None);
            }
        }
        let mut process = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (jobs, answers) =
            process.stdin.take().zip(process.stdout.take()).ok_or("pipes were asked for")?;
        Ok(Some(Self { process, jobs, answers: BufReader::new(answers) }))
    }

    /// How long a job took, and its result.
    ///
    /// # Errors
    /// When the job failed, which has ended the program.
    pub fn ask(&mut self, job: &[&str]) -> Result<(Duration, String), Box<dyn Error>> {
        writeln!(self.jobs, "{}", job.join("\t"))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let (nanos, result) =
            answer.trim_end_matches('\n').split_once(' ').ok_or("the Go side gave no answer")?;
        Ok((Duration::from_nanos(nanos.parse()?), result.into()))
    }
}

impl Drop for GoSide {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
