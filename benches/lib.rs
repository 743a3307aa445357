#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]

pub mod cost;
pub mod example;
pub mod inputs;
pub mod project;
pub mod side;

use std::num::NonZeroUsize;
use std::time::Duration;
use std::{env, fs, io};

use tempfile::TempDir;

/// The numbers of threads that are measured.
pub const THREADS: [NonZeroUsize; 2] = [NonZeroUsize::MIN, NonZeroUsize::MIN.saturating_add(1)];

/// Returns whether to measure, under `cargo bench`; `cargo test --benches` only tries whether everything works.
pub fn measuring() -> bool {
    env::args().any(|arg| arg == "--bench")
}

/// Returns a new directory, in the one that `GOMOD_BENCH_TMP` names or else in that for temporary files. A file system
/// in memory gives the steadiest figures.
///
/// # Errors
/// When it cannot be made.
pub fn temporary_directory() -> io::Result<TempDir> {
    match env::var_os("GOMOD_BENCH_TMP") {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    }
}

/// Returns the largest resident set that a running process had so far, in MiB, where there is a `/proc`.
pub fn peak_memory(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// What the kernel counts processor time in, whatever its own clock: `USER_HZ`.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the processor time, in seconds, of all threads of a process (a number, or `self`), and that of all its
/// children that have been waited for, where there is a `/proc`.
pub fn processor_time(process: &str) -> Option<[f64; 2]> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Field 2 is a name in parentheses, which may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    // From field 14 on: user and system time, then both of the children.
    let mut fields = fields.split_whitespace().skip(11).map(|field| field.parse::<f64>().ok());
    let mut both = || Some((fields.next()?? + fields.next()??) / TICKS_PER_SECOND);
    Some([both()?, both()?])
}

/// The time in the middle.
pub fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// A time in milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
