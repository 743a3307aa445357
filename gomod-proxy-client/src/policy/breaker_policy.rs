use std::time::Duration;

/// When a source that does not answer is not asked for a while, so that its time limit is paid once and not for every
/// file. One record for each source is shared by all calls of a client and of its clones.
///
/// What counts as no answer: no address, no connection, silence, or a connection that ends before an answer. Any status
/// is an answer, and an answer closes the record.
///
/// Where the list lets another source be asked after an error, an open record is an error of its source at once, with what
/// it did last, until the cooldown is over. Then one request is let through; if it fails as well, the next cooldown is
/// twice as long.
///
/// Where the list leaves no other source, no call is refused unasked: calls queue behind one request at a time that finds
/// out, and all go on when it is answered. They fail with its failure once no answer has come for
/// [`RetryPolicy::patience`](crate::policy::RetryPolicy::patience) and for as many tries as there are retries. From then on, until
/// the cooldown is over, a call asks once.
///
/// A request that is dropped changes nothing. `file://` sources have no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerPolicy {
    /// How many requests in a row must go without an answer. 5, unless set.
    pub failure_threshold: u32,
    /// The same for a source behind which the list lets another one be asked: 3, unless set. One that ran into a time
    /// limit, with no other answer meanwhile, is enough there.
    pub failure_threshold_with_fallback: u32,
    /// The first cooldown. 30 seconds, unless set.
    pub cooldown: Duration,
    /// The longest cooldown. 10 minutes, unless set.
    pub max_cooldown: Duration,
}

impl BreakerPolicy {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            failure_threshold: 5,
            failure_threshold_with_fallback: 3,
            cooldown: Duration::from_secs(30),
            max_cooldown: Duration::from_secs(10 * 60),
        }
    }

    /// Sets how many requests in a row must go without an answer.
    #[must_use]
    pub fn failure_threshold(mut self, failures: u32) -> Self {
        self.failure_threshold = failures;
        self
    }

    /// Sets the same for a source behind which another one may be asked.
    #[must_use]
    pub fn failure_threshold_with_fallback(mut self, failures: u32) -> Self {
        self.failure_threshold_with_fallback = failures;
        self
    }

    /// Sets the first cooldown.
    #[must_use]
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Sets the longest cooldown.
    #[must_use]
    pub fn max_cooldown(mut self, cooldown: Duration) -> Self {
        self.max_cooldown = cooldown;
        self
    }
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self::new()
    }
}
