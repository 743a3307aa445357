//! The zip of one module, from the proxies.

use std::sync::Arc;

use gomod_cache::EntryLock;
use gomod_module::ModuleVersion;
use gomod_proxy_client::report::RejectionKind;
use gomod_proxy_client::{Event, ZipFetch};

use super::Installer;
use super::arriving::Arriving;
use crate::checked_zip::{CheckedZip, judge};
use crate::failure::Problem;
use crate::installed::Installed;
use crate::sums::Expected;
use crate::workers::on_disk;

/// Smaller zips are fetched again as quickly as their rest would be.
const WORTH_KEEPING: u64 = 64 << 10;

impl Installer {
    /// A zip from the proxies, in a file without its final name.
    pub(super) async fn fetch_zip(
        &self,
        module: &ModuleVersion,
        lock: &Arc<EntryLock>,
        expected: Expected,
        installed: &mut Installed,
    ) -> Result<(CheckedZip, Arriving), Problem> {
        let (lock, digest) = (Arc::clone(lock), self.digests);
        let (arriving, partial) = on_disk(move || Arriving::kept_or_new(&lock, digest)).await?;
        let mut zip = match partial {
            Some(partial) => self.client.zip_from(module, partial).await?,
            None => self.client.zip(module).await?,
        };
        let received = self.receive(&mut zip, module, arriving, expected).await;
        match &received {
            Ok((_, arriving)) => {
                installed.fetched = Some(arriving.size());
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
        mut arriving: Arriving,
        expected: Expected,
    ) -> Result<(CheckedZip, Arriving), Problem> {
        let bar = self.progress.zip(module, zip.size());
        let mut noted = arriving.size() > 0;
        loop {
            while let Some(event) = zip.next().await? {
                let note = match &event {
                    Event::Restart => {
                        noted = false;
                        bar.restart(zip.size());
                        None
                    }
                    Event::Resume { offset } => {
                        bar.reach(*offset);
                        None
                    }
                    Event::Chunk(chunk) => {
                        bar.add(chunk.len());
                        let is_first = !std::mem::replace(&mut noted, true);
                        zip.partial().filter(|partial| is_first && partial.size() >= WORTH_KEEPING)
                    }
                    _ => None,
                };
                let written;
                (arriving, written) = on_disk(move || {
                    let written = match event {
                        Event::Restart => arriving.restart(),
                        Event::Resume { .. } => arriving.resume(),
                        Event::Chunk(chunk) => arriving.write(&chunk, note.as_ref()),
                        _ => Ok(()),
                    };
                    (arriving, written)
                })
                .await;
                written?;
            }
            // From here on it is good or of no use.
            arriving.incoming.discard_partial();
            bar.message("checking");
            let zip_of = module;
            let (module, expected) = (module.clone(), expected.clone());
            let judged = self.workers.compute(move |threads| {
                let verdict = judge(&arriving.incoming, &module, &expected, &threads);
                (arriving, verdict)
            });
            let verdict;
            (arriving, verdict) = judged.await;
            match verdict? {
                Ok(checked) => return Ok((checked, arriving)),
                Err(rejection) => {
                    if rejection.kind() == RejectionKind::Mismatch
                        && let Some(kept) = self.rejected_zip(zip_of)
                    {
                        // Evidence is worth keeping, but no reason to fail in another way.
                        let path = arriving.incoming.path().to_owned();
                        let _ = on_disk(move || std::fs::copy(path, kept)).await;
                    }
                    zip.reject(rejection)?;
                }
            }
        }
    }
}
