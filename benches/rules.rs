//! The rules of names and zips beside Go's, by turns on the same input: `cargo bench --bench rules`.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::BufWriter;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gomod_archive::{Archive, Limits};
use gomod_benches::inputs::inputs;
use gomod_benches::side::{Side, build_go};
use gomod_benches::{THREADS, measuring, median, millis, temporary_directory};
use gomod_module::escape::Escaped;
use gomod_module::{ModuleVersion, semver};
use gomod_zip::{Options, check_zip, create_from_dir, unzip};

const ROUNDS: usize = 9;
const NAMES: usize = 100_000;

/// The names that are escaped and compared; those of `go/main.go`.
const PATHS: [&str; 3] =
    ["github.com/BurntSushi/toml", "golang.org/x/mod", "example.com/Some/LongerModule/path/v3"];
const VERSIONS: [&str; 4] =
    ["v1.2.3", "v1.2.4-rc.1", "v0.0.0-20240102030405-0123456789ab", "v1.10.0+incompatible"];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Bench<'a> {
    go: Option<Side>,
    dir: &'a Path,
    rounds: usize,
}

fn main() -> Result<()> {
    let dir = temporary_directory()?;
    let go = if measuring() { build_go(dir.path()) } else { None };
    let go = go.map(|program| Side::start(&mut Command::new(program))).transpose()?;
    let mut bench = Bench { go, dir: dir.path(), rounds: if measuring() { ROUNDS } else { 1 } };
    println!("{:48} {:>11} {:>19} {:>19}", "medians", "Go", "ours, 1 thread", "ours, 2 threads");

    let count = if measuring() { NAMES } else { 1 };
    bench.row("escape 300,000 paths", &["escape", &count.to_string()], |_| escape(count), &THREADS[..1])?;
    bench.row(
        "compare 1,600,000 versions",
        &["compare", &count.to_string()],
        |_| Ok(compare(count)),
        &THREADS[..1],
    )?;

    let module = ModuleVersion::parse("example.com/bench", "v1.0.0")?;
    for input in inputs() {
        let zip = dir.path().join("input.zip");
        fs::write(&zip, &input.zip)?;
        let (path, tree, out) = (zip.display().to_string(), dir.path().join("tree"), dir.path().join("out"));
        let open = || Ok::<_, Box<dyn Error>>(Archive::open(File::open(&zip)?, &Limits::default())?);
        let job = |job: &'static str, target: &Path| {
            [
                job.into(),
                path.clone(),
                "example.com/bench".into(),
                "v1.0.0".into(),
                target.display().to_string(),
            ]
        };

        let fields = job("check", &out);
        let check = |_| Ok(check_zip(&open()?, &module).into_result()?.len().to_string());
        bench.row(&format!("check_zip {}", input.name), &refs(&fields), check, &THREADS[..1])?;

        let fields = job("unzip", &out);
        let extract = |threads| {
            unzip(&open()?, &module, &out, &Options::new().threads(threads))?;
            Ok(String::new())
        };
        bench.row(&format!("unzip {}", input.name), &refs(&fields), extract, &THREADS)?;

        unzip(&open()?, &module, &tree, &Options::new().threads(THREADS[1]))?;
        let mut fields = job("create", &out);
        fields[1] = tree.display().to_string();
        let create = |_| {
            create_from_dir(BufWriter::new(File::create(&out)?), &module, &tree)?;
            Ok(String::new())
        };
        bench.row(&format!("create_from_dir {}", input.name), &refs(&fields), create, &THREADS[..1])?;
        remove(&tree)?;
    }
    Ok(())
}

fn refs(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}

fn escape(count: usize) -> Result<String> {
    let mut total = 0;
    let mut escaped = String::new();
    for _ in 0..count {
        for path in black_box(PATHS) {
            escaped.clear();
            write!(escaped, "{}", Escaped::path(path)?)?;
            total += escaped.len();
        }
    }
    Ok(total.to_string())
}

fn compare(count: usize) -> String {
    let mut total = 0;
    for _ in 0..count {
        for v in black_box(VERSIONS) {
            for w in black_box(VERSIONS) {
                total += semver::compare(v, w) as i64 + 1;
            }
        }
    }
    total.to_string()
}

/// Whatever a round left; outside the timing.
fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        gomod_testkit::remove_tree(path)?;
    } else if path.exists() {
        fs::remove_file(path)?;
    }
    Ok(())
}

impl Bench<'_> {
    /// One line of the table. Fails where the results differ.
    fn row(
        &mut self,
        name: &str,
        job: &[&str],
        ours: impl Fn(NonZeroUsize) -> Result<String>,
        threads: &[NonZeroUsize],
    ) -> Result<()> {
        let out = self.dir.join("out");
        let mut theirs: Vec<Duration> = Vec::new();
        let mut times = vec![Vec::new(); threads.len()];
        for _ in 0..self.rounds {
            let mut result = String::new();
            for (threads, times) in threads.iter().zip(&mut times) {
                remove(&out)?;
                let start = Instant::now();
                result = ours(*threads)?;
                times.push(start.elapsed());
            }
            remove(&out)?;
            if let Some(go) = &mut self.go {
                let (took, expected) = go.ask(job)?;
                assert_eq!(result, expected, "{name}");
                theirs.push(took);
            }
        }
        remove(&out)?;
        let go = median(theirs);
        print!("{name:48} {:>11}", go.map_or("-".into(), |go| format!("{:.1} ms", millis(go))));
        for took in times.into_iter().filter_map(median) {
            let ratio = go.map(|go| format!(" ({:.1}x)", go.as_secs_f64() / took.as_secs_f64()));
            print!(" {:>19}", format!("{:.1} ms{}", millis(took), ratio.unwrap_or_default()));
        }
        println!();
        Ok(())
    }
}
