#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod discovery;
mod git;
mod module;

pub use discovery::{
    Discovery, DiscoveryError, DiscoveryReason, DiscoverySettings, DiscoveryStep, FetchError, GoImport,
    GoVcs, GoVcsError, HostError, MAX_PAGE, NoMatchError, Page, PageAnswer, PageError, PageReason,
    PageRequest, PageSyntaxError, Ping, RepoRoot, RepoUrl, RepoUrlError, SubdirError, Vcs, go_imports,
};
pub use git::{GitError, GitLimits, GitProgram, GitReason, GitStep, RepoError};
pub use module::{
    GoModReason, LookupError, LookupReason, ModuleRepository, PseudoReason, Resolved, RevisionFile,
    RevisionFiles,
};
