//! What can be said about one line alone.

use gomod_module::{H1, ModuleError, ModuleVersion};

use super::encoding::invisible;
use super::problem::{LintProblem, LintProblemKind};
use crate::go_sum::conflict::Mark;
use crate::go_sum::entry::{GoSumLine, Kind};
use crate::go_sum::fields::fields;
use crate::go_sum::parse::EMPTY_GO_MOD;

/// A line that the go command reads as an entry, and the columns of its three fields.
pub(super) struct Line<'a> {
    pub(super) entry: GoSumLine<'a>,
    pub(super) columns: [usize; 3],
}

pub(super) fn check_lines(text: &[u8]) -> (Vec<Line<'_>>, Vec<LintProblem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut lines = text.split(|&byte| byte == b'\n').enumerate().peekable();
    while let Some((index, bytes)) = lines.next() {
        let number = index + 1;
        let mut report = |column, kind| problems.push(LintProblem { line: number, column, kind });
        if lines.peek().is_none() {
            if bytes.is_empty() {
                break;
            }
            report(bytes.len() + 1, LintProblemKind::NoNewline);
        }
        if Mark::of(bytes).is_some() {
            report(1, LintProblemKind::ConflictMark);
            continue;
        }
        let (content, has_return) = match bytes.strip_suffix(b"\r") {
            Some(content) => (content, true),
            None => (bytes, false),
        };
        if has_return {
            report(bytes.len(), LintProblemKind::CarriageReturn);
        }
        let (count, places) = fields(content);
        let columns = places.clone().map(|place| place.start + 1);
        let [path, version, hash] = places.map(|place| &content[place]);
        match count {
            0 => report(1, LintProblemKind::BlankLine),
            3 => {
                if content != [path, version, hash].join(&b' ') {
                    report(1, LintProblemKind::Blanks);
                }
                let entry = GoSumLine { path, version, hash, line: number };
                check_module(&entry, columns, &mut report);
                check_hash(hash, columns[2], &mut report);
                if hash != EMPTY_GO_MOD {
                    entries.push(Line { entry, columns });
                }
            }
            _ => report(columns[0], LintProblemKind::Fields { count }),
        }
    }
    (entries, problems)
}

fn check_module(entry: &GoSumLine<'_>, columns: [usize; 3], report: &mut impl FnMut(usize, LintProblemKind)) {
    let [path_column, version_column, _] = columns;
    if entry.line == 1 && entry.path.starts_with("\u{feff}".as_bytes()) {
        return report(path_column, LintProblemKind::ByteOrderMark);
    }
    for (field, column) in [(entry.path, path_column), (entry.version, version_column)] {
        if let Some((at, c)) = invisible(field) {
            return report(column + at, LintProblemKind::Invisible { character: c });
        }
    }
    let Ok(path) = str::from_utf8(entry.path) else { return report(path_column, LintProblemKind::NotUtf8) };
    let Ok(version) = str::from_utf8(entry.version) else {
        return report(version_column, LintProblemKind::NotUtf8);
    };
    let version = version.strip_suffix(Kind::GoMod.suffix()).unwrap_or(version);
    if ModuleVersion::parse(path, &format!("v{version}")).is_ok() {
        report(version_column, LintProblemKind::NoV);
    } else if let Err(error) = ModuleVersion::parse(path, version) {
        let column = if matches!(error, ModuleError::Path(_)) { path_column } else { version_column };
        report(column, LintProblemKind::Module(error));
    }
}

fn check_hash(hash: &[u8], column: usize, report: &mut impl FnMut(usize, LintProblemKind)) {
    if hash == EMPTY_GO_MOD {
        report(column, LintProblemKind::EmptyGoMod);
    } else if let Some((at, c)) = invisible(hash) {
        report(column + at, LintProblemKind::Invisible { character: c });
    } else if !hash.starts_with(b"h1:") {
        report(column, LintProblemKind::UnknownAlgorithm);
    } else if str::from_utf8(hash).ok().and_then(|hash| hash.parse::<H1>().ok()).is_none() {
        let digits = hash.iter().skip(3);
        let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        if (SOME..WHOLE).contains(&hash.len()) && digits.clone().all(is_base64) {
            report(column, LintProblemKind::Truncated { length: hash.len() });
        } else {
            report(column, LintProblemKind::NotAHash);
        }
    }
}

/// The length of a whole `h1:` hash, and of a part that can be told from a word.
const WHOLE: usize = 47;
const SOME: usize = 11;
