//! `download`: what `go mod download` takes, into the module cache, through the fallback list, verified.

mod args;
mod record;
mod report;

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;

use clap::Parser as _;
use futures_util::{StreamExt as _, stream};
use gomod_module::{GoEnv, ModuleVersion};
use gomod_sum::GoSum;
use support::failure::{Failure, Problem, chain};
use support::graph;
use support::install::Installer;
use support::interrupt::interrupted;
use support::progress::Progress;
use support::project::{Project, ProjectError};
use support::sample::Sample;
use support::settings;
use support::sums::Sums;
use support::workers::Workers;
use tokio::runtime;

use crate::args::Args;
use crate::report::Report;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let args = Args::parse();
    let progress = Progress::new(args.quiet);
    match prepare_and_run(&args, &progress) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
            // Who closed standard output knows.
            if !error.downcast_ref().is_some_and(closed) {
                progress.warn(format_args!("error: {}", chain(&*error)));
            }
            let usage = error.downcast_ref().is_some_and(ProjectError::is_usage);
            ExitCode::from(if usage { USAGE } else { FAILED })
        }
    }
}

/// What to download.
enum Wanted {
    /// What `go mod download` takes.
    Graph(Box<Project>),
    /// Zips and go.mod files, by name.
    Modules { whole: Vec<ModuleVersion>, go_mods: Vec<ModuleVersion>, malformed: Vec<Failure> },
}

fn prepare_and_run(args: &Args, progress: &Progress) -> Result<u8, Box<dyn Error>> {
    let sample = if args.is_sample() {
        Some(
            Sample::start()
                .map_err(|error| format!("cannot write the sample into a temporary directory: {error}"))?,
        )
    } else {
        None
    };
    let env = match &sample {
        Some(sample) => sample.env.clone(),
        None => GoEnv::load()?,
    };
    settings::check(&env)?;
    let project = sample.as_ref().map(|sample| &*sample.project).or(args.project.as_deref());
    if let Some(sample) = &sample {
        introduce(sample, progress);
    }
    let (wanted, sums) = wanted(args, project, &env)?;
    let client = settings::client(&env, args.stall, args.retries.into())?;
    let cache = settings::cache(&env)?;
    let mut report = Report::new(args, progress.clone(), cache.clone());
    let installer =
        Installer::new(client, cache, sums, Workers::new(args.jobs), progress.clone()).rehash(args.verify);

    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        // Whatever this thread is doing when it happens.
        tokio::spawn(async {
            interrupted().await;
            interrupted().await;
            std::process::exit(INTERRUPTED.into());
        });
        tokio::select! {
            ended = run(wanted, &installer, &mut report) => Some(ended),
            () = interrupted() => None,
        }
    });
    if ended.is_none() {
        progress.warn(
            "interrupted: hashing and extraction that have begun end first; interrupt again to stop at once",
        );
    }
    runtime.block_on(installer.workers().settle());
    // Nobody waits for a name that does not resolve, or for a file on a disk that hangs.
    runtime.shutdown_background();
    let Some(ended) = ended else { return Ok(INTERRUPTED) };
    ended?;
    report.summary();
    if let Some(sample) = &sample {
        conclude(sample, progress);
    }
    Ok(if report.failed + report.untried == 0 { 0 } else { FAILED })
}

/// Which modules the command line names, and what proves them.
fn wanted(args: &Args, project: Option<&Path>, env: &GoEnv) -> Result<(Wanted, Sums), Box<dyn Error>> {
    let Some(dir) = project else {
        let lines = GoSum::parse(args.sum.join("\n").as_bytes())?;
        let whole = args.modules.clone();
        return Ok((named(whole), Sums::new(lines).or_unproven(env)));
    };
    let project = Project::open(dir, env)?;
    let sums = Sums::new(project.go_sum.clone());
    Ok(if args.all {
        (lines(&project.go_sum), sums)
    } else if args.modules.is_empty() {
        (Wanted::Graph(Box::new(project)), sums)
    } else {
        (named(args.modules.clone()), sums.or_unproven(env))
    })
}

fn named(whole: Vec<ModuleVersion>) -> Wanted {
    Wanted::Modules { whole, go_mods: Vec::new(), malformed: Vec::new() }
}

/// Everything that a go.sum file names.
fn lines(go_sum: &GoSum) -> Wanted {
    let (mut whole, mut go_mods, mut malformed) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for entry in go_sum.entries() {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (path, version) = (text(entry.path), text(entry.version));
        let (version, set) = match version.strip_suffix("/go.mod") {
            Some(version) => (version, &mut go_mods),
            None => (&*version, &mut whole),
        };
        match ModuleVersion::parse(&path, version) {
            Ok(module) => _ = set.insert(module),
            Err(source) => {
                let problem = Problem::Name { line: entry.line, source };
                malformed.push(Failure::new(&format_args!("{path}@{version}"), problem, Vec::new()));
            }
        }
    }
    let go_mods = go_mods.into_iter().filter(|module| !whole.contains(module)).collect();
    Wanted::Modules { whole: whole.into_iter().collect(), go_mods, malformed }
}

async fn run(wanted: Wanted, installer: &Installer, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut tried = HashMap::new();
    let (whole, go_mods, failures) = match wanted {
        Wanted::Modules { whole, go_mods, malformed } => (whole, go_mods, malformed),
        Wanted::Graph(project) => {
            let place = project.root.join("go.mod").display().to_string();
            let graph = graph::load(&project, installer).await.map_err(|error| InFile { place, error })?;
            let zips = graph.set.map(|set| set.zips());
            let (modules, unknown) = zips.map_or_else(Default::default, |zips| (zips.modules, zips.unknown));
            for file in graph.files {
                if modules.contains(&file.module) {
                    tried.insert(file.module.clone(), file.attempts().to_vec());
                } else {
                    report.go_mod(&file)?;
                }
            }
            let unknown = unknown.iter().map(|path| Failure::new(path, Problem::Excluded, Vec::new()));
            let failures: Vec<_> = graph.failures.into_iter().chain(unknown).collect();
            if modules.is_empty() && failures.is_empty() {
                installer.progress().say("no module dependencies to download");
            }
            (modules, Vec::new(), failures)
        }
    };
    for failure in &failures {
        report.failure(failure)?;
    }
    let bar = installer.progress().count("modules");
    let mut left = whole.len() + go_mods.len();
    bar.expect(left);
    let whole = whole.into_iter().map(|module| {
        let attempts = tried.remove(&module).unwrap_or_default();
        (module, Some(attempts))
    });
    let go_mods = go_mods.into_iter().map(|module| (module, None));
    let work = stream::iter(whole.chain(go_mods)).map(|(module, attempts)| async move {
        match attempts {
            Some(attempts) => Ok(installer.module(module, attempts).await),
            None => installer.go_mod(module).await.map(|(installed, _)| installed),
        }
    });
    let mut work = pin!(work.buffer_unordered(installer.workers().width()));
    while let Some(ended) = work.next().await {
        bar.add(1);
        left -= 1;
        let failure = match &ended {
            Ok(module) => {
                report.module(module)?;
                module.failure.as_ref()
            }
            Err(failure) => {
                report.failure(failure)?;
                Some(failure)
            }
        };
        if failure.is_some_and(|failure| installer.is_stopped_by(failure)) {
            report.untried = left;
            break;
        }
    }
    Ok(())
}

fn introduce(sample: &Sample, progress: &Progress) {
    progress.say(
        "This is the embedded sample: a small project, and two proxies in this process. The first of them",
    );
    progress.say("fails on purpose, and `|` in GOPROXY lets the next one be asked after any failure.");
    progress.say(format_args!("GOPROXY={}|{}", sample.broken.url(), sample.healthy.url()));
    progress.say("");
}

fn conclude(sample: &Sample, progress: &Progress) {
    progress.say("");
    progress.say("The cache is one that the go command takes as its own. With Go installed, try");
    progress.say(format_args!(
        "  cd {} && GOMODCACHE={} GOFLAGS=-mod=mod GOPROXY=off go run .",
        sample.project.display(),
        sample.dir.join("gopath").join("pkg").join("mod").display()
    ));
    progress.say(format_args!("Remove it all with  rm -r {}", sample.dir.display()));
    progress.say("Your own project:    cargo run --release --example download -- --project DIR");
}

/// An error and the file that it is about.
#[derive(Debug)]
struct InFile<E> {
    place: String,
    error: E,
}

impl<E: Error> fmt::Display for InFile<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.error)
    }
}

impl<E: Error + 'static> Error for InFile<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
