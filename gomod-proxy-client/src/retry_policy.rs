use std::time::Duration;

/// How often a request that failed is made again, and after what wait.
///
/// The go command never does. Here a request is made again where its failure is one that may pass: no connection,
/// silence, an answer that ends early, the statuses 408, 429 and 5xx ([`Attempt::is_transient`](crate::Attempt::is_transient)).
/// Bytes that were rejected are never asked for again because of it, and it never changes who is asked next: what counts
/// for the list is what the source says in the end, except that "not found" after an error closes a `,` as the error did.
///
/// While the list lets another source be asked after an error, a source gets one more try. The last source that the
/// list allows gets all of them. A try that brings bytes that no try before it had brought uses up none.
///
/// Waits double from one fruitless try to the next, and of each a random part is waited ("full jitter"), so that
/// clients that failed together do not return together. The time that a server asks for (`Retry-After`) comes first.
///
/// | preset | [`retries`](Self::retries) | [`run`](Self::run) | [`first_wait`](Self::first_wait) | [`longest_wait`](Self::longest_wait) | [`longest_retry_after`](Self::longest_retry_after) |
/// |---|---|---|---|---|---|
/// | [`none`](Self::none()) | 0 | 0 | | | |
/// | [`gentle`](Self::gentle()) | 2 | 30 | 1 s | 10 s | 10 s |
/// | [`new`](Self::new()), the default | 5 | 300 | 0.5 s | 30 s | 1 min |
/// | [`patient`](Self::patient()) | 12 | no limit | 1 s | 1 min | 10 min |
///
/// ```
/// use std::time::Duration;
/// use gomod_proxy_client::RetryPolicy;
///
/// let policy = RetryPolicy::gentle().retries(3).longest_wait(Duration::from_secs(5));
/// assert_eq!((policy.retries, policy.run), (3, Some(30)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often the last allowed source of a call is asked again for one file. 0 means never, at any source.
    pub retries: u32,
    /// How many retries all calls of a client and of its clones make together; `None` for no limit.
    pub run: Option<u32>,
    /// The longest wait before the first retry.
    pub first_wait: Duration,
    /// The longest wait before any retry.
    pub longest_wait: Duration,
    /// The longest `Retry-After` that is waited for. A server that asks for more time is not asked again in this call.
    pub longest_retry_after: Duration,
}

impl RetryPolicy {
    /// The default: gets over a server that restarts or a network that comes back within some ten seconds.
    pub fn new() -> Self {
        Self {
            retries: 5,
            run: Some(300),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(60),
        }
    }

    /// Few retries, for an interactive user or a server that is not to be pressed.
    pub fn gentle() -> Self {
        Self {
            retries: 2,
            run: Some(30),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(10),
            longest_retry_after: Duration::from_secs(10),
        }
    }

    /// Many retries, for a job at night that nobody wants to start again.
    pub fn patient() -> Self {
        Self {
            retries: 12,
            run: None,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            longest_retry_after: Duration::from_secs(10 * 60),
        }
    }

    /// No retries, as in the go command.
    pub fn none() -> Self {
        Self { retries: 0, run: Some(0), ..Self::new() }
    }

    /// Sets how often the last allowed source is asked again.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how many retries all calls make together.
    #[must_use]
    pub fn run(mut self, retries: impl Into<Option<u32>>) -> Self {
        self.run = retries.into();
        self
    }

    /// Sets the longest wait before the first retry.
    #[must_use]
    pub fn first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Sets the longest wait before any retry.
    #[must_use]
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// Sets the longest `Retry-After` that is waited for.
    #[must_use]
    pub fn longest_retry_after(mut self, wait: Duration) -> Self {
        self.longest_retry_after = wait;
        self
    }

    /// The longest wait after this many fruitless tries in a row.
    pub(crate) fn backoff(&self, fruitless: u32) -> Duration {
        let factor = 1_u32.checked_shl(fruitless).unwrap_or(u32::MAX);
        self.first_wait.saturating_mul(factor).min(self.longest_wait)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
