//! Our hash of a zip and Go's, one after the other on the same file, round by round: `cargo bench --bench compare`.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use gomod_benches::go_side::GoSide;
use gomod_benches::{Input, THREADS, inputs, measuring, median, millis};
use gomod_sum::hash_zip_file;

const ROUNDS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let mut go = if measuring() { GoSide::start(dir.path())? } else { None };
    let rounds = if measuring() { ROUNDS } else { 1 };
    println!("{:24} {:>11} {:>19} {:>19}", "median of hash_zip", "Go", "ours, 1 thread", "ours, 2 threads");
    for input in inputs() {
        let path = dir.path().join("input.zip");
        fs::write(&path, &input.zip)?;
        compare(&input, &path, rounds, go.as_mut())?;
    }
    Ok(())
}

fn compare(
    input: &Input,
    path: &Path,
    rounds: usize,
    mut go: Option<&mut GoSide>,
) -> Result<(), Box<dyn Error>> {
    let mut theirs = Vec::new();
    let mut ours = THREADS.map(|_| Vec::new());
    for _ in 0..rounds {
        let hashes = [ours_once(path, THREADS[0], &mut ours[0])?, ours_once(path, THREADS[1], &mut ours[1])?];
        if let Some(go) = &mut go {
            let (took, h1) = go.ask(&["hash", &path.display().to_string()])?;
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
