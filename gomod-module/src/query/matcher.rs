use std::borrow::Cow;
use std::cmp::Ordering;

use thiserror::Error;

use super::{Kind, Query, SIGNS, Sign};
use crate::path::check_path_major;
use crate::version::is_pseudo_version;
use crate::{ModulePath, Timestamp, Version, semver};

/// Chooses one of a module's versions for a [`Query`] that names none.
#[doc(alias = "queryMatcher")]
#[derive(Debug, Clone)]
pub struct QueryMatcher<'a> {
    query: &'a Query,
    path: &'a ModulePath,
    current: Option<&'a Version>,
    /// What stands before a dot at the beginning of the version.
    prefix: Option<Cow<'a, str>>,
    /// How the version compares with another.
    bound: Option<(Sign, &'a str)>,
    prefers_incompatible: bool,
}

/// What [`QueryMatcher`] says to the versions of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selection<'v, V> {
    /// This version.
    Version(&'v V),
    /// It depends on the `.mod` file of this version: select again with its content. Where the author has written a
    /// go.mod file, versions with `+incompatible` do not count.
    GoMod(&'v V),
    /// No listed version will do, but what the source calls its latest one may: see
    /// [`QueryMatcher::select_latest`].
    Latest,
    /// The current version stays.
    Current,
    /// No version will do.
    None,
}

/// The query is `patch`, and there is no version whose patch releases to look for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("can't query version \"patch\" of module {path}: no existing version is required")]
#[non_exhaustive]
pub struct NoPatchBaseError {
    /// The module.
    pub path: ModulePath,
}

impl<'a> QueryMatcher<'a> {
    pub(super) fn new(
        query: &'a Query,
        path: &'a ModulePath,
        current: Option<&'a Version>,
    ) -> Result<Self, NoPatchBaseError> {
        let text = query.as_str();
        let at_least = |version| Some((Sign::GreaterOrEqual, version));
        let not_below = current.and_then(|current| at_least(current.as_str()));
        let (prefix, bound, named) = match query.kind {
            Kind::Latest | Kind::Revision => (None, None, None),
            Kind::Upgrade => (None, not_below, None),
            Kind::Patch => {
                let current = current.ok_or_else(|| NoPatchBaseError { path: path.clone() })?;
                (Some(semver::major_minor(current.as_str())), not_below, None)
            }
            Kind::Bound(sign) => {
                let version = SIGNS.iter().find(|(_, other)| *other == sign);
                let version = version.and_then(|(prefix, _)| text.strip_prefix(prefix)).unwrap_or_default();
                (None, Some((sign, version)), Some(version))
            }
            // `v1.2` is not to match `v1.2.0-rc.1`.
            Kind::Prefix => (Some(Cow::Borrowed(text)), at_least(text), Some(text)),
            Kind::Version => (None, None, Some(text)),
        };
        let path_major = path.prefix_and_major().1;
        let prefers_incompatible = current.is_some_and(Version::is_incompatible)
            || named.is_some_and(|version| check_path_major(version, path_major).is_err());
        Ok(Self { query, path, current, prefix, bound, prefers_incompatible })
    }

    /// Whether the query allows this version.
    pub fn matches(&self, version: &str) -> bool {
        let has_prefix = match &self.prefix {
            Some(prefix) => version.strip_prefix(&**prefix).is_some_and(|rest| rest.starts_with('.')),
            None => true,
        };
        let is_in_bound = match self.bound {
            Some((sign, bound)) => sign.holds(semver::compare(version, bound)),
            None => true,
        };
        let is_it = match self.query.kind {
            Kind::Version => semver::compare(version, self.query.as_str()).is_eq(),
            Kind::Revision => false,
            _ => true,
        };
        semver::is_valid(version) && has_prefix && is_in_bound && is_it
    }

    /// Selects from the versions of the module that are no pseudo-versions, in any order.
    ///
    /// `allowed` says which of them count: Go leaves out what the main module excludes and what the latest version
    /// retracts. `go_mod` is `None`, or what [`Selection::GoMod`] asked for.
    pub fn select<'v, V: AsRef<str>>(
        &self,
        versions: &'v [V],
        allowed: impl Fn(&str) -> bool,
        go_mod: Option<&[u8]>,
    ) -> Selection<'v, V> {
        let mut candidates: Vec<&V> = versions
            .iter()
            .filter(|version| self.matches((*version).as_ref()) && allowed((*version).as_ref()))
            .collect();
        candidates.sort_by(|a, b| semver::compare_total(a.as_ref().as_bytes(), b.as_ref().as_bytes()));
        if !self.prefers_incompatible
            && let Some((last, end)) = last_compatible(&candidates)
        {
            match go_mod {
                None => return Selection::GoMod(last),
                Some(data) if self.is_written(data) => candidates.truncate(end),
                Some(_) => {}
            }
        }
        let (prereleases, releases): (Vec<&V>, Vec<&V>) =
            candidates.into_iter().partition(|version| !semver::prerelease(version.as_ref()).is_empty());
        let best = if releases.is_empty() { prereleases } else { releases };
        let best = if self.prefers_lower() { best.first() } else { best.last() };
        match best {
            Some(version) => Selection::Version(version),
            None if self.uses_latest() => Selection::Latest,
            None => self.stay(allowed),
        }
    }

    /// Selects the version that the source calls latest, `None` if it knows none, after [`Selection::Latest`].
    pub fn select_latest<'v, V: AsRef<str>>(
        &self,
        latest: Option<&'v V>,
        allowed: impl Fn(&str) -> bool,
    ) -> Selection<'v, V> {
        match latest {
            Some(version) if self.matches(version.as_ref()) && allowed(version.as_ref()) => {
                Selection::Version(version)
            }
            _ => self.stay(allowed),
        }
    }

    /// Whether the current version stays although another, made at this time, was selected: `upgrade` and `patch` do
    /// not leave a pseudo-version for an older commit.
    pub fn keeps_current(&self, selected: Timestamp) -> bool {
        let current = self.current.and_then(Version::pseudo).and_then(|pseudo| pseudo.time().ok());
        let instant = |time: Timestamp| (time.unix_seconds(), time.nanos());
        matches!(self.query.kind, Kind::Upgrade | Kind::Patch)
            && instant(selected) != instant(Timestamp::default())
            && current.is_some_and(|current| instant(selected) < instant(current))
    }

    fn stay<'v, V>(&self, allowed: impl Fn(&str) -> bool) -> Selection<'v, V> {
        match (self.query.kind, self.current) {
            (Kind::Upgrade | Kind::Patch, Some(current)) if allowed(current.as_str()) => Selection::Current,
            _ => Selection::None,
        }
    }

    fn prefers_lower(&self) -> bool {
        matches!(self.query.kind, Kind::Bound(Sign::Greater | Sign::GreaterOrEqual))
    }

    fn uses_latest(&self) -> bool {
        match (self.query.kind, self.current) {
            (Kind::Latest, _) | (Kind::Upgrade, None) => true,
            (Kind::Upgrade | Kind::Patch, Some(current)) => is_pseudo_version(current.as_str()),
            _ => false,
        }
    }

    /// Whether a `.mod` file is one that an author wrote, and not what stands in for a missing one.
    fn is_written(&self, go_mod: &[u8]) -> bool {
        go_mod != format!("module {}\n", self.path).as_bytes()
    }
}

/// The version before the first with `+incompatible`, unless that is the very first, and how many versions end there.
fn last_compatible<'v, V: AsRef<str>>(versions: &[&'v V]) -> Option<(&'v V, usize)> {
    let is_incompatible = |version: &V| version.as_ref().ends_with("+incompatible");
    let mut pairs = versions.iter().zip(versions.iter().skip(1)).enumerate();
    let (index, (last, _)) =
        pairs.find(|(_, (version, next))| !is_incompatible(version) && is_incompatible(next))?;
    Some((last, index + 1))
}

impl Sign {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}
