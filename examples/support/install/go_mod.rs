//! The go.mod file of one module.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::PoisonError;

use bytes::Bytes;
use gomod_archive::Archive;
use gomod_cache::{CacheFile, Entry};
use gomod_module::{H1, ModulePath, ModuleVersion};
use gomod_proxy_client::Rejection;
use gomod_proxy_client::report::Attempt;
use gomod_sum::{Kind, ProvedBy, hash_go_mod};
use gomod_zip::read_go_mod;

use super::{Installer, traced};
use crate::checked_zip::open;
use crate::failure::{Failure, Problem};
use crate::installed::Installed;
use crate::sums::Expected;
use crate::unproven::{Declares, check_go_mod};
use crate::workers::on_disk;

impl Installer {
    /// The go.mod file of a module and nothing else, from the cache or else from a proxy.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn go_mod(&self, module: ModuleVersion) -> Result<(Installed, Bytes), Failure> {
        self.go_mod_that_declares(module, Declares::Any).await
    }

    /// As [`go_mod`](Self::go_mod), for a module graph that requires the module, or one that it replaces, under a path.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn go_mod_for(
        &self,
        module: ModuleVersion,
        required: &ModulePath,
    ) -> Result<(Installed, Bytes), Failure> {
        self.go_mod_that_declares(module, Declares::For(required)).await
    }

    async fn go_mod_that_declares(
        &self,
        module: ModuleVersion,
        allowed: Declares<'_>,
    ) -> Result<(Installed, Bytes), Failure> {
        let mut installed = Installed::new(module);
        let expected = {
            let module = installed.module.clone();
            self.expected(&module, Kind::GoMod, &mut installed.attempts).await
        };
        let content = match expected {
            Ok(expected) => match self.read(&installed.module, Entry::read_mod).await {
                Ok((entry, cached)) => {
                    self.find_go_mod(&entry, cached, &expected, allowed, &mut installed).await
                }
                Err(error) => Err(error.into()),
            },
            Err(problem) => Err(problem),
        };
        match content {
            Ok(content) => Ok((installed, content)),
            Err(problem) => {
                Err(self.judged(Failure::new(&installed.module, problem, installed.attempts)).await)
            }
        }
    }

    /// The go.mod file of a module: what was read in the cache, or else from a proxy.
    pub(super) async fn find_go_mod(
        &self,
        entry: &Entry,
        cached: Option<Vec<u8>>,
        expected: &Expected,
        allowed: Declares<'_>,
        installed: &mut Installed,
    ) -> Result<Bytes, Problem> {
        let content = match cached {
            Some(content) => content.into(),
            None => self.fetch_go_mod(entry, expected, allowed, &mut installed.attempts).await?,
        };
        let path = entry.path(CacheFile::Mod);
        let hash = hash_go_mod(&content);
        let proof = match expected.check_go_mod(&content) {
            Ok(proof) => proof,
            Err(wrong) => return Err(Problem::cached(path, wrong)),
        };
        if let ProvedBy::Unchecked(_) = proof {
            let declared = check_go_mod(&content, &installed.module, allowed);
            installed.declares =
                declared.map_err(|source| Problem::CachedGoMod { path, source: Box::new(source) })?;
        }
        installed.go_mod = Some((hash, proof));
        Ok(content)
    }

    /// A go.mod file from the proxies, which is in the cache then.
    async fn fetch_go_mod(
        &self,
        entry: &Entry,
        expected: &Expected,
        allowed: Declares<'_>,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Bytes, Problem> {
        let module = entry.module();
        let mut is_unproven = false;
        let judge = |content: &[u8]| {
            let proof = expected.check_go_mod(content).map_err(|wrong| Rejection::mismatch(*wrong))?;
            is_unproven = matches!(proof, ProvedBy::Unchecked(_));
            if is_unproven {
                check_go_mod(content, module, allowed).map_err(Rejection::malformed)?;
            }
            Ok(())
        };
        let content = traced(self.client.go_mod_checked(module, judge).await, attempts)?;
        if is_unproven {
            self.unproven.lock().unwrap_or_else(PoisonError::into_inner).insert(module.clone());
        }
        let stored = (entry.clone(), content.clone());
        self.patiently(entry, move || stored.0.store_mod(&stored.1)).await?;
        Ok(content)
    }

    /// Takes an unproven go.mod file out of the cache that this run has put there: its zip does not bear it out.
    pub(super) async fn forget_go_mod(&self, module: &ModuleVersion) {
        if self.unproven.lock().unwrap_or_else(PoisonError::into_inner).remove(module) {
            let entry = self.cache.entry(module);
            // Where it stays, the next run finds it.
            let forget = move || {
                let _ = fs::remove_file(entry.path(CacheFile::Mod));
                let _ = entry.rewrite_list();
            };
            on_disk(forget).await;
        }
    }

    /// For a module that is in the cache as a whole.
    pub(super) async fn cached_go_mod_is_of_zip(
        &self,
        entry: &Entry,
        installed: &Installed,
    ) -> Result<(), Problem> {
        let Some(go_mod) = unproven_go_mod(entry, installed) else { return Ok(()) };
        let zip = entry.path(CacheFile::Zip);
        self.workers.compute(move |_| go_mod.check_against(&open(&zip)?)).await
    }
}

/// A go.mod file that nothing proves.
pub(super) struct UnprovenGoMod {
    module: ModuleVersion,
    path: PathBuf,
    hash: H1,
}

/// The go.mod file of a module on which work goes on, where nothing proves it.
pub(super) fn unproven_go_mod(entry: &Entry, installed: &Installed) -> Option<UnprovenGoMod> {
    let (hash, ProvedBy::Unchecked(_)) = installed.go_mod.as_ref()? else { return None };
    Some(UnprovenGoMod { module: entry.module().clone(), path: entry.path(CacheFile::Mod), hash: *hash })
}

impl UnprovenGoMod {
    /// That it is the one of this zip.
    pub(super) fn check_against(self, zip: &Archive<File>) -> Result<(), Problem> {
        match hash_go_mod(&read_go_mod(zip, &self.module)?) {
            inside if inside == self.hash => Ok(()),
            _ => Err(Problem::GoModOfZip { path: self.path }),
        }
    }
}
