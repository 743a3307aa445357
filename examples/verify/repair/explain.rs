//! Why a fresh copy differs from what go.sum records, and which of the two is wrong.

use std::error::Error;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;

use gomod_archive::{Archive, Limits, Threads};
use gomod_cache::CacheFile;
use gomod_module::H1;
use gomod_module::text::Printable;
use gomod_sum::{Evidence, Kind, Mismatch, hash_go_mod, hash_zip};
use gomod_zip::diff;
use serde_json::json;
use support::failure::chain;
use support::interrupt;
use support::program::call;

use super::super::check::SumFile;
use super::super::report::Report;
use super::Repairer;

/// How many files of a difference are named.
const NAMED: usize = 20;
/// How many of them are in a record.
const RECORDED: usize = 1000;

/// A zip in the cache or from a proxy; `None` where it is none.
fn open(path: &Path) -> Option<Archive<File>> {
    Archive::open(File::open(path).ok()?, &Limits::default()).ok()
}

impl Repairer<'_> {
    /// Says what is known about the reason; whether go.sum is what is wrong, because the copy in the cache is the fresh one, or
    /// because the `witness`, the hash in the checksum database, is that of the fresh one.
    pub(super) fn explain(
        &self,
        mismatch: &Mismatch,
        witness: Option<H1>,
        report: &mut Report,
    ) -> Result<bool, Box<dyn Error>> {
        let progress = report.progress.clone();
        // The file that has the line, among those that were read as one.
        let of_file = |sum: &SumFile| {
            let mut mismatch = sum.lines.lookup(&mismatch.module, mismatch.kind, &mismatch.found).err()?;
            mismatch.file.clone_from(&sum.name);
            Some(mismatch)
        };
        let of_file = self.checker.sums.iter().find_map(of_file);
        let mismatch = of_file.as_ref().unwrap_or(mismatch);
        progress.warn(format_args!("  recorded: {}", mismatch.recorded));
        progress.warn(format_args!("     found: {} in the fresh copy", mismatch.found));
        let module = &*mismatch.module;
        let entry = self.installer.cache().entry(module);
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = Threads::new(threads).cancelled_by(interrupt::token());
        let is_zip = mismatch.kind == Kind::Zip;
        let fresh = self.installer.rejected_zip(module).filter(|_| is_zip);
        let fresh = fresh.and_then(|path| open(&path));
        let old = if is_zip { open(&entry.path(CacheFile::Zip)) } else { None };
        let cached: Option<H1> = match mismatch.kind {
            Kind::Zip => old.as_ref().and_then(|old| hash_zip(old, &threads).ok()),
            Kind::GoMod => entry.read_mod().ok().flatten().map(|content| hash_go_mod(&content)),
        };
        let mut evidence = Evidence::new().go_sum(&self.known).threads(&threads);
        if let Some(fresh) = &fresh {
            evidence = evidence.archive(fresh);
        }
        if let Some(witness) = witness {
            evidence = evidence.database(witness);
        }
        let findings = mismatch.explain(&evidence);
        for finding in &findings {
            progress.warn(format_args!("   finding: {finding}; {}", finding.next_step));
        }
        let agree = cached == Some(mismatch.found);
        let line_is_wrong = witness.map_or(agree, |witness| witness == mismatch.found);
        if let Some(cached) = cached.filter(|_| !agree) {
            progress.warn(format_args!("     found: {cached} in the copy in the cache"));
        }
        if agree && witness.is_none() {
            progress.warn(format_args!(
                "   verdict: the cache is right and go.sum is wrong, unless both come from one bad source: the copy in the cache and the \
                 fresh one are the same, and line {} of {} records another",
                mismatch.line, mismatch.file
            ));
            progress.warn(format_args!(
                "      next: `{} lookup {module}` says what the checksum database has; correct line {} of {} by it",
                call("sumdb"), mismatch.line, mismatch.file
            ));
        }
        let mut lines = Vec::new();
        if let (Some(old), Some(fresh), false) = (&old, &fresh, agree) {
            match diff(old, module, fresh, module, &threads) {
                Ok(diff) => {
                    let name = |path: &[u8]| Printable::name(path).to_string();
                    lines.extend(diff.removed.iter().map(|file| format!("- {}", name(&file.path))));
                    lines.extend(diff.added.iter().map(|file| format!("+ {}", name(&file.path))));
                    lines.extend(diff.changed.iter().map(|file| format!("~ {}", name(&file.path))));
                }
                Err(error) => progress.warn(format_args!("      diff: not to be had: {}", chain(&error))),
            }
        }
        for line in lines.iter().take(NAMED) {
            progress.warn(format_args!("      diff: {line}"));
        }
        if lines.len() > NAMED {
            progress.warn(format_args!("      diff: and {} files more", lines.len() - NAMED));
        }
        // A record does not grow with what a source sends.
        let more = lines.len().saturating_sub(RECORDED);
        lines.truncate(RECORDED);
        let findings: Vec<_> = findings.iter().map(|finding| finding.sentence.clone()).collect();
        report.record(json!({
            "mismatch": module.to_string(),
            "recorded": mismatch.recorded,
            "found": mismatch.found.to_string(),
            "cached": cached.map(|hash| hash.to_string()),
            "database": witness.map(|hash| hash.to_string()),
            "wrong": match witness {
                _ if line_is_wrong => "go.sum",
                Some(witness) if witness.to_string() == mismatch.recorded => "source",
                _ => "unknown",
            },
            "findings": findings,
            "diff": lines,
            "diff_more": more,
        }))?;
        Ok(line_is_wrong)
    }
}
