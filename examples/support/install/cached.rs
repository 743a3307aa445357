//! What is in the cache already, held against what is known.

use gomod_cache::{CacheFile, Entry, EntryState, ZipHash};
use gomod_module::H1;
use gomod_sum::sumdb::ChecksumError;
use gomod_sum::{Evidence, hash_module_dir};

use super::Installer;
use crate::checked_zip::{self, CheckedZip};
use crate::failure::Problem;
use crate::installed::Installed;
use crate::sums::Expected;

impl Installer {
    /// Whether everything is there, as the go command judges: zip and tree by their being there, the hash by its text.
    /// With `rehash`, by their bytes.
    pub(super) async fn is_complete(
        &self,
        entry: &Entry,
        state: &EntryState,
        expected: &Expected,
        installed: &mut Installed,
    ) -> Result<bool, Problem> {
        let ZipHash::H1(hash) = state.ziphash else { return Ok(false) };
        if !state.has_zip() || !state.is_extracted() {
            return Ok(false);
        }
        let proof = match expected.check(&hash) {
            Ok(proof) => proof,
            Err(wrong) => return Err(self.wrong_ziphash(entry, expected.clone(), wrong, hash).await),
        };
        installed.zip = Some((hash, proof));
        if self.rehash {
            let (entry, module) = (entry.clone(), entry.module().clone());
            self.workers
                .compute(move |threads| {
                    let path = entry.path(CacheFile::Zip);
                    if checked_zip::hash(&path, &threads)?.1 != hash {
                        return Err(Problem::Modified(path));
                    }
                    if hash_module_dir(entry.dir(), &module, threads)? != hash {
                        return Err(Problem::Modified(entry.dir()));
                    }
                    Ok(())
                })
                .await?;
        }
        installed.extracted = true;
        Ok(true)
    }

    /// What is wrong where the recorded hash of a zip is not the known one: the zip as well, or the record alone.
    async fn wrong_ziphash(
        &self,
        entry: &Entry,
        expected: Expected,
        wrong: ChecksumError,
        recorded: H1,
    ) -> Problem {
        let (zip, ziphash) = (entry.path(CacheFile::Zip), entry.path(CacheFile::ZipHash));
        let explained = self.workers.compute(move |threads| {
            let none = Evidence::new().threads(threads.clone());
            match checked_zip::hash(&zip, &threads) {
                // A zip that is right is left alone.
                Ok((_, hash)) if expected.check(&hash).is_ok() => (ziphash, expected.explained(wrong, none)),
                Ok((archive, hash)) if hash == recorded => {
                    (zip, expected.explained(wrong, none.archive(&archive)))
                }
                _ => (zip, expected.explained(wrong, none)),
            }
        });
        let (path, explained) = explained.await;
        Problem::cached(path, explained)
    }

    /// The zip that is in the cache already, hashed before anything comes out of it.
    pub(super) async fn cached_zip(
        &self,
        entry: &Entry,
        state: &EntryState,
        expected: Expected,
    ) -> Result<CheckedZip, Problem> {
        let path = entry.path(CacheFile::Zip);
        let recorded = state.ziphash.clone();
        let hashed = self.workers.compute(move |threads| {
            let (archive, hash) = checked_zip::hash(&path, &threads)?;
            if recorded.h1().is_some_and(|recorded| *recorded != hash) {
                return Err(Problem::Modified(path));
            }
            let proof = expected.check_zip(&hash, &archive, &threads);
            let proof = proof.map_err(|wrong| Problem::cached(path, wrong))?;
            Ok(CheckedZip { archive, hash, proof })
        });
        hashed.await
    }
}
