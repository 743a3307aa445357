//! `sumdb`: asks the checksum database, and checks what it says.

mod args;
mod proofs;
mod report;
mod sample;
mod verdict;

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use gomod_module::{GoEnv, ModuleVersion};
use gomod_proxy_client::report::Attempt;
use gomod_sum::GoSumFiles;
use gomod_sum::sumdb::{GoSumDb, Routing, SumLines};
use support::database::{Database, DatabaseError};
use support::ending::{FAILED, exit, shut_down};
use support::failure::{chain, evidence};
use support::go_sum_lint;
use support::interrupt::{self, unless_interrupted};
use support::network::Network;
use support::obstacle::in_file;
use support::program::{self, Program};
use support::progress::Progress;
use support::project::Project;
use support::sample::ABSENT;
use support::settings;
use tokio::runtime::{self, Runtime};

pub(crate) use self::args::Args;
use self::args::Job;
use self::report::Report;
use self::verdict::{Answers, Verdict, public};

/// Seconds for a file of the database, with all retries: a few KiB, so that waiting longer is of no use.
const PATIENCE: u64 = 90;

fn main() -> ExitCode {
    program::main::<Args>()
}

impl Program for Args {
    fn conflict(&self) -> Option<&'static str> {
        match self.job {
            Some(_) => self.sample.then_some(program::SAMPLE_AND_JOB),
            None => ABSENT,
        }
    }

    fn run(self) -> ExitCode {
        exit(run(&self), &Progress::new(false))
    }
}

fn run(args: &Args) -> Result<u8, Box<dyn Error>> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = match &args.job {
        Some(job) => {
            let report = Report::new(args.json, args.verbose);
            let (jobs, network) = (args.jobs, &args.network);
            let tool = Tool { env: GoEnv::load()?, jobs, network, report, runtime: &runtime };
            settings::check(&tool.env)?;
            tool.run(job)
        }
        None => sample::run(args, &runtime),
    };
    shut_down(runtime);
    match ended {
        Ok(well) => Ok(if well { 0 } else { FAILED }),
        Err(error) if error.is::<Interrupted>() => Ok(interrupt::status()),
        Err(error) => Err(error),
    }
}

/// Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
struct Interrupted;

struct Tool<'a> {
    env: GoEnv,
    jobs: NonZeroUsize,
    network: &'a Network,
    report: Report,
    runtime: &'a Runtime,
}

impl Tool<'_> {
    /// Whether all is well.
    fn run(&self, job: &Job) -> Result<bool, Box<dyn Error>> {
        match job {
            Job::Lookup { modules, save } => self.lookup(modules, save.as_deref()),
            Job::Prove { project, save } => self.prove(project, save.as_deref()),
            Job::Check { file, project } => self.check(file, project.as_deref()),
        }
    }

    fn routing(&self) -> Routing {
        Routing::new(self.env.gosumdb(), self.env.gonosumdb(), self.env.goproxy())
    }

    fn lookup(&self, modules: &[ModuleVersion], save: Option<&Path>) -> Result<bool, Box<dyn Error>> {
        let routing = self.routing();
        let is_public = |module: &&ModuleVersion| routing.is_off || routing.is_asked(module.path().as_str());
        let public: Vec<_> = modules.iter().filter(is_public).cloned().collect();
        let (answers, _) = self.ask(&public)?;
        let mut well = true;
        for module in modules {
            match answers.get(module) {
                None => {
                    well = false;
                    let text = "not asked for: GONOSUMDB says that the database must not learn of it";
                    self.report.error(&module.to_string(), text)?;
                }
                Some(Ok(lines)) => {
                    let head = lines.proof().check(&self.key()?.key)?;
                    self.report.lines(module, lines, &head)?;
                }
                Some(Err(error)) => {
                    well = false;
                    self.report.error(&module.to_string(), &chain(error))?;
                    self.report.details(error);
                }
            }
        }
        Self::save(save, &answers)?;
        Ok(well)
    }

    fn prove(&self, dir: &Path, save: Option<&Path>) -> Result<bool, Box<dyn Error>> {
        let project = Project::open(dir, &self.env)?;
        let progress = Progress::new(false);
        project.warn_of_lines(&progress);
        let required = project.required();
        go_sum_lint::warn_of_missing(&project.sums, &required, self.report.verbose, &progress);
        let routing = self.routing();
        let (answers, attempts) = self.ask(&public(&project.sums, &routing))?;
        let unavailable = |answer: &Result<SumLines, DatabaseError>| {
            let error = answer.as_ref().err()?;
            (error.unavailable().is_some() && !error.is_unknown_version()).then(|| error.clone())
        };
        // Where no database can be asked, that is all there is to say.
        if !answers.is_empty() && answers.values().all(|answer| unavailable(answer).is_some()) {
            if let Some(error) = answers.values().find_map(unavailable) {
                let is_named = self.key()?.url.is_some() || is_proxied(&attempts);
                let about = if is_named { "" } else { "no proxy in GOPROXY serves the database" };
                self.report.error(about, &chain(&error))?;
                self.report.details(&error);
            }
            return Ok(false);
        }
        Self::save(save, &answers)?;
        self.verdicts(&project.sums, &routing, &answers)
    }

    fn check(&self, file: &Path, project: Option<&Path>) -> Result<bool, Box<dyn Error>> {
        let project = project.map(|dir| Project::open(dir, &self.env)).transpose()?;
        let key = self.key()?.key;
        let proofs = proofs::load(file, &key).map_err(in_file(file))?;
        let (mut answers, mut well) = (Answers::new(), true);
        for proof in proofs {
            match proof {
                Ok((module, lines)) => {
                    if project.is_none() {
                        self.report.lines(&module, &lines, &lines.proof().check(&key)?)?;
                    }
                    answers.insert(module, Ok(lines));
                }
                Err(error) => {
                    well = false;
                    self.report.error(&file.display().to_string(), &chain(&error))?;
                }
            }
        }
        let Some(project) = project else { return Ok(well) };
        Ok(self.verdicts(&project.sums, &self.routing(), &answers)? && well)
    }

    /// File by file; a workspace has several.
    fn verdicts(
        &self,
        sums: &GoSumFiles,
        routing: &Routing,
        answers: &Answers,
    ) -> Result<bool, Box<dyn Error>> {
        let is_one = sums.files().count() == 1;
        let mut well = true;
        for file in sums.files().filter(|(_, sum)| is_one || sum.entries().len() > 0) {
            well &= self.report.verdicts(file, |entry| Verdict::of(entry, routing, answers))?;
        }
        Ok(well)
    }

    fn key(&self) -> Result<GoSumDb, Box<dyn Error>> {
        Ok(self.env.gosumdb().parse()?)
    }

    /// Asks about all of them at once.
    fn ask(&self, modules: &[ModuleVersion]) -> Result<(Answers, Vec<Attempt>), Box<dyn Error>> {
        if modules.is_empty() {
            return Ok(Default::default());
        }
        let network = self.network.clone().total_or(PATIENCE);
        let client = network.client(&self.env, self.jobs, &Progress::new(false), self.report.verbose)?;
        let cache = settings::cache(&self.env)?;
        let database = Database::open(&self.env, &client, &cache)?;
        let mut attempts = Vec::new();
        let asking = async {
            database.ask(modules, &mut attempts).await?;
            let mut answers = Answers::new();
            for module in modules {
                answers.insert(module.clone(), database.lines(module, &mut Vec::new()).await);
            }
            Ok(answers)
        };
        match self.runtime.block_on(unless_interrupted(asking)) {
            None => Err(Interrupted.into()),
            Some(Ok(answers)) => Ok((answers, attempts)),
            Some(Err(error)) => {
                if let DatabaseError::Misbehavior(misbehavior) = &error {
                    self.report.alarm(&chain(&error), &evidence(misbehavior))?;
                }
                Err(error.into())
            }
        }
    }

    fn save(file: Option<&Path>, answers: &Answers) -> Result<(), Box<dyn Error>> {
        let Some(file) = file else { return Ok(()) };
        let proven = answers.iter().filter_map(|(module, lines)| Some((module.clone(), lines.clone().ok()?)));
        let mut proven: Vec<_> = proven.collect();
        proven.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(proofs::save(file, &proven).map_err(in_file(file))?)
    }
}

/// Whether a proxy serves the database.
fn is_proxied(attempts: &[Attempt]) -> bool {
    let supported = |attempt: &&Attempt| attempt.url().is_some_and(|url| url.ends_with("/supported"));
    attempts.iter().filter(supported).any(|attempt| attempt.kind().is_none())
}
