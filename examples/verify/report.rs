//! What is said to people, and to programs, about each module and about the whole.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use gomod_cache::{CacheError, Found, ModCache, UnexpectedReason};
use gomod_module::ModulePath;
use indicatif::HumanBytes;
use serde_json::{Value, json};
use support::failure::chain;
use support::output::json_line;
use support::program::call;
use support::progress::Progress;

use super::args::Args;
use super::check::Checked;
use super::confirm::SumDbVerdict;
use super::gone::{Gone, gone};
use super::sumdb_tally::SumDbTally;
use super::told::Told;
use super::which_cache::WhichCache;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// The counts of one run, and how it speaks.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) progress: Progress,
    pub(crate) told: Told,
    pub(crate) cache: WhichCache,
    json: bool,
    verbose: bool,
    sumdb: Option<SumDbTally>,
    started: Instant,
    modules: usize,
    checked: usize,
    proved: usize,
    go_mods: usize,
    pub(crate) broken: usize,
    repaired: usize,
    /// How many were not checked, by the reason.
    skipped: BTreeMap<&'static str, usize>,
    foreign: usize,
    leftovers: usize,
    stale_lists: usize,
    pub(crate) quarantines: Vec<PathBuf>,
    pub(crate) gone: usize,
    /// What no repair helps.
    pub(crate) beyond_repair: usize,
    bytes: u64,
}

impl Report {
    pub(crate) fn new(args: &Args, cache: WhichCache, progress: Progress) -> Self {
        Self {
            told: Told::new(args.verbose, progress.clone()),
            progress,
            cache,
            json: args.json,
            verbose: args.verbose,
            sumdb: args.sumdb.then(SumDbTally::default),
            started: Instant::now(),
            modules: 0,
            checked: 0,
            proved: 0,
            go_mods: 0,
            broken: 0,
            repaired: 0,
            skipped: BTreeMap::new(),
            foreign: 0,
            leftovers: 0,
            stale_lists: 0,
            quarantines: Vec::new(),
            gone: 0,
            beyond_repair: 0,
            bytes: 0,
        }
    }

    /// One JSON line, if wanted.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn record(&self, mut object: Value) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        object["schema"] = SCHEMA.into();
        writeln!(io::stdout(), "{}", json_line(&object)).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => error,
            kind => io::Error::new(kind, format!("write standard output: {error}")),
        })
    }

    /// A module that was looked at; `whole` unless only its go.mod was wanted.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn module(&mut self, found: &Checked, whole: bool) -> io::Result<()> {
        self.go_mods += usize::from(found.go_mod.is_some());
        self.modules += usize::from(whole);
        self.bytes += if found.zip.is_some() { found.zip_size } else { 0 };
        if let Some(tally) = &mut self.sumdb {
            tally.count(found, self.verbose, &self.progress);
        }
        let reason = if found.is_checked() {
            self.checked += usize::from(whole);
            self.proved += usize::from(found.proved);
            None
        } else if !whole {
            (found.go_mod.is_none()).then_some("not in the cache")
        } else if found.go_mod.is_some() {
            Some("only its go.mod is in the cache")
        } else if found.missing.len() >= 4 {
            Some("not in the cache")
        } else {
            Some("nothing in the cache that could be checked")
        };
        if let Some(reason) = reason {
            *self.skipped.entry(reason).or_default() += 1;
        }
        let broken = !found.problems.is_empty();
        self.broken += usize::from(broken);
        let module = &found.module;
        for problem in &found.problems {
            self.told.broken(module, problem);
        }
        if self.verbose {
            match reason {
                Some(reason) => self.progress.say(format_args!("skipped: {module}: {reason}")),
                None if !broken => self.progress.say(format_args!("ok: {module}")),
                None => {}
            }
            for note in &found.notes {
                self.progress.say(format_args!("note: {module}: {note}"));
            }
        }
        let problems = found.problems.iter().map(
            |problem| json!({"kind": problem.kind(), "cause": chain(problem), "next": problem.next_step()}),
        );
        let verdict = match reason {
            _ if broken => "broken",
            Some(_) => "skipped",
            None => "ok",
        };
        self.record(json!({
            "module": module.to_string(),
            "verdict": verdict,
            "why": reason,
            "problems": problems.collect::<Vec<_>>(),
            "notes": found.notes,
            "missing": found.missing,
            "zip": found.zip.map(|hash| hash.to_string()),
            "go_mod": found.go_mod.map(|hash| hash.to_string()),
            "proved": found.proved,
            "sumdb": found.verdict.as_ref().map(SumDbVerdict::record),
        }))
    }

    /// What ends a run, and what everybody can check.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn alarm(&self, error: &str, evidence: &str) -> io::Result<()> {
        self.progress.warn(evidence);
        self.record(json!({"error": error, "evidence": evidence}))
    }

    /// What else lies in the cache.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn other(&mut self, found: &Found) -> io::Result<()> {
        let (what, path, why) = match found {
            Found::StaleFile(path) => {
                self.leftovers += 1;
                ("leftover", path.clone(), "of a process that was killed, or is at work")
            }
            Found::Quarantine(path) => {
                self.quarantines.push(path.clone());
                ("quarantine", path.clone(), "moved aside by a repair; remove it when you need it no more")
            }
            Found::Unexpected { path, reason } => {
                self.foreign += 1;
                let why = match reason {
                    UnexpectedReason::Symlink => "a symbolic link, which is not followed",
                    UnexpectedReason::Kind => "neither the file nor the directory that belongs there",
                    _ => "nothing that go has put there",
                };
                ("foreign", path.clone(), why)
            }
            Found::StaleList { path, .. } => {
                self.stale_lists += 1;
                (
                    "stale_list",
                    path.clone(),
                    "not the versions that have a .mod file; who is served this cache reads it",
                )
            }
            Found::Unreadable(error) => {
                self.broken += 1;
                self.beyond_repair += 1;
                self.told.unreadable(error);
                return self.record(
                    json!({"unreadable": error.path().display().to_string(), "cause": chain(error)}),
                );
            }
            _ => return Ok(()),
        };
        let path = path.display();
        if self.verbose || matches!(found, Found::Unexpected { reason: UnexpectedReason::Symlink, .. }) {
            self.progress.say(format_args!("{what}: {path}: {why}"));
        }
        self.record(json!({what: path.to_string(), "why": why}))
    }

    /// What an earlier repair took out and never put back, of the quarantines that were met.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn gone(&mut self, cache: &ModCache) -> io::Result<Vec<Gone>> {
        let all = gone(cache, &self.quarantines);
        self.gone += all.len();
        for Gone { entry, since, quarantine, .. } in &all {
            let (module, quarantine) = (entry.module(), quarantine.display());
            self.told.gone(module, since, &quarantine);
            let record =
                json!({"gone": module.to_string(), "since": since, "quarantine": quarantine.to_string()});
            self.record(record)?;
        }
        Ok(all)
    }

    /// How it went to write a version list again.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn list(&mut self, module: &ModulePath, written: Result<(), CacheError>) -> io::Result<()> {
        let module = module.as_str();
        if let Err(error) = written {
            self.beyond_repair += 1;
            let cause = chain(&error);
            self.told.cache(&format!("the version list of {module}"), module, &error);
            return self.record(json!({"not_repaired": module, "cause": cause}));
        }
        self.progress.say(format_args!("repaired: the version list of {module}"));
        self.record(json!({"repaired": module, "how": "its version list was written again"}))
    }

    /// A repair that ended well. What was not there before is checked now.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn repaired(
        &mut self,
        found: &Checked,
        again: &Checked,
        whole: bool,
        how: &str,
        aside: Option<&str>,
    ) -> io::Result<()> {
        let module = &found.module;
        if !found.is_checked() {
            self.checked += usize::from(whole);
            if let Some(tally) = &mut self.sumdb {
                tally.count(again, self.verbose, &self.progress);
            }
        }
        self.repaired += 1;
        let kept = aside.map_or_else(String::new, |path| format!("; what was there is in {path}"));
        self.progress.say(format_args!("repaired: {module}: {how}{kept}"));
        self.record(json!({"repaired": module.to_string(), "how": how, "quarantine": aside}))
    }

    /// Whether anything was looked at, and everything by those who should.
    pub(crate) fn is_enough(&self) -> bool {
        self.checked > 0 && self.sumdb.as_ref().is_none_or(SumDbTally::is_enough)
    }

    /// The last lines.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn summary(&self) -> io::Result<()> {
        self.told.rest();
        let Self {
            checked, proved, go_mods, broken, repaired, foreign, leftovers, stale_lists, gone, ..
        } = *self;
        let quarantines = self.quarantines.len();
        let skipped: usize = self.skipped.values().sum();
        let why: Vec<_> = self.skipped.iter().map(|(why, count)| format!("{count} {why}")).collect();
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
        let fixed = if repaired > 0 { format!(", {repaired} repaired") } else { String::new() };
        let elapsed = self.started.elapsed().as_secs_f64();
        self.progress.say(format_args!(
            "{}: {checked} checked, {broken} broken{fixed}, {skipped} skipped{why}; {}; {proved} proved by go.sum; {} of zips in {elapsed:.1} s",
            count(self.modules, "module"),
            count(go_mods, "go.mod file"),
            HumanBytes(self.bytes),
        ));
        for (number, what) in [
            (foreign, "other file or directory that go has not put there"),
            (leftovers, "leftover of killed processes"),
            (stale_lists, "version list that does not name what is there"),
            (quarantines, "quarantine of an earlier repair"),
            (gone, "version that an earlier repair took out, and that was not there"),
        ] {
            if number > 0 {
                self.progress.say(format_args!("besides: {number} × {what} (-v names them)"));
            }
        }
        if let Some(tally) = &self.sumdb {
            tally.tell(&self.progress);
        }
        if checked == 0 {
            let WhichCache { path, chosen_by, exists } = &self.cache;
            let why = if *exists { "has nothing of it" } else { "is not there" };
            self.progress.warn(format_args!(
                "error: nothing was checked, so nothing is known to be right: the module cache {path} {why} ({chosen_by})"
            ));
            self.progress.warn(format_args!(
                "      next: `go env GOMODCACHE` names the cache that go uses: set GOMODCACHE to it, or fill this one with \
                 `{}`",
                call("download")
            ));
        }
        self.record(json!({
            "cache": self.cache.path,
            "cache_chosen_by": self.cache.chosen_by,
            "cache_exists": self.cache.exists,
            "checked": checked,
            "broken": broken,
            "repaired": repaired,
            "skipped": skipped,
            "skipped_why": self.skipped,
            "go_mods": go_mods,
            "proved": proved,
            "bytes": self.bytes,
            "foreign": foreign,
            "leftovers": leftovers,
            "stale_lists": stale_lists,
            "quarantines": quarantines,
            "gone": gone,
            "sumdb": self.sumdb.as_ref().map(SumDbTally::record),
        }))
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
