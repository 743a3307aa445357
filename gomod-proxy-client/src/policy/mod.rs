//! How long, how often and how much is asked: time limits, sizes, retries, and sources that are left alone.

pub(crate) mod breaker;
pub(crate) mod breaker_policy;
pub(crate) mod clock;
pub(crate) mod limits;
pub(crate) mod memory;
pub(crate) mod pending_attempt;
pub(crate) mod retry;
pub(crate) mod retry_policy;
pub(crate) mod slots;
pub(crate) mod source_record;
pub(crate) mod timeouts;

pub use breaker_policy::BreakerPolicy;
pub use limits::Limits;
pub use retry_policy::RetryPolicy;
pub use timeouts::Timeouts;
