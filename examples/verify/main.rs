//! `verify`: looks into the module cache for what is broken, and repairs only that.

mod args;
mod check;
mod confirm;
mod gone;
mod problem;
mod prune;
mod quarantine;
mod repair;
mod report;
mod sample;
mod selection;
mod sumdb_tally;
mod told;
mod used_toolchain;
mod which_cache;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gomod_cache::{Found, ModCache};
use gomod_module::{GoEnv, ModuleVersion};
use support::ending::{FAILED, exit};
use support::failure::{chain, evidence};
use support::go_sum_lint;
use support::interrupt::{self, unless_interrupted};
use support::obstacle::in_file;
use support::program::{self, Program};
use support::progress::Progress;
use support::project::Project;
use support::sample::{ABSENT, Sample};
use support::workers::Workers;
use support::{graph, settings};

pub(crate) use self::args::Args;
use self::check::{Checked, Checker, SumFile};
use self::confirm::SumDbChecker;
use self::gone::Gone;
use self::repair::{Broken, Outcome, Repairer};
use self::report::Report;
use self::selection::Selection;
use self::which_cache::WhichCache;

/// How long work that was begun may take to its end once the run is over.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn conflict(&self) -> Option<&'static str> {
        ABSENT.filter(|_| self.sample)
    }

    fn run(self) -> ExitCode {
        let progress = Progress::new(self.quiet);
        exit(prepare_and_run(&self, &progress), &progress)
    }
}

fn prepare_and_run(args: &Args, progress: &Progress) -> Result<u8, Box<dyn Error>> {
    let sample = if args.sample { Some(Sample::start()?) } else { None };
    let env = match &sample {
        Some(sample) => sample.env.clone(),
        None => GoEnv::load()?,
    };
    settings::check(&env)?;
    let cache = settings::cache(&env)?;
    let mut report = Report::new(args, WhichCache::new(&env, &cache), progress.clone());
    if let Some(action) = args.quarantine_action()? {
        return Ok(if quarantine::run(&action, args, &cache, &mut report)? { 0 } else { FAILED });
    }
    if args.prune {
        return Ok(if prune::run(args, &cache, &mut report)? { 0 } else { FAILED });
    }
    progress.say(report.cache.line());
    let dir = sample.as_ref().map(|sample| &*sample.project).or(args.project.as_deref());
    let project = dir.map(|dir| Project::open(dir, &env)).transpose()?;
    let mut sums = Vec::new();
    if let Some(project) = &project {
        let files = project.sum_files();
        sums.extend(
            files.map(|(path, lines)| SumFile { name: path.display().to_string(), lines: lines.clone() }),
        );
    }
    for path in &args.sum {
        sums.push(SumFile::read(path)?);
    }
    let mut unsound = false;
    for sum in &sums {
        unsound |= go_sum_lint::warn(Path::new(&sum.name), &sum.lines, progress);
    }
    if let Some(project) = &project {
        let missing =
            go_sum_lint::warn_of_missing(&project.sums, &project.required(), args.verbose, progress);
        unsound &= missing > 0;
    }
    // Lines that prove nothing are no success where a module is not proven on their account.
    let unsound = unsound && project.is_some();
    let workers = Workers::new(args.jobs);
    let runtime = workers.runtime()?;
    // Whom to ask is the environment's business, whatever --from says.
    let confirmer =
        if args.sumdb { Some(Arc::new(SumDbChecker::new(args, &env, &cache, progress)?)) } else { None };
    let env = repair::environment(&env, args.from.as_deref())?;
    let checker = Checker { sums: sums.into(), confirmer, workers };
    let mut run = Run { args, env: &env, cache, project: project.as_ref(), checker, repair: args.repair };
    let work = run.all(sample.as_ref(), &mut report);
    let ended = runtime.block_on(unless_interrupted(work));
    if ended.is_none() {
        progress.warn("interrupted");
    }
    // What was begun may wait for a lock that another process holds.
    runtime.shutdown_timeout(PATIENCE);
    let Some(ended) = ended else { return Ok(interrupt::status()) };
    let well = ended?;
    report.summary()?;
    if let Some(sample) = &sample {
        progress.say(format_args!("Remove it all with  rm -r {}", sample.dir.display()));
    }
    Ok(if well && !unsound && report.is_enough() { 0 } else { FAILED })
}

/// One run.
struct Run<'a> {
    args: &'a Args,
    env: &'a GoEnv,
    cache: ModCache,
    project: Option<&'a Project>,
    checker: Checker,
    repair: bool,
}

impl Run<'_> {
    /// Whether all is right in the end.
    async fn all(&mut self, sample: Option<&Sample>, report: &mut Report) -> Result<bool, Box<dyn Error>> {
        if let (Some(_), Some(project)) = (sample, self.project) {
            sample::prepare(self.args, project, self.env, &self.cache).await?;
            report.progress.say(
                "This is the embedded sample: a small module cache. A zip was cut in half, and an extracted file changed.",
            );
            report.progress.say("");
            self.repair = true;
        }
        let mut seen = BTreeSet::new();
        let (broken, incomplete) = self.look(&mut seen, report).await?;
        if !self.repair {
            return Ok(report.broken == 0 && report.gone == 0 && !incomplete);
        }
        let mut well = self.mend(&broken, report).await?;
        if well && incomplete {
            // What the graph lacks is there now, or can be fetched.
            well &= self.complete_graph(report).await?;
            let (broken, incomplete) = self.look(&mut seen, report).await?;
            well = well && !incomplete && self.mend(&broken, report).await?;
        }
        // Of repairs that were killed. What stays is found again.
        let _ = self.cache.remove_abandoned();
        // What cannot be listed cannot be repaired.
        Ok(well && report.beyond_repair == 0)
    }

    /// Looks at everything that is wanted and was not looked at; returns what there is to repair, and whether the module
    /// graph could not be walked to its end.
    async fn look(
        &self,
        seen: &mut BTreeSet<(ModuleVersion, bool)>,
        report: &mut Report,
    ) -> Result<(Vec<Broken>, bool), Box<dyn Error>> {
        let named = !self.args.modules.is_empty();
        let wanted = match self.project {
            _ if named => Selection { whole: self.args.modules.clone(), ..Selection::default() },
            Some(project) => selection::of_project(project, &self.cache).map_err(in_file(project.file()))?,
            None => {
                let entries = self.cache.entries().map(|found| (found, true));
                let mut broken = self.stream(entries, false, report).await?;
                self.cut_short(&mut broken, report).await?;
                self.gone(&mut broken, report).await?;
                return Ok((broken, false));
            }
        };
        let entry = |module: &ModuleVersion, whole| (Found::Entry(self.cache.entry(module)), whole);
        let whole = wanted.whole.iter().map(|module| (module, true));
        let all: Vec<_> = whole
            .chain(wanted.go_mods.iter().map(|module| (module, false)))
            .filter(|&(module, whole)| seen.insert((module.clone(), whole)))
            .map(|(module, whole)| entry(module, whole))
            .collect();
        if wanted.incomplete {
            report.progress.warn(
                "warning: a go.mod of the module graph is missing or wrong: there may be more modules than are looked at",
            );
        }
        Ok((self.stream(all, true, report).await?, wanted.incomplete))
    }

    /// What was taken out and never came back: the cache is less than it was, which is no success. A repair fetches it.
    async fn gone(&self, broken: &mut Vec<Broken>, report: &mut Report) -> Result<(), Box<dyn Error>> {
        for Gone { entry, whole, recorded, .. } in report.gone(&self.cache)? {
            let known = broken.iter_mut().position(|broken| broken.found.module == *entry.module());
            let place = if let Some(place) = known {
                place
            } else {
                broken.push(Broken { found: self.checker.check(entry, whole).await?, whole, bring: true });
                broken.len() - 1
            };
            let Some(broken) = broken.get_mut(place) else { continue };
            broken.bring = true;
            // As for any other repair without go.sum; but the database knows better.
            if self.checker.confirmer.is_none() {
                broken.found.known_zip = broken.found.known_zip.or(recorded);
            }
        }
        Ok(())
    }

    /// What a repair was putting into its place when it was killed: of such a module nothing else may be left.
    async fn cut_short(&self, broken: &mut Vec<Broken>, report: &mut Report) -> Result<(), Box<dyn Error>> {
        let mut seen: BTreeSet<_> = broken.iter().map(|broken| broken.found.module.clone()).collect();
        for staged in self.cache.staged()?.into_iter().filter(|staged| staged.is_sealed) {
            if seen.insert(staged.module.clone()) {
                let found = self.checker.check(self.cache.entry(&staged.module), true).await?;
                report.module(&found, true)?;
                broken.push(Broken { found, whole: true, bring: false });
            }
        }
        Ok(())
    }

    async fn stream(
        &self,
        found: impl IntoIterator<Item = (Found, bool)>,
        named: bool,
        report: &mut Report,
    ) -> Result<Vec<Broken>, Box<dyn Error>> {
        let bar = report.progress.count("modules");
        let mut broken = Vec::new();
        let work = stream::iter(found).map(|(found, whole)| {
            bar.expect(1);
            async move {
                let Found::Entry(entry) = found else { return (Err(found), whole) };
                (Ok(self.checker.check(entry, whole).await), whole)
            }
        });
        // In their order, so that the same cache gives the same answer.
        let mut work = pin!(work.buffered(self.checker.workers.width()));
        while let Some((ended, whole)) = work.next().await {
            bar.add(1);
            match ended {
                Err(other) => {
                    report.other(&other)?;
                    if let Found::StaleList { module, .. } = other
                        && self.repair
                    {
                        report.list(&module, self.cache.rewrite_list(&module))?;
                    }
                }
                Ok(Err(misbehavior)) => {
                    report.alarm(&chain(&*misbehavior), &evidence(&misbehavior))?;
                    return Err(misbehavior);
                }
                Ok(Ok(checked)) => {
                    report.module(&checked, whole)?;
                    let missing = if whole { !checked.missing.is_empty() } else { checked.go_mod.is_none() };
                    if !checked.problems.is_empty() || checked.half_extracted || (named && missing) {
                        broken.push(Broken { found: checked, whole, bring: named });
                    }
                }
            }
        }
        Ok(broken)
    }

    /// Repairs one after the other; stops at a fresh copy that has not the known hash.
    async fn mend(&self, broken: &[Broken], report: &mut Report) -> Result<bool, Box<dyn Error>> {
        if broken.is_empty() {
            return Ok(true);
        }
        let repairer = self.repairer(broken.iter().map(|broken| &broken.found), report)?;
        let mut well = true;
        for (number, one) in broken.iter().enumerate() {
            match repairer.repair(one, report).await? {
                Outcome::Repaired => {}
                Outcome::Failed => well = false,
                Outcome::Contradicted => {
                    let left = broken.len() - number - 1;
                    if left > 0 {
                        report.progress.warn(format_args!("stopped here: {left} more were not tried"));
                    }
                    return Ok(false);
                }
            }
        }
        Ok(well)
    }

    fn repairer<'b>(
        &self,
        broken: impl Iterator<Item = &'b Checked>,
        report: &Report,
    ) -> Result<Repairer<'_>, Box<dyn Error>> {
        Repairer::new(self.args, self.env, &self.cache, broken, &self.checker, &report.progress)
    }

    /// Fetches the go.mod files that the module graph lacks.
    async fn complete_graph(&self, report: &mut Report) -> Result<bool, Box<dyn Error>> {
        let Some(project) = self.project else { return Ok(true) };
        let repairer = self.repairer(std::iter::empty(), report)?;
        let graph = graph::load(project, repairer.installer()).await?;
        for failure in &graph.failures {
            if report.told.failed(failure) {
                report.told.next(failure.next_step(), failure.obstacle());
            }
        }
        Ok(graph.failures.is_empty())
    }
}
