use gomod_module::text::Printable;
use thiserror::Error;

use super::fetch::FetchError;
use super::go_import::{NoMatchError, PageError};
use super::govcs::GoVcsError;
use super::hosts::HostError;
use super::repo_url::RepoUrlError;
use super::root::SubdirError;
use super::vcs::Vcs;

/// No repository was found for a module path. The go command takes any such failure for "not found" where it tries several
/// paths.
#[derive(Debug, Error)]
#[error("no repository is known for {path}")]
#[non_exhaustive]
pub struct DiscoveryError {
    /// The module path.
    pub path: String,
    /// Why not.
    #[source]
    pub reason: DiscoveryReason,
}

/// Why no repository was found. URLs are without credentials.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DiscoveryReason {
    /// The path names a host that has a form of its own, and does not have it.
    #[error(transparent)]
    Host(HostError),
    /// GOVCS cannot be read.
    #[error(transparent)]
    GoVcs(GoVcsError),
    /// GOVCS does not allow the system.
    #[error("GOVCS disallows using {vcs} for {} {}", if *is_private { "private" } else { "public" }, Printable::name(root))]
    Disallowed {
        /// The system.
        vcs: Vcs,
        /// The path at the repository's root.
        root: String,
        /// Whether GOPRIVATE matches it.
        is_private: bool,
    },
    /// A repository answers under none of the schemes that may be used.
    #[error("no {}protocol found for the repository {repo}", if *secure_only { "secure " } else { "" })]
    NoProtocol {
        /// The repository, without a scheme.
        repo: String,
        /// Whether only schemes with encryption were tried.
        secure_only: bool,
    },
    /// There is no page.
    #[error("{url} cannot be read")]
    Fetch {
        /// The URL that was asked first.
        url: String,
        /// Why not.
        source: FetchError,
    },
    /// The page has no tag, and a status other than 200.
    #[error("{url} has no go-import tag and the status {status}{}", detail(text))]
    Status {
        /// The URL that was asked first.
        url: String,
        /// The status.
        status: u16,
        /// What the server says, if it is a text for people.
        text: String,
    },
    /// The page cannot be read up to a tag.
    #[error("the page {url} cannot be read")]
    Page {
        /// The URL that was asked first.
        url: String,
        /// Why not.
        source: PageError,
    },
    /// No tag of the page is about the path, or more than one.
    #[error("the page {url} says of no repository")]
    NoMatch {
        /// The URL that was asked first.
        url: String,
        /// Which tags there are.
        source: NoMatchError,
    },
    /// The page of a path says which repository a shorter path has, and that path's own page says another or none.
    #[error("{url} and {prefix_url} disagree about the repository of {}", Printable::name(prefix))]
    Disagree {
        /// The page of the path.
        url: String,
        /// The page of the shorter path.
        prefix_url: String,
        /// The shorter path.
        prefix: String,
    },
    /// The fourth field is no directory of a repository.
    #[error("{:?} in a go-import tag is no directory of a repository", Printable::name(subdir))]
    Subdir {
        /// The field.
        subdir: String,
        /// What is wrong.
        source: SubdirError,
    },
    /// The third field is no URL that is used.
    #[error("{:?} in a go-import tag is not used as a repository", Printable::name(url))]
    RepoUrl {
        /// The field, without credentials.
        url: String,
        /// Why not.
        source: RepoUrlError,
    },
    /// The second field is no system.
    #[error("unknown version control system {:?} in a go-import tag", Printable::name(.0))]
    UnknownVcs(String),
    /// Path and root hold `...`, which is no path but a pattern.
    #[error("cannot expand ... in the path")]
    Pattern,
    /// [`Discovery::into_result`](crate::Discovery::into_result) was called before everything was answered.
    #[error("a question is not answered yet")]
    Unfinished,
}

fn detail(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}
