//! Who is right where go.sum and bytes differ: the checksum database is asked.

use gomod_module::H1;
use gomod_sum::Mismatch;
use gomod_sum::sumdb::{ChecksumError, Misbehavior};

use super::Installer;
use crate::failure::{Failure, Problem};

impl Installer {
    /// The hash that the checksum database records, as [`Sums::witness`](crate::sums::Sums::witness).
    ///
    /// # Errors
    /// [`Misbehavior`].
    pub async fn witness(&self, mismatch: &Mismatch) -> Result<Option<H1>, Box<Misbehavior>> {
        self.sums.witness(mismatch, &mut Vec::new()).await
    }

    /// The failure with what the database says of it.
    pub(super) async fn judged(&self, mut failure: Failure) -> Failure {
        let Some(ChecksumError::GoSum(mismatch)) = failure.wrong() else { return failure };
        let mismatch = mismatch.clone();
        match self.sums.witness(&mismatch, &mut failure.attempts).await {
            Ok(witness) => failure.witness = witness,
            Err(misbehavior) => failure.problem = Problem::Misbehavior(misbehavior),
        }
        failure
    }
}
