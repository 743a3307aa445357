//! Explaining a mismatch.

use super::evidence::Evidence;
use super::finding::Finding;
use super::{content, files, known, lines, spelling, witnesses};
use crate::go_sum::verify::Mismatch;

impl Mismatch {
    /// Returns what can be said about the reason of the mismatch from the evidence at hand; nothing is asked of a network,
    /// and without evidence only the two hashes are compared.
    ///
    /// Each [`Finding`] is a fact that was computed, not a guess: where line endings are named, the content was converted
    /// and hashed again, and then had the recorded hash. There may be several, and none at all, which proves nothing.
    /// No finding makes the content acceptable.
    ///
    /// First come findings about the two hashes, then about the lines of go.sum, then about the content, then about what
    /// others say. At most one archive is read, once, and a few hashes of lists of files are computed.
    ///
    /// ```
    /// use gomod_sum::explain::{FindingKind, Rewriting};
    /// use gomod_sum::{Evidence, GoSum, Kind, hash_go_mod};
    ///
    /// let module = "x.y/m@v1.0.0".parse()?;
    /// let mut sum = GoSum::default();
    /// sum.insert(&module, Kind::GoMod, &hash_go_mod(b"module x.y/m\n\ngo 1.21\n"))?;
    /// let content = b"module x.y/m\r\n\r\ngo 1.21\r\n";
    /// let mismatch = sum.lookup(&module, Kind::GoMod, &hash_go_mod(content)).unwrap_err();
    ///
    /// let findings = mismatch.explain(&Evidence::new().go_sum(&sum).go_mod(content));
    /// assert_eq!(findings[0].kind, FindingKind::Rewritten { how: Rewriting::CrlfToLf, text_only: false });
    /// println!("{}. {}.", findings[0], findings[0].next_step);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let mut kinds = Vec::new();
        known::look(self, &mut kinds);
        spelling::look(self, &mut kinds);
        if let Some(sum) = evidence.go_sum {
            lines::look(self, sum, &mut kinds);
        }
        if let Some(go_mod) = evidence.go_mod {
            content::look(self, go_mod, &mut kinds);
        }
        if let Some(archive) = evidence.archive {
            files::look(self, archive, &evidence.threads, &mut kinds);
        }
        witnesses::look(self, evidence, &mut kinds);
        kinds.into_iter().map(|kind| Finding::new(kind, self)).collect()
    }
}
