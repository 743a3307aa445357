//! What all requests of a client share, and how one source is asked.

use std::sync::Arc;

use bytes::Bytes;
use gomod_module::PrefixPatterns;
use reqwest::header::HeaderMap;
use url::{Position, Url};

#[cfg(feature = "os")]
use crate::auth::commands::{Filled, Refused};
use crate::auth::credential_store::CredentialStore;
use crate::auth::credentials::Told;
use crate::client::direct::DirectSource;
use crate::client::source_state::SourceAttempt;
use crate::policy::breaker::{Breaker, Permit};
use crate::policy::clock::Clock;
use crate::policy::limits::Limits;
use crate::policy::memory::Memory;
use crate::policy::pending_attempt::PendingAttempt;
use crate::policy::retry::RetryBudget;
use crate::policy::slots::{Slot, Slots};
use crate::policy::timeouts::Timeouts;
use crate::protocol::base_url::BaseUrl;
use crate::protocol::endpoint::{Endpoint, Target};
use crate::protocol::goproxy::{Entry, EntryKind, GoProxy};
use crate::report::failure::Failure;
#[cfg(feature = "os")]
use crate::report::pending::Phase;
use crate::report::rejection::{Rejection, RejectionKind};
use crate::report::secrets::Secrets;
use crate::report::text::short;
use crate::transport::body::{Body, Transport};
use crate::transport::file::FileBody;
use crate::transport::http::Http;
use crate::transport::http_body::HttpBody;
use crate::transport::http_pools::HttpPools;
use crate::transport::resume::{Partial, ask_for_plain};

/// What all requests of a client share.
pub(crate) struct Shared {
    pub(crate) list: GoProxy,
    pub(crate) gonoproxy: PrefixPatterns,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) http: HttpPools,
    pub(crate) credentials: CredentialStore,
    pub(crate) retries: RetryBudget,
    /// None where every source is asked whatever it did before.
    pub(crate) breaker: Option<Arc<Breaker>>,
    /// Whether content that was rejected passes `|`.
    pub(crate) rejections_pass: bool,
    /// What is asked at `direct`.
    pub(crate) direct: Option<Arc<dyn DirectSource>>,
    /// URLs whose content had the wrong hash lately, with the verdict: not asked again.
    pub(crate) mismatched: Memory<Arc<str>>,
    /// Requests in flight.
    pub(crate) slots: Slots,
}

/// An answer whose content is still to be read.
pub(crate) struct Opened {
    pub(crate) pending: PendingAttempt,
    pub(crate) body: Body,
}

/// A request that came to nothing, and why.
pub(crate) type Failed = Box<(PendingAttempt, Failure)>;

impl Shared {
    /// Asks one source for one file, or for the rest of what is held of it.
    pub(crate) async fn open(
        &self,
        attempt: &SourceAttempt,
        endpoint: &Endpoint,
        what: &'static str,
        limit: u64,
        held: Option<&Partial>,
    ) -> Result<Opened, Failed> {
        let base = attempt.url.as_ref();
        let shown = shown(attempt, endpoint);
        let url = shown.clone().unwrap_or_default();
        let unasked = |url, failure| Err(Box::new((PendingAttempt::new(attempt.to_string(), url), failure)));
        if let Some(verdict) = self.mismatched.get(&key(attempt, endpoint)) {
            let source = verdict.to_string().into();
            return unasked(shown, Failure::RejectedBefore { url, source });
        }
        let Some(base) = base else { return self.open_directly(attempt, endpoint, what, limit).await };
        let admitted = self.admit(attempt, base, endpoint);
        let (permit, slot) = match attempt.clock.within_total(&url, admitted).await {
            Ok(Ok(admitted)) => admitted,
            Ok(Err(failure)) | Err(failure) => return unasked(None, failure),
        };
        let mut pending = PendingAttempt::new(attempt.to_string(), shown);
        (pending.permit, pending.slot) = (permit, slot);
        pending.connect = Some(self.timeouts.connect);
        let held = held.filter(|held| held.is_useful() && held.is_at(&url));
        let opened = self.transport(base, endpoint, &url, attempt.first_byte, held, &mut pending).await;
        let held = held.filter(|_| pending.offset > 0);
        match opened
            .and_then(|transport| Body::new(transport, url, attempt.clock, what, limit, held, self.secrets()))
        {
            Ok(body) => Ok(Opened { pending, body }),
            Err(failure) => Err(failed(pending, failure)),
        }
    }

    /// Asks one source for one file and reads it.
    pub(crate) async fn read(
        &self,
        attempt: &SourceAttempt,
        endpoint: &Endpoint,
        what: &'static str,
        limit: u64,
    ) -> Result<(PendingAttempt, Bytes), Failed> {
        let Opened { mut pending, mut body } = self.open(attempt, endpoint, what, limit, None).await?;
        match body.read_all(&mut pending).await {
            Ok(body) => Ok((pending, body)),
            Err(failure) => Err(failed(pending, failure)),
        }
    }

    /// The right to ask a source, once it is there.
    ///
    /// # Errors
    /// Where the source is not asked, because it did not answer before.
    pub(crate) async fn admit(
        &self,
        attempt: &SourceAttempt,
        base: &BaseUrl,
        endpoint: &Endpoint,
    ) -> Result<(Option<Permit>, Option<Slot>), Failure> {
        let url = base.join(endpoint.path()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let (Some(breaker), Some(url)) = (&self.breaker, url) else {
            return Ok((None, self.slots.acquire().await));
        };
        let admitted = breaker.acquire(source_of(&url, endpoint), attempt.has_fallback, &self.slots).await;
        let (permit, slot) = admitted.map_err(|last| Failure::CircuitOpen {
            source_name: attempt.to_string(),
            kind: last.kind,
            outcome: last.outcome,
        })?;
        Ok((Some(permit), slot))
    }

    async fn transport(
        &self,
        base: &BaseUrl,
        endpoint: &Endpoint,
        shown: &str,
        clock: Clock,
        held: Option<&Partial>,
        pending: &mut PendingAttempt,
    ) -> Result<Transport, Failure> {
        let unusable = |source| Failure::Unusable { url: shown.to_owned(), source };
        if base.scheme == "file" {
            let path = base.file_path(endpoint.path()).map_err(unusable)?;
            let file = clock.wait(shown, FileBody::open(path)).await?;
            return file
                .map(Transport::File)
                .map_err(|source| Failure::File { url: shown.to_owned(), source });
        }
        if base.scheme == "http" && base.user_info.is_some() {
            return Err(Failure::InsecureCredentials { url: shown.to_owned() });
        }
        let url = base.join(endpoint.path()).map_err(unusable)?;
        let mut headers = HeaderMap::new();
        if matches!(endpoint.target(), Target::Zip { .. }) {
            ask_for_plain(&mut headers);
        }
        if let Some(held) = held {
            held.ask(&mut headers);
        }
        let http = self.http.current().map_err(|source| Failure::Client { url: shown.to_owned(), source })?;
        let got = self.get(&http, (base, endpoint, url), shown, &clock, &headers, pending).await;
        let got = got.map(Box::new);
        let Some(held) = held else { return got.map(Transport::Http) };
        let rest = |reason| Failure::Rest { url: shown.to_owned(), reason };
        match got {
            Ok(response) if pending.status == Some(206) => {
                held.check(response.headers()).map_err(rest)?;
                pending.offset = held.start();
                Ok(Transport::Http(response))
            }
            Err(Failure::Status { status: 416, .. }) => Err(rest("416 Range Not Satisfiable".to_owned())),
            got => got.map(Transport::Http),
        }
    }

    /// The answer to a request with the credentials that there are, or with those that commands have after a refusal.
    async fn get(
        &self,
        http: &Http,
        (base, endpoint, url): (&BaseUrl, &Endpoint, Url),
        shown: &str,
        clock: &Clock,
        headers: &HeaderMap,
        pending: &mut PendingAttempt,
    ) -> Result<HttpBody, Failure> {
        #[cfg(feature = "os")]
        if self.credentials.asks_again(base) {
            let _wait = http.waits.begin_at(shown, Phase::Credentials);
            clock.within_total(shown, self.credentials.prepare(base)).await?;
        }
        let told = self.told(base, endpoint, pending);
        let got = http.get(url.clone(), shown, &told, clock, headers, pending).await;
        #[cfg(feature = "os")]
        if let (Err(failure), Some(head)) = (&got, pending.head.take()) {
            let refused = Refused { url: url.to_string(), head };
            let wait = http.waits.begin_at(shown, Phase::Credentials);
            let renewed = self.credentials.renew(base, endpoint.path(), told.authorization.as_ref(), refused);
            let renewed = clock.within_total(shown, renewed).await?;
            drop(wait);
            if let Some(filled) = renewed {
                pending.refused(failure, &self.secrets());
                let told = self.told(base, endpoint, pending);
                let got = http.get(url, shown, &told, clock, headers, pending).await;
                // What another server said, to which the first one led, is no verdict on the credential.
                let status = pending.status.filter(|_| pending.redirected.is_none());
                self.judge(base, &told, filled, status).await;
                return got;
            }
        }
        got
    }

    /// What a request is made with now.
    fn told(&self, base: &BaseUrl, endpoint: &Endpoint, pending: &mut PendingAttempt) -> Told {
        let credentials = self.credentials.current();
        let sent = credentials.sent(base, endpoint.path());
        pending.sent = Some(Box::new(sent.clone()));
        Told {
            authorization: credentials.of(base, endpoint.path()),
            sent,
            secrets: credentials.secrets([base]).and(&self.secrets()),
            #[cfg(feature = "os")]
            wants_head: self.credentials.asks_again(base),
            #[cfg(not(feature = "os"))]
            wants_head: false,
        }
    }

    /// Tells git what a server made of the credential that git gave: the go command asks the server once more for that.
    #[cfg(feature = "os")]
    async fn judge(&self, base: &BaseUrl, told: &Told, filled: Vec<Filled>, status: Option<u16>) {
        let (Some(used), Some(status @ (200 | 206 | 401))) = (&told.authorization, status) else { return };
        for filled in filled.into_iter().filter(|filled| filled.is_used(used)) {
            self.credentials.judge(base, filled, status != 401).await;
        }
    }

    /// What no text of a server may show.
    pub(crate) fn secrets(&self) -> Secrets {
        self.credentials.secrets()
    }

    /// The failure that a caller's verdict is; a mismatch is remembered.
    pub(crate) fn rejected(&self, entry: &Entry, endpoint: &Endpoint, rejection: Rejection) -> Failure {
        let failure = Self::rejected_unremembered(entry, endpoint, rejection);
        if let Failure::Rejected { kind: RejectionKind::Mismatch, source, .. } = &failure {
            self.mismatched.insert(key(entry, endpoint), short(source).into());
        }
        failure
    }

    /// The same for bytes that may not be what the source would send in one piece.
    pub(crate) fn rejected_unremembered(entry: &Entry, endpoint: &Endpoint, rejection: Rejection) -> Failure {
        let (kind, source) = rejection.into_parts();
        let url = shown(entry, endpoint).unwrap_or_default();
        match kind {
            RejectionKind::Undecided => Failure::Undecided { url, source },
            kind => Failure::Rejected { url, kind, source },
        }
    }

    /// Versions that a source lists, but for those with which it quotes credentials: they would be shown.
    pub(crate) fn without_secrets(&self, mut versions: Vec<String>) -> Vec<String> {
        let secrets = self.secrets();
        versions.retain(|version| !secrets.are_told_by(version));
        versions
    }
}

/// A request that failed, as the record of its source has it from now on: what is made of it may take time.
pub(crate) fn failed(mut pending: PendingAttempt, failure: Failure) -> Failed {
    pending.report(&failure);
    Box::new((pending, failure))
}

/// The URL of a file, for people, or what stands for it at `direct`.
pub(crate) fn shown(entry: &Entry, endpoint: &Endpoint) -> Option<String> {
    match &entry.url {
        Some(base) => Some(base.redacted_join(endpoint.path())),
        None => (entry.kind() == EntryKind::Direct).then(|| format!("direct:{endpoint}")),
    }
}

/// The URL that is asked: the same for entries that are written in two ways.
fn key(entry: &Entry, endpoint: &Endpoint) -> String {
    let url = entry.url.as_ref().and_then(|base| base.join(endpoint.path()).ok());
    url.map_or_else(|| format!("{} {endpoint}", entry.text()), String::from)
}

/// The base that a URL was made from, without its query.
fn source_of<'a>(url: &'a Url, endpoint: &Endpoint) -> &'a str {
    let whole = &url[..Position::AfterPath];
    whole.strip_suffix(&endpoint.wire_path()).unwrap_or(whole)
}
