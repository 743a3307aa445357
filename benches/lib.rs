#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]

pub mod go_side;

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;
use std::{env, fs, io};

use gomod_testkit::{ModuleZip, source_text};
use tempfile::TempDir;

/// A module zip to be measured.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "unpublished")]
pub struct Input {
    /// What it is called in the results.
    pub name: String,
    /// The bytes of the zip.
    pub zip: Vec<u8>,
}

/// The numbers of threads that are measured.
pub const THREADS: [NonZeroUsize; 2] = [NonZeroUsize::MIN, NonZeroUsize::MIN.saturating_add(1)];

/// Returns whether to measure, under `cargo bench`; `cargo test --benches` only tries whether everything works.
pub fn measuring() -> bool {
    env::args().any(|arg| arg == "--bench")
}

/// Returns the zips named by `GOMOD_BENCH_ZIP` (several as in `PATH`), else a zip of many small files and one of few
/// large ones, the same in every run; tiny ones where nothing is measured.
///
/// # Panics
/// When a named zip cannot be read.
pub fn inputs() -> Vec<Input> {
    if let Some(paths) = env::var_os("GOMOD_BENCH_ZIP") {
        return env::split_paths(&paths).map(|path| read(&path)).collect();
    }
    let scale = if measuring() { 1 } else { 1000 };
    vec![build("many-small", 5000 / scale, 6_000), build("few-large", 8, 8_000_000 / scale)]
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

/// The time in the middle.
pub fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// A time in milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn read(path: &Path) -> Input {
    let zip = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Input { name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), zip }
}

/// `files` files of up to twice the mean length.
fn build(name: &str, files: usize, mean: usize) -> Input {
    let zip = (0..files).fold(ModuleZip::new("example.com/bench", "v1.0.0"), |zip, i| {
        let length = mean / 4 + (i * 7919) % 7 * mean / 4;
        zip.file(&format!("pkg{}/file{i}.go", i % 97), source_text(i as u64, length))
    });
    Input { name: name.into(), zip: zip.build() }
}
