//! Whether a source is asked once more, and after what wait: what is left of a [`RetryPolicy`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::policy::retry_policy::RetryPolicy;

/// The time over which a spent budget comes back.
const REFILL: Duration = Duration::from_secs(10 * 60);
/// The longest wait before a source is asked again that is alive, or whose outage is waited out.
const ALIVE_BACKOFF: Duration = Duration::from_secs(2);
/// How many retries of one call use up nothing, whatever the source earned: a loop without end would be worse than an
/// error.
const MAX_FREE: u32 = 100;

/// The retries that all calls of a client have together: a bucket of tokens that fills up again.
pub(crate) struct RetryBudget {
    pub(crate) policy: RetryPolicy,
    bucket: Mutex<Bucket>,
}

struct Bucket {
    used: u32,
    /// Up to when tokens have come back.
    refilled: Instant,
}

impl RetryBudget {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, bucket: Mutex::new(Bucket { used: 0, refilled: Instant::now() }) }
    }

    fn take(&self) -> bool {
        let Some(budget) = self.policy.budget else { return true };
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.refill(budget, Instant::now());
        let free = bucket.used < budget;
        bucket.used += u32::from(free);
        free
    }
}

impl Bucket {
    fn refill(&mut self, budget: u32, now: Instant) {
        let Some(each) = REFILL.checked_div(budget) else { return };
        let elapsed = now.saturating_duration_since(self.refilled);
        let back = elapsed.as_nanos().checked_div(each.as_nanos()).unwrap_or_default();
        let back = u32::try_from(back).unwrap_or(u32::MAX);
        self.used = self.used.saturating_sub(back);
        self.refilled = if self.used == 0 { now } else { self.refilled + each * back };
    }
}

/// What has been tried at one source in one call.
#[derive(Debug, Default)]
pub(crate) struct RetryState {
    /// Retries.
    made: u32,
    /// Retries that the policy and the budget paid for.
    retries_charged: u32,
    /// Retries that the source had earned.
    free: u32,
    attempts_without_progress: u32,
    /// How far into the content any try came.
    reached: u64,
}

/// A try that failed in a way that may pass.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AttemptResult {
    /// How far into the content it came.
    pub(crate) reached: u64,
    /// How long the server asked not to be asked.
    pub(crate) retry_after: Option<Duration>,
    /// How much time is left for this source.
    pub(crate) left: Option<Duration>,
    /// Whether the list lets another source be asked.
    pub(crate) has_fallback: bool,
    /// Whether the source has earned another try, or its outage is waited out.
    pub(crate) is_alive: bool,
}

impl RetryState {
    /// How long to wait before the same source is asked again, or `None` where it is not.
    pub(crate) fn again(&mut self, budget: &RetryBudget, result: AttemptResult) -> Option<Duration> {
        let policy = &budget.policy;
        let progress = result.reached > self.reached;
        if progress {
            self.reached = result.reached;
            self.attempts_without_progress = 0;
        }
        let alive = result.is_alive && self.free < MAX_FREE;
        let free = progress || alive;
        let spent = if result.has_fallback {
            self.made >= 1
        } else {
            !free && self.retries_charged >= policy.retries
        };
        if policy.retries == 0 || spent {
            return None;
        }
        let longest = policy.backoff(self.attempts_without_progress);
        let longest = if alive { longest.min(ALIVE_BACKOFF) } else { longest };
        let asked = result.retry_after.unwrap_or_default();
        let wait = asked.saturating_add(jittered(longest));
        if asked > policy.max_retry_after || result.left.is_some_and(|left| wait >= left) {
            return None;
        }
        if !free {
            if !budget.take() {
                return None;
            }
            self.retries_charged += 1;
        } else if !progress {
            self.free += 1;
        }
        self.made = self.made.saturating_add(1);
        self.attempts_without_progress = self.attempts_without_progress.saturating_add(1);
        Some(wait)
    }
}

/// Any duration between the half of this one and all of it, so that clients spread over time.
fn jittered(longest: Duration) -> Duration {
    let half = longest / 2;
    // Waits beyond the clock's range are cut, not wrapped.
    let nanos = u64::try_from(longest.saturating_sub(half).as_nanos()).unwrap_or(u64::MAX);
    half.saturating_add(Duration::from_nanos(fastrand::u64(..=nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn tries(state: &mut RetryState, retries: &RetryBudget, result: AttemptResult) -> usize {
        (0..1000).take_while(|_| state.again(retries, result).is_some()).count()
    }

    #[test]
    fn jitter_fills_its_range_and_never_leaves_it() {
        let drawn: Vec<_> = (0..10_000).map(|_| jittered(MS)).collect();
        assert!(drawn.iter().all(|wait| (MS / 2..=MS).contains(wait)));
        for tenth in 0..10 {
            let inside = |wait: &&Duration| (wait.as_nanos() - 500_000) / 50_000 == tenth;
            assert!(drawn.iter().filter(inside).count() > 800, "{tenth}");
        }
        assert_eq!(jittered(Duration::ZERO), Duration::ZERO);
        assert!(jittered(Duration::MAX) >= Duration::MAX / 2);
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = RetryPolicy::new().initial_backoff(MS).max_backoff(MS * 100);
        let waits: Vec<_> = (0..9).map(|n| policy.backoff(n).as_millis()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 100, 100]);
        assert_eq!(policy.backoff(u32::MAX), MS * 100);
    }

    #[test]
    fn the_last_source_has_all_retries_and_the_others_one() {
        let retries = RetryBudget::new(RetryPolicy::new().retries(4));
        assert_eq!(tries(&mut RetryState::default(), &retries, AttemptResult::default()), 4);
        let another = AttemptResult { has_fallback: true, ..AttemptResult::default() };
        assert_eq!(tries(&mut RetryState::default(), &retries, another), 1);
        let mut state = RetryState::default();
        state.again(&retries, another).unwrap();
        let further = AttemptResult { reached: 10, ..another };
        assert_eq!(state.again(&retries, further), None, "once at most");
    }

    #[test]
    fn new_bytes_cost_nothing() {
        let retries = RetryBudget::new(RetryPolicy::new().retries(2).budget(2).initial_backoff(MS));
        let mut state = RetryState::default();
        for reached in 1..50 {
            let wait = state.again(&retries, AttemptResult { reached, ..AttemptResult::default() });
            assert!(wait.is_some_and(|wait| wait <= MS), "{reached}: {wait:?}");
        }
        // The same bytes again are no new ones.
        let same = AttemptResult { reached: 49, ..AttemptResult::default() };
        assert_eq!(tries(&mut state, &retries, same), 2);
    }

    #[test]
    fn all_calls_share_the_retries_of_a_budget() {
        let retries = RetryBudget::new(RetryPolicy::new().retries(4).budget(6));
        let each: Vec<_> =
            (0..3).map(|_| tries(&mut RetryState::default(), &retries, AttemptResult::default())).collect();
        assert_eq!(each, [4, 2, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_that_was_spent_comes_back() {
        let retries = RetryBudget::new(RetryPolicy::new().retries(4).budget(6));
        let tries = || tries(&mut RetryState::default(), &retries, AttemptResult::default());
        assert_eq!([tries(), tries(), tries()], [4, 2, 0]);
        tokio::time::advance(REFILL / 7).await;
        assert_eq!(tries(), 0);
        tokio::time::advance(REFILL / 6).await;
        assert_eq!(tries(), 1);
        tokio::time::advance(REFILL / 3).await;
        assert_eq!([tries(), tries()], [2, 0]);
        tokio::time::advance(REFILL * 100).await;
        assert_eq!([tries(), tries(), tries()], [4, 2, 0], "no more than it holds");
    }

    #[test]
    fn what_a_source_has_earned_costs_nothing_and_ends() {
        let retries = RetryBudget::new(RetryPolicy::new().retries(2).budget(2));
        let mut state = RetryState::default();
        let alive = AttemptResult { is_alive: true, ..AttemptResult::default() };
        for n in 0..50 {
            let wait = state.again(&retries, alive).unwrap();
            assert!(wait <= ALIVE_BACKOFF, "{n}: {wait:?}");
        }
        assert_eq!(tries(&mut state, &retries, AttemptResult::default()), 2);
        assert_eq!(tries(&mut RetryState::default(), &retries, alive), 100);
    }

    #[test]
    fn no_retries_are_none_whatever_comes() {
        let retries = RetryBudget::new(RetryPolicy::none());
        let result = AttemptResult { reached: 10, is_alive: true, ..AttemptResult::default() };
        assert_eq!(RetryState::default().again(&retries, result), None);
    }

    #[test]
    fn a_server_is_left_alone_as_long_as_it_asks_or_for_good() {
        let policy = RetryPolicy::new().initial_backoff(MS).max_retry_after(MS * 50);
        let retries = RetryBudget::new(policy);
        let after = |wait| AttemptResult { retry_after: Some(wait), ..AttemptResult::default() };
        let wait = RetryState::default().again(&retries, after(MS * 50)).unwrap();
        assert!((MS * 50..=MS * 51).contains(&wait), "{wait:?}");
        assert_eq!(RetryState::default().again(&retries, after(MS * 51)), None);
        assert_eq!(RetryState::default().again(&retries, after(Duration::MAX)), None);
    }

    #[test]
    fn a_wait_that_outlasts_the_call_is_not_begun() {
        let retries = RetryBudget::new(RetryPolicy::new().budget(1));
        let result =
            AttemptResult { retry_after: Some(MS * 50), left: Some(MS * 40), ..AttemptResult::default() };
        assert_eq!(RetryState::default().again(&retries, result), None);
        assert_eq!(
            tries(&mut RetryState::default(), &retries, AttemptResult::default()),
            1,
            "it cost nothing"
        );
    }
}
