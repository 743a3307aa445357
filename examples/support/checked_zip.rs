//! A zip between its last byte and its final name.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;

use gomod_archive::{Archive, Limits, OpenError, ReadError};
use gomod_cache::{EntryLock, Incoming};
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::Rejection;
use gomod_sum::{HashZipError, hash_zip};
use gomod_zip::{CheckError, Options, check_zip, unzip};

use crate::failure::Problem;
use crate::sums::{Expected, Proof};

/// A zip that was read, hashed and found right.
pub(crate) struct CheckedZip {
    pub(crate) archive: Archive<File>,
    pub(crate) hash: H1,
    pub(crate) proof: Proof,
}

/// A zip in the cache.
pub(crate) fn open(path: &Path) -> Result<Archive<File>, Problem> {
    let file = File::open(path).map_err(OpenError::Size)?;
    Ok(Archive::open(file, &Limits::default())?)
}

/// What a fetched zip is worth: right, or wrong by its source's fault. The error is ours: a disk that cannot be read.
///
/// A zip that is too large by its own account is not hashed. Of all other verdicts the one on the hash comes first.
pub(crate) fn judge(
    incoming: &Incoming,
    module: &ModuleVersion,
    expected: &Expected,
    threads: NonZeroUsize,
) -> Result<Result<CheckedZip, Rejection>, Problem> {
    let file = incoming.file().try_clone().map_err(OpenError::Size)?;
    let archive = match Archive::open(file, &Limits::default()) {
        Ok(archive) => archive,
        Err(error @ (OpenError::Size(_) | OpenError::Io { .. })) => return Err(error.into()),
        Err(error) => return Ok(Err(Rejection::malformed(error))),
    };
    let checked = check_zip(&archive, module).into_result();
    if let Err(error @ CheckError::Size(_)) = checked {
        return Ok(Err(Rejection::malformed(error)));
    }
    let hash = match hash_zip(&archive, threads) {
        Ok(hash) => hash,
        Err(error @ HashZipError::Entry { source: ReadError::Io { .. }, .. }) => return Err(error.into()),
        Err(error) => return Ok(Err(Rejection::malformed(error))),
    };
    Ok(match (expected.check(&hash), checked) {
        (Err(mismatch), _) => Err(Rejection::mismatch(mismatch)),
        (Ok(_), Err(error)) => Err(Rejection::malformed(error)),
        (Ok(proof), Ok(_)) => Ok(CheckedZip { archive, hash, proof }),
    })
}

/// Gives a checked zip its name, and extracts it.
pub(crate) fn commit(
    lock: &EntryLock,
    incoming: Option<Incoming>,
    checked: &CheckedZip,
    threads: NonZeroUsize,
) -> Result<(), Problem> {
    match incoming {
        Some(incoming) => lock.commit_zip(incoming, &checked.hash)?,
        None => lock.store_ziphash(&checked.hash)?,
    }
    let entry = lock.entry();
    if !entry.state()?.is_extracted() {
        let tree = lock.begin_extract()?;
        unzip(&checked.archive, entry.module(), tree.dir(), &Options::new().threads(threads))?;
        tree.commit()?;
    }
    Ok(())
}
