//! Who asks: credentials and where they come from, and what may not be told to whom.

pub(crate) mod credentials;
#[cfg(feature = "os")]
pub(crate) mod goauth;
pub(crate) mod netrc;
pub(crate) mod privacy;

pub use credentials::{Credentials, InvalidTokenError};
#[cfg(feature = "os")]
pub use goauth::{GoAuth, GoAuthCommand, GoAuthError};
pub use netrc::{Netrc, NetrcNote, NetrcNoteKind};
pub use privacy::{PrivacyReason, PrivacyWarning};
