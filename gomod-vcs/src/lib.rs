#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod discovery;

pub use discovery::{
    Discovery, DiscoveryError, DiscoveryReason, DiscoverySettings, DiscoveryStep, FetchError, GoImport,
    GoVcs, GoVcsError, HostError, MAX_PAGE, NoMatchError, Page, PageAnswer, PageError, PageReason,
    PageRequest, PageSyntaxError, Ping, RepoRoot, RepoUrl, RepoUrlError, SubdirError, UrlReason, Vcs,
    go_imports,
};
