//! Everything can be sent to and shared with other threads; values can be compared, and be the keys of maps.

use std::fmt::Debug;
use std::hash::Hash;

use gomod_vcs::{
    Discovery, DiscoveryError, DiscoverySettings, DiscoveryStep, FetchError, GitError, GitLimits, GitProgram,
    GitStep, GoImport, GoVcs, GoVcsError, HostError, LookupError, ModuleRepository, NoMatchError, Page,
    PageAnswer, PageError, PageRequest, PageSyntaxError, Ping, RepoError, RepoRoot, RepoUrl, RepoUrlError,
    Resolved, RevisionFile, RevisionFiles, SubdirError, Vcs,
};

fn send_sync<T: Send + Sync + Unpin + Debug>() {}
fn value<T: Clone + Eq + Hash + Debug + Send + Sync + Unpin>() {}
fn error<T: std::error::Error + Send + Sync + Unpin + 'static>() {}

#[test]
fn types() {
    value::<(GoImport, RepoRoot, RepoUrl, Vcs, PageRequest, Ping, GitLimits)>();
    send_sync::<(Discovery, DiscoverySettings, DiscoveryStep<'_>, GoVcs, Page, PageAnswer)>();
    send_sync::<(GitProgram, GitStep<'_>, ModuleRepository, Resolved, RevisionFile<'_>, RevisionFiles)>();
    error::<DiscoveryError>();
    error::<FetchError>();
    error::<GitError>();
    error::<GoVcsError>();
    error::<HostError>();
    error::<LookupError>();
    error::<NoMatchError>();
    error::<PageError>();
    error::<PageSyntaxError>();
    error::<RepoError>();
    error::<RepoUrlError>();
    error::<SubdirError>();
}
