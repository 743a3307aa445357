use crate::report::limit::MinThroughput;

use std::time::Duration;

/// How long a source may take. The go command gives up on nothing but connecting; a server that goes silent hangs it
/// without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Timeouts {
    /// For the connection to an HTTP server, TLS included. 30 seconds, unless set.
    pub connect: Duration,
    /// For the first byte of an answer, connecting included, and then for every further chunk. 60 seconds, unless
    /// set.
    pub stall: Duration,
    /// How many times [`stall`](Self::stall) the first byte is waited for at most: where the list leaves no other source,
    /// each try that runs into the limit is followed by one with twice the time, as long as there are retries. A source that
    /// is silent for all of that has failed. 4, unless set; 1 for the same time with each try.
    pub max_stall_factor: u32,
    /// For one call at one source, with redirects, retries and the waits between them; `None` for no limit. 30 minutes,
    /// unless set.
    pub total: Option<Duration>,
    /// For a body that comes, but hardly; `None` for no limit. 1 KiB a second over a minute, unless set.
    pub min_throughput: Option<MinThroughput>,
}

impl Timeouts {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            connect: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            max_stall_factor: 4,
            total: Some(Duration::from_secs(30 * 60)),
            min_throughput: Some(MinThroughput {
                bytes_per_second: 1 << 10,
                window: Duration::from_secs(60),
            }),
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

    /// Sets how many times that limit the first byte is waited for at most.
    #[must_use]
    pub fn max_stall_factor(mut self, factor: u32) -> Self {
        self.max_stall_factor = factor;
        self
    }

    /// Sets the limit for one call at one source.
    #[must_use]
    pub fn total(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.total = limit.into();
        self
    }

    /// The limits for the files of a checksum database, which are there or not.
    pub(crate) fn of_database(self) -> Self {
        Self { stall: self.stall / 3, max_stall_factor: self.max_stall_factor.min(2), ..self }
    }

    /// Sets how slow a body may be.
    #[must_use]
    pub fn min_throughput(mut self, limit: impl Into<Option<MinThroughput>>) -> Self {
        self.min_throughput = limit.into();
        self
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::new()
    }
}
