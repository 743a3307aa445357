//! The zip of one module, from the proxies.

use std::io::Write as _;

use gomod_cache::{Action, CacheError, EntryLock, Incoming};
use gomod_module::ModuleVersion;
use gomod_proxy_client::{Event, Partial, RejectionKind, ZipFetch};

use super::Installer;
use crate::checked_zip::{CheckedZip, judge};
use crate::failure::Problem;
use crate::installed::Installed;
use crate::sums::Expected;

/// Smaller zips are fetched again as quickly as their rest would be.
const WORTH_KEEPING: u64 = 64 << 10;

/// The file of an earlier run whose download broke off, or a new one.
fn kept_or_new(lock: &EntryLock) -> Result<(Incoming, Option<Partial>), CacheError> {
    if let Some((incoming, note)) = lock.kept_zip()?
        && let Ok(partial) = note.parse::<Partial>()
    {
        let have = incoming.len()?;
        return Ok((incoming, Some(partial.have(have))));
    }
    Ok((lock.incoming_zip()?, None))
}

impl Installer {
    /// A zip from the proxies, in a file without its final name.
    pub(super) async fn fetch_zip(
        &self,
        module: &ModuleVersion,
        lock: &EntryLock,
        expected: Expected,
        installed: &mut Installed,
    ) -> Result<(CheckedZip, Incoming), Problem> {
        let (incoming, partial) = kept_or_new(lock)?;
        let mut zip = match partial {
            Some(partial) => self.client.zip_from(module, partial).await?,
            None => self.client.zip(module).await?,
        };
        let received = self.receive(&mut zip, module, incoming, expected).await;
        match &received {
            Ok((_, incoming)) => {
                installed.fetched = Some(incoming.len()?);
                let trace = zip.accept();
                installed.source = trace.source().map(str::to_owned);
                installed.attempts.extend_from_slice(trace.attempts());
            }
            // Its own error has them.
            Err(Problem::Fetch(_)) => {}
            Err(_) => installed.attempts.extend_from_slice(zip.attempts()),
        }
        received
    }

    async fn receive(
        &self,
        zip: &mut ZipFetch,
        module: &ModuleVersion,
        mut incoming: Incoming,
        expected: Expected,
    ) -> Result<(CheckedZip, Incoming), Problem> {
        let bar = self.progress.zip(module, zip.size());
        let mut noted = incoming.len()? > 0;
        loop {
            while let Some(event) = zip.next().await? {
                match event {
                    Event::Restart => {
                        incoming.restart()?;
                        noted = false;
                        bar.restart(zip.size());
                    }
                    Event::Resume { offset } => bar.reach(offset),
                    Event::Chunk(chunk) => {
                        if !std::mem::replace(&mut noted, true)
                            && let Some(partial) =
                                zip.partial().filter(|partial| partial.size() >= WORTH_KEEPING)
                        {
                            // Only a later run, which begins again, would miss it.
                            let _ = incoming.keep(&partial.to_string());
                        }
                        let path = incoming.path().to_owned();
                        let full = |source| CacheError::Io { action: Action::Write, path, source };
                        if let Err(error) = incoming.write_all(&chunk) {
                            // On a full disk there is no room for it.
                            incoming.unkeep();
                            return Err(full(error).into());
                        }
                        bar.add(chunk.len());
                    }
                    _ => {}
                }
            }
            // From here on it is good or of no use.
            incoming.unkeep();
            bar.message("checking");
            let zip_of = module;
            let (module, expected) = (module.clone(), expected.clone());
            let judged = self.workers.compute(move |threads| {
                let verdict = judge(&incoming, &module, &expected, &threads);
                (incoming, verdict)
            });
            let verdict;
            (incoming, verdict) = judged.await;
            match verdict? {
                Ok(checked) => return Ok((checked, incoming)),
                Err(rejection) => {
                    if rejection.kind() == RejectionKind::Mismatch
                        && let Some(kept) = self.rejected_zip(zip_of)
                    {
                        // Evidence is worth keeping, but no reason to fail in another way.
                        let _ = std::fs::copy(incoming.path(), kept);
                    }
                    zip.reject(rejection)?;
                }
            }
        }
    }
}
