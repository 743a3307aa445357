//! What is said to people, and to programs, about each module and about the whole.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::time::Instant;

use gomod_cache::ModCache;
use gomod_module::H1;
use indicatif::HumanBytes;
use support::failure::{Failure, chain};
use support::installed::Installed;
use support::progress::Progress;
use support::sums::Proof;

use crate::args::Args;
use crate::record::Record;

/// The counts of one run, and how it speaks.
#[derive(Debug)]
pub(crate) struct Report {
    progress: Progress,
    cache: ModCache,
    json: bool,
    verbose: bool,
    started: Instant,
    /// What was recommended: once is enough.
    steps: HashSet<String>,
    modules: usize,
    downloaded: usize,
    bytes: u64,
    pub(crate) failed: usize,
    pub(crate) go_mods: usize,
    pub(crate) requests: usize,
}

impl Report {
    pub(crate) fn new(args: &Args, progress: Progress, cache: ModCache) -> Self {
        Self {
            progress,
            cache,
            json: args.json,
            verbose: args.is_verbose(),
            started: Instant::now(),
            steps: HashSet::new(),
            modules: 0,
            downloaded: 0,
            bytes: 0,
            failed: 0,
            go_mods: 0,
            requests: 0,
        }
    }

    /// A module on which work has ended.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn module(&mut self, installed: &Installed) -> io::Result<()> {
        if self.json {
            print(&Record::of(installed, &self.cache))?;
        }
        self.requests += installed.attempts().len();
        if let Some(failure) = &installed.failure {
            self.failed += 1;
            self.explain(failure);
            return Ok(());
        }
        let count = if installed.zip.is_some() { &mut self.modules } else { &mut self.go_mods };
        *count += 1;
        if let Some(bytes) = installed.fetched {
            self.downloaded += 1;
            self.bytes += bytes;
        }
        let waived = [&installed.zip, &installed.go_mod].into_iter().flatten();
        for (hash, proof) in waived {
            if let Proof::Waived(by) = proof {
                let module = &installed.module;
                self.progress.warn(format_args!("warning: {module}: nothing proves {hash} ({by})"));
            }
        }
        for attempt in installed.mismatches() {
            self.progress.warn(format_args!("warning: {}: wrong bytes from {attempt}", installed.module));
        }
        if self.verbose {
            self.tell(installed);
        } else if let (Some(bytes), Some(source)) = (installed.fetched, &installed.source) {
            let failed = installed.attempts().iter().filter(|attempt| attempt.kind().is_some()).count();
            let failed =
                if failed == 0 { String::new() } else { format!(", after {failed} failed requests") };
            let module = &installed.module;
            self.progress.say(format_args!("{module}  {} from {source}{failed}", HumanBytes(bytes)));
        }
        Ok(())
    }

    /// A file that the module graph needs and that cannot be had.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub(crate) fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        if self.json {
            print(&Record::of_failure(failure))?;
        }
        self.failed += 1;
        self.requests += failure.attempts.len();
        self.explain(failure);
        Ok(())
    }

    fn explain(&mut self, failure: &Failure) {
        let text = chain(&failure.problem);
        let module = if text.starts_with(&failure.module) { "" } else { &*format!("{}: ", failure.module) };
        self.progress.warn(format_args!("error: {module}{text}"));
        if let Some(mismatch) = failure.mismatch() {
            self.progress
                .warn(format_args!("  recorded: {} (go.sum line {})", mismatch.recorded, mismatch.line));
            self.progress.warn(format_args!("     found: {}", mismatch.found));
        }
        // Where nobody was asked, the error has said it all.
        for attempt in failure.attempts.iter().filter(|attempt| attempt.url().is_some()) {
            self.progress.warn(format_args!("     asked: {attempt}"));
        }
        if let Some(step) = failure.next_step()
            && self.steps.insert(step.clone())
        {
            self.progress.warn(format_args!("      next: {step}"));
        }
    }

    fn tell(&self, installed: &Installed) {
        let how = match (&installed.source, installed.fetched) {
            (Some(source), Some(bytes)) => format!("{} from {source}", HumanBytes(bytes)),
            _ => "already in the cache".to_owned(),
        };
        self.progress.say(format_args!("{}  {how}", installed.module));
        for attempt in installed.attempts() {
            self.progress.say(format_args!("     asked: {attempt}"));
        }
        let proof = |what, found: &Option<(H1, Proof)>| {
            if let Some((hash, Proof::GoSum(line))) = found {
                self.progress.say(format_args!("  verified: {what} {hash} (go.sum line {line})"));
            }
        };
        proof("go.mod", &installed.go_mod);
        proof("zip   ", &installed.zip);
    }

    /// The last lines.
    pub(crate) fn summary(&self) {
        let Self { modules, downloaded, failed, go_mods, requests, .. } = self;
        let graph = if *go_mods > 0 { format!("; {go_mods} go.mod files") } else { String::new() };
        let cached = modules - downloaded;
        self.progress.say(format_args!(
            "{} modules: {downloaded} downloaded ({}), {cached} already in the cache, {failed} failed{graph}; {requests} requests in {:.1} s",
            modules + failed,
            HumanBytes(self.bytes),
            self.started.elapsed().as_secs_f64(),
        ));
        self.progress.say(format_args!("cache: {}", self.cache.root().display()));
    }
}

fn print(record: &Record) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    io::stdout().lock().write_all(&line)
}
