//! Who asks: credentials and where they come from, and what may not be told to whom.

pub(crate) mod authorization;
#[cfg(feature = "os")]
pub(crate) mod command_runs;
#[cfg(feature = "os")]
pub(crate) mod commands;
#[cfg(feature = "os")]
pub(crate) mod credential_sets;
pub(crate) mod credential_store;
pub(crate) mod credentials;
#[cfg(feature = "os")]
pub(crate) mod git_credential;
#[cfg(feature = "os")]
pub(crate) mod goauth;
pub(crate) mod netrc;
pub(crate) mod privacy;
#[cfg(feature = "os")]
pub(crate) mod program;

pub use authorization::InvalidTokenError;
pub use credentials::Credentials;
#[cfg(feature = "os")]
pub use goauth::{GoAuth, GoAuthCommand, GoAuthError};
pub use netrc::{Netrc, NetrcNote, NetrcNoteKind};
pub use privacy::{PrivacyReason, PrivacyWarning};
#[cfg(feature = "os")]
pub use program::AuthPrograms;
