use std::fmt::{self, Write as _};
use std::ops::ControlFlow;

use super::ProblemReason;

/// More problems than this are not collected from one file.
const MAX_PROBLEMS: usize = 1000;

/// A go.mod or go.work file cannot be read: one problem for a syntax error, one for each bad statement otherwise.
///
/// `Display` is the first problem, as `line 5: unknown directive: x`; a tool that knows the file's name wants
/// [`go_text`](Self::go_text).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[doc(alias = "ErrorList")]
pub struct GoModError {
    problems: Vec<Problem>,
}

impl GoModError {
    /// The problems in the order of the file, at least one. Collecting ends at the thousandth.
    pub fn errors(&self) -> &[Problem] {
        &self.problems
    }

    /// What the go command prints for a file of this name: one `FILE:LINE: message` or `FILE:LINE:COLUMN: message`
    /// for each problem, separated by newlines.
    pub fn go_text(&self, file: &str) -> String {
        let mut out = String::new();
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                out.push('\n');
            }
            let Problem { line, column, reason } = problem;
            // Writing to a String cannot fail.
            let _ = match column {
                1 => write!(out, "{file}:{line}: "),
                _ => write!(out, "{file}:{line}:{column}: "),
            };
            let _ = match reason {
                ProblemReason::UnterminatedBlock { line, column } => {
                    write!(out, "syntax error (unterminated block started at {file}:{line}:{column})")
                }
                reason => write!(out, "{reason}"),
            };
        }
        out
    }
}

impl fmt::Display for GoModError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [] => f.write_str("malformed file"),
            [only] => only.fmt(f),
            [first, rest @ ..] => write!(f, "{first} (and {} more)", rest.len()),
        }
    }
}

/// One problem of a go.mod or go.work file.
///
/// ```
/// use gomod_module::GoMod;
/// use gomod_module::modfile::ProblemReason;
///
/// let error = GoMod::parse(b"module m\nrequire (\n\ta.b/c master\n)\n").unwrap_err();
/// let problem = &error.errors()[0];
/// assert_eq!((problem.line, problem.column), (3, 2));
/// assert!(matches!(&problem.reason, ProblemReason::Version { version, .. } if version == "master"));
/// assert_eq!(
///     error.go_text("go.mod"),
///     r#"go.mod:3:2: require a.b/c: version "master" invalid: must be of the form v1.2.3"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "Error")]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in code points, counted from 1. A statement's problems are told at its first word; Go's messages
    /// leave column 1 out.
    pub column: usize,
    /// What is wrong.
    pub reason: ProblemReason,
}

impl Problem {
    pub(super) fn new(line: u32, column: u32, reason: ProblemReason) -> Self {
        Self { line: line as usize, column: column as usize, reason }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            1 => write!(f, "line {}: {}", self.line, self.reason),
            column => write!(f, "line {}, column {column}: {}", self.line, self.reason),
        }
    }
}

/// The problems met so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem, and goes on if there are not too many.
    pub(super) fn note(&mut self, result: Result<(), Problem>) -> ControlFlow<()> {
        self.0.extend(result.err());
        if self.0.len() < MAX_PROBLEMS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// `value`, if there was no problem.
    pub(super) fn or<T>(self, value: T) -> Result<T, GoModError> {
        if self.0.is_empty() { Ok(value) } else { Err(GoModError { problems: self.0 }) }
    }
}

impl From<Problem> for GoModError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}
