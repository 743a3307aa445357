//! Old versions: what could go, and away with it.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::time::SystemTime;

use gomod_cache::{ModCache, PruneRules, Pruned};
use gomod_module::ModuleVersion;
use indicatif::HumanBytes;
use serde_json::json;
use support::go_sum_lint;
use support::progress::Progress;

use super::args::Args;
use super::check::SumFile;
use super::report::Report;

/// Whether all went well.
pub(crate) fn run(args: &Args, cache: &ModCache, report: &mut Report) -> Result<bool, Box<dyn Error>> {
    let now = SystemTime::now();
    let mut rules = PruneRules::new();
    if let Some(age) = args.older_than {
        rules = rules.downloaded_before(now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH));
    }
    if !args.keep.is_empty() {
        let mut keep = BTreeSet::new();
        for path in &args.keep {
            read(path, &mut keep, &report.progress)?;
        }
        rules = rules.keep(keep);
    }
    if let Some(bytes) = args.max_size {
        rules = rules.max_bytes(bytes);
    }
    let progress = report.progress.clone();
    progress.say(report.cache.line());
    let plan = cache.plan_prune(&rules);
    let mut well = plan.unreadable.is_empty();
    for error in &plan.unreadable {
        report.told.cache("the cache", &error.path().display().to_string(), error);
    }
    let (mut count, mut bytes) = (0, 0);
    for candidate in &plan.remove {
        let outcome = if args.yes { cache.prune(candidate) } else { Ok(Pruned::Removed) };
        let word = match outcome {
            Ok(Pruned::Removed) => {
                count += 1;
                bytes += candidate.usage.bytes;
                if args.yes { "removed" } else { "would remove" }
            }
            Ok(Pruned::Busy) => "in use, and left",
            Ok(_) => "downloaded again meanwhile, and left",
            Err(error) => {
                well = false;
                let module = candidate.module.to_string();
                report.told.cache(&format!("{module} is not removed"), &module, &error);
                "failed"
            }
        };
        let days = now.duration_since(candidate.usage.downloaded).unwrap_or_default().as_secs() / 86400;
        let size = candidate.usage.bytes;
        progress.say(format_args!("{word}: {}  {}, {days} days old", candidate.module, HumanBytes(size)));
        let module = candidate.module.to_string();
        report.record(json!({"prune": module, "outcome": word, "bytes": size, "days": days}))?;
    }
    report.told.rest();
    let kept = plan.kept + plan.remove.len() - count;
    let kept_bytes = plan.kept_bytes.saturating_add(plan.bytes).saturating_sub(bytes);
    let verb = if args.yes { "removed" } else { "could go" };
    progress.say(format_args!(
        "{count} versions ({}) {verb}, {kept} ({}) stay{}",
        HumanBytes(bytes),
        HumanBytes(kept_bytes),
        if args.yes { "" } else { "; nothing was removed: --yes does it" },
    ));
    report.record(json!({
        "versions": count, "bytes": bytes, "kept": kept, "kept_bytes": kept_bytes, "removed": args.yes,
    }))?;
    Ok(well)
}

/// The modules that a go.sum file names, or that beside a project's go.mod.
fn read(path: &Path, keep: &mut BTreeSet<ModuleVersion>, progress: &Progress) -> Result<(), Box<dyn Error>> {
    let file = if path.is_dir() { path.join("go.sum") } else { path.to_owned() };
    // A file that is not there would let everything go.
    let sum = SumFile::read(&file)?.lines;
    go_sum_lint::warn(&file, &sum, progress);
    for line in sum.entries() {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (path, version) = (text(line.path), text(line.version));
        let version = version.strip_suffix("/go.mod").unwrap_or(&version);
        // What names no module names nothing in the cache.
        keep.extend(ModuleVersion::parse(&path, version).ok());
    }
    Ok(())
}
