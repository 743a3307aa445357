//! Why a module could not be had, and what to do about it.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};

use gomod_archive::{OpenError, ReadToVecError};
use gomod_cache::CacheError;
use gomod_module::modfile::ReadGoModError;
use gomod_module::module_set::ModuleSetError;
use gomod_module::text::Printable;
use gomod_module::{ErrorChain, H1, ModuleError};
use gomod_proxy_client::Error;
use gomod_proxy_client::report::{Attempt, ErrorReport, Limit};
use gomod_sum::sumdb::{ChecksumError, Misbehavior, SumDbError};
use gomod_sum::{Finding, HashDirError, HashZipError, Kind, Missing};
use gomod_zip::{CheckError, UnzipError};
use thiserror::Error;

use crate::database::DatabaseError;
use crate::network;
use crate::obstacle::Obstacle;
use crate::sums::{Explained, testimony};
use crate::unproven::NotItsGoMod;

/// What went wrong with one module.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// `path@version`.
    pub module: String,
    /// What happened.
    pub problem: Problem,
    /// Every request that was made for it.
    pub attempts: Vec<Attempt>,
    /// The hash that the checksum database records, where it was asked which of go.sum and the bytes is right.
    pub witness: Option<H1>,
}

/// The ways to fail.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// No proxy had it, or none had the right bytes.
    #[error(transparent)]
    Fetch(#[from] Error),
    /// Nothing is known that could prove it.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Nothing is known that could prove it, and the checksum database does not help.
    #[error("{}", headline(missing, *in_go_sum))]
    Unproven {
        /// What go.sum does not have.
        missing: Box<Missing>,
        /// Whether there is a go.sum that could have it.
        in_go_sum: bool,
        /// What the database does not say.
        source: DatabaseError,
    },
    /// No proxy has it, which is why the checksum database does not know it.
    #[error("{proxy}")]
    Unknown {
        /// What the proxies say.
        #[source]
        proxy: Error,
        /// What the database says.
        database: DatabaseError,
    },
    /// The checksum database answers without the line that was asked for.
    #[error(transparent)]
    NoLine(Box<SumDbError>),
    /// The checksum database does what it must not do.
    #[error("the checksum database is not to be trusted")]
    Misbehavior(#[source] Box<Misbehavior>),
    /// The module cache disagrees with go.sum or the checksum database.
    #[error("{} is not what {} records", path.display(), authority(&source.wrong))]
    Cached {
        /// The file in the cache.
        path: PathBuf,
        /// The two hashes.
        source: Box<Explained>,
    },
    /// A go.mod file in the cache that nothing proves is not one of its module.
    #[error("{} is not the go.mod file of its module", path.display())]
    CachedGoMod {
        /// The file in the cache.
        path: PathBuf,
        /// Why not.
        source: Box<NotItsGoMod>,
    },
    /// The go.mod file in a zip cannot be read.
    #[error("go.mod in the zip")]
    ReadGoMod(#[from] ReadToVecError),
    /// A go.mod file that nothing proves is not the one in the zip.
    #[error("its go.mod file is not the one in its zip, and nothing proves it")]
    GoModOfZip {
        /// Where it is, or would have been, in the cache.
        path: PathBuf,
    },
    /// Files in the cache are not those whose hash is recorded beside them.
    #[error("{} has been modified", .0.display())]
    Modified(PathBuf),
    /// A zip in the cache that no module can come out of.
    #[error("{} cannot be used", path.display())]
    Damaged {
        /// The zip.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A `.ziphash` file with a hash of an algorithm that is not known.
    #[error("{} holds no h1: hash", .0.display())]
    ForeignZipHash(PathBuf),
    /// The cache cannot be read or written.
    #[error("module cache")]
    Cache(#[from] CacheError),
    /// A zip cannot be read.
    #[error("read zip")]
    Open(#[from] OpenError),
    /// A zip has no hash.
    #[error("hash zip")]
    HashZip(#[from] HashZipError),
    /// An extracted tree has no hash.
    #[error("hash directory")]
    HashDir(#[from] HashDirError),
    /// A zip breaks a rule of module zips.
    #[error("check zip")]
    Check(#[from] CheckError),
    /// A zip cannot be extracted.
    #[error("extract zip")]
    Unzip(#[from] UnzipError),
    /// A dependency's go.mod says what it may not.
    #[error(transparent)]
    Graph(Box<ModuleSetError>),
    /// The directory that replaces a module cannot be read.
    #[error("replacement")]
    Replacement(#[from] ReadGoModError),
    /// The project's `exclude` lines leave no version of a module that its `require` lines name.
    #[error("not a known dependency: its required version is excluded")]
    Excluded,
    /// An argument names a module that is not in the project's module graph.
    #[error("not a known dependency")]
    UnknownDependency,
    /// A line of go.sum names no module.
    #[error("go.sum:{line}")]
    Name {
        /// The line.
        line: usize,
        /// What is wrong with the name.
        source: ModuleError,
    },
    /// The directory that replaces a module has no go.mod.
    #[error("there is no go.mod in {}", .0.display())]
    NoReplacement(PathBuf),
}

impl Problem {
    /// A zip of the cache that cannot be read to its end.
    pub(crate) fn damaged(path: &Path, source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Damaged { path: path.to_owned(), source: Box::new(source) }
    }

    /// A file of the cache with another hash than the known one.
    pub fn cached(path: PathBuf, source: Box<Explained>) -> Self {
        Self::Cached { path, source }
    }
}

/// What knows better.
fn authority(wrong: &ChecksumError) -> &'static str {
    match wrong {
        ChecksumError::Database(_) => "the checksum database",
        _ => "go.sum",
    }
}

/// go.sum is named only where there is one.
fn headline(missing: &Missing, in_go_sum: bool) -> String {
    match missing.kind {
        _ if in_go_sum => missing.to_string(),
        Kind::Zip => "nothing proves it".to_owned(),
        Kind::GoMod => "nothing proves its go.mod".to_owned(),
    }
}

impl Failure {
    /// The failure of a module; the attempts of a failed fetch are its own.
    pub fn new(module: &impl ToString, problem: impl Into<Problem>, mut attempts: Vec<Attempt>) -> Self {
        let problem = problem.into();
        if let Problem::Fetch(error) | Problem::Unknown { proxy: error, .. } = &problem {
            attempts.extend_from_slice(error.attempts());
        }
        Self { module: module.to_string(), problem, attempts, witness: None }
    }

    /// The requests that were really made: where a list ends, or a source is left alone, no request is made.
    pub fn requests(&self) -> impl Iterator<Item = &Attempt> {
        asked(&self.attempts)
    }

    /// Whether something in the cache cannot be written.
    pub fn is_unwritable_cache(&self) -> bool {
        match &self.problem {
            Problem::Cache(error) => error.is_unwritable(),
            Problem::Unzip(UnzipError::Io { .. }) => true,
            _ => false,
        }
    }

    /// What the sources said, of the module or of its record.
    pub fn answer(&self) -> Option<&Error> {
        match &self.problem {
            Problem::Fetch(error) => Some(error),
            Problem::Unknown { proxy, database } => Some(proxy)
                .filter(|proxy| proxy.server_response().is_some())
                .or(database.unavailable())
                .or(Some(proxy)),
            Problem::Unproven { source, .. } => source.unavailable(),
            _ => None,
        }
    }

    /// Lines for people beside the error: the server's words, which credentials it got, and every request that was made.
    pub fn details(&self) -> Vec<String> {
        details(self.answer(), &self.attempts)
    }

    /// The two hashes, where they differ.
    pub fn wrong(&self) -> Option<&ChecksumError> {
        match &self.problem {
            Problem::Cached { source, .. } => Some(&source.wrong),
            problem => sources(problem).find_map(<dyn StdError>::downcast_ref),
        }
    }

    /// What the bytes and the checksum database show about the reason of a wrong hash.
    pub fn findings(&self) -> Vec<Finding> {
        let explained = match &self.problem {
            Problem::Cached { source, .. } => Some(&**source),
            problem => sources(problem).find_map(<dyn StdError>::downcast_ref::<Explained>),
        };
        let mut findings = explained.map_or_else(Vec::new, |explained| explained.findings.clone());
        if let (Some(hash), Some(ChecksumError::GoSum(mismatch))) = (self.witness, self.wrong()) {
            findings.extend(testimony(mismatch, hash));
        }
        findings
    }

    /// What says that the line of go.sum is what is wrong, and not what was held against it.
    pub fn blame_of_line(&self) -> Option<Finding> {
        self.findings().into_iter().find(|finding| finding.kind.blames_line())
    }

    /// What follows from the failure, and is not its reason.
    pub fn consequence(&self) -> Option<String> {
        match &self.problem {
            Problem::Unknown { database, .. } => {
                Some(format!("{database}: so it does not know this version"))
            }
            _ => None,
        }
    }

    /// What the checksum database did that it must not do.
    pub fn misbehavior(&self) -> Option<&Misbehavior> {
        match &self.problem {
            Problem::Misbehavior(misbehavior) => Some(misbehavior),
            _ => None,
        }
    }

    /// What keeps this process from writing or reading a file of the module cache.
    pub fn obstacle(&self) -> Option<Obstacle> {
        match &self.problem {
            Problem::Cache(_)
            | Problem::Open(_)
            | Problem::HashZip(_)
            | Problem::HashDir(_)
            | Problem::Unzip(_) => Obstacle::of(&self.problem),
            _ => None,
        }
    }
}

/// What can be checked with the database's key alone.
pub fn evidence(misbehavior: &Misbehavior) -> String {
    misbehavior.evidence()
}

/// What is said beside an error of a source: its words, which credentials it got, and every request that was made. What
/// another source said stands below the request to it.
pub fn details(error: Option<&Error>, attempts: &[Attempt]) -> Vec<String> {
    error.map_or(ErrorReport::of_attempts(attempts), Error::report).with_attempts(attempts).details()
}

pub(crate) fn asked(attempts: &[Attempt]) -> impl Iterator<Item = &Attempt> {
    attempts.iter().filter(|attempt| attempt.url().is_some())
}

fn limit(error: &(dyn StdError + 'static)) -> Option<Limit> {
    // These hide the error itself: a layer that is transparent, and a pointer.
    if let Some(Problem::Fetch(error)) = error.downcast_ref() {
        return error.limit();
    }
    if let Some(error) = error.downcast_ref::<DatabaseError>() {
        return error.unavailable()?.limit();
    }
    error.downcast_ref::<Error>()?.limit()
}

/// What is said of one error is never longer, in characters.
const MAX_CHAIN: usize = 4000;

/// What a server says in a field of its answer, with the bound of an error: at most 4,000 characters.
pub fn bounded(text: &str) -> String {
    Printable::new(text).max_chars(MAX_CHAIN).to_string()
}

/// An error and all its causes in one line, as a terminal can show it, with the flag of the limit that ended it: at most 4,000
/// characters of what was put into it from outside.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let text = ErrorChain::new(error);
    match text.causes().find_map(limit).and_then(network::flag) {
        Some(flag) => format!("{text} (the limit of {flag})"),
        None => text.to_string(),
    }
}

pub(crate) fn sources<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    ErrorChain::new(error).causes()
}
