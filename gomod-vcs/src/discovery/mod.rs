//! Which repository a module path names.

mod error;
mod fetch;
pub(crate) mod go_import;
mod govcs;
mod hosts;
mod page;
mod page_error;
mod reference;
pub(crate) mod repo_url;
pub(crate) mod root;
mod settings;
mod steps;
pub(crate) mod vcs;
mod xml_name;

pub use error::{DiscoveryError, DiscoveryReason};
pub use fetch::{FetchError, Page, PageAnswer, PageRequest};
pub use go_import::{GoImport, MAX_PAGE, NoMatchError, PageError, go_imports};
pub use govcs::{GoVcs, GoVcsError};
pub use hosts::HostError;
pub use page_error::{PageReason, PageSyntaxError};
pub use repo_url::{RepoUrl, RepoUrlError};
pub use root::{RepoRoot, SubdirError};
pub use settings::DiscoverySettings;
pub use steps::{Discovery, DiscoveryStep, Ping};
pub use vcs::Vcs;
