//! Versions as modules have them, pseudo-versions among them.

pub(crate) mod canonical;
pub(crate) mod pseudo;

pub use canonical::{InvalidVersionError, Version, VersionReason, canonical_version};
pub use pseudo::{
    PseudoVersion, is_pseudo_version, is_zero_pseudo_version, pseudo_version, zero_pseudo_version,
};
