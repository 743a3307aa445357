//! What is broken is fetched anew, verified, and only then put in the place of the old, which is kept.

mod explain;
mod from;
mod known;

use std::error::Error;
use std::fs::File;

use gomod_archive::{Archive, Limits};
use gomod_cache::{CacheFile, EntryLock, FileState, ModCache, Parts, Quarantined, Staging};
use gomod_module::{GoEnv, ModuleVersion};
use gomod_sum::sumdb::ChecksumError;
use gomod_sum::{GoSum, Kind, Verdict, hash_go_mod};
use gomod_zip::read_go_mod;
use serde_json::{Value, json};
use support::database::Database;
use support::failure::{Failure, Problem as Cause, chain, evidence};
use support::install::Installer;
use support::progress::Progress;
use support::sums::{Sums, testimony};

use super::args::Args;
use super::check::{Checked, Checker};
use super::problem::Problem;
use super::report::Report;
use super::used_toolchain::is_toolchain;

pub(crate) use from::environment;

/// A module that is to be repaired.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) found: Checked,
    /// Whether all of it is wanted, or only its go.mod.
    pub(crate) whole: bool,
    /// Whether what is missing is to be fetched, too.
    pub(crate) bring: bool,
}

/// How a repair ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Repaired,
    Failed,
    /// The fresh copy has not the known hash, or the checksum database is not to be trusted: no other module is touched after
    /// that.
    Contradicted,
}

/// What a repair works with.
pub(crate) struct Repairer<'a> {
    installer: Installer,
    known: GoSum,
    checker: &'a Checker,
    _rejected: tempfile::TempDir,
}

impl<'a> Repairer<'a> {
    pub(crate) fn new<'b>(
        args: &Args,
        env: &GoEnv,
        cache: &ModCache,
        broken: impl Iterator<Item = &'b Checked>,
        checker: &'a Checker,
        progress: &Progress,
    ) -> Result<Self, Box<dyn Error>> {
        let known = known::known(broken, &checker.sums)?;
        let client = args.network.client(env, args.jobs, progress, args.verbose)?;
        let workers = checker.workers.clone();
        let database = Database::open(env, &client, cache);
        let proofs = Sums::new(known.clone()).or_database(env, database, true);
        let rejected = tempfile::tempdir()?;
        let installer = Installer::new(client, cache.clone(), proofs, workers, progress.clone())
            .keep_rejected(rejected.path().to_owned());
        Ok(Self { installer, known, checker, _rejected: rejected })
    }

    pub(crate) fn installer(&self) -> &Installer {
        &self.installer
    }

    /// Repairs one module: first what is broken is replaced, then what is missing is fetched. Where it fails, it has been
    /// said why, and the cache has lost nothing. The error is one that no other module would escape.
    pub(crate) async fn repair(
        &self,
        Broken { found, whole, bring }: &Broken,
        report: &mut Report,
    ) -> Result<Outcome, Box<dyn Error>> {
        let (module, whole) = (&found.module, *whole);
        let entry = self.installer.cache().entry(module);
        let (mut how, mut aside) = (Vec::new(), None);
        if !found.problems.is_empty() {
            if let Some(problem) = found.problems.iter().find(|problem| problem.parts().is_none()) {
                return self.not_to_be_repaired(module, problem, report).await;
            }
            if let Err(error) = entry.check_inside_root() {
                return self.failure(&Failure::new(module, error, Vec::new()), None, report);
            }
            let lock = match self.installer.lock(&entry).await {
                Ok(lock) => lock,
                Err(problem) => {
                    return self.failure(&Failure::new(module, problem, Vec::new()), None, report);
                }
            };
            if *bring && self.zip_comes_first(found) {
                drop(lock);
                if let Err(failure) = self.bring(found, whole, false).await {
                    return self.failure(&failure, None, report);
                }
                let why = "nothing but its zip can say what its .mod should be, and the zip was not there";
                let next = "the zip is there now, with the go.mod it should be: run this again";
                return failed(module, why, next, report);
            }
            match self.replace(lock, found, whole).await? {
                Ok(Replaced { how: done, aside: moved }) => {
                    how.push(done);
                    aside = moved.map(|moved| moved.cache.root().display().to_string());
                }
                Err(failure) => return self.failure(&failure, None, report),
            }
        }
        let mut again = self.checker.check(entry.clone(), whole).await?;
        let lacks = if whole { !again.missing.is_empty() } else { again.go_mod.is_none() };
        if again.problems.is_empty() && (again.half_extracted || lacks && *bring) {
            match self.bring(&again, whole, *bring).await {
                Ok(done) => how.push(done),
                Err(failure) => return self.failure(&failure, aside.as_deref(), report),
            }
            again = self.checker.check(entry.clone(), whole).await?;
        }
        // As when a go.mod is written: no build depends on it.
        let _ = entry.rewrite_list();
        if let Some(problem) = again.problems.first() {
            let why = format!("still broken: {}", chain(problem));
            return failed(module, &why, &problem.next_step(), report);
        }
        report.repaired(found, &again, whole, &how.join("; "), aside.as_deref())?;
        Ok(Outcome::Repaired)
    }

    /// What no repair helps: where a line of go.sum is wrong, the checksum database is asked about it.
    async fn not_to_be_repaired(
        &self,
        module: &ModuleVersion,
        problem: &Problem,
        report: &mut Report,
    ) -> Result<Outcome, Box<dyn Error>> {
        let outcome = failed(module, &chain(problem), &problem.next_step(), report)?;
        let Problem::Sum { mismatch, .. } = problem else { return Ok(outcome) };
        match self.installer.witness(mismatch).await {
            Ok(None) => {}
            Ok(Some(hash)) => {
                for finding in testimony(mismatch, hash) {
                    report.progress.warn(format_args!("   finding: {module}: {finding}"));
                }
                let (sum, hash) = (mismatch.file.clone(), hash.to_string());
                report.record(json!({"mismatch": module.to_string(), "sum": sum, "database": hash}))?;
            }
            Err(misbehavior) => {
                let failure = Failure::new(module, Cause::Misbehavior(misbehavior), Vec::new());
                return self.failure(&failure, None, report);
            }
        }
        Ok(outcome)
    }

    /// Whether a `.mod` is wrong of which nothing but the zip, which is to be fetched, can say what it should be. It is looked at
    /// before anything is replaced by its word.
    fn zip_comes_first(&self, found: &Checked) -> bool {
        let parts = |problem: &Problem| problem.parts() == Some(Parts::new().go_mod(true));
        found.missing.contains(&"zip")
            && found.problems.iter().all(parts)
            && self.installer.is_waived(&found.module, Kind::GoMod)
    }

    /// Makes what is to come in the place of what is broken, and then puts it there.
    async fn replace(
        &self,
        lock: EntryLock,
        found: &Checked,
        whole: bool,
    ) -> Result<Result<Replaced, Failure>, Box<dyn Error>> {
        let module = &found.module;
        let fail = |problem: Cause| Ok(Err(Failure::new(module, problem, Vec::new())));
        let mut finished = None;
        let (now, staging) = loop {
            // Another process may have repaired it meanwhile.
            let now = self.checker.check(lock.entry().clone(), whole).await?;
            let staging = match lock.staging() {
                Ok(staging) => staging,
                Err(error) => return fail(error.into()),
            };
            if now.problems.is_empty() {
                let how = finished.unwrap_or_else(|| "another process has done it".to_owned());
                return Ok(Ok(Replaced { how, aside: None }));
            }
            if !staging.is_sealed() || finished.is_some() {
                break (now, staging);
            }
            finished = Some("a repair that was cut short was brought to its end".to_owned());
            if let Err(error) = self.on_disk(move || staging.finish("finished a repair")).await {
                return fail(error.into());
            }
        };
        let Some(parts) = parts(&now, lock.entry().state().map(|state| state.zip)) else {
            // It has become unreadable since it was looked at.
            return Ok(Ok(Replaced { how: String::new(), aside: None }));
        };
        let how = match self.stage(&staging, &now, parts).await {
            Ok(how) => how,
            Err(failure) => return Ok(Err(failure)),
        };
        let why: Vec<_> = now.problems.iter().map(|problem| chain(problem)).collect();
        let why = why.join("\n");
        match self.on_disk(move || staging.replace(parts, &why)).await {
            Ok(aside) => Ok(Ok(Replaced { how, aside })),
            Err(error) => fail(error.into()),
        }
    }

    /// Fetches, checks and extracts these parts beside the entry, which stays as it is.
    async fn stage(&self, staging: &Staging, now: &Checked, parts: Parts) -> Result<String, Failure> {
        let module = &now.module;
        let installer = self.installer.in_cache(staging.cache().clone());
        let mut how = Vec::new();
        if parts.info {
            installer.info_alone(module).await?;
            how.push("fetched its .info".to_owned());
        }
        if parts.go_mod {
            if !parts.zip && self.go_mod_from_zip(staging, module) {
                how.push("its go.mod from its zip".to_owned());
            } else {
                installer.go_mod(module.clone()).await?;
                how.push("fetched its go.mod".to_owned());
            }
        }
        if parts.zip || parts.tree {
            if !parts.zip {
                staging.borrow_zip().map_err(|error| Failure::new(module, error, Vec::new()))?;
            }
            let zip = installer.zip_alone(module).await;
            if let Some(failure) = zip.failure {
                return Err(failure);
            }
            how.push(match zip.source {
                Some(source) => format!("fetched from {source}"),
                None => "from its zip".to_owned(),
            });
        }
        Ok(how.join("; "))
    }

    /// Whether the zip in the cache has the go.mod that is known to be right, and it was taken from there.
    fn go_mod_from_zip(&self, staging: &Staging, module: &ModuleVersion) -> bool {
        let zip = self.installer.cache().entry(module).path(CacheFile::Zip);
        let archive = File::open(zip).ok().and_then(|file| Archive::open(file, &Limits::default()).ok());
        let content = archive.and_then(|archive| read_go_mod(&archive, module).ok());
        content.is_some_and(|content| {
            let known = self.known.lookup(module, Kind::GoMod, &hash_go_mod(&content));
            matches!(known, Ok(Verdict::Match)) && staging.entry().store_mod(&content).is_ok()
        })
    }

    /// Fetches what is missing, or of it only what an extraction that has not ended needs.
    async fn bring(&self, now: &Checked, whole: bool, all: bool) -> Result<String, Failure> {
        let module = &now.module;
        if !whole {
            self.installer.go_mod(module.clone()).await?;
            return Ok("fetched its go.mod".to_owned());
        }
        // The go command stores neither .mod nor .info of a toolchain.
        let installed = if is_toolchain(module) || !all {
            self.installer.zip_alone(module).await
        } else {
            self.installer.module(module.clone(), Vec::new()).await
        };
        match (installed.failure, installed.source) {
            (Some(failure), _) => Err(failure),
            (None, Some(source)) => Ok(format!("fetched from {source}")),
            (None, None) => Ok("from its zip".to_owned()),
        }
    }

    async fn on_disk<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        self.installer.workers().compute(move |_| work()).await
    }

    /// `aside` is where that is which was replaced before something else failed.
    fn failure(
        &self,
        failure: &Failure,
        aside: Option<&str>,
        report: &mut Report,
    ) -> Result<Outcome, Box<dyn Error>> {
        let wrong = failure.wrong();
        let by_go_sum = matches!(wrong, Some(ChecksumError::GoSum(_)));
        let step = if by_go_sum { None } else { failure.next_step() };
        let is_told = report.told.failed(failure);
        report.record(not_repaired(&failure.module, &chain(&failure.problem), step.as_deref()))?;
        if is_told {
            for line in failure.details() {
                report.progress.warn(line);
            }
        }
        if let Some(misbehavior) = failure.misbehavior() {
            report.alarm(&chain(&failure.problem), &evidence(misbehavior))?;
        }
        if is_told {
            report.told.next(step, failure.obstacle());
        }
        let mut ends_here = wrong.is_some() || failure.misbehavior().is_some();
        if let Some(ChecksumError::GoSum(mismatch)) = wrong {
            // Where cache and source agree, the line of go.sum is alone.
            ends_here = !self.explain(mismatch, failure.witness, report)?;
        }
        match aside {
            Some(place) => report.progress.warn(format_args!("      kept: what was replaced is in {place}")),
            None if is_told => report.progress.warn("      kept: nothing was taken out of the cache"),
            None => {}
        }
        Ok(if ends_here { Outcome::Contradicted } else { Outcome::Failed })
    }
}

/// What was put in the place of what was broken, and where that is.
struct Replaced {
    how: String,
    aside: Option<Quarantined>,
}

fn failed(
    module: &ModuleVersion,
    why: &str,
    next: &str,
    report: &mut Report,
) -> Result<Outcome, Box<dyn Error>> {
    let module = module.to_string();
    if report.told.not_repaired(&module, why) {
        report.told.next(Some(next.to_owned()), None);
    }
    report.record(not_repaired(&module, why, Some(next)))?;
    Ok(Outcome::Failed)
}

fn not_repaired(module: &str, why: &str, next: Option<&str>) -> Value {
    json!({"not_repaired": module, "cause": why, "next": next})
}

/// What all problems together want replaced; `None` where one of them cannot be repaired.
fn parts(found: &Checked, zip: Result<FileState, gomod_cache::CacheError>) -> Option<Parts> {
    let mut all = Parts::new();
    for problem in &found.problems {
        let parts = problem.parts()?;
        all = all
            .zip(all.zip || parts.zip)
            .tree(all.tree || parts.tree)
            .go_mod(all.go_mod || parts.go_mod)
            .info(all.info || parts.info);
    }
    // A tree comes from its zip, where there is one.
    let zip = zip.is_ok_and(|zip| zip == FileState::Present);
    Some(if all.tree && !zip { all.zip(true) } else { all })
}
