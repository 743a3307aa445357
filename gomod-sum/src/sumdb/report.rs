//! Why a module is not proved, as people need it.

use std::error::Error;

use gomod_module::ErrorChain;
use gomod_module::text::Printable;

use super::error::Misbehavior;
use super::verifier::{ChecksumError, VerifierError};
use crate::go_sum::report::ChecksumReport;
use crate::go_sum::verify::{Mismatch, VerifyError};

/// The longest note of a database that is shown.
const MAX_NOTE: usize = 4000;

impl ChecksumReport {
    /// Returns the report of an error, or of the first of its causes that has one: of another crate's error, for instance, for which
    /// a wrong hash was the reason.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        ErrorChain::new(error).causes().find_map(|cause| {
            let verifier = cause.downcast_ref().map(VerifierError::report);
            let checksum = verifier.or_else(|| cause.downcast_ref().map(ChecksumError::report));
            let verify = || cause.downcast_ref().and_then(VerifyError::mismatch).map(Mismatch::report);
            checksum.or_else(|| cause.downcast_ref().map(Mismatch::report)).or_else(verify)
        })
    }
}

impl ChecksumError {
    /// Returns what is wrong and what to do about it, for people: both hashes and the line or record, several lines.
    pub fn report(&self) -> ChecksumReport {
        let next = match self {
            Self::GoSum(mismatch) => return mismatch.report(),
            Self::Database(_) if self.hashes().is_some() => {
                "do not build from these bytes: everybody else got others; ask another source for the same version"
            }
            Self::Database(_) => {
                "do not use this version: its record in the checksum database is about something else"
            }
            Self::Missing(_) => "bring back the project's go.sum, or run `go mod tidy` there",
        };
        let hashes = self.hashes().map(|(recorded, found)| (recorded.to_owned(), self.place(), *found));
        ChecksumReport { headline: ErrorChain::new(self).to_string(), hashes, next: Some(next) }
    }
}

impl VerifierError {
    /// Returns what is wrong and what to do about it, for people: both hashes and the line or record, or why the checksum
    /// database does not prove it, or the evidence against that database.
    pub fn report(&self) -> ChecksumReport {
        let headline = ErrorChain::new(self).to_string();
        match self {
            Self::Mismatch(wrong) => wrong.report(),
            Self::Unknown { .. } => ChecksumReport {
                headline,
                hashes: None,
                next: Some(
                    "check path and version; bring back the project's go.sum, whose lines need no database; or name a proxy \
                     in GOPROXY that serves the database",
                ),
            },
            Self::Misbehavior(misbehavior) => ChecksumReport {
                headline: misbehavior.evidence(),
                hashes: None,
                next: Some(
                    "trust no module that is new to you until this is explained: keep the report above, and send it to those \
                     who run the database",
                ),
            },
        }
    }
}

impl Misbehavior {
    /// Returns what anyone who has the key of the database can check, as text: the report of a fork, or the note with the false
    /// signature.
    pub fn evidence(&self) -> String {
        match self {
            Self::Fork(fork) => fork.report(),
            Self::Signature(forged) => {
                let note = Printable::new(&forged.note).lines().max_chars(MAX_NOTE).to_string();
                let note = note.replace('\n', "\n\t");
                format!("SECURITY ERROR\na tree head with a false signature:\n\t{note}")
            }
        }
    }
}
