//! Our hashes and our reader of go.sum beside Go's, by turns on the same files: `cargo bench --bench compare`.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

mod jobs;
mod plot;
mod row;

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::{env, thread};

use gomod_archive::{Archive, Limits};
use gomod_benches::inputs::{go_mod, go_sum, inputs};
use gomod_benches::side::build_go;
use gomod_benches::{THREADS, measuring, temporary_directory};
use gomod_module::ModuleVersion;
use gomod_zip::{Options, unzip};
use row::{Job, Row};

const ROUNDS: usize = 9;
/// Of the zips that `GOMOD_BENCH_ZIPS` names, which may be many.
const ROUNDS_OF_REAL: usize = 5;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // The measured processes are this program.
    if env::args().nth(1).as_deref() == Some("jobs") {
        return jobs::serve();
    }
    let dir = temporary_directory()?;
    let dir = dir.path();
    let go = if measuring() { build_go(dir) } else { None };
    let mut table = Table { go, rows: Vec::new() };
    println!("{}", Row::header());
    for input in inputs() {
        let zip = dir.join("input.zip");
        fs::write(&zip, &input.zip)?;
        modules(dir, input.name, &[zip], ROUNDS, &mut table)?;
    }
    let (hashes, lines) = if measuring() { (20_000_u32, 100_000) } else { (10, 10) };
    let file = dir.join("go.mod");
    fs::write(&file, go_mod(100))?;
    table.measure(&Job::new(format!("hash_go_mod: {hashes} times 4 kB"), "hash_go_mod", &file, hashes))?;
    let file = dir.join("go.sum");
    fs::write(&file, go_sum(lines))?;
    table.measure(&Job::new(format!("go.sum: {lines} lines read"), "go_sum", &file, 1))?;

    if measuring() && table.go.is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ratios.svg");
        fs::write(&file, plot::svg(&table.rows)?)?;
        println!("\nplotted: {}", file.display());
    }
    let given = env::var_os("GOMOD_BENCH_ZIPS").unwrap_or_default();
    for path in env::split_paths(&given).filter(|path| !path.as_os_str().is_empty()) {
        let mut zips = Vec::new();
        find_zips(&path, &mut zips)?;
        let name = format!("{} in {}", zips.len(), path.display());
        modules(dir, &name, &zips, ROUNDS_OF_REAL, &mut table)?;
    }
    Ok(())
}

/// What is printed.
struct Table {
    /// The program in `go/`.
    go: Option<PathBuf>,
    rows: Vec<Row>,
}

impl Table {
    fn measure(&mut self, job: &Job) -> Result<()> {
        let row = Row::measure(self.go.as_deref(), job)?;
        println!("{row}");
        self.rows.push(row);
        Ok(())
    }
}

/// The rows of some zips: their own hashes, and those of the directories that they become.
fn modules(dir: &Path, name: &str, zips: &[PathBuf], rounds: usize, table: &mut Table) -> Result<()> {
    let (zip_list, dir_list) = (dir.join("zips"), dir.join("dirs"));
    fs::write(&zip_list, lines(zips)?)?;
    table.measure(
        &Job::new(format!("hash_zip: {name}"), "hash_zip", &zip_list, 1).each_of(&THREADS, rounds),
    )?;
    let trees = dir.join("trees");
    let dirs: Vec<PathBuf> = (0..zips.len()).map(|i| trees.join(i.to_string())).collect();
    for (zip, tree) in zips.iter().zip(&dirs) {
        extract(zip, tree).map_err(|error| format!("{}: {error}", zip.display()))?;
    }
    fs::write(&dir_list, lines(&dirs)?)?;
    table.measure(
        &Job::new(format!("hash_dir: {name}"), "hash_dir", &dir_list, 1).each_of(&THREADS, rounds),
    )?;
    gomod_testkit::remove_tree(&trees)?;
    Ok(())
}

fn lines(paths: &[PathBuf]) -> Result<String> {
    let lines: Option<Vec<&str>> = paths.iter().map(|path| path.to_str()).collect();
    Ok(lines.ok_or("a path is no text")?.join("\n"))
}

/// Extracts a module zip, whatever module it is of.
fn extract(zip: &Path, dir: &Path) -> Result<()> {
    let archive = Archive::open(File::open(zip)?, &Limits::default())?;
    let name = archive.entries().first().map(|entry| String::from_utf8_lossy(entry.name()));
    let name = name.ok_or("no entries")?;
    let (path, rest) = name.split_once('@').ok_or("not a module zip")?;
    let (version, _) = rest.split_once('/').ok_or("not a module zip")?;
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    fs::create_dir_all(dir)?;
    unzip(&archive, &ModuleVersion::parse(path, version)?, dir, &Options::new().threads(threads))?;
    Ok(())
}

fn find_zips(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        let mut below = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        below.sort();
        return below.iter().try_for_each(|path| find_zips(path, found));
    }
    if path.extension() == Some(OsStr::new("zip")) {
        found.push(path.into());
    }
    Ok(())
}
