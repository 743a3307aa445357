//! Our hash of a zip and Go's, one after the other on the same file, round by round: `cargo bench --bench compare`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use gomod_benches::{Input, THREADS, inputs, measuring};
use gomod_sum::hash_zip_file;

const ROUNDS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let mut go = if measuring() { Go::start(dir.path())? } else { None };
    let rounds = if measuring() { ROUNDS } else { 1 };
    println!("{:24} {:>11} {:>19} {:>19}", "median of hash_zip", "Go", "ours, 1 thread", "ours, 2 threads");
    for input in inputs() {
        let path = dir.path().join("input.zip");
        fs::write(&path, &input.zip)?;
        compare(&input, &path, rounds, go.as_mut())?;
    }
    Ok(())
}

fn compare(input: &Input, path: &Path, rounds: usize, mut go: Option<&mut Go>) -> Result<(), Box<dyn Error>> {
    let mut theirs = Vec::new();
    let mut ours = THREADS.map(|_| Vec::new());
    for _ in 0..rounds {
        let hashes = [ours_once(path, THREADS[0], &mut ours[0])?, ours_once(path, THREADS[1], &mut ours[1])?];
        if let Some(go) = &mut go {
            let (took, h1) = go.hash(path)?;
            theirs.push(took);
            assert_eq!([&h1, &h1], [&hashes[0], &hashes[1]], "{}", input.name);
        }
    }
    let go = median(theirs);
    print!("{:24} {:>11}", input.name, go.map_or("-".into(), |go| format!("{:.1} ms", millis(go))));
    for took in ours.into_iter().filter_map(median) {
        let ratio = go.map(|go| format!(" ({:.1}x)", go.as_secs_f64() / took.as_secs_f64()));
        print!(" {:>19}", format!("{:.1} ms{}", millis(took), ratio.unwrap_or_default()));
    }
    println!();
    Ok(())
}

fn ours_once(
    path: &Path,
    threads: NonZeroUsize,
    times: &mut Vec<Duration>,
) -> Result<String, Box<dyn Error>> {
    let start = Instant::now();
    let h1 = hash_zip_file(path, threads)?;
    times.push(start.elapsed());
    Ok(h1.to_string())
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The program in `go/`, which stays running.
struct Go {
    process: Child,
    paths: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Go {
    /// Builds the program with the machine's own `go`, which downloads golang.org/x/mod if it must.
    fn start(dir: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let program = dir.join(format!("go-side{}", env::consts::EXE_SUFFIX));
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("go");
        match Command::new("go").args(["build", "-o"]).arg(&program).current_dir(source).status() {
            Ok(status) if status.success() => {}
            failed => {
                eprintln!("SKIP: the Go side cannot be built: {failed:?}");
                return Ok(None);
            }
        }
        let mut process = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (paths, answers) =
            process.stdin.take().zip(process.stdout.take()).ok_or("pipes were asked for")?;
        Ok(Some(Self { process, paths, answers: BufReader::new(answers) }))
    }

    fn hash(&mut self, path: &Path) -> Result<(Duration, String), Box<dyn Error>> {
        writeln!(self.paths, "{}", path.display())?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let (nanos, h1) = answer.trim_end().split_once(' ').ok_or("the Go side gave no answer")?;
        Ok((Duration::from_nanos(nanos.parse()?), h1.into()))
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
