//! Queries, and the list of versions without those that are taken back.

use gomod_module::query::Selection;
use gomod_module::{Origin, Query, Version, semver};

use super::error::{LookupError, LookupReason};
use super::repository::{ModuleRepository, Resolved};
use super::retractions::Retractions;
use crate::git::error::RepoError;

impl ModuleRepository {
    /// The versions with a tag, sorted, without those that the latest version's go.mod file retracts (`go list -m
    /// -versions`).
    ///
    /// # Errors
    /// [`LookupError`], also where there are versions, and the go.mod file that could retract some cannot be read.
    pub fn versions(&mut self) -> Result<Vec<Version>, LookupError> {
        const QUERY: &str = "latest";
        let (list, _) = self.listed("").map_err(|reason| self.error(QUERY, None, reason))?;
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let retracted = self.latest_retractions()?;
        let list = list.into_iter().filter(|version| !retracted.contain(version));
        Ok(list.filter_map(|version| Version::new(version).ok()).collect())
    }

    /// The versions with a tag, sorted, those that were taken back included (`Versions` of the go command): what a query chooses
    /// from.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn tagged_versions(&mut self) -> Result<Vec<String>, LookupError> {
        self.listed("").map(|(list, _)| list).map_err(|reason| self.error("", None, reason))
    }

    /// The version of the commit that the server calls HEAD; `None` where there is none, or no module in it (`Latest` of the go
    /// command): what counts where there is no tag.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn head(&mut self) -> Result<Option<Resolved>, LookupError> {
        match self.latest("latest", &mut None)? {
            Some(version) => self.stat(&version).map(Some),
            None => Ok(None),
        }
    }

    /// The version that a query means; `current` is the one in use, for `upgrade` and `patch`
    /// (<https://go.dev/ref/mod#version-queries>).
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn query(&mut self, query: &Query, current: Option<&Version>) -> Result<Resolved, LookupError> {
        let mut first_error = None;
        for revision in query.revisions() {
            match self.stat(revision) {
                Ok(resolved) => return Ok(resolved),
                Err(e) => _ = first_error.get_or_insert(e),
            }
        }
        if let Some(e) = first_error {
            return Err(e);
        }
        let retracted = self.latest_retractions().unwrap_or_default();
        self.select(query, current, &retracted)
    }

    /// The retractions of the latest version, be it retracted itself.
    fn latest_retractions(&mut self) -> Result<Retractions, LookupError> {
        let latest = self.select(&Query::latest(), None, &Retractions::default())?;
        let go_mod = self.go_mod(&latest.version)?;
        Retractions::of(&go_mod).map_err(|reason| self.error("latest", None, reason))
    }

    /// What a query that names no revision chooses (`queryProxy` of the go command).
    fn select(
        &mut self,
        query: &Query,
        current: Option<&Version>,
        retracted: &Retractions,
    ) -> Result<Resolved, LookupError> {
        let text = query.as_str();
        let path = self.path.clone();
        let matcher =
            query.matcher(&path, current).map_err(|e| self.error(text, None, LookupReason::NoCurrent(e)))?;
        let prefix = match (text, current) {
            ("latest" | "upgrade", _) => String::new(),
            ("patch", Some(current)) => format!("{}.", semver::major_minor(current.as_str())),
            (text, _) if text.starts_with('v') => format!("{text}."),
            _ => String::new(),
        };
        let (list, mut origin) = self.listed(&prefix).map_err(|reason| self.error(text, None, reason))?;
        let allowed = |version: &str| !retracted.contain(version);
        let mut go_mod = None;
        let chosen = loop {
            match matcher.select(&list, allowed, go_mod.as_deref()) {
                Selection::GoMod(version) if go_mod.is_none() => {
                    let place = self.place(version);
                    let place = place.map_err(|reason| self.error(text, origin.clone(), reason))?;
                    go_mod = Some(place.go_mod.unwrap_or_else(|| format!("module {path}\n").into_bytes()));
                }
                Selection::Version(version) => break Some(version.clone()),
                Selection::Latest => {
                    let version = self.latest(text, &mut origin)?;
                    break match matcher.select_latest(version.as_ref(), allowed) {
                        Selection::Version(version) => Some(version.clone()),
                        Selection::Current => current.map(|current| current.as_str().to_owned()),
                        _ => None,
                    };
                }
                Selection::Current => break current.map(|current| current.as_str().to_owned()),
                _ => break None,
            }
        };
        let Some(version) = chosen else { return Err(self.error(text, origin, LookupReason::NoMatch)) };
        let mut resolved = self.found(&version, &mut origin, text)?;
        if let Some(current) = current.filter(|_| matcher.keeps_current(resolved.time)) {
            resolved = self.found(current.as_str(), &mut origin, text)?;
        }
        Ok(Resolved { origin, ..resolved })
    }

    /// A version of the list; what the answer depends on grows.
    fn found(
        &mut self,
        version: &str,
        origin: &mut Option<Origin>,
        query: &str,
    ) -> Result<Resolved, LookupError> {
        match self.stat(version) {
            Ok(resolved) => {
                *origin = merged(origin.take(), resolved.origin.clone());
                Ok(resolved)
            }
            Err(e) => {
                *origin = merged(origin.take(), e.origin.map(|origin| *origin));
                Err(self.error(query, origin.clone(), *e.reason))
            }
        }
    }

    /// The version of the commit that the server calls HEAD; `None` where there is none, or no module in it.
    fn latest(&mut self, query: &str, origin: &mut Option<Origin>) -> Result<Option<String>, LookupError> {
        let revision = match self.revisions.latest() {
            Ok(revision) => revision,
            Err(RepoError::NoCommits) => return Ok(None),
            Err(e) => return Err(self.error(query, origin.take(), e.into())),
        };
        match self.resolved(&revision, "") {
            Ok(resolved) => {
                *origin = merged(origin.take(), resolved.origin.clone());
                let version = resolved.version.as_str().to_owned();
                self.known.entry(version.clone()).or_insert(resolved);
                Ok(Some(version))
            }
            Err(e) => {
                let is_not_found = e.is_not_found();
                *origin = merged(origin.take(), e.origin.map(|origin| *origin));
                if is_not_found { Ok(None) } else { Err(self.error(query, origin.take(), *e.reason)) }
            }
        }
    }
}

/// What two answers depend on together; `None` where that cannot be said (`mergeOrigin` of the go command).
fn merged(one: Option<Origin>, other: Option<Origin>) -> Option<Origin> {
    let (mut one, other) = (one?, other?);
    if (&one.vcs, &one.url, &one.subdir) != (&other.vcs, &other.url, &other.subdir) {
        return None;
    }
    if !one.tag_sum.is_empty() && !other.tag_sum.is_empty() && one.tag_prefix != other.tag_prefix {
        return None;
    }
    if !other.tag_sum.is_empty() {
        one.tag_prefix = other.tag_prefix;
    }
    let pairs = [
        (&mut one.hash, other.hash),
        (&mut one.tag_sum, other.tag_sum),
        (&mut one.repo_sum, other.repo_sum),
        (&mut one.reference, other.reference),
    ];
    for (one, other) in pairs {
        if !one.is_empty() && !other.is_empty() && *one != other {
            return None;
        }
        if !other.is_empty() {
            *one = other;
        }
    }
    Some(one)
}
