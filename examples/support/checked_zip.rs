//! A zip between its last byte and its final name.

use std::fs::File;
use std::path::Path;

use gomod_archive::{Archive, Limits, OpenError, ReadAt, Threads};
use gomod_cache::{Action, CacheError, EntryLock, ZipDownload};
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::Rejection;
use gomod_sum::{ProvedBy, hash_zip};
use gomod_zip::{Options, check_prefix, check_zip, unzip};

use crate::failure::Problem;
use crate::sums::Expected;

/// A zip that was read, hashed and found right.
pub(crate) struct CheckedZip {
    pub(crate) archive: Archive<File>,
    pub(crate) hash: H1,
    pub(crate) proof: ProvedBy,
}

/// A zip in the cache.
pub(crate) fn open(path: &Path) -> Result<Archive<File>, Problem> {
    let file = File::open(path).map_err(|source| CacheError::Io {
        action: Action::Read,
        path: path.to_owned(),
        source,
    })?;
    match Archive::open(file, &Limits::default()) {
        Err(error) if error.is_io() => Err(error.into()),
        opened => opened.map_err(|error| Problem::damaged(path, error)),
    }
}

/// A zip in the cache, and its hash.
pub(crate) fn hash(path: &Path, threads: &Threads) -> Result<(Archive<File>, H1), Problem> {
    let archive = open(path)?;
    match hash_zip(&archive, threads) {
        Ok(hash) => Ok((archive, hash)),
        Err(error) if error.is_io() => Err(error.into()),
        Err(error) => Err(Problem::damaged(path, error)),
    }
}

/// What a fetched zip is worth: right, or wrong by its source's fault. The error is ours: a disk that cannot be read.
pub(crate) fn judge(
    incoming: &ZipDownload,
    module: &ModuleVersion,
    expected: &Expected,
    threads: &Threads,
) -> Result<Result<CheckedZip, Rejection>, Problem> {
    let file = incoming.file().try_clone().map_err(OpenError::Size)?;
    let archive = match Archive::open(file, &Limits::default()) {
        Ok(archive) => archive,
        Err(error) if error.is_io() => return Err(error.into()),
        Err(error) => return Ok(Err(Rejection::malformed(error))),
    };
    let checked = check(&archive, module, threads, |hash| {
        expected.check_zip(hash, &archive, threads).map_err(|wrong| Rejection::mismatch(*wrong))
    })?;
    Ok(checked.map(|(hash, proof)| CheckedZip { archive, hash, proof }))
}

/// The hash of a zip, and what the `verdict` on it is worth. As in the go command, the names come first, so that the zip of
/// another module is called that; then the hash, unless there is too much to be hashed; then all other rules.
///
/// # Errors
/// [`Problem`] where the zip cannot be read, or the process is interrupted.
pub fn check<T>(
    archive: &Archive<impl ReadAt + Sync>,
    module: &ModuleVersion,
    threads: &Threads,
    verdict: impl FnOnce(&H1) -> Result<T, Rejection>,
) -> Result<Result<(H1, T), Rejection>, Problem> {
    if let Err(error) = check_prefix(archive, module) {
        return Ok(Err(Rejection::malformed(error)));
    }
    let hash = match hash_zip(archive, threads) {
        Ok(hash) => hash,
        Err(error) if error.is_io() => return Err(error.into()),
        Err(error) => return Ok(Err(Rejection::malformed(error))),
    };
    Ok(verdict(&hash).and_then(|verdict| match check_zip(archive, module).into_result() {
        Ok(_) => Ok((hash, verdict)),
        Err(error) => Err(Rejection::malformed(error)),
    }))
}

/// Gives a checked zip its name, and extracts it.
pub(crate) fn commit(
    lock: &EntryLock,
    incoming: Option<ZipDownload>,
    checked: &CheckedZip,
    threads: Threads,
) -> Result<(), Problem> {
    match incoming {
        Some(incoming) => lock.commit_zip(incoming, &checked.hash)?,
        None => lock.store_ziphash(&checked.hash)?,
    }
    let (module, options) = (lock.entry().module(), Options::new().threads(threads));
    lock.extract(|dir| unzip(&checked.archive, module, dir, &options).map_err(Problem::from))?;
    Ok(())
}
