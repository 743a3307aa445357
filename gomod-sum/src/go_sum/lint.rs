//! Everything about a go.sum file that is not as the go command writes it.

pub(super) mod encoding;
mod line;
mod order;
pub(super) mod problem;

use thiserror::Error;

use super::conflict::Mark;
use super::parse::GoSum;
use problem::{LintProblem, LintProblemKind, Severity};

impl GoSum {
    /// Returns all that is wrong or odd in a go.sum file, in the order of lines and columns.
    ///
    /// The go command accepts nearly anything ([`parse`](Self::parse)), because it never looks at lines that it does not
    /// need. This is for people who look at the file: a line of code review, a hook, an editor. What is without any
    /// [`LintProblem`] but [notes](Severity::Note) is, byte for byte, what the go command would write.
    ///
    /// ```
    /// use gomod_sum::GoSum;
    ///
    /// let text = "x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\nx.y/m v1.0 h1:abc\n";
    /// let problems: Vec<_> = GoSum::lint(text.as_bytes()).iter().map(ToString::to_string).collect();
    /// assert_eq!(problems, [
    ///     "line 2, column 1: the go command would write this line before line 1",
    ///     "line 2, column 7: x.y/m@v1.0: invalid version: not in canonical form, which is v1.0.0",
    ///     "line 2, column 12: not a SHA-256 in standard base64 after h1:",
    /// ]);
    /// # Ok::<(), gomod_sum::MalformedGoSumError>(())
    /// ```
    pub fn lint(text: &[u8]) -> Vec<LintProblem> {
        if let Some(problem) = encoding::utf16(text) {
            return vec![problem];
        }
        let (text, zeros) = encoding::without_zeros(text);
        let (lines, mut problems) = line::check_lines(text);
        problems.extend(zeros);
        order::check_order(&lines, &mut problems);
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }

    /// Returns the entries of a go.sum file in which [`lint`](Self::lint) finds nothing but notes.
    ///
    /// # Errors
    /// [`LintError`] with all that it finds.
    pub fn parse_strict(text: &[u8]) -> Result<Self, LintError> {
        let problems = Self::lint(text);
        if problems.iter().any(|problem| problem.severity() > Severity::Note) {
            return Err(LintError { problems });
        }
        Ok(Self::parse_lax(text))
    }
}

/// Why lines of a malformed file have the wrong number of fields, where it is more than the line: the first problem of that kind
/// which [`GoSum::lint`] would find, without the millions of others that a large file may have.
pub(super) fn why_no_lines(text: &[u8]) -> Option<LintProblem> {
    if let Some(problem) = encoding::utf16(text) {
        return Some(problem);
    }
    let (text, zeros) = encoding::without_zeros(text);
    let mark = text.split(|&byte| byte == b'\n').position(|line| Mark::of(line).is_some());
    let mark =
        mark.map(|index| LintProblem { line: index + 1, column: 1, kind: LintProblemKind::ConflictMark });
    // The zeros are behind every line.
    mark.or(zeros)
}

/// A go.sum file is not as the go command writes it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", display(problems))]
#[non_exhaustive]
pub struct LintError {
    /// All that was found, notes included, in the order of lines and columns.
    pub problems: Vec<LintProblem>,
}

fn display(problems: &[LintProblem]) -> String {
    let mut serious = problems.iter().filter(|problem| problem.severity() > Severity::Note);
    let first = serious.next().map(LintProblem::to_string).unwrap_or_default();
    match serious.count() {
        0 => first,
        more => format!("{first}, and {more} more"),
    }
}
