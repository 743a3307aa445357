//! What is said, as text or as JSON lines, on standard output.

use std::io;
use std::path::Path;

use gomod_module::text::Printable;
use gomod_module::{H1, ModuleVersion};
use gomod_zip::{ChangeCause, CheckedFiles, Created, Diff, FileError, UnportableElement, Unzipped};
use serde::Serialize;
use serde_json::json;
use support::output::Output;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// How many directories are named when all is too large.
const LARGEST: usize = 10;

/// A file, and what is said of it.
#[derive(Serialize)]
struct Record<'a> {
    verdict: &'a str,
    #[serde(flatten)]
    of: &'a FileError,
}

#[derive(Serialize)]
struct NewZip<'a> {
    zip: String,
    module: String,
    h1: String,
    #[serde(flatten)]
    of: &'a Created,
}

#[derive(Serialize)]
struct NewTree<'a> {
    dir: String,
    #[serde(flatten)]
    of: &'a Unzipped,
}

/// A file that only one of two zips has, or that both have.
#[derive(Serialize)]
struct Change<'a, T> {
    change: &'a str,
    #[serde(flatten)]
    of: &'a T,
}

pub(crate) struct Report {
    pub(crate) output: Output,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self { output: Output::new(json, SCHEMA) }
    }

    /// Every file that is left out or breaks a rule.
    pub(crate) fn checked(
        &self,
        checked: &CheckedFiles,
        unportable: &[(&str, UnportableElement)],
    ) -> io::Result<()> {
        let file = |verdict: &str, error: &FileError| {
            self.output.line(
                || format!("{verdict}: {}: {}", shown(&error.path), error.reason),
                Record { verdict, of: error },
            )
        };
        checked.omitted.iter().try_for_each(|error| file("omitted", error))?;
        checked.invalid.iter().try_for_each(|error| file("invalid", error))?;
        for (path, reason) in unportable {
            self.output.line(
                || format!("unportable: {}: {reason}", Printable::name(path)),
                json!({"verdict": "unportable", "path": path, "reason": reason.to_string()}),
            )?;
        }
        if let Some(error) = checked.size_error {
            self.output.line(
                || format!("invalid: {error}"),
                json!({"verdict": "too large", "reason": error.to_string()}),
            )?;
            for (dir, bytes) in checked.largest_directories(LARGEST) {
                self.output.line(
                    || format!("  {bytes:>12} bytes in {}", Printable::name(dir)),
                    json!({"verdict": "large directory", "path": dir, "bytes": bytes}),
                )?;
            }
        }
        Ok(())
    }

    /// The last line of a check.
    pub(crate) fn verdict(
        &self,
        what: &str,
        checked: &CheckedFiles,
        valid: bool,
        hash: Option<H1>,
    ) -> io::Result<()> {
        let bytes: u64 = checked.sizes.iter().fold(0, |sum, size| sum.saturating_add(*size));
        let (files, omitted, invalid) = (checked.valid.len(), checked.omitted.len(), checked.invalid.len());
        let hash = hash.map(|hash| hash.to_string());
        let verdict = if valid { "valid" } else { "invalid" };
        self.output.line(
            || {
                let hash = hash.as_ref().map_or_else(String::new, |hash| format!("\n{hash}"));
                format!("{what}: {verdict}: {files} files of {bytes} bytes, {invalid} invalid, {omitted} left out{hash}")
            },
            json!({
                "verdict": verdict,
                "files": files,
                "bytes": bytes,
                "invalid": invalid,
                "omitted": omitted,
                "h1": hash,
            }),
        )
    }

    pub(crate) fn created(
        &self,
        out: &Path,
        module: &ModuleVersion,
        created: &Created,
        hash: &H1,
    ) -> io::Result<()> {
        let (path, version) = (module.path(), module.version());
        self.output.line(
            || {
                let Created { files, bytes, zip_size, .. } = created;
                let out = out.display();
                format!("{out}: {files} files of {bytes} bytes in {zip_size} bytes\n{path} {version} {hash}")
            },
            NewZip {
                zip: out.display().to_string(),
                module: module.to_string(),
                h1: hash.to_string(),
                of: created,
            },
        )
    }

    pub(crate) fn unzipped(&self, dir: &Path, unzipped: &Unzipped) -> io::Result<()> {
        let Unzipped { files, bytes, .. } = unzipped;
        self.output.line(
            || format!("{}: {files} files of {bytes} bytes", dir.display()),
            NewTree { dir: dir.display().to_string(), of: unzipped },
        )
    }

    pub(crate) fn diff(&self, modules: [&ModuleVersion; 2], diff: &Diff) -> io::Result<()> {
        if modules[0] != modules[1] {
            self.output.text(&format!("{} and {}", modules[0], modules[1]))?;
        }
        let sides = [("-", "removed", &diff.removed), ("+", "added", &diff.added)];
        for (sign, change, files) in sides {
            for file in files {
                let size = file.content.size;
                self.output.line(
                    || format!("{sign} {} ({size} bytes)", shown(&file.path)),
                    Change { change, of: file },
                )?;
            }
        }
        for file in &diff.changed {
            let why = match file.cause {
                _ if file.line_endings_only => ", line endings only".to_owned(),
                Some(ChangeCause::LfsPointer { pointer }) => {
                    format!(": the {pointer} zip has the git-lfs pointer to the other file, by its SHA-256")
                }
                Some(ChangeCause::ExportSubst { placeholders }) => {
                    format!(
                        ": `git archive` has replaced $Format:…$ of the {placeholders} zip, by export-subst"
                    )
                }
                _ => String::new(),
            };
            self.output.line(
                || {
                    let (path, old, new) = (shown(&file.path), file.old.size, file.new.size);
                    format!("~ {path} ({old} bytes, then {new}{why})")
                },
                Change { change: "changed", of: file },
            )?;
        }
        let (added, removed, changed) = (diff.added.len(), diff.removed.len(), diff.changed.len());
        let unchanged = diff.unchanged;
        self.output.line(
            || format!("{removed} removed, {added} added, {changed} changed, {unchanged} the same"),
            json!({"removed": removed, "added": added, "changed": changed, "unchanged": unchanged}),
        )
    }
}

/// A name of a hostile zip: as it is, or in quotes where something in it had to be escaped.
fn shown(name: &[u8]) -> String {
    let shown = Printable::name(name).to_string();
    if shown.as_bytes() == name { shown } else { format!("\"{shown}\"") }
}
