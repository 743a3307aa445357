//! `download`: what `go mod download` takes, into the module cache, through the fallback list, verified.

mod args;
mod query;
mod record;
mod report;
mod selected;
mod write_sum;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::io;
use std::pin::pin;
use std::process::ExitCode;

use futures_util::{StreamExt as _, stream};
use gomod_module::{GoEnv, ModuleVersion, PrefixPatterns};
use gomod_proxy_client::ProxyClient;
use gomod_proxy_client::report::Attempt;
use gomod_sum::{GoSum, GoSumFiles, Kind, ProvedBy};
use support::database::Database;
use support::ending::{FAILED, exit, shut_down};
use support::failure::{Failure, Problem, chain};
use support::go_sum_lint;
use support::graph;
use support::install::Installer;
use support::installed::Installed;
use support::interrupt::{self, unless_interrupted};
use support::obstacle::{Obstacle, in_file, tell_next};
use support::program::{self, Program};
use support::progress::Progress;
use support::project::Project;
use support::sample::{ABSENT, Sample};
use support::settings;
use support::sums::Sums;
use support::workers::Workers;

pub(crate) use self::args::Args;
use self::args::Named;
use self::query::{Asked, privacy_warnings};
use self::report::Report;
use self::selected::{Selection, Selector};
use self::write_sum::Line;

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn conflict(&self) -> Option<&'static str> {
        let needs = "a module without @VERSION, and a pattern, need --project";
        self.needs_project().then_some(needs).or_else(|| ABSENT.filter(|_| self.is_sample()))
    }

    fn run(self) -> ExitCode {
        let progress = Progress::new(self.quiet);
        exit(prepare_and_run(&self, &progress), &progress)
    }
}

/// What to download.
enum Wanted {
    /// What `go mod download` takes.
    Graph(Box<Project>),
    /// Zips and go.mod files, by name.
    Modules {
        whole: Vec<ModuleVersion>,
        asked: Vec<Asked>,
        selected: Option<(Vec<Selector>, Box<Project>)>,
        go_mods: Vec<ModuleVersion>,
        malformed: Vec<Failure>,
    },
}

impl Wanted {
    /// The module paths that are known before anything is asked.
    fn paths(&self) -> BTreeSet<String> {
        let of_project = |project: &Project| -> BTreeSet<String> {
            let required = project.go_mods().into_iter().flat_map(|go_mod| &go_mod.require);
            let entries = project.sums.files().flat_map(|(_, sum)| sum.entries());
            let summed = entries.map(|entry| String::from_utf8_lossy(entry.path).into_owned());
            required.map(|require| require.path.to_string()).chain(summed).collect()
        };
        match self {
            Self::Graph(project) => of_project(project),
            Self::Modules { whole, asked, go_mods, selected, .. } => {
                let modules = whole.iter().chain(go_mods).map(ModuleVersion::path);
                let named = modules.chain(asked.iter().map(|asked| &asked.path)).map(ToString::to_string);
                let selected = selected.iter().flat_map(|(_, project)| of_project(project));
                named.chain(selected).collect()
            }
        }
    }
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
    let workers = Workers::new(args.jobs);
    let project = project.map(|dir| Project::open(dir, &env)).transpose()?;
    let go_sum = project.as_ref().and_then(|project| project.sum_paths.first().cloned());
    if let Some(project) = &project {
        project.warn_of_lines(progress);
    }
    let has_project = project.is_some();
    let has_go_sum = project.is_some() || !args.sum.is_empty();
    let client = args.network.client(&env, args.jobs, progress, args.is_verbose())?;
    // What nothing proves is not taken into a project without being told: a selector chooses among what is in it.
    let unproven = project.is_none() || args.names_versions() || args.write_sum;
    let (wanted, lines) = wanted(args, project)?;
    let private = PrefixPatterns::parse(env.goprivate());
    let paths = wanted.paths();
    let paths = paths.iter().map(String::as_str).filter(|path| !private.matches(path));
    for warning in privacy_warnings(&client, paths) {
        progress.warn(format_args!("warning: {warning}"));
    }
    let cache = settings::cache(&env)?;
    let database = Database::open(&env, &client, &cache);
    let missing = lines.clone();
    let sums = Sums::new(lines).or_database(&env, database, unproven);
    let sums = if has_go_sum { sums } else { sums.without_go_sum() };
    let mut report = Report::new(args, progress.clone(), cache.clone(), client.clone());
    let installer = Installer::new(client.clone(), cache, sums.clone(), workers, progress.clone())
        .rehash(args.verify)
        .digests(args.json);

    let runtime = installer.workers().runtime()?;
    let work = run(wanted, &client, &sums, &installer, &mut report);
    let ended = runtime.block_on(unless_interrupted(work));
    if ended.is_none() {
        progress.warn("interrupted");
    }
    runtime.block_on(installer.workers().settle());
    shut_down(runtime);
    let Some(ended) = ended else { return Ok(interrupt::status()) };
    let mut learnt = ended?;
    // Of what a member's go.sum has under any hash, the go command writes no line into go.work.sum.
    learnt.retain(|(module, kind, _)| {
        missing.files().skip(1).all(|(_, sum)| sum.hashes(module, *kind).next().is_none())
    });
    let mut well = report.failed + report.untried == 0;
    if let Some(path) = go_sum.filter(|_| args.write_sum && !report.is_alarmed) {
        match write_sum::add(&path, installer.cache(), &learnt) {
            Ok(added) => progress.say(format_args!("{}: {added} lines added", path.display())),
            Err(error) => {
                well = false;
                progress.warn(format_args!("error: {}", chain(&error)));
                tell_next(write_sum::next_step(&error), Obstacle::of(&error), progress);
            }
        }
    }
    if has_project && !args.write_sum {
        go_sum_lint::warn_of_missing(&missing, report.proven_elsewhere(), args.is_verbose(), progress);
    }
    report.summary();
    if let Some(sample) = &sample {
        conclude(sample, progress);
    }
    Ok(if well { 0 } else { FAILED })
}

/// Which modules the command line names, and the lines of go.sum that are known.
fn wanted(args: &Args, project: Option<Project>) -> Result<(Wanted, GoSumFiles), Box<dyn Error>> {
    let Some(project) = project else {
        return Ok((named(&args.modules, None), GoSum::parse(args.sum.join("\n").as_bytes())?.into()));
    };
    let sums = project.sums.clone();
    Ok(if args.all {
        (lines(&sums), sums)
    } else if args.modules.is_empty() {
        (Wanted::Graph(Box::new(project)), sums)
    } else {
        (named(&args.modules, Some(project)), sums)
    })
}

fn named(modules: &[Named], project: Option<Project>) -> Wanted {
    let (mut whole, mut asked, mut selectors) = (Vec::new(), Vec::new(), Vec::new());
    for module in modules.iter().cloned() {
        match (module, &project) {
            (Named::Version(module), _) => whole.push(module),
            (Named::Selected(selector), _) => selectors.push(selector),
            (Named::Query(query), Some(project)) => asked.push(query.within(&project.go_mods())),
            (Named::Query(query), None) => asked.push(query),
        }
    }
    let selected = project.filter(|_| !selectors.is_empty()).map(|project| (selectors, Box::new(project)));
    Wanted::Modules { whole, asked, selected, go_mods: Vec::new(), malformed: Vec::new() }
}

/// Everything that the go.sum files name.
fn lines(sums: &GoSumFiles) -> Wanted {
    let (mut whole, mut go_mods, mut malformed) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for entry in sums.files().flat_map(|(_, sum)| sum.entries()) {
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
    Wanted::Modules {
        whole: whole.into_iter().collect(),
        asked: Vec::new(),
        selected: None,
        go_mods,
        malformed,
    }
}

/// The hashes that go.sum did not know and that were found right.
fn learnt(installed: &Installed) -> impl Iterator<Item = Line> {
    let kinds = [(Kind::Zip, &installed.zip), (Kind::GoMod, &installed.go_mod)];
    kinds.into_iter().filter_map(|(kind, found)| match found {
        // The go command keeps what it is itself made of out of go.sum.
        Some((hash, proof))
            if !matches!(proof, ProvedBy::GoSum { .. }) && !is_toolchain(&installed.module) =>
        {
            Some((installed.module.clone(), kind, *hash))
        }
        _ => None,
    })
}

fn is_toolchain(module: &ModuleVersion) -> bool {
    module.path().as_str() == "golang.org/toolchain"
}

/// The go.mod files of the graph; of a module that is downloaded as a whole, what was asked is told with that.
fn tell_files(
    files: &[Installed],
    whole: &[ModuleVersion],
    tried: &mut HashMap<ModuleVersion, Vec<Attempt>>,
    report: &mut Report,
) -> io::Result<()> {
    for file in files {
        if whole.contains(&file.module) {
            tried.insert(file.module.clone(), file.attempts().to_vec());
        } else {
            report.go_mod(file)?;
        }
    }
    Ok(())
}

/// Returns what go.sum did not know.
async fn run(
    wanted: Wanted,
    client: &ProxyClient,
    sums: &Sums,
    installer: &Installer,
    report: &mut Report,
) -> Result<Vec<Line>, Box<dyn Error>> {
    let (mut tried, mut new) = (HashMap::new(), Vec::new());
    let mut failed = HashSet::new();
    let (whole, go_mods, failures) = match wanted {
        Wanted::Modules { mut whole, asked, selected, go_mods, malformed: mut failures } => {
            if let Some((selectors, project)) = selected {
                let found = Selection::of(&selectors, &project, installer).await?;
                failures.extend(found.failures);
                whole.extend(
                    found.modules.into_iter().filter(|module| !whole.contains(module)).collect::<Vec<_>>(),
                );
                new.extend(found.files.iter().flat_map(learnt));
                tell_files(&found.files, &whole, &mut tried, report)?;
            }
            for question in asked {
                match question.resolve(client, sums).await {
                    Ok(found) => {
                        let module = found.value.module;
                        installer
                            .progress()
                            .say(format_args!("{}@{} is {module}", question.path, question.query));
                        tried.insert(module.clone(), found.trace.attempts().to_vec());
                        if !whole.contains(&module) {
                            whole.push(module);
                        }
                    }
                    Err(failure) => failures.push(failure),
                }
            }
            (whole, go_mods, failures)
        }
        Wanted::Graph(project) => {
            let graph = graph::load(&project, installer).await.map_err(in_file(project.file()))?;
            let zips = graph.set.map(|set| set.zips());
            let (mut modules, unknown) =
                zips.map_or_else(Default::default, |zips| (zips.modules, zips.unknown));
            // What has no go.mod has no zip either.
            let lost: HashSet<_> = graph.failures.iter().map(|failure| &failure.module).collect();
            modules.retain(|module| !lost.contains(&module.to_string()));
            new.extend(graph.files.iter().flat_map(learnt));
            tell_files(&graph.files, &modules, &mut tried, report)?;
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
                new.extend(learnt(module));
                report.module(module)?;
                module.failure.as_ref()
            }
            Err(failure) => {
                report.failure(failure)?;
                Some(failure)
            }
        };
        failed.extend(failure.map(|failure| failure.module.clone()));
        if failure.is_some_and(|failure| installer.is_stopped_by(failure)) {
            report.untried = left;
            break;
        }
    }
    // A right go.mod file is no reason to trust a module that is not there as a whole.
    new.retain(|(module, ..)| !failed.contains(&module.to_string()));
    Ok(new)
}

fn introduce(sample: &Sample, progress: &Progress) {
    progress.say(
        "This is the embedded sample: a small project, and two proxies in this process. The first of them",
    );
    progress.say("fails on purpose, and `|` in GOPROXY lets the next one be asked after any failure.");
    progress.say(format_args!("GOPROXY={}", sample.goproxy()));
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
    progress.say(format_args!("Your own project:    {} --project DIR", program::call("download")));
}
