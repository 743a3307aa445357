//! Taking lines out of a go.sum file.

use std::collections::HashSet;

use gomod_module::ModuleVersion;

use super::entry::{GoSumLine, Kind};
use super::parse::GoSum;
use super::verify::key;

impl GoSum {
    /// Takes out all lines about a module and returns how many there were.
    ///
    /// ```
    /// use gomod_sum::{GoSum, Kind};
    ///
    /// let mut sum = GoSum::parse(b"x.y/m v1.0.0 h1:a\nx.y/m v1.0.0/go.mod h1:b\nx.y/m v1.0.0 h1:c\n")?;
    /// assert_eq!(sum.remove(&"x.y/m@v1.0.0".parse()?, Kind::Zip), 2);
    /// assert_eq!(sum.text(), b"x.y/m v1.0.0/go.mod h1:b\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove(&mut self, module: &ModuleVersion, kind: Kind) -> usize {
        let (path, version) = key(module, kind);
        self.retain(|entry| entry.key() != (path, version.as_bytes()))
    }

    /// Takes out the lines of all entries that `keep` refuses and returns how many there were.
    ///
    /// Lines that are no entries stay as they are: blank ones, those with the hash of an empty go.mod file, and after
    /// [`parse_lax`](Self::parse_lax) malformed ones.
    pub fn retain(&mut self, mut keep: impl FnMut(&GoSumLine<'_>) -> bool) -> usize {
        let mut text = Vec::new();
        let mut copied = 0;
        let mut removed = 0;
        for place in &self.entries {
            if !keep(&self.entry(place)) {
                text.extend_from_slice(&self.text[copied..self.line_start(place.path.start)]);
                copied = self.line_end(place.hash.end);
                removed += 1;
            }
        }
        if removed > 0 {
            text.extend_from_slice(&self.text[copied..]);
            *self = Self::parse_lax(&text);
        }
        removed
    }

    /// Takes out all lines but those about `needed` and returns how many there were: what `go mod tidy` does with its own
    /// list of what is needed, foreign and odd lines included. See [`coverage`](Self::coverage) for what there would be to
    /// take out.
    #[doc(alias = "TrimGoSum")]
    pub fn trim<'a>(&mut self, needed: impl IntoIterator<Item = (&'a ModuleVersion, Kind)>) -> usize {
        let needed: HashSet<(&[u8], Vec<u8>)> = needed
            .into_iter()
            .map(|(module, kind)| {
                let (path, version) = key(module, kind);
                (path, version.into_bytes())
            })
            .collect();
        self.retain(|entry| needed.contains(&(entry.path, entry.version.to_vec())))
    }
}
