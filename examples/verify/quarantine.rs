//! What earlier repairs took out: listed, put back, removed.

use std::error::Error;
use std::time::SystemTime;

use gomod_cache::{ModCache, Parts, Pruned, Quarantine, Restored};
use gomod_module::Timestamp;
use indicatif::HumanBytes;
use serde_json::{Value, json};

use super::args::{Args, QuarantineAction};
use super::report::Report;

/// Whether all went well.
pub(crate) fn run(
    action: &QuarantineAction,
    args: &Args,
    cache: &ModCache,
    report: &mut Report,
) -> Result<bool, Box<dyn Error>> {
    report.progress.say(report.cache.line());
    let all = match cache.quarantines() {
        Ok(all) => all,
        Err(error) => {
            report.told.cache("the quarantines", "", &error);
            return Ok(false);
        }
    };
    match action {
        QuarantineAction::List => list(&all, report),
        QuarantineAction::Restore(number) => {
            let known = all.iter().find(|quarantine| quarantine.number == *number);
            let known = known.ok_or_else(|| {
                format!("there is no quarantine {number}: --quarantine list names those that there are")
            })?;
            restore(known, args, cache, report)
        }
        QuarantineAction::Prune(numbers) => prune(all, numbers, args, cache, report),
    }
}

fn list(all: &[Quarantine], report: &Report) -> Result<bool, Box<dyn Error>> {
    let mut bytes = 0_u64;
    for one in all {
        bytes = bytes.saturating_add(one.bytes);
        report.progress.say(line(one));
        for why in one.why.lines() {
            report.progress.say(format_args!("     why: {}", why.escape_debug()));
        }
        report.record(record(one, None))?;
    }
    report.progress.say(format_args!("{} quarantines, {}", all.len(), HumanBytes(bytes)));
    report.record(json!({"quarantines": all.len(), "bytes": bytes}))?;
    Ok(true)
}

fn restore(
    one: &Quarantine,
    args: &Args,
    cache: &ModCache,
    report: &mut Report,
) -> Result<bool, Box<dyn Error>> {
    let number = one.number;
    let (outcome, well) = match cache.restore(one, args.yes) {
        Err(error) => {
            report.told.cache(&format!("quarantine {number} is not restored"), "", &error);
            report.progress.warn("      kept: the quarantine and what is in its place are as they were");
            ("failed", false)
        }
        Ok(Restored::Restored(aside)) => {
            report.progress.say(format_args!("restored: {}", line(one)));
            if let Some(aside) = aside {
                let root = aside.cache.root().display();
                report.progress.say(format_args!("    kept: what was in its place is in {root}"));
            }
            report.progress.say("    next: nothing was checked: verify it");
            ("restored", true)
        }
        Ok(Restored::Occupied(path)) => {
            report.progress.warn(format_args!(
                "error: quarantine {number} is not restored: {} is there",
                path.display()
            ));
            report.progress.warn("      next: --yes moves that to a quarantine of its own first");
            ("occupied", false)
        }
        Ok(_) => {
            report.progress.warn(format_args!(
                "error: quarantine {number} is not restored: another process works on its module"
            ));
            report.progress.warn("      next: try again when that has ended");
            ("busy", false)
        }
    };
    report.record(record(one, Some(outcome)))?;
    Ok(well)
}

fn prune(
    all: Vec<Quarantine>,
    numbers: &[u64],
    args: &Args,
    cache: &ModCache,
    report: &mut Report,
) -> Result<bool, Box<dyn Error>> {
    let now = SystemTime::now();
    let limit = args.older_than.map(|age| now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH));
    let (mut well, mut count, mut bytes) = (true, 0, 0_u64);
    for number in numbers {
        if !all.iter().any(|one| one.number == *number) {
            return Err(format!("there is no quarantine {number}: nothing was removed").into());
        }
    }
    for one in all.into_iter().filter(|one| numbers.is_empty() || numbers.contains(&one.number)) {
        let outcome = if limit.is_some_and(|limit| one.since.is_none_or(|since| since >= limit)) {
            "younger, and left"
        } else if numbers.is_empty() && !one.replaced && !cache.pending_replacements(&one.path).is_empty() {
            "the only copy, and left: name its number to remove it"
        } else if !args.yes {
            count += 1;
            bytes = bytes.saturating_add(one.bytes);
            "would remove"
        } else {
            match cache.remove_quarantine(&one) {
                Ok(Pruned::Removed) => {
                    count += 1;
                    bytes = bytes.saturating_add(one.bytes);
                    "removed"
                }
                Ok(_) => "in use, and left",
                Err(error) => {
                    well = false;
                    let what = format!("quarantine {} is not removed", one.number);
                    report.told.cache(&what, &one.number.to_string(), &error);
                    "failed"
                }
            }
        };
        report.progress.say(format_args!("{outcome}: {}", line(&one)));
        report.record(record(&one, Some(outcome)))?;
    }
    report.told.rest();
    let verb = if args.yes { "removed" } else { "could go; nothing was removed: --yes does it" };
    report.progress.say(format_args!("{count} quarantines ({}) {verb}", HumanBytes(bytes)));
    report.record(json!({"quarantines": count, "bytes": bytes, "removed": args.yes}))?;
    Ok(well)
}

fn line(one: &Quarantine) -> String {
    let modules: Vec<_> = one
        .modules
        .iter()
        .map(|(module, parts)| format!("{module} ({})", names(*parts).join(", ")))
        .collect();
    let modules = if modules.is_empty() { "no module".to_owned() } else { modules.join(", ") };
    let state = if one.replaced { "replaced" } else { "moved aside" };
    format!("{}: {modules}, {}, {state} on {}", one.number, HumanBytes(one.bytes), since(one))
}

fn since(one: &Quarantine) -> String {
    let time = one.since.and_then(Timestamp::from_system_time);
    time.map_or_else(|| "an unknown day".to_owned(), |time| time.to_string().chars().take(10).collect())
}

fn record(one: &Quarantine, outcome: Option<&str>) -> Value {
    let modules: Vec<_> = one
        .modules
        .iter()
        .map(|(module, parts)| json!({"module": module.to_string(), "parts": names(*parts)}))
        .collect();
    json!({
        "quarantine": one.path.display().to_string(),
        "number": one.number,
        "modules": modules,
        "since": since(one),
        "why": one.why,
        "replaced": one.replaced,
        "bytes": one.bytes,
        "outcome": outcome,
    })
}

fn names(parts: Parts) -> Vec<&'static str> {
    let all = [(parts.zip, "zip"), (parts.tree, "tree"), (parts.go_mod, "mod"), (parts.info, "info")];
    all.into_iter().filter_map(|(there, name)| there.then_some(name)).collect()
}
