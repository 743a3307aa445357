//! What can be said about one line alone.

use gomod_module::{H1, ModuleError, ModuleVersion};

use super::encoding::invisible;
use super::problem::{Problem, ProblemKind};
use crate::go_sum::conflict::Mark;
use crate::go_sum::entry::{Entry, Kind};
use crate::go_sum::fields::fields;
use crate::go_sum::parse::EMPTY_GO_MOD;

/// A line that the go command reads as an entry, and the columns of its three fields.
pub(super) struct Line<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) columns: [usize; 3],
}

pub(super) fn check_lines(text: &[u8]) -> (Vec<Line<'_>>, Vec<Problem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut lines = text.split(|&byte| byte == b'\n').enumerate().peekable();
    while let Some((index, bytes)) = lines.next() {
        let number = index + 1;
        let mut report = |column, kind| problems.push(Problem { line: number, column, kind });
        if lines.peek().is_none() {
            if bytes.is_empty() {
                break;
            }
            report(bytes.len() + 1, ProblemKind::NoNewline);
        }
        if Mark::of(bytes).is_some() {
            report(1, ProblemKind::ConflictMark);
            continue;
        }
        let (content, has_return) = match bytes.strip_suffix(b"\r") {
            Some(content) => (content, true),
            None => (bytes, false),
        };
        if has_return {
            report(bytes.len(), ProblemKind::CarriageReturn);
        }
        let (count, places) = fields(content);
        let columns = places.clone().map(|place| place.start + 1);
        let [path, version, hash] = places.map(|place| &content[place]);
        match count {
            0 => report(1, ProblemKind::BlankLine),
            3 => {
                if content != [path, version, hash].join(&b' ') {
                    report(1, ProblemKind::Blanks);
                }
                let entry = Entry { path, version, hash, line: number };
                check_module(&entry, columns, &mut report);
                check_hash(hash, columns[2], &mut report);
                if hash != EMPTY_GO_MOD {
                    entries.push(Line { entry, columns });
                }
            }
            _ => report(columns[0], ProblemKind::Fields { count }),
        }
    }
    (entries, problems)
}

fn check_module(entry: &Entry<'_>, columns: [usize; 3], report: &mut impl FnMut(usize, ProblemKind)) {
    let [path_column, version_column, _] = columns;
    if entry.line == 1 && entry.path.starts_with("\u{feff}".as_bytes()) {
        return report(path_column, ProblemKind::ByteOrderMark);
    }
    for (field, column) in [(entry.path, path_column), (entry.version, version_column)] {
        if let Some((at, c)) = invisible(field) {
            return report(column + at, ProblemKind::Invisible { character: c });
        }
    }
    let Ok(path) = str::from_utf8(entry.path) else { return report(path_column, ProblemKind::NotUtf8) };
    let Ok(version) = str::from_utf8(entry.version) else {
        return report(version_column, ProblemKind::NotUtf8);
    };
    let version = version.strip_suffix(Kind::GoMod.suffix()).unwrap_or(version);
    if ModuleVersion::parse(path, &format!("v{version}")).is_ok() {
        report(version_column, ProblemKind::NoV);
    } else if let Err(error) = ModuleVersion::parse(path, version) {
        let column = if matches!(error, ModuleError::Path(_)) { path_column } else { version_column };
        report(column, ProblemKind::Module(error));
    }
}

fn check_hash(hash: &[u8], column: usize, report: &mut impl FnMut(usize, ProblemKind)) {
    if hash == EMPTY_GO_MOD {
        report(column, ProblemKind::EmptyGoMod);
    } else if let Some((at, c)) = invisible(hash) {
        report(column + at, ProblemKind::Invisible { character: c });
    } else if !hash.starts_with(b"h1:") {
        report(column, ProblemKind::UnknownAlgorithm);
    } else if str::from_utf8(hash).ok().and_then(|hash| hash.parse::<H1>().ok()).is_none() {
        let digits = hash.iter().skip(3);
        let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        if (SOME..WHOLE).contains(&hash.len()) && digits.clone().all(is_base64) {
            report(column, ProblemKind::Truncated { length: hash.len() });
        } else {
            report(column, ProblemKind::NotAHash);
        }
    }
}

/// The length of a whole `h1:` hash, and of a part that can be told from a word.
const WHOLE: usize = 47;
const SOME: usize = 11;
