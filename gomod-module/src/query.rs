//! Version queries: `latest`, `upgrade`, `v1.2`, a branch.

mod matcher;

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use thiserror::Error;

pub use matcher::{NoPatchBaseError, QueryMatcher, Selection};

use crate::text::quote::quote;
use crate::version::canonical_version;
use crate::{ModulePath, Version, semver};

/// What stands behind the `@` in `go get path@query`: a rule to choose one of a module's versions.
///
/// | query | chooses |
/// | --- | --- |
/// | `latest` | the highest release, or else the highest pre-release, or else what the source calls latest |
/// | `upgrade` | the same, but nothing below the current version |
/// | `patch` | the same, within the minor version of the current one |
/// | `v1`, `v1.2` | the highest version that begins so |
/// | `<v1.2.3`, `<=v1.2.3` | the highest version below |
/// | `>v1.2.3`, `>=v1.2.3` | the lowest version above |
/// | `v1.2.3`, `v1.2.3+meta` | this version |
/// | anything else | the commit that a branch, tag or hash names |
///
/// Choosing needs answers from a source of modules, which this type never asks. In this order:
/// 1. Where [`revisions`](Self::revisions) has items, the version is that of the first `.info` there is of them.
/// 2. Else a [`matcher`](Self::matcher) selects from the list of versions.
/// 3. It may want to see the `.mod` file of one version, or `@latest`.
/// 4. With the time in the `.info` of its choice, [`QueryMatcher::keeps_current`] has the last word.
///
/// Source: [Version queries](https://go.dev/ref/mod#version-queries) and `modload.Query` of the go command.
///
/// ```
/// use gomod_module::{ModulePath, Query, Version, query::Selection};
///
/// let path = ModulePath::new("example.com/m")?;
/// let list = ["v1.0.0", "v1.2.0", "v1.2.1", "v1.3.0-rc.1"];
/// let choose = |query: &str, current: Option<&Version>| {
///     let query: Query = query.parse().ok()?;
///     match query.matcher(&path, current).ok()?.select(&list, |_| true, None) {
///         Selection::Version(version) => Some(*version),
///         _ => None,
///     }
/// };
/// assert_eq!(choose("latest", None), Some("v1.2.1"));
/// assert_eq!(choose("patch", Some(&Version::new("v1.2.0")?)), Some("v1.2.1"));
/// assert_eq!(choose("upgrade", Some(&Version::new("v1.3.0-alpha")?)), Some("v1.3.0-rc.1"));
/// assert_eq!(choose(">v1.0.0", None), Some("v1.2.0"));
/// assert_eq!(choose(">v1.3.0", None), None);
/// assert!("main".parse::<Query>()?.revisions().eq(["main"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Query {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Latest,
    Upgrade,
    Patch,
    /// A bound of versions, behind its sign.
    Bound(Sign),
    /// `v1` or `v1.2`.
    Prefix,
    Version,
    Revision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sign {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The longer signs first.
const SIGNS: [(&str, Sign); 4] =
    [("<=", Sign::LessOrEqual), ("<", Sign::Less), (">=", Sign::GreaterOrEqual), (">", Sign::Greater)];

/// A query that names a bound, which is no version to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason} semantic version {} in range {}", quote(version.as_bytes()), quote(query.as_bytes()))]
#[non_exhaustive]
pub struct InvalidQueryError {
    /// The query as given.
    pub query: String,
    /// The version behind the sign.
    pub version: String,
    /// What is wrong with the version.
    pub reason: QueryReason,
}

/// Why the version in a query is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QueryReason {
    /// It is no semantic version.
    #[error("invalid")]
    Invalid,
    /// It is `v1` or `v1.2`, of which it is unclear whether `<=` includes `v1.2.3`.
    #[error("ambiguous")]
    Ambiguous,
}

impl Query {
    /// Returns the query `latest`.
    ///
    /// ```
    /// use gomod_module::Query;
    ///
    /// assert_eq!(Query::latest(), Query::new("latest")?);
    /// assert_eq!(Query::upgrade(), Query::new("upgrade")?);
    /// # Ok::<(), gomod_module::query::InvalidQueryError>(())
    /// ```
    pub fn latest() -> Self {
        Self { text: "latest".to_owned(), kind: Kind::Latest }
    }

    /// Returns the query `upgrade`.
    pub fn upgrade() -> Self {
        Self { text: "upgrade".to_owned(), kind: Kind::Upgrade }
    }

    /// Returns the query that `text` states. Any text is one, if only as the name of a revision, unless it begins with
    /// `<` or `>`.
    ///
    /// # Errors
    /// [`InvalidQueryError`].
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidQueryError> {
        let text = text.into();
        let bound = SIGNS.iter().find_map(|(prefix, sign)| Some((*sign, text.strip_prefix(prefix)?)));
        let kind = match (text.as_str(), bound) {
            (_, Some((sign, version))) => {
                let reason = match semver::is_shorthand(version) {
                    None => Some(QueryReason::Invalid),
                    Some(true) if matches!(sign, Sign::LessOrEqual | Sign::Greater) => {
                        Some(QueryReason::Ambiguous)
                    }
                    Some(_) => None,
                };
                if let Some(reason) = reason {
                    return Err(InvalidQueryError { version: version.into(), query: text, reason });
                }
                Kind::Bound(sign)
            }
            ("latest", _) => Kind::Latest,
            ("upgrade", _) => Kind::Upgrade,
            ("patch", _) => Kind::Patch,
            (version, _) => match semver::is_shorthand(version) {
                Some(true) => Kind::Prefix,
                Some(false) => Kind::Version,
                None => Kind::Revision,
            },
        };
        Ok(Self { text, kind })
    }

    /// The query as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the query names one revision, such as `v1.2.3` or `main`, and does not choose among versions. Go obeys
    /// such a query even where the version is excluded or retracted.
    #[doc(alias = "IsRevisionQuery")]
    pub fn is_revision(&self) -> bool {
        matches!(self.kind, Kind::Version | Kind::Revision)
    }

    /// The revisions whose `.info` to ask for, one after the other until there is one: none, the query itself, or a
    /// version with build metadata and then without.
    ///
    /// Not every revision can be asked for: [`escape_version`](crate::escape::escape_version) refuses `feature/x`.
    ///
    /// ```
    /// use gomod_module::Query;
    ///
    /// assert!(Query::new("v1.2.3+meta")?.revisions().eq(["v1.2.3+meta", "v1.2.3"]));
    /// assert!(Query::new("latest")?.revisions().eq::<[&str; 0]>([]));
    /// # Ok::<(), gomod_module::query::InvalidQueryError>(())
    /// ```
    pub fn revisions(&self) -> impl Iterator<Item = &str> {
        let first = self.is_revision().then_some(self.as_str());
        let canonical = match self.kind {
            // Three numbers stand before build metadata, so that nothing has to be filled in.
            Kind::Version if canonical_version(&self.text).is_some_and(|version| version != *self.text) => {
                self.text.strip_suffix(semver::build(&self.text))
            }
            _ => None,
        };
        first.into_iter().chain(canonical)
    }

    /// What chooses among the versions of the module `path`; `current` is the version in use, `None` if none is.
    ///
    /// A query with [`revisions`](Self::revisions) needs no matcher: it matches at most the version that it names.
    ///
    /// # Errors
    /// [`NoPatchBaseError`] if the query is `patch` and there is no current version.
    pub fn matcher<'a>(
        &'a self,
        path: &'a ModulePath,
        current: Option<&'a Version>,
    ) -> Result<QueryMatcher<'a>, NoPatchBaseError> {
        QueryMatcher::new(self, path, current)
    }
}

impl FromStr for Query {
    type Err = InvalidQueryError;

    fn from_str(text: &str) -> Result<Self, InvalidQueryError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Query {
    type Error = InvalidQueryError;

    fn try_from(text: String) -> Result<Self, InvalidQueryError> {
        Self::new(text)
    }
}

impl From<Query> for String {
    fn from(query: Query) -> Self {
        query.text
    }
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
