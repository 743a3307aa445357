//! The zip of one module, from the proxies.

use std::sync::Arc;

use bytes::Bytes;
use gomod_archive::Threads;
use gomod_cache::ZipDownload;
use gomod_module::{H1, ModuleVersion};
use gomod_proxy_client::report::RejectionKind;
use gomod_proxy_client::transport::Partial;
use gomod_proxy_client::{Event, ZipFetch};
use gomod_sum::ProvedBy;

use super::Installer;
use super::arriving::Arriving;
use crate::checked_zip::{CheckedZip, judge};
use crate::failure::Problem;
use crate::installed::Installed;
use crate::sums::Expected;
use crate::workers::on_disk;

/// Smaller zips are fetched again as quickly as their rest would be.
const WORTH_KEEPING: u64 = 64 << 10;

/// Smaller zips are installed by the threads that have checked them; larger ones by all that are free by then.
const SMALL: u64 = 1 << 20;

/// What is done with a zip that was found right, whose file has not its final name yet, where it was fetched.
pub(super) type Install =
    Arc<dyn Fn(Option<ZipDownload>, &CheckedZip, Threads) -> Result<(), Problem> + Send + Sync>;

/// A zip that was found right.
pub(super) struct FetchedZip {
    /// In bytes.
    size: u64,
    pub(super) found: (H1, ProvedBy),
    /// In hexadecimal digits, where it was asked for.
    pub(super) sha256: Option<String>,
    /// What came of installing it.
    pub(super) ended: Result<(), Problem>,
}

impl Installer {
    /// A zip from the proxies, installed where it is right; `partial` is how an earlier run came by what there is of it.
    pub(super) async fn fetch_zip(
        &self,
        module: &ModuleVersion,
        arriving: Arriving,
        partial: Option<Partial>,
        expected: Expected,
        install: Install,
        installed: &mut Installed,
    ) -> Result<FetchedZip, Problem> {
        let mut zip = match partial {
            Some(partial) => self.client.zip_from(module, partial).await?,
            None => self.client.zip(module).await?,
        };
        let received = self.receive(&mut zip, module, arriving, expected, install).await;
        match &received {
            Ok(fetched) => {
                installed.fetched = Some(fetched.size);
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
        install: Install,
    ) -> Result<FetchedZip, Problem> {
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
            let (module, expected, install_small) = (module.clone(), expected.clone(), Arc::clone(&install));
            let judged = self.workers.compute(move |threads| {
                let written = last.map_or(Ok(()), |chunk| arriving.write(&chunk, None));
                // From here on it is good or of no use.
                arriving.incoming.discard_partial();
                written?;
                let checked = match judge(&arriving.incoming, &module, &expected, &threads)? {
                    Ok(checked) => checked,
                    Err(rejection) => return Ok(Err((arriving, rejection))),
                };
                let size = arriving.size();
                let (incoming, sha256) = arriving.finish();
                let mut incoming = Some(incoming);
                let ended = (size <= SMALL).then(|| install_small(incoming.take(), &checked, threads));
                Ok::<_, Problem>(Ok((checked, incoming, ended, size, sha256)))
            });
            let rejection;
            (arriving, rejection) = match judged.await? {
                Ok((checked, incoming, ended, size, sha256)) => {
                    let found = (checked.hash, checked.proof);
                    let ended = if let Some(ended) = ended {
                        ended
                    } else {
                        let install = Arc::clone(&install);
                        self.workers.compute(move |threads| install(incoming, &checked, threads)).await
                    };
                    return Ok(FetchedZip { size, found, sha256, ended });
                }
                Err(rejected) => rejected,
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
