//! A cache made of functions.

use std::error::Error;

use super::cache::SumDbCache;

/// A [`SumDbCache`] made of four functions that may wait for a disk: for programs without a runtime. Each field is a method of the
/// trait.
///
/// ```
/// use std::io;
///
/// use gomod_sum::sumdb::{Database, FnCache, GoSumDb};
///
/// # fn get(_: &str) -> Result<Vec<u8>, io::Error> { Err(io::ErrorKind::NotFound.into()) }
/// let cache = FnCache {
///     read: |_: &str, _: u64| Ok::<_, io::Error>(None), // in earnest, `SumDbFiles` of gomod-cache
///     write: |_: &str, _: &[u8]| {},
///     read_head: || Ok(Vec::new()),
///     replace_head: |_: &[u8], _: &[u8]| Ok(true),
/// };
/// let gosumdb: GoSumDb = "sum.golang.org".parse()?;
/// let mut database = Database::blocking(gosumdb.key, cache, |file| get(&file.path));
/// assert!(database.lookup_blocking(&"golang.org/x/mod@v0.30.0".parse()?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "it is the trait as a value")]
pub struct FnCache<R, W, H, N> {
    /// [`SumDbCache::read`].
    pub read: R,
    /// [`SumDbCache::write`].
    pub write: W,
    /// [`SumDbCache::read_head`].
    pub read_head: H,
    /// [`SumDbCache::replace_head`].
    pub replace_head: N,
}

impl<R, W, H, N, E> SumDbCache for FnCache<R, W, H, N>
where
    R: Fn(&str, u64) -> Result<Option<Vec<u8>>, E> + Sync,
    W: Fn(&str, &[u8]) + Sync,
    H: Fn() -> Result<Vec<u8>, E> + Sync,
    N: Fn(&[u8], &[u8]) -> Result<bool, E> + Sync,
    E: Into<Box<dyn Error + Send + Sync>> + Send,
{
    type Error = E;

    async fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, E> {
        (self.read)(path, limit)
    }

    async fn write(&self, path: &str, content: &[u8]) {
        (self.write)(path, content);
    }

    async fn read_head(&self) -> Result<Vec<u8>, E> {
        (self.read_head)()
    }

    async fn replace_head(&self, old: &[u8], new: &[u8]) -> Result<bool, E> {
        (self.replace_head)(old, new)
    }
}
