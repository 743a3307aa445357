//! A wire that carries only so much.

use std::num::NonZeroU64;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::serving::lock;

/// The most bytes that are sent at once.
const PIECE: u64 = 16 << 10;
/// Of how many pieces a second consists, at least.
const PIECES: u64 = 20;

/// What is shared by all connections of a proxy.
#[derive(Debug)]
pub(crate) struct Throttle {
    /// In bytes a second.
    bandwidth: NonZeroU64,
    /// When all that was reserved so far has been sent.
    free: Mutex<Option<Instant>>,
}

impl Throttle {
    pub(crate) fn new(bandwidth: NonZeroU64) -> Self {
        Self { bandwidth, free: Mutex::default() }
    }

    /// How many bytes may be sent at once.
    pub(crate) fn piece(&self) -> usize {
        usize::try_from((self.bandwidth.get() / PIECES).clamp(1, PIECE)).unwrap_or(1)
    }

    /// How long to wait at `now` before so many bytes may be sent.
    pub(crate) fn reserve(&self, bytes: usize, now: Instant) -> Duration {
        let nanos = bytes as u128 * 1_000_000_000 / u128::from(self.bandwidth.get());
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let mut free = lock(&self.free);
        let from = free.map_or(now, |free| free.max(now));
        let until = from.checked_add(takes).unwrap_or(from);
        *free = Some(until);
        until - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_share_it_and_lost_time_is_lost() {
        let throttle = Throttle::new(NonZeroU64::new(1000).unwrap());
        let now = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(throttle.piece(), 50);
        assert_eq!(throttle.reserve(500, now), second / 2);
        assert_eq!(throttle.reserve(500, now), second);
        assert_eq!(throttle.reserve(500, now + second * 10), second / 2);
        assert_eq!(Throttle::new(NonZeroU64::MIN).piece(), 1);
        assert_eq!(Throttle::new(NonZeroU64::MAX).piece(), 16 << 10);
    }
}
