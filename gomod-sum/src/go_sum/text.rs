//! A go.sum file as text.

use super::entry::GoSumLine;
use super::parse::GoSum;

impl GoSum {
    /// Returns the text of the file: byte for byte what was read, where nothing was edited since.
    ///
    /// Line endings, blank lines, the order, a missing newline at the end, hashes that are none: all of it stays, as the
    /// go command too leaves a file alone that needs no new line. See [`to_go_text`](Self::to_go_text) for the file as it
    /// writes it.
    ///
    /// ```
    /// use gomod_sum::GoSum;
    ///
    /// let text = b"x.y/n v1.0.0 h1:?\r\n\r\nx.y/m v1.0.0 h2:x";
    /// assert_eq!(GoSum::parse(text)?.text(), text);
    /// # Ok::<(), gomod_sum::MalformedGoSumError>(())
    /// ```
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the file as the go command writes it: one line for each key and hash, sorted, single spaces.
    ///
    /// Lines are sorted by [`compare_modules`](gomod_module::compare_modules), then by hash. Where the go command leaves the order open, between versions
    /// of equal precedence, the bytes decide.
    #[doc(alias = "tidyGoSum")]
    pub fn to_go_text(&self) -> Vec<u8> {
        let mut entries: Vec<_> = self.entries().collect();
        entries.sort_by(GoSumLine::compare);
        entries.dedup_by_key(|entry| entry.fields());
        let mut text = Vec::with_capacity(self.text.len());
        for entry in entries {
            text.extend_from_slice(&entry.fields().join(&b' '));
            text.push(b'\n');
        }
        text
    }
}
