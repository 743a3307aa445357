//! Git repositories, through the git program.

mod child;
mod directory;
pub(crate) mod error;
mod limits;
mod output;
#[cfg(not(unix))]
mod portable;
pub(crate) mod program;
mod refs;
mod remote;
pub(crate) mod repository;
pub(crate) mod revision;
#[cfg(unix)]
mod unix;

pub use error::{GitError, GitReason, RepoError};
pub use limits::GitLimits;
pub use program::{GitProgram, GitStep};
