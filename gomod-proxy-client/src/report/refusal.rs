//! An answer that refuses.

use std::time::Duration;

/// The status of an answer without content, and what stands beside it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) response: Option<String>,
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    /// Whether the same HTTP proxy may open a tunnel soon: the server behind it is away, or it has too much to do.
    #[cfg(feature = "rustls-no-provider")]
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }
}
