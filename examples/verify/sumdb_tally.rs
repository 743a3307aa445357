//! What the checksum database says in one run, counted.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::progress::Progress;

use super::check::Checked;
use super::confirm::SumDbVerdict;

/// How many modules of each reason are named that the checksum database did not confirm.
const NAMED: usize = 5;

/// How many modules the checksum database confirms, and so on.
#[derive(Debug, Default)]
pub(crate) struct SumDbTally {
    confirmed: usize,
    contradicted: usize,
    /// Of these modules it should have said something.
    unconfirmed: usize,
    /// Why nothing was learnt, of the others as well.
    skipped: BTreeMap<&'static str, usize>,
}

impl SumDbTally {
    /// Whether something was held against the database, and everything that should.
    pub(crate) fn is_enough(&self) -> bool {
        self.confirmed + self.contradicted > 0 && self.unconfirmed == 0
    }

    /// What it says of one module.
    pub(crate) fn count(&mut self, found: &Checked, all: bool, progress: &Progress) {
        match &found.verdict {
            None => {}
            Some(SumDbVerdict::Confirmed(_)) => self.confirmed += 1,
            Some(SumDbVerdict::Contradicted(_)) => self.contradicted += 1,
            Some(SumDbVerdict::Exempt(why)) => *self.skipped.entry(why).or_default() += 1,
            Some(SumDbVerdict::Unconfirmed { why, cause }) => {
                self.unconfirmed += 1;
                let number = self.skipped.entry(why).or_default();
                *number += 1;
                if all || *number <= NAMED {
                    progress.warn(format_args!("unconfirmed: {}: {cause}", found.module));
                }
            }
        }
    }

    /// The last lines.
    pub(crate) fn tell(&self, progress: &Progress) {
        let Self { confirmed, contradicted, unconfirmed, skipped } = self;
        let why: Vec<_> = skipped.iter().map(|(why, count)| format!(", {count} skipped: {why}")).collect();
        let why = why.concat();
        progress
            .say(format_args!("checksum database: {confirmed} confirmed, {contradicted} contradicted{why}"));
        if confirmed + contradicted == 0 {
            progress.warn("error: nothing was held against the checksum database");
        } else if *unconfirmed > 0 {
            progress.warn("error: the checksum database should have confirmed more");
        }
    }

    pub(crate) fn record(&self) -> Value {
        json!({
            "confirmed": self.confirmed,
            "contradicted": self.contradicted,
            "unconfirmed": self.unconfirmed,
            "skipped_why": self.skipped,
        })
    }
}
