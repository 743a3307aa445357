//! How two go.sum files differ.

use std::collections::HashSet;

use super::entry::GoSumLine;
use super::parse::GoSum;

/// How two go.sum files differ: [`GoSum::diff`]. Everything is in the order in which the go command writes lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GoSumDiff<'a> {
    /// The lines of the new file about what the old one does not mention.
    pub added: Vec<GoSumLine<'a>>,
    /// The lines of the old file about what the new one does not mention.
    pub removed: Vec<GoSumLine<'a>>,
    /// What has other hashes in the new file. A version of a module never changes: each of these wants an explanation.
    pub changed: Vec<Changed<'a>>,
}

impl GoSumDiff<'_> {
    /// Returns whether there is no difference: the same hashes of the same modules, in whatever order.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// One path and version with other hashes in one file than in the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Changed<'a> {
    /// The lines of the old file, in its order; at least one.
    pub old: Vec<GoSumLine<'a>>,
    /// The lines of the new file, in its order; at least one.
    pub new: Vec<GoSumLine<'a>>,
}

impl GoSum {
    /// Returns how `new` differs from this file, by path, version and hash. The order of lines, blanks and lines that
    /// stand twice make no difference.
    ///
    /// ```
    /// use gomod_sum::GoSum;
    ///
    /// let old = GoSum::parse(b"x.y/m v1.0.0 h1:a\nx.y/m v1.0.0/go.mod h1:b\n")?;
    /// let new = GoSum::parse(b"x.y/m v1.0.0 h1:c\nx.y/n v1.0.0/go.mod h1:b\n")?;
    /// let diff = old.diff(&new);
    /// assert_eq!((diff.added[0].path, diff.removed[0].version), (&b"x.y/n"[..], &b"v1.0.0/go.mod"[..]));
    /// assert_eq!((diff.changed[0].old[0].hash, diff.changed[0].new[0].hash), (&b"h1:a"[..], &b"h1:c"[..]));
    /// # Ok::<(), gomod_sum::MalformedGoSumError>(())
    /// ```
    pub fn diff<'a>(&'a self, new: &'a Self) -> GoSumDiff<'a> {
        let mut diff = GoSumDiff::default();
        for old_lines in self.keys() {
            let Some(first) = old_lines.first() else { continue };
            let new_lines: Vec<_> = new.lines(first.path, first.version).collect();
            if new_lines.is_empty() {
                diff.removed.extend(old_lines);
            } else if hashes(&old_lines) != hashes(&new_lines) {
                diff.changed.push(Changed { old: old_lines, new: new_lines });
            }
        }
        let only_new = |lines: &Vec<GoSumLine<'_>>| {
            lines.first().is_some_and(|first| self.positions(first.path, first.version).is_empty())
        };
        diff.added.extend(new.keys().filter(only_new).flatten());
        diff.added.sort_by(GoSumLine::compare);
        diff.removed.sort_by(GoSumLine::compare);
        diff.changed.sort_by(|a, b| {
            a.old.first().zip(b.old.first()).map_or(std::cmp::Ordering::Equal, |(a, b)| a.compare(b))
        });
        diff
    }

    /// The entries, in groups of one key, in no order that means anything; in a group in the order of the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = Vec<GoSumLine<'_>>> {
        let groups = self.by_key.chunk_by(|a, b| a.0 == b.0 && self.key(a.1) == self.key(b.1));
        groups.map(|group| group.iter().map(|&(_, position)| self.entry(&self.entries[position])).collect())
    }
}

fn hashes<'a>(lines: &[GoSumLine<'a>]) -> HashSet<&'a [u8]> {
    lines.iter().map(|entry| entry.hash).collect()
}
