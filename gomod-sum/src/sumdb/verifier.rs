//! What proves the bytes of a module: go.sum, else the checksum database.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use gomod_module::{GoEnv, H1, ModuleVersion};
use thiserror::Error;

use super::answer::{SumDbError, SumLines};
use super::cache::SumDbCache;
use super::database::{Database, DatabaseError};
use super::driver::block_on;
use super::error::{LookupError, Misbehavior};
use super::files::ReadRequest;
use super::gosumdb::{Routing, Unchecked};
use crate::go_sum::entry::Kind;
use crate::go_sum::files::GoSumFiles;
use crate::go_sum::verify::{Mismatch, Missing, Verdict};

/// What holds a hash against go.sum, and against the checksum database where go.sum has none (`checkModSum` of cmd/go). Clones are
/// cheap.
///
/// ```
/// use gomod_sum::sumdb::{Database, MemoryCache, ProvedBy, Routing, Unchecked, Verifier};
/// use gomod_sum::{GoSum, Kind, hash_go_mod};
///
/// # fn get(_: &str) -> Result<Vec<u8>, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
/// let sum = GoSum::parse(b"x.y/m v1.0.0/go.mod h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=\n")?;
/// let key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse()?;
/// let mut database = Database::blocking(key, MemoryCache::new(), |file| get(&file.path));
/// let verifier = Verifier::new(sum, Routing::new("sum.golang.org", "git.corp.example", "https://proxy.golang.org"));
///
/// let found = hash_go_mod(b"module x.y/m\n");
/// let proved_by = verifier.verify_blocking(&"x.y/m@v1.0.0".parse()?, Kind::GoMod, &found, &mut database)?;
/// assert_eq!(proved_by.to_string(), "go.sum line 1");
///
/// let private = "git.corp.example/m@v1.0.0".parse()?;
/// let proved_by = verifier.verify_blocking(&private, Kind::GoMod, &found, &mut database)?;
/// assert_eq!(proved_by, ProvedBy::Unchecked(Unchecked::Private)); // yours to decide
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[doc(alias = "checkModSum")]
pub struct Verifier {
    go_sum: Arc<GoSumFiles>,
    routing: Routing,
}

/// What proves a hash, if anything does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[must_use = "`Unchecked` proves nothing"]
#[expect(clippy::exhaustive_enums, reason = "a caller must decide about each")]
pub enum ProvedBy {
    /// go.sum has it.
    GoSum {
        /// The name of the file: `go.sum`, or what [`GoSumFiles`] was told.
        file: String,
        /// In this line.
        line: usize,
    },
    /// The checksum database has it.
    Database {
        /// In the record of this number.
        record: i64,
    },
    /// Nothing proves it: go.sum has no hash, and the database must not be asked.
    Unchecked(Unchecked),
}

/// Writes `go.sum line 3`, `record 5 of the checksum database`, or `nothing (GONOSUMDB)`.
impl fmt::Display for ProvedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoSum { file, line } => write!(f, "{file} line {line}"),
            Self::Database { record } => write!(f, "record {record} of the checksum database"),
            Self::Unchecked(why) => write!(f, "nothing ({why})"),
        }
    }
}

/// That a hash can be judged once it is known; from [`Verifier::expected`].
#[derive(Debug, Clone)]
pub struct Expected {
    go_sum: Arc<GoSumFiles>,
    module: ModuleVersion,
    kind: Kind,
    fallback: Fallback,
}

/// What counts where go.sum has no hash.
#[derive(Debug, Clone)]
enum Fallback {
    /// It has one.
    Nothing,
    Unchecked(Unchecked),
    Database(Arc<SumLines>),
}

impl Verifier {
    /// Returns the verifier with these hashes, of one go.sum file or, as [`GoSumFiles`], of a workspace, which asks about other
    /// modules where `routing` says so.
    pub fn new(go_sum: impl Into<Arc<GoSumFiles>>, routing: Routing) -> Self {
        Self { go_sum: go_sum.into(), routing }
    }

    /// Returns the verifier with these hashes, which asks about other modules where the go command would in this environment.
    ///
    /// ```
    /// use gomod_module::GoEnv;
    /// use gomod_sum::{GoSum, Kind, Verifier};
    ///
    /// let env = GoEnv::resolve("linux", &|name| (name == "GOPRIVATE").then(|| "git.corp.example".into()), None, None);
    /// let verifier = Verifier::from_env(GoSum::parse(b"")?, &env);
    /// assert!(verifier.expected(&"git.corp.example/m@v1.0.0".parse()?, Kind::Zip).is_some()); // unchecked
    /// assert!(verifier.expected(&"example.com/m@v1.0.0".parse()?, Kind::Zip).is_none()); // the database is to be asked
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_env(go_sum: impl Into<Arc<GoSumFiles>>, env: &GoEnv) -> Self {
        Self::new(go_sum, Routing::from_env(env))
    }

    /// Returns what a hash of the module is held against without the database: `None` where that has to be asked, for
    /// [`expected_from`](Self::expected_from).
    pub fn expected(&self, module: &ModuleVersion, kind: Kind) -> Option<Expected> {
        Expected::from_go_sum(&self.go_sum, module, kind).or_else(|| {
            let why = self.routing.unchecked(module.path().as_str())?;
            Some(self.expect(module, kind, Fallback::Unchecked(why)))
        })
    }

    /// Returns what a hash of the module is held against: go.sum, and these lines where it has none.
    ///
    /// # Errors
    /// [`SumDbError::NoLine`] where neither has an `h1:` hash of this kind, or the lines are about another module.
    pub fn expected_from(
        &self,
        module: &ModuleVersion,
        kind: Kind,
        lines: impl Into<Arc<SumLines>>,
    ) -> Result<Expected, SumDbError> {
        let lines = lines.into();
        if let Some(expected) = Expected::from_go_sum(&self.go_sum, module, kind) {
            return Ok(expected);
        }
        if (lines.path(), lines.version()) != (module.path().as_str(), module.version().as_str()) {
            let (path, version) = (module.path().to_string(), module.version().to_string());
            return Err(SumDbError::NoLine { path, version, kind });
        }
        lines.require(kind)?;
        Ok(self.expect(module, kind, Fallback::Database(lines)))
    }

    fn expect(&self, module: &ModuleVersion, kind: Kind, fallback: Fallback) -> Expected {
        Expected { go_sum: Arc::clone(&self.go_sum), module: module.clone(), kind, fallback }
    }

    /// Returns what proves the hash that was found; the database is asked where go.sum has none.
    ///
    /// # Errors
    /// [`VerifierError::Mismatch`] and [`VerifierError::Misbehavior`] are security verdicts: the content must not be used.
    /// [`VerifierError::Unknown`] where the database gives no answer that is proven.
    pub async fn verify<C: SumDbCache, F, T, E>(
        &self,
        module: &ModuleVersion,
        kind: Kind,
        found: &H1,
        database: &mut Database<C, F>,
    ) -> Result<ProvedBy, VerifierError>
    where
        F: Fn(ReadRequest) -> T,
        T: Future<Output = Result<Vec<u8>, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let expected = match self.expected(module, kind) {
            Some(expected) => expected,
            None => match database.lookup(module).await {
                Ok(lines) => self.expected_from(module, kind, lines).map_err(ChecksumError::from)?,
                Err(DatabaseError::Misbehavior(misbehavior)) => {
                    return Err(VerifierError::Misbehavior(misbehavior));
                }
                Err(DatabaseError::Lookup(source)) => {
                    let missing = Missing::new(module.clone(), kind);
                    return Err(VerifierError::Unknown { missing, source });
                }
            },
        };
        Ok(expected.check(found)?)
    }

    /// Returns what proves the hash, as [`verify`](Self::verify); the thread waits meanwhile.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_blocking<C: SumDbCache, F, T, E>(
        &self,
        module: &ModuleVersion,
        kind: Kind,
        found: &H1,
        database: &mut Database<C, F>,
    ) -> Result<ProvedBy, VerifierError>
    where
        F: Fn(ReadRequest) -> T,
        T: Future<Output = Result<Vec<u8>, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        block_on(self.verify(module, kind, found, database))
    }
}

impl Expected {
    /// Returns what a hash of the module is held against by go.sum alone: `None` where it has none.
    pub fn from_go_sum(go_sum: &Arc<GoSumFiles>, module: &ModuleVersion, kind: Kind) -> Option<Self> {
        let (go_sum, module) = (Arc::clone(go_sum), module.clone());
        let has_sum = go_sum.have_sum(&module, kind);
        has_sum.then_some(Self { go_sum, module, kind, fallback: Fallback::Nothing })
    }

    /// Returns what proves the hash that was found.
    ///
    /// # Errors
    /// [`ChecksumError`]: the content must not be used.
    pub fn check(&self, found: &H1) -> Result<ProvedBy, ChecksumError> {
        if self.go_sum.lookup(&self.module, self.kind, found)? == Verdict::Match {
            let text = found.to_string();
            let mut lines = self.go_sum.hashes(&self.module, self.kind);
            let line = lines.find(|(_, line)| line.hash == text.as_bytes());
            let (file, line) =
                line.map_or_else(Default::default, |(file, line)| (file.to_owned(), line.line));
            return Ok(ProvedBy::GoSum { file, line });
        }
        match &self.fallback {
            Fallback::Database(lines) => {
                lines.verify(self.kind, found)?;
                Ok(ProvedBy::Database { record: lines.proof().record().id })
            }
            Fallback::Unchecked(why) => Ok(ProvedBy::Unchecked(*why)),
            // Does not happen: a line of go.sum is there, which matches or does not.
            Fallback::Nothing => Err(Missing::new(self.module.clone(), self.kind).into()),
        }
    }
}

/// A hash is not the one that go.sum or the checksum database has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChecksumError {
    /// go.sum has another one: a security verdict.
    #[error(transparent)]
    GoSum(#[from] Mismatch),
    /// The checksum database has another one, which is a security verdict, or none.
    #[error(transparent)]
    Database(#[from] SumDbError),
    /// Nothing has one.
    #[error(transparent)]
    Missing(#[from] Missing),
}

impl ChecksumError {
    /// Returns the recorded hash, as written, and the one that was found; `None` where none is recorded.
    pub fn hashes(&self) -> Option<(&str, &H1)> {
        match self {
            Self::GoSum(mismatch) => Some((&mismatch.recorded, &mismatch.found)),
            Self::Database(SumDbError::Mismatch(mismatch)) => Some((&mismatch.recorded, &mismatch.found)),
            Self::Database(SumDbError::NoLine { .. }) | Self::Missing(_) => None,
        }
    }

    /// Returns where the recorded hash stands, or would stand: `go.sum line 3`, `record 5 of the checksum database`.
    pub fn place(&self) -> String {
        match self {
            Self::GoSum(mismatch) => format!("{} line {}", mismatch.file, mismatch.line),
            Self::Database(SumDbError::Mismatch(mismatch)) => {
                format!("record {} of the checksum database", mismatch.record)
            }
            Self::Database(SumDbError::NoLine { .. }) => "the checksum database".to_owned(),
            Self::Missing(_) => "go.sum".to_owned(),
        }
    }
}

/// A module is not proved.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// Its hash is not the recorded one.
    #[error(transparent)]
    Mismatch(#[from] ChecksumError),
    /// go.sum has no hash, and the database gives none that is proven.
    #[error("{missing}, and the checksum database has no proof")]
    #[non_exhaustive]
    Unknown {
        /// The line that go.sum lacks.
        missing: Missing,
        /// What the database said.
        source: Box<LookupError>,
    },
    /// The database does what it must not do: a security verdict.
    #[error(transparent)]
    Misbehavior(Box<Misbehavior>),
}
