//! Why a module could not be had, and what to do about it.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gomod_archive::{OpenError, ReadToVecError};
use gomod_cache::CacheError;
use gomod_module::module_set::ModuleSetError;
use gomod_module::{ModuleError, Printable};
use gomod_proxy_client::{Attempt, Error, ErrorKind, Limit};
use gomod_sum::sumdb::{Misbehavior, SumDbError};
use gomod_sum::{HashDirError, HashZipError, Missing};
use gomod_zip::{CheckError, UnzipError};
use thiserror::Error;

use crate::advice;
use crate::database::DatabaseError;
use crate::http_proxy;
use crate::network;
use crate::obstacle::Obstacle;
use crate::project::ProjectError;
use crate::sums::Wrong;
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
    #[error("{missing}")]
    Unproven {
        /// What go.sum does not have.
        missing: Box<Missing>,
        /// What the database does not say.
        source: DatabaseError,
    },
    /// The checksum database answers without the line that was asked for.
    #[error(transparent)]
    NoLine(Box<SumDbError>),
    /// The checksum database does what it must not do.
    #[error("the checksum database is not to be trusted")]
    Misbehavior(#[source] Box<Misbehavior>),
    /// The module cache disagrees with go.sum or the checksum database.
    #[error("{} is not what {} records", path.display(), source.authority())]
    Cached {
        /// The file in the cache.
        path: PathBuf,
        /// The two hashes.
        source: Box<Wrong>,
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
    Replacement(#[from] ProjectError),
    /// The project's `exclude` lines leave no version of a module that its `require` lines name.
    #[error("not a known dependency: its required version is excluded")]
    Excluded,
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
    pub fn cached(path: PathBuf, wrong: Wrong) -> Self {
        Self::Cached { path, source: Box::new(wrong) }
    }
}

impl Failure {
    /// The failure of a module; the attempts of a failed fetch are its own.
    pub fn new(module: &impl ToString, problem: impl Into<Problem>, mut attempts: Vec<Attempt>) -> Self {
        let problem = problem.into();
        if let Problem::Fetch(error) = &problem {
            attempts.extend_from_slice(error.attempts());
        }
        Self { module: module.to_string(), problem, attempts }
    }

    /// The requests that were really made: where a list ends, or a source is left alone, nobody is asked.
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
            Problem::Unproven { source, .. } => source.unavailable(),
            _ => None,
        }
    }

    /// Lines for people beside the error: the server's words, which credentials it got, and every request that was made.
    pub fn details(&self) -> Vec<String> {
        details(self.answer(), &self.attempts)
    }

    /// The two hashes, where they differ.
    pub fn wrong(&self) -> Option<&Wrong> {
        match &self.problem {
            Problem::Cached { source, .. } => Some(source),
            problem => sources(problem).find_map(<dyn StdError>::downcast_ref),
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

    /// What to do now.
    pub fn next_step(&self) -> Option<String> {
        if let Some(next) = self.answer().and_then(http_proxy::next_step) {
            return Some(next);
        }
        if let Some(obstacle) = self.obstacle() {
            return Some(obstacle.next_step_in_cache(self.is_unwritable_cache()).to_owned());
        }
        if let Problem::Fetch(error) = &self.problem
            && let Some(step) = advice::on_answer(error)
        {
            return Some(step);
        }
        let text = match &self.problem {
            Problem::Fetch(error) => match error.kind() {
                ErrorKind::NotFound => {
                    "check path and version, and whether a proxy in GOPROXY can have this module"
                }
                ErrorKind::NoMatchingVersion => {
                    "ask for another version: `go list -m -versions -retracted PATH` names those that there are"
                }
                ErrorKind::Off => "GOPROXY=off forbids downloads: name a proxy in GOPROXY",
                ErrorKind::DirectUnsupported => {
                    "there is no direct access to repositories here: name a proxy in GOPROXY that has this module \
                     (GONOPROXY and GOPRIVATE keep modules from proxies)"
                }
                ErrorKind::Mismatch if matches!(self.wrong(), Some(Wrong::Database(_))) => {
                    "do not build from these bytes: everybody else got others; ask another source for the same version"
                }
                ErrorKind::Mismatch => {
                    "do not build from these bytes: ask another source for the same version and compare; if that \
                     agrees with them, the line of go.sum is wrong"
                }
                ErrorKind::Malformed | ErrorKind::Rejected | ErrorKind::Protocol | ErrorKind::TooLarge => {
                    "the proxy, or something in front of it, does not serve modules: look at its answer, or name \
                     another one in GOPROXY behind `|`"
                }
                _ if error.is_transient() => "try again, or name another proxy in GOPROXY behind `|`",
                _ => return None,
            },
            Problem::Missing(_) => {
                "bring back the project's go.sum, or run `go mod tidy` there; for a single module, give both its \
                 lines with --sum, or a project whose go.sum has them"
            }
            Problem::Unproven { source, .. } => unproven(source),
            Problem::NoLine(_) => {
                "do not use this version: its record in the checksum database is about something else"
            }
            Problem::Misbehavior(_) => {
                "trust no module that is new to you until this is explained: keep the report above, and send it to those \
                 who run the database"
            }
            Problem::GoModOfZip { path } if !path.exists() => {
                "ask another source for the same version: the .mod of this one is not the go.mod file of its .zip"
            }
            Problem::Cached { path, .. }
            | Problem::CachedGoMod { path, .. }
            | Problem::GoModOfZip { path }
            | Problem::ForeignZipHash(path)
            | Problem::Modified(path)
            | Problem::Damaged { path, .. } => {
                return Some(format!(
                    "move {} away and run this again: it will be fetched anew",
                    path.display()
                ));
            }
            Problem::Cache(error) if error.is_unwritable() => {
                "make the module cache writable, or set GOMODCACHE to another directory"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// What everybody can check who has the database's key.
pub fn evidence(misbehavior: &Misbehavior) -> String {
    match misbehavior {
        Misbehavior::Fork(fork) => fork.report(),
        Misbehavior::Signature(forged) => {
            let note = Printable::new(&forged.note).lines().max_chars(MAX_CHAIN).to_string();
            format!("SECURITY ERROR\na tree head with a false signature:\n\t{}", note.replace('\n', "\n\t"))
        }
        _ => String::new(),
    }
}

/// What to do where neither go.sum nor the checksum database knows.
pub fn unproven(source: &DatabaseError) -> &'static str {
    if matches!(source, DatabaseError::Dial(_)) {
        return "GOSUMDB names no database that could be asked: unset it, or bring back the project's go.sum";
    }
    if source.files().is_some() {
        return "the signed head of the checksum database's log must be readable and writable below GOPATH: see its path \
                above";
    }
    match source.unavailable() {
        Some(error) if error.is_not_found() => {
            "the checksum database does not know this version: check path and version; a private module belongs into \
             GOPRIVATE"
        }
        Some(_) => {
            "bring back the project's go.sum (for a single module, both its lines with --sum): then no database is asked; \
             or name a proxy in GOPROXY that serves the database below /sumdb/, or its URL behind its key in GOSUMDB; a \
             private module belongs into GOPRIVATE"
        }
        None => "what came in the name of the checksum database proves nothing: ask it through another proxy",
    }
}

/// So many requests of one failure are shown: the first ones, and the last.
const MAX_ASKED: usize = 20;

/// What is said beside an error of a source: its words, which credentials it got, and every request that was made. What
/// another source said stands below the request to it.
pub fn details(error: Option<&Error>, attempts: &[Attempt]) -> Vec<String> {
    let mut lines = Vec::new();
    let reported = error.and_then(Error::server_response).unwrap_or_default();
    lines.extend(reported.lines().map(|line| format!("    server: {line}")));
    if let Some(sent) = error.and_then(Error::credentials) {
        lines.push(format!("      sent: {sent}"));
    }
    let asked: Vec<_> = asked(attempts).collect();
    let mut said = reported;
    for (index, attempt) in asked.iter().enumerate() {
        // Where nobody was asked, the error has said it all.
        if index + 1 == MAX_ASKED && asked.len() > MAX_ASKED {
            lines.push(format!("     asked: {} requests more", asked.len() - MAX_ASKED));
        }
        if index + 1 < MAX_ASKED || index + 1 == asked.len() {
            lines.push(format!("     asked: {attempt}"));
            if let Some(response) = attempt.server_response().filter(|response| *response != said) {
                lines.extend(response.lines().map(|line| format!("            {line}")));
                said = response;
            }
        }
    }
    lines
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

/// An error and all its causes in one line, as a terminal can show it, with the flag of the limit that ended it: at most 4,000
/// characters of what was put into it from outside.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let shown = |error: &dyn StdError| Printable::display(&error).lines().max_chars(MAX_CHAIN).to_string();
    let mut text = shown(error);
    for cause in sources(error).skip(1) {
        let cause = shown(cause);
        // A transparent layer repeats the one below it.
        if !text.ends_with(&cause) {
            let _ = write!(text, ": {cause}");
        }
    }
    let text = Printable::new(&text).lines().max_chars(MAX_CHAIN).to_string();
    match sources(error).find_map(limit).and_then(network::flag) {
        Some(flag) => format!("{text} (the limit of {flag})"),
        None => text,
    }
}

pub(crate) fn sources<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
