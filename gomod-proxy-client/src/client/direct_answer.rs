//! How a [`DirectSource`] is asked for a file of the protocol.

use std::fs::File;

use bytes::Bytes;
use gomod_module::{Info, ModulePath, ModuleVersion};

use crate::client::direct::{DirectError, DirectSource, DirectSteps};
use crate::client::shared::{Failed, Opened, Shared, failed, shown};
use crate::client::source_state::SourceAttempt;
use crate::policy::pending_attempt::PendingAttempt;
use crate::protocol::endpoint::{Endpoint, Target};
use crate::report::failure::Failure;
use crate::transport::body::{Body, Transport};
use crate::transport::file::FileBody;

/// What it answers, as a proxy would.
enum Content {
    Bytes(Bytes),
    File(File),
}

impl Shared {
    /// The file of the protocol that a direct source's answer is. There is one, or this is "off".
    pub(crate) async fn open_directly(
        &self,
        attempt: &SourceAttempt,
        endpoint: &Endpoint,
        what: &'static str,
        limit: u64,
    ) -> Result<Opened, Failed> {
        let url = shown(attempt, endpoint).unwrap_or_default();
        let mut pending = PendingAttempt::new(attempt.to_string(), Some(url.clone()));
        let Some(source) = &self.direct else { return Err(failed(pending, Failure::Off)) };
        pending.slot = match attempt.clock.within_total(&url, self.slots.acquire()).await {
            Ok(slot) => slot,
            Err(failure) => return Err(failed(pending, failure)),
        };
        let steps = DirectSteps::new();
        let answered =
            attempt.clock.within_total(&url, answer(source.as_ref(), endpoint.target(), &steps)).await;
        pending.steps = steps.take(&attempt.to_string(), &self.secrets());
        let opened = match answered.and_then(|answer| answer) {
            Ok(Content::Bytes(bytes)) => Ok(FileBody::of_bytes(bytes)),
            Ok(Content::File(file)) => {
                FileBody::of_file(file).map_err(|source| Failure::File { url: url.clone(), source })
            }
            Err(failure) => Err(failure),
        };
        let secrets = self.secrets();
        let body = opened
            .map(Transport::File)
            .and_then(|transport| Body::new(transport, url, attempt.clock, what, limit, None, secrets));
        match body {
            Ok(body) => Ok(Opened { pending, body }),
            Err(failure) => Err(failed(pending, failure)),
        }
    }
}

async fn answer(source: &dyn DirectSource, target: &Target, steps: &DirectSteps) -> Result<Content, Failure> {
    let steps = || steps.clone();
    let bytes = |text: Vec<u8>| Content::Bytes(text.into());
    let of_info = |info: Info| bytes(info.encode().into_bytes());
    let of_list = |versions: Vec<String>| bytes(versions.join("\n").into_bytes());
    let answer = match target {
        Target::List { module } => source.versions(module, steps()).await.map(of_list),
        Target::Latest { module } => source.latest(module, steps()).await.map(of_info),
        Target::Info { module, revision } => source.info(module, revision, steps()).await.map(of_info),
        Target::GoMod { module, revision } => {
            source.go_mod(&version(module, revision)?, steps()).await.map(bytes)
        }
        Target::Zip { module, revision } => {
            source.zip(&version(module, revision)?, steps()).await.map(Content::File)
        }
        Target::SumDb { .. } => return Err(Failure::Off),
    };
    answer.map_err(|DirectError { kind, source, next_step }| Failure::Repository {
        kind,
        next_step,
        last: None,
        source,
    })
}

fn version(module: &ModulePath, revision: &str) -> Result<ModuleVersion, Failure> {
    let parsed = ModuleVersion::parse(module.as_str(), revision);
    parsed.map_err(|source| Failure::NoSuchVersion { version: revision.to_owned(), source })
}
