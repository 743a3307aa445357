use std::time::Duration;

/// How often a request that failed is made again, and after what wait.
///
/// The go command never does. Here a request is made again where its failure is one that may pass: no connection,
/// silence, an answer that ends early, the statuses 408, 429 and 5xx ([`Attempt::is_transient`](crate::report::Attempt::is_transient)).
/// Bytes that were rejected are never asked for again because of it, and it never changes who is asked next: what counts
/// for the list is what the source says in the end, except that "not found" after an error closes a `,` as the error did.
///
/// While the list lets another source be asked after an error, a source gets one more try. The last source that the
/// list allows gets all of them, and is judged by how it does over the run and not by one file alone:
///
/// - A try that brings bytes that no try before it had brought uses up none.
/// - Each complete answer earns the source one try that uses up none, up to 20 of them, for connections that fail or
///   break. A source that answers two requests of three is alive, however often one file is hit.
/// - Where several requests in a row got no answer ([`BreakerPolicy::failure_threshold`](crate::policy::BreakerPolicy)), all calls
///   wait behind one request that finds out, and go on when it is answered, for as long as [`patience`](Self::patience)
///   says.
/// - A source that was silent for [`Timeouts::stall`](crate::policy::Timeouts::stall) before its answer began gets twice the time
///   with the next try, up to a limit.
///
/// Waits double from one fruitless try to the next, and of each a random part between its half and all of it is waited, so
/// that clients that failed together do not return together and that an outage is outlasted for certain. They end at 2
/// seconds while the source is alive or an outage is waited out. The time that a server asks for (`Retry-After`) comes
/// first.
///
/// | preset | [`retries`](Self::retries) | [`budget`](Self::budget) | [`initial_backoff`](Self::initial_backoff) | [`max_backoff`](Self::max_backoff) | [`max_retry_after`](Self::max_retry_after) | [`patience`](Self::patience) |
/// |---|---|---|---|---|---|---|
/// | [`none`](Self::none()) | 0 | 0 | | | | |
/// | [`interactive`](Self::interactive()) | 2 | 30 | 1 s | 10 s | 10 s | 10 s |
/// | [`new`](Self::new()), the default | 5 | 300 | 0.5 s | 30 s | 1 min | 20 s |
/// | [`batch`](Self::batch()) | 12 | no limit | 1 s | 1 min | 10 min | 10 min |
///
/// ```
/// use std::time::Duration;
/// use gomod_proxy_client::policy::RetryPolicy;
///
/// let policy = RetryPolicy::interactive().retries(3).max_backoff(Duration::from_secs(5));
/// assert_eq!((policy.retries, policy.budget), (3, Some(30)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often the last allowed source of a call is asked again for one file. 0 means never, at any source.
    pub retries: u32,
    /// How many retries all calls of a client and of its clones make together within ten minutes; `None` for no limit.
    /// What was used comes back evenly over that time.
    pub budget: Option<u32>,
    /// The longest wait before the first retry.
    pub initial_backoff: Duration,
    /// The longest wait before any retry.
    pub max_backoff: Duration,
    /// The longest `Retry-After` that is waited for. A server that asks for more time is not asked again in this call.
    pub max_retry_after: Duration,
    /// How long the last allowed source may be without any answer before the calls that wait for it fail.
    pub patience: Duration,
}

impl RetryPolicy {
    /// The default: gets over a server that restarts or a network that comes back within some ten seconds.
    pub fn new() -> Self {
        Self {
            retries: 5,
            budget: Some(300),
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
            max_retry_after: Duration::from_secs(60),
            patience: Duration::from_secs(20),
        }
    }

    /// Few retries, for an interactive user or a server that is not to be pressed.
    pub fn interactive() -> Self {
        Self {
            retries: 2,
            budget: Some(30),
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(10),
            patience: Duration::from_secs(10),
        }
    }

    /// Many retries, for a job at night that should not have to be started again.
    pub fn batch() -> Self {
        Self {
            retries: 12,
            budget: None,
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(60),
            max_retry_after: Duration::from_secs(10 * 60),
            patience: Duration::from_secs(10 * 60),
        }
    }

    /// No retries, as in the go command.
    pub fn none() -> Self {
        Self { retries: 0, budget: Some(0), patience: Duration::ZERO, ..Self::new() }
    }

    /// Sets how often the last allowed source is asked again.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how many retries all calls make together within ten minutes.
    #[must_use]
    pub fn budget(mut self, retries: impl Into<Option<u32>>) -> Self {
        self.budget = retries.into();
        self
    }

    /// Sets the longest wait before the first retry.
    #[must_use]
    pub fn initial_backoff(mut self, wait: Duration) -> Self {
        self.initial_backoff = wait;
        self
    }

    /// Sets the longest wait before any retry.
    #[must_use]
    pub fn max_backoff(mut self, wait: Duration) -> Self {
        self.max_backoff = wait;
        self
    }

    /// Sets the longest `Retry-After` that is waited for.
    #[must_use]
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Sets how long the last allowed source may be without any answer.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The longest wait after this many fruitless tries in a row.
    pub(crate) fn backoff(&self, attempts_without_progress: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempts_without_progress).unwrap_or(u32::MAX);
        self.initial_backoff.saturating_mul(factor).min(self.max_backoff)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
