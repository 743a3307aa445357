//! The questions of one query to one source, each put once.

use std::collections::HashMap;

use bytes::Bytes;
use gomod_module::query::{QueryMatcher, Selection};
use gomod_module::version::InvalidVersionError;
use gomod_module::{Info, ModulePath, Query};

use crate::client::info::parse_info;
use crate::client::query_rules::Rules;
use crate::client::shared::Failed;
use crate::client::source_state::SourceAttempt;
use crate::client::walk::Walk;
use crate::policy::pending_attempt::PendingAttempt;
use crate::protocol::endpoint::Endpoint;
use crate::protocol::fallback::Answer;
use crate::protocol::goproxy::EntryKind;
use crate::protocol::version_list::{latest_from_list, versions};
use crate::report::failure::Failure;
use crate::report::page::Page;

/// What the sources have said to the questions of one query, by the text of their entry.
#[derive(Default)]
pub(crate) struct QueryCache {
    lists: HashMap<String, Bytes>,
    /// Sources that have no list, and whether they said "not found".
    without_list: HashMap<String, Answer>,
    /// With the requests, each of which is traced once, where its answer was last of use.
    infos: HashMap<(String, String), (Info, PendingAttempt)>,
    latest: HashMap<String, Option<Info>>,
    /// By version, from whichever source.
    pub(crate) go_mods: HashMap<String, Bytes>,
}

/// One source that is asked.
pub(crate) struct SourceQuery<'a> {
    pub(crate) walk: &'a mut Walk,
    pub(crate) cache: &'a mut QueryCache,
    module: &'a ModulePath,
    entry: SourceAttempt,
    /// Whether a source without a list is not asked for it again: one question of a query has waited for it already.
    reuses_failures: bool,
    /// The last answer, which has not been traced yet: it may be the one that ends the walk.
    pending: Option<PendingAttempt>,
}

/// What a source leads to.
pub(crate) enum QueryOutcome {
    Info(Box<Info>),
    /// Which versions are retracted must be known first.
    NeedsRetractions,
    /// The `.mod` file of this version must be known first.
    NeedsGoMod(String),
}

impl<'a> SourceQuery<'a> {
    pub(crate) fn new(
        walk: &'a mut Walk,
        cache: &'a mut QueryCache,
        module: &'a ModulePath,
        entry: SourceAttempt,
    ) -> Self {
        Self { walk, cache, module, entry, reuses_failures: false, pending: None }
    }

    /// For a second question of the same query.
    pub(crate) fn reusing_failures(mut self) -> Self {
        self.reuses_failures = true;
        self
    }

    /// The first revision of the query that the source knows.
    pub(crate) async fn revision(&mut self, query: &Query) -> Result<Info, Failed> {
        let mut revisions = query.revisions();
        if let Err(source) = self.revision_endpoint(query.as_str()) {
            return Err(self.failed(Failure::UnusableQuery { source }));
        }
        let failed = match self.info(revisions.next().unwrap_or_default()).await {
            Ok(info) => return Ok(info),
            Err(failed) => failed,
        };
        let Some(without_metadata) = revisions.next() else { return Err(failed) };
        match self.info(without_metadata).await {
            Ok(info) => {
                // It came first, but only now it is known not to be the answer.
                self.walk.same_source(failed.0, Some(&failed.1));
                Ok(info)
            }
            Err(second) if second.1.answer() == Answer::NotFound => {
                self.walk.same_source(second.0, Some(&second.1));
                Err(failed)
            }
            Err(second) => {
                self.walk.same_source(failed.0, Some(&failed.1));
                Err(second)
            }
        }
    }

    /// The version that the query chooses among those of the source.
    pub(crate) async fn choose(
        &mut self,
        query: &Query,
        matcher: &QueryMatcher<'_>,
        rules: &Rules<'_>,
    ) -> Result<QueryOutcome, Failed> {
        let body = self.list().await?;
        let list = self.walk.shared.without_secrets(versions(&body, ""));
        let stays = matches!(query.as_str(), "upgrade" | "patch").then_some(rules.current).flatten();
        let candidates = list.iter().map(String::as_str).filter(|version| matcher.matches(version));
        if rules.must_know(candidates.chain(stays)) {
            return Ok(QueryOutcome::NeedsRetractions);
        }
        let allowed = |version: &str| rules.allows(version);
        let mut selection = matcher.select(&list, allowed, None);
        if let Selection::GoMod(version) = selection {
            let Some(content) = self.cache.go_mods.get(version) else {
                return Ok(QueryOutcome::NeedsGoMod(version.clone()));
            };
            selection = matcher.select(&list, allowed, Some(content));
        }
        let latest;
        if let Selection::Latest = selection {
            latest = self.latest_once(&body).await?.map(|info| info.version);
            let candidate = latest.as_deref().filter(|version| matcher.matches(version));
            if rules.must_know(candidate) {
                return Ok(QueryOutcome::NeedsRetractions);
            }
            selection = matcher.select_latest(latest.as_ref(), allowed);
        }
        let Selection::Version(version) = selection else {
            let current = rules.current.filter(|_| selection == Selection::Current);
            let Some(current) = current else { return Err(self.no_match(query, rules, &body)) };
            return Ok(QueryOutcome::Info(Box::new(self.info(current).await?)));
        };
        let chosen = self.info(version).await?;
        match rules.current.filter(|_| matcher.keeps_current(chosen.time)) {
            Some(current) if allowed(current) => Ok(QueryOutcome::Info(Box::new(self.info(current).await?))),
            Some(_) => Err(self.no_match(query, rules, &body)),
            None => Ok(QueryOutcome::Info(Box::new(chosen))),
        }
    }

    /// The `.info` of a version or another revision.
    pub(crate) async fn info(&mut self, revision: &str) -> Result<Info, Failed> {
        let key = (self.entry.text().to_owned(), revision.to_owned());
        if let Some((info, attempt)) = self.cache.infos.get(&key) {
            let (info, attempt) = (info.clone(), attempt.copy());
            self.flush();
            self.walk.trace.forget(&attempt.source, attempt.url.as_deref());
            self.pending = Some(attempt);
            return Ok(info);
        }
        let endpoint = self.revision_endpoint(revision);
        let endpoint = endpoint.map_err(|source| self.failed(self.cannot_be_asked(source)))?;
        let limit = self.walk.shared.limits.info;
        let body = self.read(&endpoint, "info", limit).await?;
        let info = parse_info(&self.walk.shared, &self.entry, &body, Some((self.module, revision)));
        let info = info.map_err(|failure| self.failed(failure))?;
        if let Some(attempt) = &self.pending {
            self.cache.infos.insert(key, (info.clone(), attempt.copy()));
        }
        Ok(info)
    }

    /// The file to ask for; a repository has branches with a slash in their name.
    fn revision_endpoint(&self, revision: &str) -> Result<Endpoint, InvalidVersionError> {
        match self.entry.kind() {
            EntryKind::Direct => Ok(Endpoint::any_revision(self.module, revision)),
            _ => Endpoint::revision(self.module, revision),
        }
    }

    async fn list(&mut self) -> Result<Bytes, Failed> {
        let source = self.entry.text();
        if let Some(list) = self.cache.lists.get(source) {
            return Ok(list.clone());
        }
        if let Some(answer) = self.cache.without_list.get(source).filter(|_| self.reuses_failures) {
            return Err(self.failed(Failure::AskedBefore { answer: *answer }));
        }
        let limit = self.walk.shared.limits.list;
        let read = self.read(&Endpoint::list(self.module), "list", limit).await;
        let source = self.entry.text().to_owned();
        match &read {
            Ok(body) => _ = self.cache.lists.insert(source, body.clone()),
            Err(failed) => _ = self.cache.without_list.insert(source, failed.1.answer()),
        }
        read
    }

    async fn latest_once(&mut self, list: &[u8]) -> Result<Option<Info>, Failed> {
        if let Some(latest) = self.cache.latest.get(self.entry.text()) {
            return Ok(latest.clone());
        }
        let latest = self.latest(list).await?;
        self.cache.latest.insert(self.entry.text().to_owned(), latest.clone());
        Ok(latest)
    }

    /// What the source calls its latest version, if it knows one.
    async fn latest(&mut self, list: &[u8]) -> Result<Option<Info>, Failed> {
        let limit = self.walk.shared.limits.info;
        let failed = match self.read(&Endpoint::latest(self.module), "info", limit).await {
            Ok(body) => {
                let info = parse_info(&self.walk.shared, &self.entry, &body, None)
                    .map_err(|failure| self.failed(failure))?;
                if let Some(attempt) = &self.pending {
                    // As in Go, the `.info` of that version is not asked for.
                    let key = (self.entry.text().to_owned(), info.version.clone());
                    self.cache.infos.insert(key, (info.clone(), attempt.copy()));
                }
                return Ok(Some(info));
            }
            Err(failed) => failed,
        };
        if failed.1.answer() != Answer::NotFound {
            return Err(failed);
        }
        self.walk.same_source(failed.0, Some(&failed.1));
        let Some(version) = latest_from_list(list) else { return Ok(None) };
        match self.info(&version).await {
            Ok(info) => Ok(Some(info)),
            Err(failed) if failed.1.answer() == Answer::NotFound => {
                self.walk.same_source(failed.0, Some(&failed.1));
                Ok(None)
            }
            Err(failed) => Err(failed),
        }
    }

    async fn read(&mut self, endpoint: &Endpoint, what: &'static str, limit: u64) -> Result<Bytes, Failed> {
        self.flush();
        let (attempt, body) = self.walk.shared.read(&self.entry, endpoint, what, limit).await?;
        self.pending = Some(attempt);
        Ok(body)
    }

    /// Traces the last answer: it was not the one that ends the walk.
    pub(crate) fn flush(&mut self) {
        if let Some(attempt) = self.pending.take() {
            self.walk.same_source(attempt, None);
        }
    }

    /// The last answer, which ends the walk.
    pub(crate) fn found(&mut self) -> PendingAttempt {
        let pending = self.pending.take();
        pending.unwrap_or_else(|| PendingAttempt::new(self.entry.to_string(), None))
    }

    /// The last answer, in which there is something wrong.
    pub(crate) fn failed(&mut self, failure: Failure) -> Failed {
        Box::new((self.found(), failure))
    }

    fn no_match(&mut self, query: &Query, rules: &Rules<'_>, list: &[u8]) -> Failed {
        let stays = matches!(query.as_str(), "upgrade" | "patch");
        let current = rules.current.filter(|_| stays).map(str::to_owned);
        let failure = Failure::NoMatchingVersion { query: query.to_string(), current };
        // A list without a version, as for the go command.
        let Some(page) = Page::of_content(list, "list") else { return self.failed(failure) };
        let (kind, said) = (failure.kind(), page.said(&self.walk.shared.secrets()));
        let text = failure.to_string();
        self.failed(Failure::Page { text, kind, page: page.name(), said, source: page.name().into() })
    }

    fn cannot_be_asked(&self, source: InvalidVersionError) -> Failure {
        Failure::UnusableVersion { proxy: self.entry.to_string(), source }
    }
}
