//! The hashes that fresh bytes are held against.

use std::error::Error;

use gomod_sum::{GoSum, Kind};

use super::super::check::{Checked, SumFile};

/// What proves the new bytes: the go.sum files and, where they do not know a module, the hash that was recorded when
/// it was downloaded.
pub(super) fn known<'a>(
    broken: impl Iterator<Item = &'a Checked>,
    sums: &[SumFile],
) -> Result<GoSum, Box<dyn Error>> {
    let mut known = GoSum::default();
    for sum in sums {
        known.merge(&sum.lines).map_err(|error| format!("{}: {error}", sum.name))?;
    }
    for found in broken {
        let hashes = [(Kind::Zip, found.known_zip), (Kind::GoMod, found.known_go_mod)];
        for (kind, hash) in hashes {
            if let Some(hash) = hash
                && !known.have_sum(&found.module, kind)
            {
                known.insert(&found.module, kind, &hash)?;
            }
        }
    }
    Ok(known)
}
