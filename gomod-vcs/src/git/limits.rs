use std::time::Duration;

/// What one run of git may take. Go sets no limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GitLimits {
    /// The time of one step, and of waiting for another process that works on the same repository. 30 minutes by default.
    pub time: Duration,
    /// The bytes of output of one step: a list of references, a file, the archive of a revision. 512 MiB by default, as an
    /// archive may hold 500 MiB of files.
    pub output: usize,
}

impl Default for GitLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30 * 60), output: 512 << 20 }
    }
}

impl GitLimits {
    /// Sets the time of one step.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Sets the bytes of output of one step.
    #[must_use]
    pub fn output(mut self, bytes: usize) -> Self {
        self.output = bytes;
        self
    }
}
