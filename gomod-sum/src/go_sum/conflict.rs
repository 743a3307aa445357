//! A go.sum file with the marks of merge conflicts in it.

use thiserror::Error;

use super::entry::GoSumLine;
use super::merge::{Contradiction, MergeError};
use super::parse::{GoSum, MalformedGoSumError};

/// A go.sum file in which git left the marks of merge conflicts, and both files that it was made of.
///
/// Between `<<<<<<<` and `=======` stand the lines of one side, ours, and from there to `>>>>>>>` those of the other,
/// theirs. What the diff3 style adds after `|||||||`, lines of the common ancestor, belongs to no side. Go reads such a
/// file as malformed; `go mod tidy` skips the marks and reads both sides as one.
///
/// ```
/// use gomod_sum::go_sum::{ConflictedGoSum, ConflictSide};
///
/// let text = b"x.y/a v1.0.0 h1:a\n<<<<<<< HEAD\nx.y/n v1.0.0 h1:n\n=======\nx.y/m v1.0.0 h1:m\n>>>>>>> topic\n";
/// let conflicted = ConflictedGoSum::parse(text)?;
/// let lines: Vec<_> = conflicted.entries().iter().map(|(entry, side)| (entry.line, *side)).collect();
/// assert_eq!(lines, [(1, ConflictSide::Both), (3, ConflictSide::Ours), (5, ConflictSide::Theirs)]);
/// assert_eq!(conflicted.union()?.text(), b"x.y/a v1.0.0 h1:a\nx.y/m v1.0.0 h1:m\nx.y/n v1.0.0 h1:n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictedGoSum {
    ours: File,
    theirs: File,
    conflicts: usize,
}

/// One of the two files.
#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    sum: GoSum,
    /// For every line of it, the number of the line in the conflicted file, and whether it stands in a conflict.
    lines: Vec<(usize, bool)>,
}

/// Which side of a merge a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "a merge has two sides")]
pub enum ConflictSide {
    /// It stands outside of all conflicts.
    Both,
    /// It stands after `<<<<<<<`: in a merge, the branch that was checked out.
    Ours,
    /// It stands after `=======`: in a merge, the branch that was merged into it.
    Theirs,
}

impl ConflictedGoSum {
    /// Returns both sides of a file. Without marks in it, both are the same.
    ///
    /// # Errors
    /// [`ConflictError::Malformed`] for the first line, the common ancestor's apart, that is no mark and has neither
    /// three fields nor none; [`ConflictError::Mark`] and [`ConflictError::Unclosed`] when the marks are not as git writes
    /// them.
    pub fn parse(text: &[u8]) -> Result<Self, ConflictError> {
        let mut state = State::Outside;
        let mut opened = 0;
        let mut conflicts = 0;
        let mut sides = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
        for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let number = index + 1;
            if let Some(mark) = Mark::of(line) {
                // A line of equal signs may stand anywhere else in a file, but never in a go.sum.
                state = state.after(mark).ok_or(ConflictError::Mark { line: number })?;
                if mark == Mark::Start {
                    opened = number;
                    conflicts += 1;
                }
                continue;
            }
            let [ours, theirs] = &mut sides;
            for ((text, lines), takes) in
                [(ours, [State::Outside, State::Ours]), (theirs, [State::Outside, State::Theirs])]
            {
                if takes.contains(&state) {
                    text.extend_from_slice(line);
                    lines.push((number, state != State::Outside));
                }
            }
        }
        if state != State::Outside {
            return Err(ConflictError::Unclosed { line: opened });
        }
        let [ours, theirs] = sides.map(|(text, lines)| File::parse(&text, lines));
        Ok(Self { ours: ours?, theirs: theirs?, conflicts })
    }

    /// Returns the number of conflicts.
    pub fn conflicts(&self) -> usize {
        self.conflicts
    }

    /// Returns our file, without marks: what stands outside of the conflicts and our side of each.
    pub fn ours(&self) -> &GoSum {
        &self.ours.sum
    }

    /// Returns their file, without marks: what stands outside of the conflicts and their side of each.
    pub fn theirs(&self) -> &GoSum {
        &self.theirs.sum
    }

    /// Returns all entries of both sides in the order of the conflicted file, with its line numbers.
    pub fn entries(&self) -> Vec<(GoSumLine<'_>, ConflictSide)> {
        let ours = self.ours.entries(ConflictSide::Ours);
        let theirs =
            self.theirs.entries(ConflictSide::Theirs).filter(|(_, side)| *side == ConflictSide::Theirs);
        let mut entries: Vec<_> = ours.chain(theirs).collect();
        entries.sort_by_key(|(entry, _)| entry.line);
        entries
    }

    /// Returns the file with the lines of both sides, which settles the conflicts: ours, and in its places what only
    /// theirs holds. Lines that the build no longer needs are for `go mod tidy` to find.
    ///
    /// # Errors
    /// [`MergeError`] when the sides record different hashes of one thing, with the line numbers of the conflicted file.
    /// One of the two lines is wrong, and nothing in the file can say which.
    pub fn union(&self) -> Result<GoSum, MergeError> {
        let mut union = self.ours.sum.clone();
        union.merge(&self.theirs.sum).map_err(|mut error| {
            for Contradiction { our_line, their_line, .. } in &mut error.contradictions {
                *our_line = self.ours.line(*our_line).0;
                *their_line = self.theirs.line(*their_line).0;
            }
            error
        })?;
        Ok(union)
    }
}

impl File {
    fn parse(text: &[u8], lines: Vec<(usize, bool)>) -> Result<Self, MalformedGoSumError> {
        match GoSum::parse(text) {
            Ok(sum) => Ok(Self { sum, lines }),
            Err(MalformedGoSumError { line, fields }) => {
                let line = lines.get(line - 1).map_or(line, |&(line, _)| line);
                Err(MalformedGoSumError { line, fields })
            }
        }
    }

    fn line(&self, line: usize) -> (usize, bool) {
        self.lines.get(line - 1).copied().unwrap_or((line, false))
    }

    fn entries(&self, side: ConflictSide) -> impl Iterator<Item = (GoSumLine<'_>, ConflictSide)> {
        self.sum.entries().map(move |entry| {
            let (line, conflicting) = self.line(entry.line);
            (GoSumLine { line, ..entry }, if conflicting { side } else { ConflictSide::Both })
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Ours,
    Ancestor,
    Theirs,
}

impl State {
    fn after(self, mark: Mark) -> Option<Self> {
        match (self, mark) {
            (Self::Outside, Mark::Start) => Some(Self::Ours),
            (Self::Ours, Mark::Ancestor) => Some(Self::Ancestor),
            (Self::Ours | Self::Ancestor, Mark::Middle) => Some(Self::Theirs),
            (Self::Theirs, Mark::End) => Some(Self::Outside),
            _ => None,
        }
    }
}

/// The mark of a merge conflict: seven times one character, and a name behind it or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Start,
    Ancestor,
    Middle,
    End,
}

impl Mark {
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        let (mark, rest) = line.split_first_chunk()?;
        let mark = match mark {
            b"<<<<<<<" => Self::Start,
            b"|||||||" => Self::Ancestor,
            b"=======" => Self::Middle,
            b">>>>>>>" => Self::End,
            _ => return None,
        };
        matches!(rest, [] | [b' ' | b'\r' | b'\n', ..]).then_some(mark)
    }
}

/// A file is no go.sum with conflicts as git marks them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConflictError {
    /// A line of a side is malformed.
    #[error(transparent)]
    Malformed(#[from] MalformedGoSumError),
    /// A mark stands where none of its kind can.
    #[error("line {line}: mark of a merge conflict out of place")]
    #[non_exhaustive]
    Mark {
        /// The number of the line, starting at 1.
        line: usize,
    },
    /// A conflict does not end.
    #[error("line {line}: merge conflict without an end")]
    #[non_exhaustive]
    Unclosed {
        /// The number of the line in which it starts.
        line: usize,
    },
}
