//! What a client remembers for a while: long-lived programs must get over what was once so.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long something is remembered.
pub(crate) const MEMORY: Duration = Duration::from_secs(10 * 60);

/// Values by text, each of which is forgotten after [`MEMORY`].
#[derive(Debug, Default)]
pub(crate) struct Memory<T>(Mutex<HashMap<String, (Instant, T)>>);

impl<T: Clone> Memory<T> {
    pub(crate) fn get(&self, key: &str) -> Option<T> {
        self.fresh().get(key).map(|(_, value)| value.clone())
    }

    pub(crate) fn insert(&self, key: String, value: T) {
        self.fresh().insert(key, (Instant::now(), value));
    }

    fn fresh(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, T)>> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.retain(|_, (since, _)| since.elapsed() < MEMORY);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_forgotten_and_takes_no_room() {
        let memory = Memory::default();
        for n in 0..10_000 {
            memory.insert(n.to_string(), n);
            tokio::time::advance(Duration::from_secs(6)).await;
        }
        assert_eq!(memory.get("9999"), Some(9999));
        assert_eq!(memory.get("9900"), None);
        assert!(memory.fresh().len() <= 100);
        tokio::time::advance(MEMORY).await;
        assert_eq!(memory.get("9999"), None);
    }
}
