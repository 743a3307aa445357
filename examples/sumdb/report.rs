//! What is said, as text or as JSON lines, on standard output.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;

use gomod_module::ModuleVersion;
use gomod_proxy_client::{Error, ErrorKind};
use gomod_sum::sumdb::{SumLines, TreeHead};
use gomod_sum::{GoSum, GoSumLine};
use serde_json::json;
use support::certificates;
use support::database::DatabaseError;
use support::failure::details;
use support::next_step::unproven;
use support::output::{Output, tell};

use super::verdict::Verdict;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

pub(crate) struct Report {
    pub(crate) output: Output,
    pub(crate) verbose: bool,
    /// What was said beside errors.
    told: RefCell<HashSet<Vec<String>>>,
}

/// Whether what was answered, or the HTTP proxy on the way, leads to a step of its own.
fn says_what_to_do(error: &Error) -> bool {
    let is_refusal = matches!(error.status(), Some(401 | 403 | 407));
    let is_later = error.retry_after().is_some_and(|wait| !wait.is_zero());
    error.is_page()
        || is_refusal
        || is_later
        || error.kind() == ErrorKind::DirectUnsupported && error.status().is_some()
}

impl Report {
    pub(crate) fn new(json: bool, verbose: bool) -> Self {
        Self { output: Output::new(json, SCHEMA), verbose, told: RefCell::default() }
    }

    /// What is wrong goes to standard error, and for programs to standard output too.
    pub(crate) fn error(&self, what: &str, text: &str) -> io::Result<()> {
        let shown = if what.is_empty() { text.to_owned() } else { format!("{what}: {text}") };
        tell(&format_args!("error: {shown}"));
        self.output.object(json!({"about": what, "error": text}))
    }

    /// What a server said, what was asked, and what to do: the same for many modules, so once.
    pub(crate) fn details(&self, error: &DatabaseError) {
        let attempts = error.unavailable().map(Error::attempts).unwrap_or_default();
        let of_certificate = error.unavailable().and_then(certificates::next_step);
        let step = error.unavailable().filter(|error| says_what_to_do(error)).and_then(Error::next_step);
        let step = of_certificate.or(step);
        let step = step.unwrap_or_else(|| unproven(error));
        let mut lines = details(error.unavailable(), attempts);
        lines.push(format!("      next: {step}"));
        if self.told.borrow_mut().insert(lines.clone()) {
            for line in lines {
                tell(&line);
            }
        }
    }

    /// What ends a run: people find it on standard error, and programs here too.
    pub(crate) fn alarm(&self, error: &str, evidence: &str) -> io::Result<()> {
        tell(&evidence);
        self.output.object(json!({"error": error, "evidence": evidence}))
    }

    /// The lines of one module.
    pub(crate) fn lines(&self, module: &ModuleVersion, lines: &SumLines, head: &TreeHead) -> io::Result<()> {
        let record = lines.proof().record();
        self.output.line(
            || {
                let text = record.text.trim_end();
                if !self.verbose {
                    return text.to_owned();
                }
                format!(
                    "{text}\n  proven: record {} in a log of {}, root {}",
                    record.id, head.size, head.hash
                )
            },
            json!({
                "path": module.path().as_str(),
                "version": module.version().as_str(),
                "lines": record.text.lines().collect::<Vec<_>>(),
                "record": record.id,
                "tree_size": head.size,
                "root": head.hash.to_string(),
            }),
        )
    }

    /// The verdicts on the lines of a go.sum file, and how many there are of each; returns whether all is well.
    pub(crate) fn verdicts(
        &self,
        (file, go_sum): (&str, &GoSum),
        of: impl Fn(&GoSumLine<'_>) -> Verdict,
    ) -> io::Result<bool> {
        let names = ["proven", "private", "unknown", "wrong", "unavailable"];
        let mut counts = [0_usize; 5];
        for entry in go_sum.entries() {
            let verdict = of(&entry);
            for (name, count) in names.iter().zip(&mut counts) {
                *count += usize::from(verdict.name() == *name);
            }
            self.verdict(file, &entry, &verdict)?;
        }
        let lines = go_sum.entries().len();
        let [proven, private, unknown, wrong, unavailable] = counts;
        self.output.line(
            || {
                let unasked =
                    if unavailable > 0 { format!(", {unavailable} not asked for") } else { String::new() };
                format!(
                    "{lines} lines of {file}: {proven} proven, {private} private, {unknown} unknown, {wrong} wrong{unasked}"
                )
            },
            json!({
                "file": file,
                "lines": lines,
                "proven": proven,
                "private": private,
                "unknown": unknown,
                "wrong": wrong,
                "unavailable": unavailable,
            }),
        )?;
        Ok(unknown + wrong + unavailable == 0)
    }

    fn verdict(&self, file: &str, entry: &GoSumLine<'_>, verdict: &Verdict) -> io::Result<()> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (path, version, hash) = (text(entry.path), text(entry.version), text(entry.hash));
        let mut object = json!({
            "file": file, "line": entry.line, "path": path, "version": version, "hash": hash, "verdict": verdict.name(),
        });
        let mut more = String::new();
        match verdict {
            Verdict::Proven(record) => {
                object["record"] = (*record).into();
                more = format!(" (record {record})");
            }
            Verdict::Wrong { record, recorded } => {
                object["record"] = (*record).into();
                object["recorded"] = json!(recorded);
                more = format!("\n    go.sum: {hash}\n  database: {} (record {record})", recorded.join(", "));
            }
            Verdict::Unknown(reason) | Verdict::Unavailable(reason) => {
                object["reason"] = json!(reason);
                more = format!(": {reason}");
            }
            Verdict::Private => {}
        }
        let is_well = matches!(verdict, Verdict::Proven(_) | Verdict::Private);
        if is_well && !self.verbose && !self.output.is_json() {
            return Ok(());
        }
        let name = verdict.name();
        self.output.line(|| format!("{name}: {file}:{}: {path} {version}{more}", entry.line), object)
    }
}
