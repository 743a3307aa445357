//! The go.sum file: reading, finding and writing its lines.

use std::ops::Range;

use gomod_module::compare_modules;
use thiserror::Error;

use crate::Entry;
use crate::fields::each_field;

/// The go.mod hash of a zip without content. An old go command wrote it by mistake, so all newer ones drop its lines.
const EMPTY_GO_MOD: &[u8] = b"h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

/// A go.sum file (or go.work.sum), as the go command reads it.
///
/// A line is `{path} {version}[/go.mod] {hash}`, split at Unicode white space; blank lines mean nothing and there are
/// no comments. No field is checked: entries that name no module and unknown hash algorithms are kept. Lines with the
/// hash of an empty go.mod file are dropped, whatever they are about. See <https://go.dev/ref/mod#go-sum-files> and
/// `readGoSum` of cmd/go.
///
/// Finding a line takes a binary search; nothing is read again.
///
/// ```
/// use gomod_sum::{GoSum, Kind, Verdict, hash_go_mod};
///
/// let sum = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
/// let module = "x.y/m@v1.0.0".parse()?;
/// let found = hash_go_mod(b"module x.y/m\n");
/// assert_eq!(sum.verify(&module, Kind::GoMod, &found)?, Verdict::Match);
/// assert!(sum.verify(&module, Kind::GoMod, &hash_go_mod(b"module x.y/n\n")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct GoSum {
    text: Box<[u8]>,
    /// In the order of the file.
    entries: Vec<Place>,
    /// Positions in `entries`, by path, version and position.
    by_key: Vec<usize>,
}

/// Where the fields of an entry lie in the text.
#[derive(Debug, Clone)]
struct Place {
    path: Range<usize>,
    version: Range<usize>,
    hash: Range<usize>,
    line: usize,
}

impl GoSum {
    /// Returns the entries of a go.sum file. A missing file is the same as an empty one.
    ///
    /// # Errors
    /// [`MalformedGoSum`] for the first line that has neither three fields nor none.
    #[doc(alias = "readGoSum")]
    pub fn parse(text: &[u8]) -> Result<Self, MalformedGoSum> {
        Self::read(text, Err)
    }

    /// Returns the entries of a go.sum file, leaving out malformed lines, such as the marks of a merge conflict. This is
    /// how `go mod tidy` reads, and no other command.
    pub fn parse_lax(text: &[u8]) -> Self {
        Self::read(text, |_| Ok(())).unwrap_or_default()
    }

    fn read(
        text: &[u8],
        malformed: impl Fn(MalformedGoSum) -> Result<(), MalformedGoSum>,
    ) -> Result<Self, MalformedGoSum> {
        let mut entries = Vec::new();
        let mut start = 0;
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let mut fields = [const { 0..0 }; 3];
            let mut count = 0;
            each_field(line, |field| {
                if let Some(place) = fields.get_mut(count) {
                    *place = start + field.start..start + field.end;
                }
                count += 1;
            });
            let [path, version, hash] = fields;
            match count {
                0 => {}
                3 if text[hash.clone()] == *EMPTY_GO_MOD => {}
                3 => entries.push(Place { path, version, hash, line: index + 1 }),
                _ => malformed(MalformedGoSum { line: index + 1, fields: count })?,
            }
            start += line.len() + 1;
        }
        let mut by_key: Vec<_> = (0..entries.len()).collect();
        let mut sum = Self { text: text.into(), entries, by_key: Vec::new() };
        // Stable, so that the lines of one key stay in the order of the file, which decides.
        by_key.sort_by(|&a, &b| sum.key(a).cmp(&sum.key(b)));
        sum.by_key = by_key;
        Ok(sum)
    }

    /// Returns all entries in the order of the file.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.entries.iter().map(|place| self.entry(place))
    }

    /// Returns the entries of one key in the order of the file. `version` holds the `/go.mod` of lines for go.mod files.
    ///
    /// Any bytes can be asked for; what the file does not hold has no entries.
    pub fn lines<'a>(&'a self, path: &[u8], version: &[u8]) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let cmp = |&position: &usize| self.key(position).cmp(&(path, version));
        let first = self.by_key.partition_point(|position| cmp(position).is_lt());
        let last = self.by_key.partition_point(|position| cmp(position).is_le());
        self.by_key[first..last].iter().map(|&position| self.entry(&self.entries[position]))
    }

    /// Returns the file as the go command writes it: one line for each key and hash, sorted, single spaces.
    ///
    /// Lines are sorted by [`compare_modules`], then by hash. Where the go command leaves the order open, between versions
    /// of equal precedence, the bytes decide.
    #[doc(alias = "tidyGoSum")]
    pub fn to_go_text(&self) -> Vec<u8> {
        let mut entries: Vec<_> = self.entries().collect();
        entries.sort_by(|a, b| {
            compare_modules((a.path, a.version), (b.path, b.version)).then_with(|| a.hash.cmp(b.hash))
        });
        entries.dedup_by(|a, b| (a.path, a.version, a.hash) == (b.path, b.version, b.hash));
        let mut text = Vec::with_capacity(self.text.len());
        for entry in entries {
            text.extend_from_slice(&[entry.path, entry.version, entry.hash].join(&b' '));
            text.push(b'\n');
        }
        text
    }

    fn key(&self, position: usize) -> (&[u8], &[u8]) {
        let place = &self.entries[position];
        (&self.text[place.path.clone()], &self.text[place.version.clone()])
    }

    fn entry(&self, place: &Place) -> Entry<'_> {
        Entry {
            path: &self.text[place.path.clone()],
            version: &self.text[place.version.clone()],
            hash: &self.text[place.hash.clone()],
            line: place.line,
        }
    }
}

/// A line of go.sum has neither three fields nor none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("malformed go.sum: line {line}: wrong number of fields {fields}")]
#[non_exhaustive]
pub struct MalformedGoSum {
    /// The number of the line, starting at 1.
    pub line: usize,
    /// The number of its fields.
    pub fields: usize,
}
