//! Explaining a hash that the checksum database does not hold.

use gomod_module::ModuleVersion;

use super::answer::SumDbMismatchError;
use crate::explain::evidence::Evidence;
use crate::explain::finding::Finding;
use crate::go_sum::verify::Mismatch;

impl SumDbMismatchError {
    /// Returns what can be said about the reason from the content at hand, as [`Mismatch::explain`] does: the record is proven,
    /// so that the content is what is wrong. What the evidence says of a go.sum file or of the database is not looked at.
    pub fn explain(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let Ok(module) = ModuleVersion::parse(&self.path, &self.version) else {
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
        let mut findings = mismatch.explain(&evidence.without_records());
        findings.retain(|finding| !finding.kind.blames_line());
        findings
    }
}
