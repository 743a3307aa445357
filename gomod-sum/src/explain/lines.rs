//! The lines of the go.sum file.

use gomod_module::ModuleVersion;

use super::kind::{FindingKind, Which};
use super::known::which;
use crate::go_sum::conflict::{ConflictSide, Mark};
use crate::go_sum::entry::{GoSumLine, Kind};
use crate::go_sum::parse::GoSum;
use crate::go_sum::verify::Mismatch;

pub(super) fn look(mismatch: &Mismatch, sum: &GoSum, kinds: &mut Vec<FindingKind>) {
    kinds.extend(conflict(mismatch, sum));
    for entry in sum.entries() {
        let Some(which) = str::from_utf8(entry.hash).ok().and_then(|hash| which(mismatch, hash)) else {
            continue;
        };
        // One line of a sort is enough: a file may hold any number of them.
        if let Some(kind) = relation(mismatch, &entry, which)
            && !kinds.iter().any(|other| is_same_sort(other, &kind))
        {
            kinds.push(kind);
        }
    }
}

/// What it means that the line holds one of the two hashes.
fn relation(mismatch: &Mismatch, entry: &GoSumLine<'_>, which: Which) -> Option<FindingKind> {
    let Mismatch { module, kind, .. } = mismatch;
    let line = entry.line;
    let path = String::from_utf8_lossy(entry.path).into_owned();
    let (version, entry_kind) = split(entry);
    let same_version = is(module, entry, &version);
    match (path == module.path().as_str(), same_version, entry_kind == *kind) {
        (true, true, true) => {
            (which == Which::Found && line > mismatch.line).then_some(FindingKind::LaterLine { line })
        }
        (true, true, false) => Some(FindingKind::OtherKind { which, line: Some(line) }),
        // That a version has the go.mod file of another is nothing to wonder about where go.sum says so itself.
        (_, _, true) if *kind == Kind::GoMod && which == Which::Recorded => None,
        (true, false, _) => Some(FindingKind::OtherVersion { which, version, line }),
        (false, ..) => Some(FindingKind::OtherModule { which, path, version, line }),
    }
}

fn split(entry: &GoSumLine<'_>) -> (String, Kind) {
    let version = String::from_utf8_lossy(entry.version).into_owned();
    match version.strip_suffix(Kind::GoMod.suffix()) {
        Some(version) => (version.into(), Kind::GoMod),
        None => (version, Kind::Zip),
    }
}

fn is(module: &ModuleVersion, entry: &GoSumLine<'_>, version: &str) -> bool {
    entry.path == module.path().as_str().as_bytes() && version == module.version().as_str()
}

fn is_same_sort(a: &FindingKind, b: &FindingKind) -> bool {
    use FindingKind::{LaterLine, OtherKind, OtherModule, OtherVersion};
    match (a, b) {
        (LaterLine { .. }, LaterLine { .. }) => true,
        (OtherKind { which: a, .. }, OtherKind { which: b, .. })
        | (OtherVersion { which: a, .. }, OtherVersion { which: b, .. })
        | (OtherModule { which: a, .. }, OtherModule { which: b, .. }) => a == b,
        _ => false,
    }
}

/// The conflict in which the line of the mismatch stands, if it is this file's.
fn conflict(mismatch: &Mismatch, sum: &GoSum) -> Option<FindingKind> {
    let is_the_line = |entry: &GoSumLine<'_>| {
        entry.line == mismatch.line && String::from_utf8_lossy(entry.hash) == mismatch.recorded
    };
    sum.hashes(&mismatch.module, mismatch.kind).find(is_the_line)?;
    let before = sum.text().split(|&byte| byte == b'\n').take(mismatch.line - 1).zip(1..);
    let (mark, start) = before.fold((Mark::End, 0), |(state, start), (line, number)| match Mark::of(line) {
        None => (state, start),
        Some(Mark::Start) => (Mark::Start, number),
        Some(mark) => (mark, start),
    });
    let side = match mark {
        Mark::End => return None,
        Mark::Start => Some(ConflictSide::Ours),
        Mark::Ancestor => None,
        Mark::Middle => Some(ConflictSide::Theirs),
    };
    Some(FindingKind::Conflict { side, start })
}
