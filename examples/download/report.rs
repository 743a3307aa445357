//! What is said to people, and to programs, about each module and about the whole.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::mem;
use std::time::Instant;

use gomod_cache::ModCache;
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::ProxyClient;
use gomod_sum::ProvedBy;
use gomod_sum::sumdb::ChecksumError;
use indicatif::HumanBytes;
use support::causes::{Causes, NextSteps};
use support::failure::{Failure, chain, evidence};
use support::installed::Installed;
use support::output::json_line;
use support::progress::Progress;

use super::args::Args;
use super::record::Record;

/// How many modules are named that the same wrong bytes came for.
const NAMED: usize = 3;

/// The counts of one run, and how it speaks.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each changes what is said")]
pub(crate) struct Report {
    progress: Progress,
    cache: ModCache,
    client: ProxyClient,
    json: bool,
    verbose: bool,
    /// Whether the command line names modules, so that they stand for no others.
    names_modules: bool,
    started: Instant,
    causes: Causes,
    steps: NextSteps,
    /// The hashes that were found in place of the known ones: for which module first, and for how many.
    wrong: HashMap<H1, (String, usize)>,
    /// The modules that something else than go.sum proves.
    proven_elsewhere: Vec<ModuleVersion>,
    modules: usize,
    downloaded: usize,
    bytes: u64,
    pub(crate) failed: usize,
    go_mods: usize,
    requests: usize,
    /// What was left alone because nothing can be written, or the checksum database misbehaves.
    pub(crate) untried: usize,
    /// Whether the checksum database misbehaves.
    pub(crate) is_alarmed: bool,
}

impl Report {
    pub(crate) fn new(args: &Args, progress: Progress, cache: ModCache, client: ProxyClient) -> Self {
        Self {
            progress,
            cache,
            client,
            json: args.json,
            verbose: args.is_verbose(),
            names_modules: !args.modules.is_empty(),
            started: Instant::now(),
            causes: Causes::default(),
            steps: NextSteps::default(),
            wrong: HashMap::new(),
            proven_elsewhere: Vec::new(),
            modules: 0,
            downloaded: 0,
            bytes: 0,
            failed: 0,
            go_mods: 0,
            requests: 0,
            untried: 0,
            is_alarmed: false,
        }
    }

    /// A module on which work has ended.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn module(&mut self, installed: &Installed) -> io::Result<()> {
        if self.json {
            print(&Record::of(installed, &self.cache, &self.client))?;
        }
        self.requests += installed.requests().count();
        if let Some(failure) = &installed.failure {
            self.failed += 1;
            self.explain(failure);
            return Ok(());
        }
        let elsewhere = |found: &Option<(H1, ProvedBy)>| {
            matches!(found, Some((_, ProvedBy::Database { .. } | ProvedBy::Unchecked(_))))
        };
        if elsewhere(&installed.zip) || elsewhere(&installed.go_mod) {
            self.proven_elsewhere.push(installed.module.clone());
        }
        self.modules += usize::from(installed.zip.is_some());
        self.go_mods += usize::from(installed.go_mod.is_some());
        if let Some(bytes) = installed.fetched {
            self.downloaded += 1;
            self.bytes += bytes;
        }
        let waived = [&installed.zip, &installed.go_mod].into_iter().flatten();
        for (hash, proof) in waived {
            if let ProvedBy::Unchecked(by) = proof {
                let module = &installed.module;
                self.progress.warn(format_args!("warning: {module}: nothing proves {hash} ({by})"));
            }
        }
        if let Some(other) = installed.declares.as_ref().filter(|_| self.names_modules) {
            self.progress.warn(format_args!(
                "warning: {}: its go.mod declares its path as {other}: it is of use as a replacement only",
                installed.module
            ));
        }
        self.warn_of_mismatches(installed);
        if self.verbose {
            self.tell(installed);
        } else if let (Some(bytes), Some(source)) = (installed.fetched, &installed.source) {
            let failed = installed.requests().filter(|attempt| attempt.kind().is_some()).count();
            let failed = match failed {
                0 => String::new(),
                failed => format!(", after {}", count(failed, "failed request")),
            };
            let module = &installed.module;
            self.progress.say(format_args!("{module}  {} from {source}{failed}", HumanBytes(bytes)));
        }
        Ok(())
    }

    /// A go.mod file that the module graph needed and nothing else.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn go_mod(&mut self, file: &Installed) -> io::Result<()> {
        self.go_mods += 1;
        self.requests += file.requests().count();
        if self.warn_of_mismatches(file) && self.json {
            print(&Record::of(file, &self.cache, &self.client))?;
        }
        if self.verbose && !file.attempts().is_empty() {
            self.tell(file);
        }
        Ok(())
    }

    /// A module, or a file that the module graph needs, that cannot be had.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        if self.json {
            print(&Record::of_failure(failure))?;
        }
        self.failed += 1;
        self.requests += failure.requests().count();
        self.explain(failure);
        Ok(())
    }

    /// Whether there was one.
    fn warn_of_mismatches(&self, installed: &Installed) -> bool {
        let mut any = false;
        for attempt in installed.mismatches() {
            any = true;
            self.progress.warn(format_args!("warning: {}: wrong bytes from {attempt}", installed.module));
        }
        any
    }

    /// The modules that are there as a whole and that go.sum does not prove.
    pub(crate) fn proven_elsewhere(&self) -> &[ModuleVersion] {
        &self.proven_elsewhere
    }

    fn explain(&mut self, failure: &Failure) {
        if let Some((_, found)) = failure.wrong().and_then(ChecksumError::hashes) {
            let (first, count) = self.wrong.entry(*found).or_insert_with(|| (failure.module.clone(), 0));
            *count += 1;
            if *count > 1 {
                // One page in place of many files is one fault.
                if *count <= NAMED {
                    self.progress.warn(format_args!(
                        "error: {}: the same wrong bytes as for {first}: {found}",
                        failure.module
                    ));
                }
                return;
            }
        }
        if !self.causes.tell(failure) && !self.verbose {
            return;
        }
        let text = chain(&failure.problem);
        let module = if text.starts_with(&failure.module) { "" } else { &*format!("{}: ", failure.module) };
        self.progress.warn(format_args!("error: {module}{text}"));
        if let Some(consequence) = failure.consequence() {
            self.progress.warn(format_args!("  database: {consequence}"));
        }
        if let Some(wrong) = failure.wrong()
            && let Some((recorded, found)) = wrong.hashes()
        {
            let place = wrong.place();
            self.progress.warn(format_args!("  recorded: {recorded} ({place})"));
            self.progress.warn(format_args!("     found: {found}"));
        }
        for finding in failure.findings() {
            self.progress.warn(format_args!("   finding: {finding}"));
        }
        if let Some(misbehavior) = failure.misbehavior()
            && !mem::replace(&mut self.is_alarmed, true)
        {
            self.progress.warn(evidence(misbehavior));
        }
        for line in failure.details() {
            self.progress.warn(line);
        }
        self.steps.tell(failure.next_step(), failure.obstacle(), &self.progress);
    }

    fn tell(&self, installed: &Installed) {
        let how = match (&installed.source, installed.fetched) {
            (Some(source), Some(bytes)) => format!("{} from {source}", HumanBytes(bytes)),
            _ if installed.zip.is_none() => "go.mod alone".to_owned(),
            _ => "already in the cache".to_owned(),
        };
        self.progress.say(format_args!("{}  {how}", installed.module));
        for attempt in installed.attempts() {
            self.progress.say(format_args!("     asked: {attempt}"));
        }
        let proof = |what, found: &Option<(H1, ProvedBy)>| match found {
            None | Some((_, ProvedBy::Unchecked(_))) => {}
            Some((hash, proof)) => self.progress.say(format_args!("  verified: {what} {hash} ({proof})")),
        };
        proof("go.mod", &installed.go_mod);
        proof("zip   ", &installed.zip);
    }

    /// The last lines.
    pub(crate) fn summary(&self) {
        for line in self.causes.rest().filter(|_| !self.verbose) {
            self.progress.warn(format_args!("error: {line}"));
        }
        for (found, (first, count)) in self.wrong.iter().filter(|(_, (_, count))| *count > 1) {
            let more = count - 1;
            let modules = if more == 1 { "module" } else { "modules" };
            self.progress.warn(format_args!(
                "one fault: the bytes that came for {first} came for {more} more {modules}: {found}"
            ));
        }
        let Self { modules, downloaded, failed, go_mods, untried, .. } = self;
        let elapsed = self.started.elapsed().as_secs_f64();
        let (size, cached) = (HumanBytes(self.bytes), modules - downloaded);
        let all = count(modules + failed + untried, "module");
        let untried = if *untried > 0 { format!(", {untried} not tried") } else { String::new() };
        let graph =
            if *go_mods > 0 { format!("; {}", count(*go_mods, "go.mod file")) } else { String::new() };
        let requests = count(self.requests, "request");
        self.progress.say(format_args!(
            "{all}: {downloaded} downloaded ({size}), {cached} already in the cache, {failed} failed{untried}{graph}; {requests} in {elapsed:.1} s"
        ));
        self.progress.say(format_args!("cache: {}", self.cache.root().display()));
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn print(record: &Record) -> io::Result<()> {
    let written = writeln!(io::stdout(), "{}", json_line(&serde_json::to_string(record)?));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => error,
        kind => io::Error::new(kind, format!("write standard output: {error}")),
    })
}
