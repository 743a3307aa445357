//! Where a session keeps its files.

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The files of one checksum database on this machine: `ReadCache`, `WriteCache`, `ReadConfig` and `WriteConfig` of x/mod's
/// `sumdb.ClientOps`.
///
/// The methods are asynchronous, so that a lock or a slow disk need not hold a runtime up; where nothing is awaited, write
/// `async fn` all the same. What is read need not be trusted: it is believed as far as the signed tree head covers it.
#[doc(alias = "ClientOps")]
pub trait SumDbCache: Sync {
    /// Why a file cannot be read or written.
    type Error: Into<Box<dyn Error + Send + Sync>> + Send;

    /// Returns the file `lookup/…` or `tile/…`, of at most `limit` bytes, or `None` where there is none.
    fn read(
        &self,
        path: &str,
        limit: u64,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;

    /// Keeps a proven file. What cannot be kept is asked for again the next time, as by the go command, so there is no
    /// error.
    fn write(&self, path: &str, content: &[u8]) -> impl Future<Output = ()> + Send;

    /// Returns the signed tree head that was stored last, empty where there is none.
    fn read_head(&self) -> impl Future<Output = Result<Vec<u8>, Self::Error>> + Send;

    /// Replaces the stored tree head `old` by `new`, unless another is stored by now; returns whether it did. No other
    /// process may come between the comparison and the replacement.
    fn replace_head(&self, old: &[u8], new: &[u8]) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// A cache that lasts as long as the program.
///
/// A program that keeps nothing between its runs does not notice when the database shows it another log the next time.
#[derive(Debug, Default)]
pub struct MemoryCache {
    files: Mutex<HashMap<String, Vec<u8>>>,
    head: Mutex<Vec<u8>>,
}

impl MemoryCache {
    /// Returns a cache without files.
    pub fn new() -> Self {
        Self::default()
    }
}

impl SumDbCache for MemoryCache {
    type Error = Infallible;

    async fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(lock(&self.files).get(path).filter(|content| content.len() as u64 <= limit).cloned())
    }

    async fn write(&self, path: &str, content: &[u8]) {
        lock(&self.files).insert(path.to_owned(), content.to_vec());
    }

    async fn read_head(&self) -> Result<Vec<u8>, Infallible> {
        Ok(lock(&self.head).clone())
    }

    async fn replace_head(&self, old: &[u8], new: &[u8]) -> Result<bool, Infallible> {
        let mut head = lock(&self.head);
        let is_same = *head == old;
        if is_same {
            *head = new.to_vec();
        }
        Ok(is_same)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
