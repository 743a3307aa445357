//! A session with its cache and its network.

use std::error::Error;
use std::future::{self, Future, Ready};

use gomod_module::ModuleVersion;
use thiserror::Error;

use super::answer::SumLines;
use super::cache::SumDbCache;
use super::driver::block_on;
use super::error::{LookupError, Misbehavior};
use super::files::ReadRequest;
use super::key::VerifierKey;
use super::session::Session;

/// A checksum database that can be asked: its [`Session`], a cache, and a function that fetches files (`sumdb.Client`).
///
/// ```
/// use gomod_sum::sumdb::{Database, GoSumDb, MemoryCache};
///
/// # fn get(_: &str) -> Result<Vec<u8>, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
/// let gosumdb: GoSumDb = "sum.golang.org".parse()?;
/// let mut database = Database::blocking(gosumdb.key, MemoryCache::new(), |file| get(&file.path));
/// let error = database.lookup_blocking(&"golang.org/x/mod@v0.30.0".parse()?).unwrap_err();
/// assert_eq!(error.to_string(), "lookup/golang.org/x/mod@v0.30.0 is not available");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[doc(alias = "Client")]
pub struct Database<C, F> {
    session: Session,
    cache: C,
    fetch: F,
}

impl<C: SumDbCache> Database<C, ()> {
    /// Returns the database of this key, whose files `fetch` gets while the thread waits.
    #[expect(clippy::type_complexity, reason = "a closure has no name that could stand for it")]
    pub fn blocking<E: Into<Box<dyn Error + Send + Sync>>>(
        key: VerifierKey,
        cache: C,
        fetch: impl Fn(&ReadRequest) -> Result<Vec<u8>, E>,
    ) -> Database<C, impl Fn(ReadRequest) -> Ready<Result<Vec<u8>, E>>> {
        Database::new(key, cache, move |file| future::ready(fetch(&file)))
    }
}

impl<C: SumDbCache, F, T, E> Database<C, F>
where
    F: Fn(ReadRequest) -> T,
    T: Future<Output = Result<Vec<u8>, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    /// Returns the database of this key, whose files `fetch` gets: as [`Session::run`].
    pub fn new(key: VerifierKey, cache: C, fetch: F) -> Self {
        Self { session: Session::new(key), cache, fetch }
    }

    /// Returns the proven lines of a module.
    ///
    /// # Errors
    /// [`DatabaseError::Lookup`] where it has no answer, or none that is proven; [`DatabaseError::Misbehavior`].
    pub async fn lookup(&mut self, module: &ModuleVersion) -> Result<SumLines, DatabaseError> {
        self.session.lookup(module);
        let answers = self.session.run(&self.cache, &self.fetch).await?;
        // A call that was dropped may have left others.
        match answers.into_iter().next_back() {
            Some(answer) => Ok(answer.result?),
            None => Err(LookupError::Skipped.into()),
        }
    }

    /// Returns the lines as [`lookup`](Self::lookup); the thread waits meanwhile.
    ///
    /// # Errors
    /// As [`lookup`](Self::lookup).
    pub fn lookup_blocking(&mut self, module: &ModuleVersion) -> Result<SumLines, DatabaseError> {
        block_on(self.lookup(module))
    }
}

/// A checksum database gives no lines for a module.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// It has no answer, or none that is proven.
    #[error(transparent)]
    Lookup(Box<LookupError>),
    /// It does what it must not do: a security verdict. Nothing else that it says may be used.
    #[error(transparent)]
    Misbehavior(Box<Misbehavior>),
}

impl From<LookupError> for DatabaseError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(Box::new(error))
    }
}

impl From<Misbehavior> for DatabaseError {
    fn from(misbehavior: Misbehavior) -> Self {
        Self::Misbehavior(Box::new(misbehavior))
    }
}
