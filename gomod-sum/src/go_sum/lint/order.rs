//! What lines say about each other.

use std::collections::{HashMap, HashSet};

use super::line::Line;
use super::problem::{LintProblem, LintProblemKind};
use crate::go_sum::entry::Kind;

pub(super) fn check_order(lines: &[Line<'_>], problems: &mut Vec<LintProblem>) {
    let mut report = |line: &Line<'_>, field: usize, kind| {
        problems.push(LintProblem { line: line.entry.line, column: line.columns[field], kind });
    };
    let mut first_line = HashMap::new();
    let mut decisive = HashMap::new();
    // Lines before which there is no greater one, so that they ascend.
    let mut rising: Vec<&Line<'_>> = Vec::new();
    let keys: HashSet<_> = lines.iter().map(|line| line.entry.key()).collect();
    for line in lines {
        let entry = &line.entry;
        let first = *first_line.entry(entry.fields()).or_insert(entry.line);
        if first != entry.line {
            report(line, 0, LintProblemKind::Duplicate { first });
            continue;
        }
        if entry.is_h1() {
            let first = *decisive.entry(entry.key()).or_insert(entry.line);
            if first != entry.line {
                report(line, 2, LintProblemKind::Contradiction { first });
            }
        }
        let sorts_before = |other: &&Line<'_>| other.entry.compare(entry).is_le();
        match rising.get(rising.partition_point(sorts_before)) {
            Some(other) => report(line, 0, LintProblemKind::Unsorted { before: other.entry.line }),
            None => rising.push(line),
        }
        if let Some((_, Kind::Zip)) = entry.module() {
            let twin = [entry.version, Kind::GoMod.suffix().as_bytes()].concat();
            if !keys.contains(&(entry.path, &twin[..])) {
                report(line, 1, LintProblemKind::NoGoModLine);
            }
        }
    }
}
