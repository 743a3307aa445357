//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Parser};
use gomod_module::ModuleVersion;
use support::flags::jobs;
use support::network::Network;

const EXAMPLES: &str = "\
Examples:
  $ verify                                         the whole module cache, no project needed
  $ verify --sum ~/a/go.sum --sum ~/b/go.sum       the same, held against go.sum files
  $ verify --project .                             what `go mod download` takes, held against go.sum
  $ verify --project . --sumdb                     and against the checksum database
  $ verify --project . --repair                    and what is broken fetched anew
  $ verify --repair --from /mnt/colleague/go/pkg/mod golang.org/x/text@v0.14.0
  $ verify --prune --older-than 90 --keep ~/a --keep ~/b/go.sum        what could go; --yes removes it
  $ verify --quarantine list                       what repairs took out; restore 3 puts back, prune --yes removes
  $ verify --sample                                two broken modules, found and repaired

Nothing is removed or overwritten by a repair, and nothing is moved before its replacement is there and proven: then what is broken goes to
GOMODCACHE/cache/quarantine/NUMBER, which is laid out as a module cache. A build that reads a module at the moment it is moved may fail once.

--json prints objects, each with `schema`:
  module, verdict (ok, broken, skipped), why, problems (kind, cause, next), notes, missing, zip and go_mod (what was found:
      their hashes), proved (by go.sum), sumdb (null, or verdict: confirmed, contradicted, skipped; record, why, cause)
  foreign, leftover, stale_list or quarantine: a path, and why;  unreadable: a path, and cause
  gone: a module, since, quarantine: taken out by an earlier repair, and not there
  repaired: a module, how, quarantine (where the old one is);  not_repaired: a module, cause, and next
  mismatch: a module, recorded, found, findings, database (the hash that the checksum database has, where it was asked), wrong (go.sum, source,
      unknown), diff (lines: - old copy, + fresh copy, ~ both), diff_more (so many lines more)
  error, evidence: the checksum database is not to be trusted, and what proves it
  cache, cache_chosen_by, cache_exists: the module cache that was looked at, in the same object as the counts:
  checked, broken, repaired, skipped, skipped_why, go_mods, proved, bytes, foreign, leftovers, stale_lists, quarantines,
      gone, sumdb (confirmed, contradicted, unconfirmed, skipped_why): the counts, last
  with --quarantine: quarantine, number, modules (module, parts), since, why, replaced, bytes, outcome; then quarantines, bytes, removed
  with --prune: prune (a module), outcome, bytes, days; then versions, bytes, kept, kept_bytes, removed

Exit status: 0 all that was checked is right, 1 something is broken, or nothing was checked, 2 wrong usage,
130 interrupted, 143 ended by SIGTERM.";

/// Looks into the module cache for what is broken, and repairs only that.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(name = "verify", version, after_help = EXAMPLES)]
#[command(group = ArgGroup::new("rules").multiple(true))]
pub(crate) struct Args {
    /// Modules to verify; without any, the project's or the whole cache.
    #[arg(value_name = "PATH@VERSION", value_parser = module)]
    pub(crate) modules: Vec<ModuleVersion>,

    /// The project: the modules of its go.mod that `go mod download` takes, held against its go.sum; in a workspace those of
    /// go.work, held against go.work.sum and every member's go.sum.
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,

    /// A go.sum file to hold the modules against, besides the project's.
    #[arg(long, value_name = "FILE")]
    pub(crate) sum: Vec<PathBuf>,

    /// Hold the modules against the checksum database as well, which is asked as `go` would ask it: as GOSUMDB, GONOSUMDB, GOPRIVATE
    /// and GOPROXY say. A module that it should confirm and does not, for whatever reason, makes the exit status 1.
    #[arg(long)]
    pub(crate) sumdb: bool,

    /// Move what is broken to a quarantine in the cache, fetch it anew, verify and install it. What is missing of the
    /// modules that are named, or of the project, is fetched, too.
    #[arg(long)]
    pub(crate) repair: bool,

    /// Fetch from a module cache, a directory laid out as a proxy, or a proxy, and not through GOPROXY.
    #[arg(long, value_name = "DIR|URL", requires = "repair")]
    pub(crate) from: Option<String>,

    /// Say which versions the rules below would remove from the cache. Each rule narrows the others.
    #[arg(long, conflicts_with_all = ["modules", "project", "repair", "sum", "sumdb"], requires = "rules", group = "removal")]
    pub(crate) prune: bool,

    /// What earlier repairs took out: `list` it, `restore NUMBER` (with --yes even where something else is in its place, which then goes to a
    /// quarantine of its own), or `prune [NUMBER…]`: say what could go (with --older-than), and --yes removes it.
    #[arg(
        long,
        value_name = "ACTION",
        num_args = 1..,
        group = "removal",
        conflicts_with_all = ["modules", "project", "repair", "sum", "sumdb", "prune"]
    )]
    pub(crate) quarantine: Vec<String>,

    /// Only versions that were downloaded, or quarantines that were made, more than so many days ago.
    #[arg(long, value_name = "DAYS", requires = "removal", group = "rules", value_parser = days)]
    pub(crate) older_than: Option<Duration>,

    /// No version that this go.sum file, or that of this project, names.
    #[arg(long, value_name = "FILE|DIR", requires = "prune", group = "rules")]
    pub(crate) keep: Vec<PathBuf>,

    /// The oldest first, and no more than it takes to bring the cache down to this size: 20GB, 500MB.
    #[arg(long, value_name = "SIZE", requires = "prune", group = "rules", value_parser = size)]
    pub(crate) max_size: Option<u64>,

    /// Remove them, or displace what is in the way.
    #[arg(long, requires = "removal")]
    pub(crate) yes: bool,

    /// The embedded sample: a small cache in which two modules get broken.
    #[arg(long, conflicts_with_all = ["modules", "project", "sum", "sumdb", "repair", "from", "prune"])]
    pub(crate) sample: bool,

    /// Modules at a time, and requests at a time while repairing.
    #[arg(long, value_name = "N", default_value = "8", value_parser = jobs)]
    pub(crate) jobs: NonZeroUsize,

    #[command(flatten)]
    pub(crate) network: Network,

    /// One JSON object a line on standard output for each module, and one for the counts.
    #[arg(long)]
    pub(crate) json: bool,

    /// Name what is right as well, and what is odd but legal.
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Say nothing but what goes wrong.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What is to be done with quarantines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QuarantineAction {
    List,
    Restore(u64),
    Prune(Vec<u64>),
}

impl Args {
    /// What `--quarantine` says.
    pub(crate) fn quarantine_action(&self) -> Result<Option<QuarantineAction>, String> {
        let number =
            |text: &String| text.parse().map_err(|_| format!("--quarantine: {text:?} is not a number"));
        let words: Vec<_> = self.quarantine.iter().map(String::as_str).collect();
        Ok(Some(match &words[..] {
            [] => return Ok(None),
            ["list"] => QuarantineAction::List,
            ["restore", _] => QuarantineAction::Restore(number(&self.quarantine[1])?),
            ["prune", ..] => {
                QuarantineAction::Prune(self.quarantine.iter().skip(1).map(number).collect::<Result<_, _>>()?)
            }
            _ => return Err("--quarantine takes list, restore NUMBER or prune [NUMBER…]".to_owned()),
        }))
    }
}

fn module(text: &str) -> Result<ModuleVersion, String> {
    text.parse().map_err(|error: gomod_module::ModuleError| support::failure::chain(&error))
}

fn days(text: &str) -> Result<Duration, String> {
    let days = text.trim_end_matches('d').parse::<u32>().map_err(|_| "not a number of days".to_owned())?;
    Ok(Duration::from_secs(u64::from(days) * 86400))
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &*text[digits.len()..].to_ascii_uppercase() {
        "" | "B" => Some(1),
        "K" | "KB" => Some(1000),
        "M" | "MB" => Some(1_000_000),
        "G" | "GB" => Some(1_000_000_000),
        "T" | "TB" => Some(1_000_000_000_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok();
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .ok_or_else(|| "not a size such as 20GB".to_owned())
}
