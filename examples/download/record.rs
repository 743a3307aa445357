//! The record of `go mod download -json`, with what every proxy said.

use std::path::PathBuf;

use gomod_cache::{CacheFile, ModCache};
use gomod_module::{H1, Info};
use gomod_proxy_client::report::Attempt;
use gomod_proxy_client::{ErrorKind, ProxyClient};
use serde::Serialize;
use serde_json::Value;
use support::failure::{Failure, bounded, chain};
use support::installed::Installed;

/// Changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// One line of `--json`: Go's fields under Go's names, then `Source`, `ZipSHA256` and `Attempts`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Record {
    #[serde(rename = "schema")]
    schema: u32,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    go_mod: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<String>,
    /// Of the bytes of the zip; the go command has nothing like it.
    #[serde(rename = "ZipSHA256", skip_serializing_if = "Option::is_none")]
    zip_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    go_mod_sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    attempts: Vec<Try>,
}

/// One request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Try {
    source: String,
    #[serde(rename = "URL", skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirected_to: Option<String>,
    /// Which credentials were sent, or why none were where the server refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<String>,
    outcome: String,
    /// What the server said beside its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// How many bytes there were before: where above 0, the rest of a file was asked for.
    #[serde(skip_serializing_if = "is_zero")]
    offset: u64,
    bytes: u64,
    /// From the request to the status of its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_seconds: Option<f64>,
    seconds: f64,
    next: String,
}

impl Record {
    /// The record of a module on which work has ended, well or not.
    pub(crate) fn of(installed: &Installed, cache: &ModCache, client: &ProxyClient) -> Self {
        let entry = cache.entry(&installed.module);
        let sum = |(hash, _): &(H1, _)| hash.to_string();
        Self {
            info: installed.info.as_ref().map(|_| entry.path(CacheFile::Info)),
            go_mod: installed.go_mod.as_ref().map(|_| entry.path(CacheFile::Mod)),
            zip: installed.zip.as_ref().map(|_| entry.path(CacheFile::Zip)),
            dir: installed.extracted.then(|| entry.dir()),
            sum: installed.zip.as_ref().map(sum),
            zip_sha256: installed.zip_sha256.clone(),
            go_mod_sum: installed.go_mod.as_ref().map(sum),
            origin: installed.info.as_ref().and_then(|info| origin(info, client)),
            source: installed.source.clone(),
            error: installed.failure.as_ref().map(|failure| chain(&failure.problem)),
            ..Self::new(&installed.module.to_string(), installed.attempts())
        }
    }

    /// The record of a go.mod file that the module graph needs and that cannot be had.
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        let error = Some(chain(&failure.problem));
        Self { error, ..Self::new(&failure.module, &failure.attempts) }
    }

    fn new(module: &str, attempts: &[Attempt]) -> Self {
        let (path, version) = match module.split_once('@') {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (module, None),
        };
        Self {
            schema: SCHEMA,
            path: path.to_owned(),
            version,
            error: None,
            info: None,
            go_mod: None,
            zip: None,
            dir: None,
            sum: None,
            zip_sha256: None,
            go_mod_sum: None,
            origin: None,
            source: None,
            attempts: attempts.iter().map(Try::of).collect(),
        }
    }
}

/// Whether who asks may be the reason.
fn is_refused(attempt: &Attempt) -> bool {
    matches!(attempt.status(), Some(401 | 403 | 407))
}

impl Try {
    fn of(attempt: &Attempt) -> Self {
        Self {
            source: attempt.source().to_owned(),
            url: attempt.url().map(str::to_owned),
            status: attempt.status(),
            redirected_to: attempt.redirected_to().map(bounded),
            credentials: attempt
                .credentials()
                .filter(|sent| sent.is_sent() || is_refused(attempt))
                .map(|sent| bounded(&sent.to_string())),
            outcome: attempt.outcome().to_owned(),
            response: attempt.server_response().map(str::to_owned),
            kind: attempt.kind().map(ErrorKind::as_str),
            offset: attempt.offset(),
            bytes: attempt.bytes(),
            wait_seconds: attempt.waited().map(|waited| waited.as_secs_f64()),
            seconds: attempt.elapsed().as_secs_f64(),
            next: attempt.next().to_string(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(offset: &u64) -> bool {
    *offset == 0
}

/// The origin as `.info` files write it, without credentials that the server may quote.
fn origin(info: &Info, client: &ProxyClient) -> Option<Value> {
    let mut origin =
        serde_json::from_str::<Value>(&info.encode()).ok()?.get_mut("Origin").map(Value::take)?;
    for value in origin.as_object_mut()?.values_mut() {
        if let Some(text) = value.as_str() {
            *value = bounded(&client.redacted(text)).into();
        }
    }
    origin.as_object().is_some_and(|fields| !fields.is_empty()).then_some(origin)
}
