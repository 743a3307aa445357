//! Putting lines into a go.sum file.

use gomod_module::{H1, ModuleVersion};

use super::entry::{GoSumLine, Kind};
use super::parse::GoSum;
use super::verify::{Mismatch, Verdict, key};

impl GoSum {
    /// Records the hash of a module, if the file does not hold it, and returns whether the file has a new line.
    ///
    /// The line goes where the go command puts it: into a file in the go command's order at its place, into any other
    /// behind the last line of those at the top that all sort before it. It ends as the first line of the file does, in
    /// `\n` or `\r\n`; no other line changes.
    ///
    /// Beside hashes of unknown algorithms the hash is recorded too, as `addModSumLocked` of cmd/go does with a warning.
    /// To add thousands of lines to a large file, insert them into an empty one and [`merge`](Self::merge) the two.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind, hash_go_mod};
    ///
    /// let mut sum = GoSum::parse(b"x.y/a v1.0.0 h1:a\nx.y/z v1.0.0 h1:z\n")?;
    /// let hash = hash_go_mod(b"module x.y/m\n");
    /// assert!(sum.insert(&"x.y/m@v1.0.0".parse()?, Kind::GoMod, &hash)?);
    /// assert!(!sum.insert(&"x.y/m@v1.0.0".parse()?, Kind::GoMod, &hash)?);
    /// let lines = format!("x.y/a v1.0.0 h1:a\nx.y/m v1.0.0/go.mod {hash}\nx.y/z v1.0.0 h1:z\n");
    /// assert_eq!(sum.text(), lines.as_bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`] when the file records another `h1:` hash and not, before it, this one. Where the caller knows that the line is
    /// wrong has to [`remove`](Self::remove) it first.
    #[doc(alias = "addModSumLocked")]
    pub fn insert(&mut self, module: &ModuleVersion, kind: Kind, hash: &H1) -> Result<bool, Mismatch> {
        if self.lookup(module, kind, hash)? == Verdict::Match {
            return Ok(false);
        }
        let (path, version) = key(module, kind);
        let hash = hash.to_string();
        self.insert_entries(vec![GoSumLine {
            path,
            version: version.as_bytes(),
            hash: hash.as_bytes(),
            line: 0,
        }]);
        Ok(true)
    }

    /// Puts the entries into the file, whatever it holds.
    pub(crate) fn insert_entries(&mut self, mut new: Vec<GoSumLine<'_>>) {
        new.sort_by(GoSumLine::compare);
        let places = self.insertion_places(&new);
        let ending = self.line_ending();
        let mut text = Vec::with_capacity(self.text.len() + 128 * new.len());
        let mut copied = 0;
        for (entry, place) in new.iter().zip(places) {
            text.extend_from_slice(&self.text[copied..place]);
            copied = place;
            if text.last().is_some_and(|&byte| byte != b'\n') {
                text.extend_from_slice(ending);
            }
            text.extend_from_slice(&entry.fields().join(&b' '));
            text.extend_from_slice(ending);
        }
        text.extend_from_slice(&self.text[copied..]);
        *self = Self::parse_lax(&text);
    }

    /// Where in the text each of the sorted entries goes, in ascending order.
    fn insertion_places(&self, new: &[GoSumLine<'_>]) -> Vec<usize> {
        let entries: Vec<_> = self.entries().collect();
        // The greatest of all entries up to each: ascending in any file.
        let greatest: Vec<_> = entries
            .iter()
            .scan(None, |greatest: &mut Option<GoSumLine<'_>>, entry| {
                *greatest =
                    Some(greatest.filter(|greatest| greatest.compare(entry).is_gt()).unwrap_or(*entry));
                *greatest
            })
            .collect();
        let place = |new: &GoSumLine<'_>| match greatest.partition_point(|entry| entry.compare(new).is_le()) {
            0 => self.entries.first().map_or(self.text.len(), |first| self.line_start(first.path.start)),
            before => self.line_end(self.entries[before - 1].hash.end),
        };
        new.iter().map(place).collect()
    }

    /// Where the line starts in which `position` lies.
    pub(super) fn line_start(&self, position: usize) -> usize {
        self.text[..position].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line ends in which `position` lies, its newline included.
    pub(super) fn line_end(&self, position: usize) -> usize {
        let rest = &self.text[position..];
        position + rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |newline| newline + 1)
    }

    fn line_ending(&self) -> &'static [u8] {
        let newline = self.text.iter().position(|&byte| byte == b'\n').unwrap_or_default();
        if self.text[..newline].ends_with(b"\r") { b"\r\n" } else { b"\n" }
    }
}
