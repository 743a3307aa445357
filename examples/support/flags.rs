//! Values of flags, for clap.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How many things are done at once.
///
/// # Errors
/// Where it is no number, or 0.
pub fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "not a number of at least 1".to_owned())
}

/// A time in seconds, or parts of them.
///
/// # Errors
/// Where it is no number, or nothing.
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err("not a positive number of seconds".to_owned()),
    }
}
