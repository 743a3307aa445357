//! What is wrong in a go.sum file that was read, and what a build will miss in it.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};
use std::path::Path;

use gomod_module::ModuleVersion;
use gomod_sum::go_sum::{LintProblem, LintProblemKind, ReadGoSumError, Severity};
use gomod_sum::{GoSum, GoSumFiles, Kind};

use crate::program::call;
use crate::progress::Progress;

/// How many of one sort are named.
const NAMED: usize = 3;

/// How many modules are named that a build will miss.
const MISSED: usize = 10;

/// Warns of the lines of a go.sum file that prove nothing or say two things, and of carriage returns, each with line and
/// column; returns whether a line proves nothing that should.
pub fn warn(path: &Path, go_sum: &GoSum, progress: &Progress) -> bool {
    let problems = GoSum::lint(go_sum.text());
    let shown = problems.iter().filter(|problem| {
        problem.severity() == Severity::Error
            || matches!(problem.kind, LintProblemKind::CarriageReturn | LintProblemKind::Blanks)
    });
    let mut sorts: Vec<(Discriminant<LintProblemKind>, Vec<&LintProblem>)> = Vec::new();
    for problem in shown {
        let sort = discriminant(&problem.kind);
        match sorts.iter_mut().find(|(other, _)| *other == sort) {
            Some((_, problems)) => problems.push(problem),
            None => sorts.push((sort, vec![problem])),
        }
    }
    for (_, problems) in &sorts {
        for problem in problems.iter().take(NAMED) {
            progress.warn(format_args!("warning: {}", place(path, problem)));
        }
        if let Some(more @ 1..) = problems.len().checked_sub(NAMED) {
            progress.warn(format_args!("warning: {}: and {more} more lines of this sort", path.display()));
        }
    }
    let is_error = |problem: &LintProblem| problem.severity() == Severity::Error;
    if let Some(problem) = problems.iter().find(|problem| is_error(problem)) {
        progress.warn(format_args!("      next: {}", correction(path, problem)));
    }
    problems.iter().any(is_error)
}

/// A problem with its file, as compilers write it.
fn place(path: &Path, problem: &LintProblem) -> String {
    format!("{}:{}:{}: {}", path.display(), problem.line, problem.column, problem.kind)
}

/// What to do about a file that is no text of lines.
pub(crate) fn next_step(error: &ReadGoSumError) -> Option<String> {
    match error {
        ReadGoSumError::NotLines { path, problem, .. } => Some(correction(path, problem)),
        _ => None,
    }
}

/// What to do about the file.
fn correction(path: &Path, problem: &LintProblem) -> String {
    let path = path.display().to_string();
    match problem.kind {
        LintProblemKind::ByteOrderMark | LintProblemKind::Utf16 { .. } => {
            format!("save {path} as UTF-8 without a byte order mark, or bring it back from version control")
        }
        LintProblemKind::ConflictMark => format!("settle the merge conflict in {path}"),
        LintProblemKind::Contradiction { .. } => format!(
            "find out with `{} prove` which of the lines is right, and take the other out of {path}",
            call("sumdb")
        ),
        _ => {
            // `go mod tidy` never writes the go.sum of a workspace.
            let writer = if path.ends_with(".work.sum") { "go mod download" } else { "go mod tidy" };
            format!(
                "bring the lines of {path} back from version control, or take them out and run `{writer}`"
            )
        }
    }
}

/// Warns of the modules for which go.sum, or in a workspace go.work.sum and every member's go.sum, lacks a line: returns how
/// many there are. Without a workspace the go command stops at the first of them that a package comes from
/// (`-mod=readonly`, its default).
pub fn warn_of_missing<'a>(
    sums: &GoSumFiles,
    modules: impl IntoIterator<Item = &'a ModuleVersion>,
    all: bool,
    progress: &Progress,
) -> usize {
    let mut missing = BTreeMap::new();
    for module in modules {
        let has = [Kind::Zip, Kind::GoMod].map(|kind| sums.have_sum(module, kind));
        if has != [true; 2] {
            missing.insert(module, has);
        }
    }
    let named = if all { missing.len() } else { MISSED };
    let is_one = sums.files().count() == 1;
    let (files, end) = match sums.files().next() {
        Some((name, _)) if is_one => (format!("{name} has"), ": a build that needs it stops there"),
        Some((name, _)) => (format!("{name} and the go.sum files of the members have"), ""),
        None => return 0,
    };
    for (module, has) in missing.iter().take(named) {
        let what = match has {
            [false, true] => "only the /go.mod line",
            [true, false] => "only the line without /go.mod",
            _ => "no line",
        };
        progress.warn(format_args!("warning: {module}: {files} {what}{end}"));
    }
    if missing.len() > named {
        progress.warn(format_args!("warning: and {} more modules without a line", missing.len() - named));
    }
    if !missing.is_empty() {
        progress.warn(format_args!(
            "      next: `{}`, or `{} --project DIR --write-sum`, adds what is proven",
            if is_one { "go mod tidy" } else { "go mod download" },
            call("download")
        ));
    }
    missing.len()
}
