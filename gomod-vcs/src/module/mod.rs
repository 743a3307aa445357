//! Modules in repositories: which versions there are, and what they consist of.

mod error;
mod files;
mod go_mod;
mod naming;
mod pseudo;
mod query;
mod repository;
mod retractions;
mod tar;
mod versions;

pub use error::{GoModReason, LookupError, LookupReason, PseudoReason};
pub use files::{RevisionFile, RevisionFiles};
pub use repository::{ModuleRepository, Resolved};
