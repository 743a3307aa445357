//! The zip of one module, from the proxies.

use bytes::Bytes;
use gomod_module::ModuleVersion;
use gomod_proxy_client::report::RejectionKind;
use gomod_proxy_client::transport::Partial;
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
    /// A zip from the proxies, in a file without its final name; `partial` is how an earlier run came by what there is of it.
    pub(super) async fn fetch_zip(
        &self,
        module: &ModuleVersion,
        arriving: Arriving,
        partial: Option<Partial>,
        expected: Expected,
        installed: &mut Installed,
    ) -> Result<(CheckedZip, Arriving), Problem> {
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
            // What completes the zip is written where it is checked: for a small one nothing else is asked of the disk.
            let mut last = None;
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
                // Nothing should follow, but then it has its place.
                let before: Option<Bytes> = last.take().filter(|_| event != Event::Restart);
                if let Event::Chunk(chunk) = &event
                    && before.is_none()
                    && zip.progress().is_complete()
                {
                    last = Some(chunk.clone());
                    continue;
                }
                let written;
                (arriving, written) = on_disk(move || {
                    let written = before.map_or(Ok(()), |chunk| arriving.write(&chunk, None));
                    let written = written.and_then(|()| match event {
                        Event::Restart => arriving.restart(),
                        Event::Resume { .. } => arriving.resume(),
                        Event::Chunk(chunk) => arriving.write(&chunk, note.as_ref()),
                        _ => Ok(()),
                    });
                    (arriving, written)
                })
                .await;
                written?;
            }
            bar.message("checking");
            let zip_of = module;
            let (module, expected) = (module.clone(), expected.clone());
            let judged = self.workers.compute(move |threads| {
                let written = last.map_or(Ok(()), |chunk| arriving.write(&chunk, None));
                // From here on it is good or of no use.
                arriving.incoming.discard_partial();
                written?;
                let verdict = judge(&arriving.incoming, &module, &expected, &threads)?;
                Ok::<_, Problem>((arriving, verdict))
            });
            let verdict;
            (arriving, verdict) = judged.await?;
            let rejection = match verdict {
                Ok(checked) => return Ok((checked, arriving)),
                Err(rejection) => rejection,
            };
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
