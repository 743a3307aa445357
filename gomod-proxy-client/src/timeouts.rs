use std::time::Duration;

/// How long a source may take. The go command gives up on nothing but connecting; a server that goes silent hangs it
/// for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For the connection to an HTTP server, TLS included. 30 seconds, unless set.
    pub connect: Duration,
    /// For the first byte of an answer, connecting included, and then for every further chunk. 60 seconds, unless
    /// set.
    pub stall: Duration,
    /// For one file from one source, redirects included; `None` for no limit. 30 minutes, unless set.
    pub total: Option<Duration>,
}

impl Timeouts {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            connect: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            total: Some(Duration::from_secs(30 * 60)),
        }
    }

    /// Sets the limit for the connection to an HTTP server.
    #[must_use]
    pub fn connect(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// Sets the limit for the first byte and between two chunks.
    #[must_use]
    pub fn stall(mut self, limit: Duration) -> Self {
        self.stall = limit;
        self
    }

    /// Sets the limit for one file from one source.
    #[must_use]
    pub fn total(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.total = limit.into();
        self
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}
