//! Why a repository does not give a module, and what to do.

use std::io;

use gomod_module::goenv::GoEnvError;
use gomod_proxy_client::ErrorKind;
use gomod_proxy_client::client::DirectError;
use gomod_vcs::{DiscoveryError, DiscoveryReason, GitError, GitReason, LookupError, LookupReason, RepoError};
use gomod_zip::CreateError;

/// What helps whatever the repository does.
const OR_A_PROXY: &str =
    "or name a proxy in GOPROXY that has this module (GONOPROXY and GOPRIVATE keep modules from proxies)";

const NO_GIT: &str = "there is no git in the absolute directories of PATH";

/// There is no git program.
pub(super) fn no_git() -> DirectError {
    DirectError::new(ErrorKind::Repository, NO_GIT)
        .next_step(format!("install git, or name its directory in PATH, {OR_A_PROXY}"))
}

/// It is not known where the module cache is.
pub(super) fn no_cache(error: GoEnvError) -> DirectError {
    DirectError::new(ErrorKind::Io, error)
}

/// No repository is known for a path.
pub(super) fn no_repository(error: DiscoveryError) -> DirectError {
    let (kind, step) = match &error.reason {
        DiscoveryReason::Disallowed { vcs, root, .. } => (
            ErrorKind::NotFound,
            format!(
                "allow it, if you trust that program with what this server sends: GOVCS={root}:{vcs}; {OR_A_PROXY}"
            ),
        ),
        DiscoveryReason::GoVcs(_) => (ErrorKind::NotFound, "correct GOVCS: see `go help vcs`".to_owned()),
        DiscoveryReason::Fetch { url, .. } => {
            (ErrorKind::Repository, format!("see why {url} cannot be read from this machine, {OR_A_PROXY}"))
        }
        DiscoveryReason::Status { url, status: 401 | 403 | 407, .. } => (
            ErrorKind::Repository,
            format!("{url} wants to know who asks: give credentials in a netrc file, {OR_A_PROXY}"),
        ),
        DiscoveryReason::Status { status: 500.., url, .. } => {
            (ErrorKind::Repository, format!("{url} fails: try again later, {OR_A_PROXY}"))
        }
        DiscoveryReason::NoProtocol { repo, .. } => (
            ErrorKind::NotFound,
            format!(
                "`git ls-remote https://{repo}` says why there is no such repository; check the module path"
            ),
        ),
        _ => (
            ErrorKind::NotFound,
            format!(
                "check the module path: its page must name the repository in a go-import tag; {OR_A_PROXY}"
            ),
        ),
    };
    DirectError::new(kind, error.reason).next_step(step)
}

/// A repository does not have a version, or cannot be read.
pub(super) fn no_version(error: LookupError) -> DirectError {
    let kind = match &*error.reason {
        _ if error.is_not_found() => ErrorKind::NotFound,
        LookupReason::NoMatch => ErrorKind::NoMatchingVersion,
        LookupReason::Repo(RepoError::Io { .. } | RepoError::WrongInfo { .. } | RepoError::Locked { .. }) => {
            ErrorKind::Io
        }
        LookupReason::Repo(RepoError::Git(GitError { reason: GitReason::Time(_), .. })) => ErrorKind::Timeout,
        _ => ErrorKind::Repository,
    };
    let step = match &*error.reason {
        LookupReason::Repo(error) => of_repository(error),
        LookupReason::NoMatch => None,
        _ => {
            Some("ask for another version: `go list -m -versions PATH` names those that there are".to_owned())
        }
    };
    let direct = DirectError::new(kind, *error.reason);
    match step {
        Some(step) => direct.next_step(step),
        None => direct,
    }
}

fn of_repository(error: &RepoError) -> Option<String> {
    Some(match error {
        RepoError::Unsupported(_) => {
            format!("only git repositories are read: use the go command for this module, {OR_A_PROXY}")
        }
        RepoError::UnknownRevision { origin, .. } => format!(
            "check the version: `git ls-remote {}` names the tags and branches that there are",
            origin.url
        ),
        RepoError::NoCommits => "its repository has no commit: check the module path".to_owned(),
        RepoError::Ambiguous(_) => "give more digits of the commit".to_owned(),
        RepoError::Git(error) => of_git(error),
        RepoError::WrongInfo { path } | RepoError::Locked { path } | RepoError::Io { path, .. } => {
            format!("see what is at {}, or set GOMODCACHE to another directory", path.display())
        }
        _ => return None,
    })
}

/// What a run of git says is the only witness of what a server says.
fn of_git(error: &GitError) -> String {
    match &error.reason {
        GitReason::Start(_) => format!("see whether git can be run here, {OR_A_PROXY}"),
        GitReason::Time(_) => format!("try again, give it more time with --total, {OR_A_PROXY}"),
        GitReason::Failed { stderr, .. } if is_refusal(stderr) => format!(
            "give git credentials for that server: a credential helper, a `machine` line in ~/.netrc, or ssh (`git config \
             --global url.ssh://git@HOST/.insteadOf https://HOST/`); `{}` must work without a question; {OR_A_PROXY}",
            error.command
        ),
        GitReason::Failed { .. } => {
            format!("see what git says above, and whether `{}` works by hand; {OR_A_PROXY}", error.command)
        }
        _ => format!("try again, {OR_A_PROXY}"),
    }
}

fn is_refusal(stderr: &str) -> bool {
    [
        "could not read Username",
        "could not read Password",
        "Authentication failed",
        "Permission denied",
        "error: 403",
    ]
    .iter()
    .any(|said| stderr.contains(said))
}

/// A zip cannot be written.
pub(super) fn no_zip(error: io::Error) -> DirectError {
    DirectError::new(ErrorKind::Io, error)
}

/// The files of a revision make no module zip.
pub(super) fn unpackable(error: CreateError) -> DirectError {
    DirectError::new(ErrorKind::Repository, error)
}
