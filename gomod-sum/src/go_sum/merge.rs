//! Two go.sum files made one.

use std::collections::HashSet;
use std::fmt;

use gomod_module::text::quote;
use thiserror::Error;

use super::entry::GoSumLine;
use super::parse::GoSum;

impl GoSum {
    /// Adds the lines of `other` that this file does not hold and returns how many there were.
    ///
    /// They go where [`insert`](Self::insert) would put them. Both sides of a merge conflict in git are merged like this,
    /// see [`ConflictedGoSum`](crate::go_sum::ConflictedGoSum).
    ///
    /// ```
    /// use gomod_sum::GoSum;
    ///
    /// let mut ours = GoSum::parse(b"x.y/a v1.0.0 h1:a\nx.y/m v1.0.0 h1:m\n")?;
    /// let theirs = GoSum::parse(b"x.y/a v1.0.0 h1:a\nx.y/b v1.0.0 h1:b\n")?;
    /// assert_eq!(ours.merge(&theirs)?, 1);
    /// assert_eq!(ours.text(), b"x.y/a v1.0.0 h1:a\nx.y/b v1.0.0 h1:b\nx.y/m v1.0.0 h1:m\n");
    ///
    /// let error = ours.merge(&GoSum::parse(b"x.y/a v1.0.0 h1:z\n")?).unwrap_err();
    /// assert_eq!(error.to_string(), r#"two hashes of "x.y/a" "v1.0.0": h1:a (line 1) and h1:z (line 1)"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MergeError`] when the two record different `h1:` hashes of one thing, or `other` does in lines that this file does
    /// not hold; nothing was merged then. In the merged file the first of the lines would decide, in the order of the
    /// hashes, which would be chance.
    pub fn merge(&mut self, other: &Self) -> Result<usize, MergeError> {
        let mut new = Vec::new();
        let mut contradictions = Vec::new();
        for lines in other.keys() {
            let Some(key) = lines.first() else { continue };
            let mut decisive = self.lines(key.path, key.version).find(GoSumLine::is_h1);
            let mut known: HashSet<_> = self.lines(key.path, key.version).map(|entry| entry.hash).collect();
            for theirs in lines.into_iter().filter(|entry| known.insert(entry.hash)) {
                match decisive.filter(|_| theirs.is_h1()) {
                    Some(ours) => contradictions.push(Contradiction::new(&ours, &theirs)),
                    None => new.push(theirs),
                }
                decisive = decisive.or_else(|| Some(theirs).filter(GoSumLine::is_h1));
            }
        }
        if !contradictions.is_empty() {
            contradictions.sort_by_key(|contradiction| contradiction.their_line);
            return Err(MergeError { contradictions });
        }
        let count = new.len();
        if count > 0 {
            self.insert_entries(new);
        }
        Ok(count)
    }
}

/// Two go.sum files contradict each other, so there is no file that says what both say.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", display(contradictions))]
#[non_exhaustive]
pub struct MergeError {
    /// What they contradict each other about, in the order of the second file.
    pub contradictions: Vec<Contradiction>,
}

fn display(contradictions: &[Contradiction]) -> String {
    let first = contradictions.first().map(Contradiction::to_string).unwrap_or_default();
    match contradictions.len() {
        0 | 1 => first,
        more => format!("{first}, and {} more", more - 1),
    }
}

/// Two lines with different `h1:` hashes of one path and version. Where the second file contradicts itself, both are its
/// own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Contradiction {
    /// The path.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub path: Vec<u8>,
    /// The version, with the `/go.mod` of lines for go.mod files.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub version: Vec<u8>,
    /// The hash in the first file.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub our_hash: Vec<u8>,
    /// The number of its line, starting at 1.
    pub our_line: usize,
    /// The hash in the second file.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lossy"))]
    pub their_hash: Vec<u8>,
    /// The number of its line, starting at 1.
    pub their_line: usize,
}

impl Contradiction {
    pub(crate) fn new(ours: &GoSumLine<'_>, theirs: &GoSumLine<'_>) -> Self {
        Self {
            path: ours.path.into(),
            version: ours.version.into(),
            our_hash: ours.hash.into(),
            our_line: ours.line,
            their_hash: theirs.hash.into(),
            their_line: theirs.line,
        }
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "two hashes of {} {}: {} (line {}) and {} (line {})",
            quote(&self.path),
            quote(&self.version),
            self.our_hash.escape_ascii(),
            self.our_line,
            self.their_hash.escape_ascii(),
            self.their_line,
        )
    }
}
