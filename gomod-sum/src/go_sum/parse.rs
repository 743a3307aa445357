//! The go.sum file: reading and finding its lines.

use std::hash::{DefaultHasher, Hasher as _};
use std::ops::Range;

use thiserror::Error;

use super::entry::GoSumLine;
use super::fields::fields;

/// The hash of an empty go.mod file. An old go command wrote it by mistake, so all newer ones drop its lines.
pub(super) const EMPTY_GO_MOD: &[u8] = b"h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

/// A go.sum file (or go.work.sum), as the go command reads it.
///
/// A line is `{path} {version}[/go.mod] {hash}`, split at Unicode white space; blank lines mean nothing and there are
/// no comments. No field is checked: entries that name no module and unknown hash algorithms are kept. Lines with the
/// hash of an empty go.mod file are dropped, whatever they are about. See <https://go.dev/ref/mod#go-sum-files> and
/// `readGoSum` of cmd/go.
///
/// Finding a line takes a binary search; nothing is read again. The text is kept as it was read, and what edits the
/// file ([`insert`](Self::insert), [`remove`](Self::remove), [`merge`](Self::merge)) changes no line but those that it
/// names: see [`text`](Self::text).
///
/// ```
/// use gomod_sum::{GoSum, Kind, hash_go_mod};
///
/// let sum = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
/// let module = "x.y/m@v1.0.0".parse()?;
/// let found = hash_go_mod(b"module x.y/m\n");
/// sum.verify(&module, Kind::GoMod, &found)?;
/// assert!(sum.verify(&module, Kind::GoMod, &hash_go_mod(b"module x.y/n\n")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoSum {
    pub(super) text: Box<[u8]>,
    /// In the order of the file.
    pub(super) entries: Vec<Place>,
    /// Positions in `entries`, by the hash of path and version, path, version, and position. Hashes are compared in a
    /// fraction of the time that texts take, wherever they lie.
    pub(super) by_key: Vec<(u64, usize)>,
}

/// Where the fields of an entry lie in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Range<usize>,
    pub(super) version: Range<usize>,
    pub(super) hash: Range<usize>,
    line: usize,
}

impl GoSum {
    /// Returns the entries of a go.sum file. A missing file is the same as an empty one.
    ///
    /// # Errors
    /// [`MalformedGoSumError`] for the first line that has neither three fields nor none.
    #[doc(alias = "readGoSum")]
    pub fn parse(text: &[u8]) -> Result<Self, MalformedGoSumError> {
        Self::parse_with(text, Err)
    }

    /// Returns the entries of a go.sum file, leaving out malformed lines, such as the marks of a merge conflict. This is
    /// how `go mod tidy` reads, and no other command.
    pub fn parse_lax(text: &[u8]) -> Self {
        Self::parse_with(text, |_| Ok(())).unwrap_or_default()
    }

    fn parse_with(
        text: &[u8],
        malformed: impl Fn(MalformedGoSumError) -> Result<(), MalformedGoSumError>,
    ) -> Result<Self, MalformedGoSumError> {
        let mut entries = Vec::new();
        let mut start = 0;
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let at = |field: &Range<usize>| start + field.start..start + field.end;
            match fields(line) {
                (0, _) => {}
                (3, [path, version, hash]) => {
                    if line[hash.clone()] != *EMPTY_GO_MOD {
                        let line = index + 1;
                        entries.push(Place { path: at(&path), version: at(&version), hash: at(&hash), line });
                    }
                }
                (fields, _) => malformed(MalformedGoSumError { line: index + 1, fields })?,
            }
            start += line.len() + 1;
        }
        let mut sum = Self { text: text.into(), entries, by_key: Vec::new() };
        let mut by_key: Vec<_> =
            (0..sum.entries.len()).map(|position| (key_hash(sum.key(position)), position)).collect();
        by_key.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| sum.key(a.1).cmp(&sum.key(b.1))).then_with(|| a.1.cmp(&b.1))
        });
        sum.by_key = by_key;
        Ok(sum)
    }

    /// Returns all entries in the order of the file.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = GoSumLine<'_>> {
        self.entries.iter().map(|place| self.entry(place))
    }

    /// Returns the entries of one key in the order of the file. `version` holds the `/go.mod` of lines for go.mod files.
    ///
    /// Any bytes can be asked for; what the file does not hold has no entries.
    pub fn lines<'a>(&'a self, path: &[u8], version: &[u8]) -> impl Iterator<Item = GoSumLine<'a>> + use<'a> {
        self.positions(path, version).iter().map(|&(_, position)| self.entry(&self.entries[position]))
    }

    /// The part of `by_key` about one key: its entries are in the order of the file.
    pub(super) fn positions(&self, path: &[u8], version: &[u8]) -> &[(u64, usize)] {
        let key = (path, version);
        let hash = key_hash(key);
        let cmp =
            |&(other, position): &(u64, usize)| other.cmp(&hash).then_with(|| self.key(position).cmp(&key));
        let first = self.by_key.partition_point(|place| cmp(place).is_lt());
        let last = self.by_key.partition_point(|place| cmp(place).is_le());
        &self.by_key[first..last]
    }

    pub(super) fn key(&self, position: usize) -> (&[u8], &[u8]) {
        let place = &self.entries[position];
        (&self.text[place.path.clone()], &self.text[place.version.clone()])
    }

    pub(super) fn entry(&self, place: &Place) -> GoSumLine<'_> {
        GoSumLine {
            path: &self.text[place.path.clone()],
            version: &self.text[place.version.clone()],
            hash: &self.text[place.hash.clone()],
            line: place.line,
        }
    }
}

/// Without a seed: keys that are made to have equal hashes are compared by their texts, which is slower and still right.
fn key_hash((path, version): (&[u8], &[u8])) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(path);
    hasher.write_u8(b' ');
    hasher.write(version);
    hasher.finish()
}

/// A line of go.sum has neither three fields nor none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("malformed go.sum: line {line}: wrong number of fields {fields}")]
#[non_exhaustive]
pub struct MalformedGoSumError {
    /// The number of the line, starting at 1.
    pub line: usize,
    /// The number of its fields.
    pub fields: usize,
}
