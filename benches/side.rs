//! A program that does one job after the other: the one in `go/`, with golang.org/x/mod, or ours.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::{peak_memory, processor_time};

/// The program, which stays running. It reads jobs, one line of tab-separated fields each, and answers each with the
/// nanoseconds that it took and the result.
#[derive(Debug)]
pub struct Side {
    process: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Builds the program in `go/` with the machine's own `go`, which downloads golang.org/x/mod if it must; `None`, with a
/// word on standard error, where that fails.
pub fn build_go(dir: &Path) -> Option<PathBuf> {
    let program = dir.join(format!("go-side{}", env::consts::EXE_SUFFIX));
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("go");
    match Command::new("go").args(["build", "-o"]).arg(&program).current_dir(source).status() {
        Ok(status) if status.success() => Some(program),
        failed => {
            gomod_testkit::skip(&format!("the Go side cannot be built: {failed:?}"));
            None
        }
    }
}

impl Side {
    /// Starts the program.
    ///
    /// # Errors
    /// When that fails.
    pub fn start(program: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut process = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (jobs, answers) =
            process.stdin.take().zip(process.stdout.take()).ok_or("pipes were asked for")?;
        Ok(Self { process, jobs, answers: BufReader::new(answers) })
    }

    /// How long a job took, and its result.
    ///
    /// # Errors
    /// When the job failed, which has ended the program.
    pub fn ask(&mut self, job: &[&str]) -> Result<(Duration, String), Box<dyn Error>> {
        writeln!(self.jobs, "{}", job.join("\t"))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let (nanos, result) = answer.trim_end_matches('\n').split_once(' ').ok_or("a side gave no answer")?;
        Ok((Duration::from_nanos(nanos.parse()?), result.into()))
    }

    /// The processor time that it took so far, in seconds.
    pub fn processor_time(&self) -> Option<f64> {
        processor_time(&self.process.id().to_string()).map(|[own, _]| own)
    }

    /// The most memory that it had so far, in MiB.
    pub fn peak(&self) -> Option<f64> {
        peak_memory(self.process.id())
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
