use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use gomod_module::text::Printable;
use thiserror::Error;

/// How much of what git says an error shows, in characters.
const MAX_SHOWN: usize = 4000;

/// A run of git that failed. Neither the command nor what git says shows the password of a URL.
#[derive(Debug, Error)]
#[error("{command} in {}: {reason}", Printable::path(dir))]
#[non_exhaustive]
pub struct GitError {
    /// The command line, without credentials.
    pub command: String,
    /// Where it ran.
    pub dir: PathBuf,
    /// What failed.
    pub reason: GitReason,
}

/// Why a run of git failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GitReason {
    /// There is no such program, or it cannot be run.
    #[error("git cannot be run: {0}")]
    Start(io::Error),
    /// Git says that something is wrong.
    #[error("{status}{}", said(stderr))]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// What it said on standard error, without credentials.
        stderr: String,
    },
    /// It took too long, and was ended.
    #[error("not done after {0:?}")]
    Time(Duration),
    /// It printed too much, and was ended.
    #[error("more than {0} bytes of output")]
    Output(usize),
    /// The caller cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// It printed what git never prints.
    #[error("unexpected output {}", Printable::name(.0))]
    Unexpected(String),
}

fn said(stderr: &str) -> String {
    let text = stderr.trim_end();
    if text.is_empty() {
        return String::new();
    }
    let text = Printable::new(text).lines().max_chars(MAX_SHOWN).to_string();
    format!(":\n\t{}", text.replace('\n', "\n\t"))
}

/// A repository that cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RepoError {
    /// A version control system that this crate does not read.
    #[error("modules in {0} repositories are not read, only those in git repositories")]
    Unsupported(crate::discovery::vcs::Vcs),
    /// The URL has no `://`, and is not given to git, for which it could be a local directory or a program.
    #[error("the git repository {0} is not given by a URL")]
    NotUrl(String),
    /// Git failed.
    #[error(transparent)]
    Git(GitError),
    /// A file or directory of the cache cannot be used.
    #[error("{action} {}", Printable::path(path))]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process works on the repository for longer than a step may take.
    #[error("{} is locked by another process", Printable::path(path))]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// The caller cancelled the wait for another process.
    #[error("cancelled while another process works on {}", Printable::path(path))]
    Cancelled {
        /// The lock.
        path: PathBuf,
    },
    /// The cache's note beside the repository is about another one.
    #[error("{} is about another repository", Printable::path(path))]
    WrongInfo {
        /// The note.
        path: PathBuf,
    },
    /// Two commits begin with these digits.
    #[error("ambiguous revision {}", Printable::name(.0))]
    Ambiguous(String),
    /// A branch or tag has the name of a commit that is another one.
    #[error("{} is the name of a branch or tag as well as a commit", Printable::name(.0))]
    NamedLikeCommit(String),
    /// No such tag, branch or commit in any branch or tag.
    #[error("unknown revision {}", Printable::name(revision))]
    UnknownRevision {
        /// What was looked for.
        revision: String,
        /// On what the answer depends.
        origin: Box<gomod_module::Origin>,
    },
    /// There is no commit that the repository calls its latest.
    #[error("no commits")]
    NoCommits,
}

pub(super) fn at<'a>(
    action: &'static str,
    path: &'a std::path::Path,
) -> impl FnOnce(io::Error) -> RepoError + 'a {
    move |source| RepoError::Io { action, path: path.to_owned(), source }
}
