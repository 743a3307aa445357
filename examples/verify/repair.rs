//! What is broken is moved aside, fetched anew, verified and installed.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use gomod_archive::{Archive, Limits, Threads};
use gomod_cache::{CacheFile, ModCache, Parts, Quarantined};
use gomod_module::GoEnv;
use gomod_proxy_client::RetryPolicy;
use gomod_sum::{Evidence, GoSum, Kind, Mismatch, hash_zip};
use gomod_zip::diff;
use serde_json::json;
use support::credentials;
use support::database::Database;
use support::failure::{Failure, chain, evidence};
use support::install::Installer;
use support::interrupt;
use support::progress::Progress;
use support::settings::{self, SettingsError};
use support::sums::{Sums, Wrong};

use super::args::Args;
use super::check::{Checked, Checker, SumFile};
use super::report::Report;

/// How many files of a difference are named.
const NAMED: usize = 20;

/// The environment in which modules come from a directory or a proxy of the user's choice, and from there alone.
pub(crate) fn environment(env: &GoEnv, from: Option<&str>) -> Result<GoEnv, Box<dyn Error>> {
    let Some(from) = from else { return Ok(env.clone()) };
    let proxy = if from.contains("://") { from.to_owned() } else { directory(Path::new(from))? };
    let variables = |name: &str| match name {
        "GOPROXY" => Some(proxy.clone().into()),
        // Names no module: none goes past this proxy.
        "GONOPROXY" => Some("none".into()),
        "GOENV" => Some("off".into()),
        name => Some(env.get(name)).filter(|value| !value.is_empty()).map(Into::into),
    };
    Ok(GoEnv::resolve(env::consts::OS, &variables, None, None))
}

/// A module cache as a proxy, or a directory that is laid out as one.
fn directory(from: &Path) -> Result<String, Box<dyn Error>> {
    let path = fs::canonicalize(from).map_err(|error| format!("--from {}: {error}", from.display()))?;
    let downloads = path.join("cache").join("download");
    let path = if downloads.is_dir() { downloads } else { path };
    let text = path.to_str().ok_or("--from: a path that is no text cannot be a URL")?;
    let mut url = "file://".to_owned();
    for byte in text.bytes() {
        // All else separates the entries of GOPROXY, or means something in a URL.
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    Ok(url)
}

/// What proves the new bytes: the go.sum files and, where they do not know a module, the hash that was recorded when
/// it was downloaded.
fn known<'a>(broken: impl Iterator<Item = &'a Checked>, sums: &[SumFile]) -> Result<GoSum, Box<dyn Error>> {
    let mut known = GoSum::default();
    for sum in sums {
        known.merge(&sum.lines).map_err(|error| format!("{}: {error}", sum.name))?;
    }
    for found in broken {
        let hashes = [(Kind::Zip, found.known_zip), (Kind::GoMod, found.known_go_mod)];
        for (kind, hash) in hashes {
            if let Some(hash) = hash
                && !known.have_sum(&found.module, kind)
            {
                known.insert(&found.module, kind, &hash)?;
            }
        }
    }
    Ok(known)
}

/// What a repair works with.
pub(crate) struct Repairer<'a> {
    installer: Installer,
    known: GoSum,
    checker: &'a Checker,
    _rejected: tempfile::TempDir,
}

impl<'a> Repairer<'a> {
    pub(crate) fn new(
        args: &Args,
        env: &GoEnv,
        cache: &ModCache,
        broken: impl Iterator<Item = &'a Checked>,
        checker: &'a Checker,
        progress: &Progress,
    ) -> Result<Self, Box<dyn Error>> {
        let known = known(broken, &checker.sums)?;
        let credentials = credentials::find(env).map_err(SettingsError::from)?.told(progress, args.verbose);
        let client = settings::client(env, args.stall, RetryPolicy::new(), credentials)?;
        let workers = checker.workers.clone();
        let database = Database::open(env, &client, cache, &workers);
        let proofs = Sums::new(known.clone()).or_database(env, database, true);
        let rejected = tempfile::tempdir()?;
        let installer = Installer::new(client, cache.clone(), proofs, workers, progress.clone())
            .keep_rejected(rejected.path().to_owned());
        Ok(Self { installer, known, checker, _rejected: rejected })
    }

    pub(crate) fn installer(&self) -> &Installer {
        &self.installer
    }

    /// Repairs one module, of which `whole` is wanted or only the go.mod. `false` where that failed: it has been said
    /// why. The error is one that no other module would escape.
    pub(crate) async fn repair(
        &self,
        found: &Checked,
        whole: bool,
        report: &mut Report,
    ) -> Result<Outcome, Box<dyn Error>> {
        let module = &found.module;
        let entry = self.installer.cache().entry(module);
        let mut aside = None;
        if let Some(parts) = parts(found) {
            if let Err(error) = entry.check_inside_root() {
                return failed(module, &chain(&error), report);
            }
            let lock = match self.installer.lock(&entry).await {
                Ok(lock) => lock,
                Err(problem) => {
                    return self.failure(&Failure::new(module, problem, Vec::new()), None, report);
                }
            };
            // Somebody else may have repaired it meanwhile.
            let again = self.checker.check(entry.clone(), whole).await?;
            if again.problems.is_empty() && !found.problems.is_empty() && again.missing.is_empty() {
                report.repaired(found, &again, whole, "another process has done it", None)?;
                return Ok(Outcome::Repaired);
            }
            let moved = self.installer.workers().compute(move |_| lock.quarantine(parts)).await;
            aside = match moved {
                Ok(aside) => aside,
                Err(error) => return failed(module, &chain(&error), report),
            };
        } else if !found.problems.is_empty() {
            return failed(module, "it cannot be repaired from here", report);
        }
        let place = aside.as_ref().map(|aside| aside.cache.root().display().to_string());
        let how = if whole {
            let installed = self.installer.module(module.clone(), Vec::new()).await;
            if let Some(failure) = &installed.failure {
                return self.failure(failure, aside.as_ref(), report);
            }
            installed
                .source
                .as_ref()
                .map_or_else(|| "from its zip".to_owned(), |source| format!("fetched from {source}"))
        } else {
            match self.installer.go_mod(module.clone()).await {
                Ok(_) => "fetched its go.mod".to_owned(),
                Err(failure) => return self.failure(&failure, aside.as_ref(), report),
            }
        };
        // As when a go.mod is written: no build depends on it.
        let _ = entry.rewrite_list();
        let again = self.checker.check(entry, whole).await?;
        if let Some(problem) = again.problems.first() {
            return failed(module, &format!("still broken: {}", chain(problem)), report);
        }
        report.repaired(found, &again, whole, &how, place.as_deref())?;
        Ok(Outcome::Repaired)
    }

    fn failure(
        &self,
        failure: &Failure,
        aside: Option<&Quarantined>,
        report: &mut Report,
    ) -> Result<Outcome, Box<dyn Error>> {
        failed(&failure.module, &chain(&failure.problem), report)?;
        for attempt in failure.attempts.iter().filter(|attempt| attempt.url().is_some()) {
            report.progress.warn(format_args!("     asked: {attempt}"));
        }
        if let Some(misbehavior) = failure.misbehavior() {
            report.alarm(&chain(&failure.problem), &evidence(misbehavior))?;
        }
        let wrong = failure.wrong();
        if let Some(Wrong::GoSum(mismatch)) = wrong {
            self.explain(mismatch, aside, report)?;
        } else if let Some(step) = failure.next_step() {
            report.progress.warn(format_args!("      next: {step}"));
        }
        if let Some(aside) = aside {
            let root = aside.cache.root().display();
            report.progress.warn(format_args!("      kept: what was there is in {root}"));
        }
        let ends_here = wrong.is_some() || failure.misbehavior().is_some();
        Ok(if ends_here { Outcome::Contradicted } else { Outcome::Failed })
    }

    /// Why the fresh copy may differ from what is known, and where it differs from the one that was there.
    fn explain(
        &self,
        mismatch: &Mismatch,
        aside: Option<&Quarantined>,
        report: &mut Report,
    ) -> Result<(), Box<dyn Error>> {
        let progress = report.progress.clone();
        progress.warn(format_args!("  recorded: {}", mismatch.recorded));
        progress.warn(format_args!("     found: {} in the fresh copy", mismatch.found));
        let module = &*mismatch.module;
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = Threads::new(threads).cancelled_by(interrupt::token());
        let fresh = self.installer.rejected_zip(module).and_then(|path| Some((open(&path)?, path)));
        let old =
            aside.map(|aside| aside.cache.entry(module).path(CacheFile::Zip)).and_then(|path| open(&path));
        let mut evidence = Evidence::new().go_sum(&self.known).threads(&threads);
        if let Some((fresh, _)) = &fresh {
            evidence = evidence.archive(fresh);
        }
        if mismatch.kind == Kind::Zip
            && let Some(hash) = old.as_ref().and_then(|old| hash_zip(old, &threads).ok())
        {
            evidence = evidence.source("the copy that was in the cache", hash);
        }
        let findings = mismatch.explain(&evidence);
        for finding in &findings {
            progress.warn(format_args!("   finding: {finding}; {}", finding.next_step));
        }
        let mut lines = Vec::new();
        if let (Some(old), Some((fresh, path))) = (&old, &fresh) {
            match diff(old, module, fresh, module, &threads) {
                Ok(diff) => {
                    let name = |path: &[u8]| String::from_utf8_lossy(path).escape_debug().to_string();
                    lines.extend(diff.removed.iter().map(|file| format!("- {}", name(&file.path))));
                    lines.extend(diff.added.iter().map(|file| format!("+ {}", name(&file.path))));
                    lines.extend(diff.changed.iter().map(|file| format!("~ {}", name(&file.path))));
                    if lines.is_empty() {
                        progress.warn(
                            "      diff: the fresh copy holds the same files as the one that was there",
                        );
                    }
                }
                Err(error) => progress.warn(format_args!("      diff: not to be had: {}", chain(&error))),
            }
            // Evidence, under no name that anybody trusts.
            if let Some(aside) = aside {
                let kept = aside.cache.root().join("rejected.zip");
                if fs::copy(path, &kept).is_ok() {
                    progress.warn(format_args!("      kept: the fresh copy is {}", kept.display()));
                }
            }
        }
        for line in lines.iter().take(NAMED) {
            progress.warn(format_args!("      diff: {line}"));
        }
        if lines.len() > NAMED {
            progress.warn(format_args!("      diff: and {} files more", lines.len() - NAMED));
        }
        let findings: Vec<_> = findings.iter().map(|finding| finding.sentence.clone()).collect();
        report.record(json!({
            "mismatch": module.to_string(),
            "recorded": mismatch.recorded,
            "found": mismatch.found.to_string(),
            "findings": findings,
            "diff": lines,
        }))?;
        Ok(())
    }
}

fn failed(module: &impl ToString, why: &str, report: &mut Report) -> Result<Outcome, Box<dyn Error>> {
    let module = module.to_string();
    report.progress.warn(format_args!("error: {module}: not repaired: {why}"));
    report.record(json!({"not_repaired": module, "cause": why}))?;
    Ok(Outcome::Failed)
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

/// What all problems together want moved; `None` where one of them cannot be repaired, or there is none.
fn parts(found: &Checked) -> Option<Parts> {
    let mut all = Parts::new();
    for problem in &found.problems {
        let parts = problem.parts()?;
        all = all
            .zip(all.zip || parts.zip)
            .tree(all.tree || parts.tree)
            .go_mod(all.go_mod || parts.go_mod)
            .info(all.info || parts.info);
    }
    (!found.problems.is_empty()).then_some(all)
}

fn open(path: &PathBuf) -> Option<Archive<File>> {
    Archive::open(File::open(path).ok()?, &Limits::default()).ok()
}
