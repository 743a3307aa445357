use bytes::Bytes;
use gomod_module::modfile::Retract;
use gomod_module::query::QueryMatcher;
use gomod_module::{GoMod, Info, ModulePath, ModuleVersion, Query, Version, semver};

use crate::client::fetched::Fetched;
use crate::client::proxy_client::ProxyClient;
use crate::client::query_rules::{Retracted, Rules};
use crate::client::shared::Failed;
use crate::client::source_query::{QueryCache, QueryOutcome, SourceQuery};
use crate::client::walk::Walk;
use crate::policy::pending_attempt::PendingAttempt;
use crate::protocol::goproxy::Entry;
use crate::report::error::Error;
use crate::report::failure::Failure;
use crate::report::rejection::{Rejection, RejectionKind};
use crate::report::trace::Trace;

/// What a [`Query`] is asked with.
///
/// ```
/// use gomod_module::Version;
/// use gomod_proxy_client::QueryOptions;
///
/// // `patch` of the version in use, but not the one that the main module excludes.
/// let options = QueryOptions::new()
///     .current(Version::new("v1.2.0")?)
///     .excluded(["v1.2.7".parse()?]);
/// # Ok::<(), gomod_module::version::InvalidVersionError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct QueryOptions {
    /// The version in use, which `upgrade` and `patch` start from. None, unless set.
    pub current: Option<Version>,
    /// The versions that the main module excludes. None, unless set.
    pub excluded: Vec<Version>,
    /// Whether versions that their author has retracted, and those excluded, count like others (`go list -m
    /// -retracted`). They do not, unless set.
    pub retracted: bool,
}

/// The version that a [`Query`] leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Resolved {
    /// The version of the module.
    pub module: ModuleVersion,
    /// What its source says of it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::report::serial::info"))]
    pub info: Info,
}

impl QueryOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the version in use.
    #[must_use]
    pub fn current(mut self, version: impl Into<Option<Version>>) -> Self {
        self.current = version.into();
        self
    }

    /// Sets the versions that do not count.
    #[must_use]
    pub fn excluded(mut self, versions: impl IntoIterator<Item = Version>) -> Self {
        self.excluded = versions.into_iter().collect();
        self
    }

    /// Sets whether retracted and excluded versions count.
    #[must_use]
    pub fn retracted(mut self, retracted: bool) -> Self {
        self.retracted = retracted;
        self
    }
}

impl ProxyClient {
    /// The version that a query leads to, as `go list -m PATH@QUERY` finds it
    /// ([Version queries](https://go.dev/ref/mod#version-queries), `modload.Query` in cmd/go).
    ///
    /// The name of a revision, such as a version, a branch or a commit, is asked for as it is. Any other query reads
    /// the list of versions, chooses, and asks for what it chose; one walk along the list of sources does all of that.
    /// What the newest version retracts does not count, and where its `.mod` file cannot be had or read, nothing is
    /// retracted.
    ///
    /// `check` is the caller's verdict on each `.mod` file that decides something, as in [`go_mod`](Self::go_mod).
    ///
    /// # Errors
    /// [`Error`]: where no source answers, and of the kinds [`NoMatchingVersion`](crate::ErrorKind::NoMatchingVersion)
    /// and [`InvalidQuery`](crate::ErrorKind::InvalidQuery).
    pub async fn resolve(
        &self,
        module: &ModulePath,
        query: &Query,
        options: &QueryOptions,
        mut check: impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Resolved>, Error> {
        self.resolve_with(module, query, options, &mut check, &mut QueryCache::default()).await
    }

    /// The same for one of several questions about a module: what `cache` has is not asked for again.
    pub(crate) async fn resolve_with(
        &self,
        module: &ModulePath,
        query: &Query,
        options: &QueryOptions,
        check: &mut impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
        cache: &mut QueryCache,
    ) -> Result<Fetched<Resolved>, Error> {
        let subject = format!("{module}@{query}");
        let current = options.current.as_ref();
        let matcher = query.matcher(module, current);
        let matcher = matcher.map_err(|source| {
            Error::new(subject.clone(), Failure::NoPatchBase { source }, Trace::default())
        })?;
        let retracted = if options.retracted { Retracted::Ignored } else { Retracted::Unknown };
        let excluded = if options.retracted { &[] } else { &*options.excluded };
        let mut rules = Rules { current: current.map(Version::as_str), excluded, retracted };
        let mut walk = Walk::of_module(&self.shared, module.as_str(), subject);
        loop {
            let entry = walk.source().await?;
            let answer = loop {
                let mut source = SourceQuery::new(&mut walk, cache, module, entry.clone());
                let needed = match source.answer(query, &matcher, &rules).await {
                    Ok(QueryOutcome::NeedsRetractions) => None,
                    Ok(QueryOutcome::NeedsGoMod(version)) => Some(version),
                    Ok(QueryOutcome::Info(info)) => {
                        break proven(module, *info)
                            .map(|found| (source.found(), found))
                            .map_err(|failure| source.failed(failure));
                    }
                    Err(failed) => break Err(failed),
                };
                source.flush();
                if let Some(version) = needed {
                    let content = self.fetch_go_mod_for_query(module, &version, check, &mut walk.trace).await;
                    match content {
                        Ok(content) => _ = cache.go_mods.insert(version, content),
                        Err(failure) => break Err(without_request(&entry, failure)),
                    }
                } else {
                    let retracted = self.retracted(module, cache, check, &mut walk.trace).await;
                    rules.retracted = Retracted::Known(retracted);
                }
            };
            if let Some(fetched) = walk.take(answer)? {
                return Ok(fetched);
            }
        }
    }

    /// What the newest version retracts. Nothing, where that cannot be known.
    async fn retracted(
        &self,
        module: &ModulePath,
        cache: &mut QueryCache,
        check: &mut impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
        trace: &mut Trace,
    ) -> Vec<Retract> {
        let newest = self.newest_go_mod(module, cache, check, trace).await;
        newest.map(|go_mod| go_mod.retract).unwrap_or_default()
    }

    /// The go.mod file of the newest version, whatever is excluded and retracted: what it retracts and deprecates counts
    /// (`queryLatestVersionIgnoringRetractions` in cmd/go).
    pub(crate) async fn newest_go_mod(
        &self,
        module: &ModulePath,
        cache: &mut QueryCache,
        check: &mut impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
        trace: &mut Trace,
    ) -> Result<GoMod, Error> {
        let latest = Query::latest();
        let subject = format!("{module}@{latest}");
        let fail = |failure| Error::new(subject.clone(), failure, Trace::default());
        let matcher = latest.matcher(module, None).map_err(|source| fail(Failure::NoPatchBase { source }))?;
        let rules = Rules { current: None, excluded: &[], retracted: Retracted::Ignored };
        let mut walk = Walk::of_module(&self.shared, module.as_str(), subject.clone());
        let newest = loop {
            let entry = match walk.source().await {
                Ok(entry) => entry,
                Err(error) => break Err(error),
            };
            let answer = loop {
                let mut source = SourceQuery::new(&mut walk, cache, module, entry.clone()).reusing_failures();
                match source.choose(&latest, &matcher, &rules).await {
                    Ok(QueryOutcome::NeedsGoMod(version)) => {
                        source.flush();
                        match self.fetch_go_mod_for_query(module, &version, check, &mut walk.trace).await {
                            Ok(content) => _ = cache.go_mods.insert(version, content),
                            Err(failure) => break Err(without_request(&entry, failure)),
                        }
                    }
                    Ok(QueryOutcome::Info(info)) => break Ok((source.found(), info.version)),
                    // Nothing is retracted by these rules.
                    Ok(QueryOutcome::NeedsRetractions) => break Err(source.failed(Failure::NoCommits)),
                    Err(failed) => break Err(failed),
                }
            };
            match walk.take(answer) {
                Ok(None) => {}
                Ok(Some(fetched)) => {
                    walk.trace = fetched.trace;
                    break Ok(fetched.value);
                }
                Err(error) => {
                    trace.extend(error.attempts().iter().cloned());
                    break Err(error);
                }
            }
        };
        trace.extend(std::mem::take(&mut walk.trace).into_attempts());
        let version = newest?;
        let content = match cache.go_mods.get(&version) {
            Some(content) => content.clone(),
            None => self.fetch_go_mod_for_query(module, &version, check, trace).await.map_err(fail)?,
        };
        let go_mod = GoMod::parse_lax(&content).map_err(|source| {
            let url = format!("{module}@{version}");
            fail(Failure::Rejected { url, kind: RejectionKind::Malformed, source: source.into() })
        });
        cache.go_mods.insert(version, content);
        go_mod
    }

    /// A `.mod` file that decides which version is chosen.
    async fn fetch_go_mod_for_query(
        &self,
        module: &ModulePath,
        version: &str,
        check: &mut impl FnMut(&ModuleVersion, &[u8]) -> Result<(), Rejection>,
        trace: &mut Trace,
    ) -> Result<Bytes, Failure> {
        let module = ModuleVersion::parse(module.as_str(), version)
            .map_err(|source| Failure::NoSuchVersion { version: shown(version), source })?;
        let fetched = self.go_mod_checked(&module, |data| check(&module, data)).await;
        match fetched {
            Ok(fetched) => {
                trace.extend(fetched.trace.into_attempts());
                Ok(fetched.value)
            }
            Err(error) => {
                trace.extend(error.attempts().iter().cloned());
                Err(Failure::GoMod { kind: error.kind(), limit: error.limit(), source: error.into() })
            }
        }
    }
}

impl SourceQuery<'_> {
    async fn answer(
        &mut self,
        query: &Query,
        matcher: &QueryMatcher<'_>,
        rules: &Rules<'_>,
    ) -> Result<QueryOutcome, Failed> {
        if query.is_revision() {
            return self.revision(query).await.map(|info| QueryOutcome::Info(Box::new(info)));
        }
        self.choose(query, matcher, rules).await
    }
}

/// What a source says of a version that this module can have.
fn proven(module: &ModulePath, info: Info) -> Result<Resolved, Failure> {
    match ModuleVersion::parse(module.as_str(), &info.version) {
        Ok(module) => Ok(Resolved { module, info }),
        Err(source) => Err(Failure::NoSuchVersion { version: shown(&info.version), source }),
    }
}

fn without_request(entry: &Entry, failure: Failure) -> Failed {
    Box::new((PendingAttempt::new(entry.to_string(), None), failure))
}

/// What is no version may hold what plays tricks on a terminal.
fn shown(version: &str) -> String {
    if semver::is_valid(version) { version.to_owned() } else { gomod_module::text::quote(version.as_bytes()) }
}
