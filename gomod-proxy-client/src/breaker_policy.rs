use std::time::Duration;

/// When a source that does not answer is left alone for a while, so that its time limit is paid once and not for every
/// file. One record for each source is shared by all calls of a client and of its clones.
///
/// What counts as no answer: no address, no connection, silence, or a connection that ends before an answer. Any status
/// is an answer, and an answer closes the record. While it is open, a call fails at that source at once with what the
/// source did last, and the list goes on as after any error: `|` passes, `,` stops. A retry at the last allowed source
/// is made all the same. When the pause is over one request is let through; if it fails as well, the next pause is twice
/// as long.
///
/// A request that is dropped changes nothing. `file://` sources have no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerPolicy {
    /// How many requests in a row must go without an answer. 5, unless set.
    pub failures: u32,
    /// The same for a source behind which the list lets another one be asked: 3, unless set. One that ran into a time
    /// limit, with no other answer meanwhile, is enough there.
    pub failures_before_another: u32,
    /// The first pause. 30 seconds, unless set.
    pub pause: Duration,
    /// The longest pause. 10 minutes, unless set.
    pub longest_pause: Duration,
}

impl BreakerPolicy {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            failures: 5,
            failures_before_another: 3,
            pause: Duration::from_secs(30),
            longest_pause: Duration::from_secs(10 * 60),
        }
    }

    /// Sets how many requests in a row must go without an answer.
    #[must_use]
    pub fn failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// Sets the same for a source behind which another one may be asked.
    #[must_use]
    pub fn failures_before_another(mut self, failures: u32) -> Self {
        self.failures_before_another = failures;
        self
    }

    /// Sets the first pause.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Sets the longest pause.
    #[must_use]
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self::new()
    }
}
