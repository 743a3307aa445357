//! Git repositories, through the git program.

mod child;
mod directory;
pub(crate) mod error;
mod limits;
pub(crate) mod program;
mod refs;
mod remote;
pub(crate) mod repository;
pub(crate) mod revision;

pub use error::{GitError, GitReason, RepoError};
pub use limits::GitLimits;
pub use program::GitProgram;
