use gomod_module::Origin;
use gomod_module::query::{InvalidQueryError, NoPatchBaseError};
use gomod_module::text::Printable;
use gomod_module::version::InvalidVersionError;
use thiserror::Error;

use crate::git::error::RepoError;

/// A version of a module that its repository does not have.
#[derive(Debug, Error)]
#[error("{path}@{}: no such version in its repository", Printable::name(query))]
#[non_exhaustive]
pub struct LookupError {
    /// The module path.
    pub path: String,
    /// What was asked for.
    pub query: String,
    /// On what the answer depends, where that is known: as long as it stays the same, so does the answer.
    pub origin: Option<Box<Origin>>,
    /// Why there is none.
    #[source]
    pub reason: Box<LookupReason>,
}

impl LookupError {
    /// Whether the revision or the module is not there, for which the go command goes on with another path where it tries
    /// several, and does not for any other reason.
    pub fn is_not_found(&self) -> bool {
        matches!(
            *self.reason,
            LookupReason::Repo(RepoError::UnknownRevision { .. } | RepoError::NoCommits)
                | LookupReason::GoMod { .. }
        )
    }
}

/// Why a repository does not have a version.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupReason {
    /// The repository cannot be read, or does not know the revision.
    #[error(transparent)]
    Repo(RepoError),
    /// The query begins with `-` or `/`.
    #[error("invalid module version {:?}", Printable::name(.0))]
    Query(String),
    /// The bound in the query is no version.
    #[error(transparent)]
    Bound(InvalidQueryError),
    /// The query needs a current version.
    #[error(transparent)]
    NoCurrent(NoPatchBaseError),
    /// No version matches.
    #[error("no matching versions")]
    NoMatch,
    /// The root of the repository is not above the module.
    #[error("a repository rooted at {0} cannot contain it")]
    Root(String),
    /// There is no go.mod file that fits.
    #[error("{version}: {reason}")]
    GoMod {
        /// The version that the revision would have.
        version: String,
        /// What is wrong with its go.mod file.
        reason: GoModReason,
    },
    /// The module path has a major version, and the version another.
    #[error("{0}: the module path includes a major version suffix, so the major version must match")]
    OtherMajor(String),
    /// There is a go.mod file, which rules out versions from v2 on without a suffix of the path.
    #[error("{version}: there is a go.mod file, so the module path must match the major version ({path:?})")]
    NeedsSuffix {
        /// The version.
        version: String,
        /// The path that would match.
        path: String,
    },
    /// `+incompatible` on v0 or v1.
    #[error("{0}: +incompatible is not allowed, as the major version is compatible")]
    Compatible(String),
    /// A branch, hash or other tag has the name of a version that is no tag.
    #[error("resolves to {version}, as there is no tag for it")]
    NotTag {
        /// The version of the commit.
        version: String,
    },
    /// A pseudo-version that is not the one of its commit.
    #[error("invalid pseudo-version: {0}")]
    Pseudo(PseudoReason),
    /// The go.mod file that says which versions are retracted cannot be read.
    #[error("the retractions cannot be read")]
    Retractions(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<RepoError> for LookupReason {
    fn from(e: RepoError) -> Self {
        Self::Repo(e)
    }
}

/// What is wrong with the go.mod file of a revision. Directories are those of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GoModReason {
    /// There is none where one must be.
    #[error("missing {0} at revision {1}")]
    Missing(String, String),
    /// Both places have one that fits.
    #[error("both {0} have the module path at revision {1}")]
    Both(String, String),
    /// It has no module line.
    #[error("{0} is missing a module path at revision {1}")]
    NoPath(String, String),
    /// Its module line has another major version.
    #[error("{file} has the module path {declared:?} at revision {revision}, whose major version is another")]
    OtherMajor {
        /// The file.
        file: String,
        /// What its module line says.
        declared: String,
        /// The revision.
        revision: String,
    },
}

/// Why a pseudo-version is not the one of its commit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PseudoReason {
    /// It is malformed.
    #[error(transparent)]
    Form(InvalidVersionError),
    /// More digits of the hash than there must be.
    #[error("the revision is longer than canonical ({0})")]
    Longer(String),
    /// Fewer digits.
    #[error("the revision is shorter than canonical ({0})")]
    Shorter(String),
    /// Something else than the beginning of the hash.
    #[error("the revision is not the short name of the commit ({0})")]
    OtherRevision(String),
    /// Another time than that of the commit, which is this.
    #[error("the commit is of another time ({0})")]
    OtherTime(String),
    /// v1 without an earlier version.
    #[error("without a preceding tag, the major version must be v0, not v1")]
    Major,
    /// The commit has a tag for the version before the pseudo-version.
    #[error("tag {0} is on the commit itself")]
    Tagged(String),
    /// There is no tag for the version before.
    #[error("there is no preceding tag {0}")]
    NoTag(String),
    /// The commit does not come after the tag of the version before.
    #[error("the commit is not a descendant of the preceding tag {0}")]
    NotDescendant(String),
}
