//! Why a module may not have the hash that go.sum records.

mod attributes;
mod content;
mod evidence;
mod file_hashes;
mod files;
mod finding;
mod known;
mod lines;
mod looks_like;
mod rewriting;
mod sentence;
mod spelling;
mod witnesses;

pub use evidence::Evidence;
pub use files::LeftOut;
pub use finding::{Finding, FindingKind, Which};
pub use looks_like::LooksLike;
pub use rewriting::Rewriting;

use crate::Mismatch;
#[cfg(feature = "sumdb")]
use crate::sumdb::SumDbMismatch;

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
    /// use gomod_sum::{Evidence, FindingKind, GoSum, Kind, Rewriting, hash_go_mod};
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

#[cfg(feature = "sumdb")]
impl SumDbMismatch {
    /// Returns what can be said about the reason from the content at hand, as [`Mismatch::explain`] does: the record is proven,
    /// so that the content is what is wrong. What the evidence says of a go.sum file or of the database is not looked at.
    pub fn explain(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let Ok(module) = gomod_module::ModuleVersion::parse(&self.path, &self.version) else {
            return Vec::new();
        };
        let mismatch = Mismatch {
            module: Box::new(module),
            kind: self.kind,
            recorded: self.recorded.clone(),
            found: self.found,
            file: format!("record {} of the checksum database", self.record),
            line: 0,
        };
        let evidence = Evidence { go_sum: None, database: None, ..evidence.clone() };
        let mut findings = mismatch.explain(&evidence);
        findings.retain(|finding| !finding.kind.blames_line());
        findings
    }
}
