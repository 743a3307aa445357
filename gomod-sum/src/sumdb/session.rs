//! The dialogue with a checksum database, without any input or output of its own.

use std::collections::HashMap;
use std::error::Error;
use std::mem;
use std::sync::Arc;

use gomod_module::escape::{escape_path, escape_version};
use gomod_module::{ModuleVersion, PrefixPatterns};

use super::answer::{LookupAnswer, SumLines};
use super::error::{LookupError, Misbehavior};
use super::files::{ReadRequest, ReadSource, StoredFile};
use super::key::VerifierKey;
use super::log::{Log, Lookup, Order, Stop};
use super::tile::TILE_HEIGHT;

/// How a [`Session`] asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionOptions {
    /// The height of the database's tiles, 1 to 30. The go command knows only 8, the default.
    pub tile_height: u8,
    /// The paths that are never asked for. None by default.
    pub gonosumdb: PrefixPatterns,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { tile_height: TILE_HEIGHT, gonosumdb: PrefixPatterns::default() }
    }
}

impl SessionOptions {
    /// Returns the default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the height of the tiles; what is not from 1 to 30 is brought there.
    #[must_use]
    #[doc(alias = "SetTileHeight")]
    pub fn tile_height(mut self, height: u8) -> Self {
        self.tile_height = height.clamp(1, 30);
        self
    }

    /// Sets the private paths.
    #[must_use]
    #[doc(alias = "SetGONOSUMDB")]
    pub fn gonosumdb(mut self, patterns: PrefixPatterns) -> Self {
        self.gonosumdb = patterns;
        self
    }
}

/// What a [`Session`] needs next.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "a driver must be able to do all of it")]
pub enum SessionStep {
    /// Read these files, in any order, and give each to [`Session::provide`] or [`Session::provide_error`].
    Read(Vec<ReadRequest>),
    /// Read the stored tree head and give it to [`Session::provide_head`], empty where there is none.
    ReadHead,
    /// Replace the stored tree head `old` by `new`, unless another is stored by now: compare and swap, which
    /// [`Session::head_stored`] or [`Session::head_conflict`] answers.
    StoreHead {
        /// What [`Session::provide_head`] was given last.
        old: Vec<u8>,
        /// The signed tree head to store.
        new: Vec<u8>,
    },
    /// Keep these proven files, if there is a place; there is nothing to answer.
    Store(Vec<StoredFile>),
    /// Nothing is left to do; the answers to all lookups since the last time, in their order.
    Done(Vec<LookupAnswer>),
}

/// A client of one checksum database for any number of modules, without input and output: it says what it needs, and
/// its driver reads and writes (`sumdb.Client`, <https://go.dev/ref/mod#checksum-database>).
///
/// Files are believed only if the signed tree head covers them, wherever they come from. A file of the cache that proves
/// nothing is asked for again from the network, where the go command fails until it is deleted. The largest head
/// ever seen is kept; a head that does not go with it is a [`Misbehavior`].
///
/// A session remembers all that it read, failures too: 8 KiB a tile, some tens of KiB a module at most.
///
/// ```
/// use gomod_sum::sumdb::{Session, ReadSource, SessionStep};
///
/// # fn read(_: &str) -> Result<Vec<u8>, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
/// let key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse()?;
/// let mut session = Session::new(key);
/// session.lookup(&"golang.org/x/text@v0.3.0".parse()?);
/// let answers = loop {
///     match session.step()? {
///         SessionStep::Read(files) => {
///             for file in files {
///                 // `read` looks into the cache or asks the network, as `file.source` says.
///                 match read(&file.path) {
///                     Ok(content) => session.provide(&file.path, file.source, &content),
///                     Err(error) => session.provide_error(&file.path, file.source, error),
///                 }
///             }
///         }
///         SessionStep::ReadHead => session.provide_head(Vec::new()),
///         SessionStep::StoreHead { .. } => session.head_stored(),
///         SessionStep::Store(_) => {}
///         SessionStep::Done(answers) => break answers,
///     }
/// };
/// let error = answers[0].result.as_ref().unwrap_err();
/// assert_eq!(error.to_string(), "lookup/golang.org/x/text@v0.3.0 is not available");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[doc(alias = "Client")]
pub struct Session {
    gonosumdb: PrefixPatterns,
    log: Log,
    head: HeadTask,
    /// Whether the stored tree head was taken over.
    started: Option<Result<(), LookupError>>,
    /// The lookup for which the tree head is stored.
    head_for: usize,
    lookups: Vec<Lookup>,
    /// What was answered, by the paths of the files with the answers.
    answered: HashMap<String, Result<SumLines, LookupError>>,
    misbehavior: Option<Misbehavior>,
}

/// What is being done about the stored tree head.
#[derive(Debug)]
enum HeadTask {
    Idle,
    /// It must be read.
    Read,
    /// It was read, and must be compared.
    Merge {
        file: Vec<u8>,
    },
    /// It is smaller, and must be replaced.
    Store {
        old: Vec<u8>,
        new: Vec<u8>,
    },
}

impl Session {
    /// Returns a session with the database of this key, with the default [`SessionOptions`].
    pub fn new(key: VerifierKey) -> Self {
        Self::with_options(key, SessionOptions::default())
    }

    /// Returns a session with the database of this key.
    pub fn with_options(key: VerifierKey, options: SessionOptions) -> Self {
        Self {
            gonosumdb: options.gonosumdb,
            log: Log::new(key, options.tile_height.clamp(1, 30)),
            head: HeadTask::Idle,
            started: None,
            head_for: 0,
            lookups: Vec::new(),
            answered: HashMap::new(),
            misbehavior: None,
        }
    }

    /// Asks for the lines of a module.
    pub fn lookup(&mut self, module: &ModuleVersion) {
        self.lookup_raw(module.path().as_str(), module.version().as_str());
    }

    /// Asks for the lines of a module path and a version, which need not be canonical.
    pub fn lookup_raw(&mut self, path: &str, version: &str) {
        let file = if self.gonosumdb.matches(path) {
            Err(LookupError::Skipped)
        } else {
            escape_path(path).map_err(LookupError::Path).and_then(|path| {
                let version = escape_version(version).map_err(LookupError::Version)?;
                Ok(format!("lookup/{path}@{version}"))
            })
        };
        let (file, result) = match file {
            Ok(file) => {
                let result = self.answered.get(&file).cloned();
                (file, result)
            }
            Err(error) => (String::new(), Some(Err(error))),
        };
        let (path, version) = (path.to_owned(), version.to_owned());
        self.lookups.push(Lookup { path, version, file, is_merged: false, result });
    }

    /// Returns what is to be done next. Until that is answered, it is returned again.
    ///
    /// # Errors
    /// [`Misbehavior`] ends the session: every further call returns it again, and nothing else.
    pub fn step(&mut self) -> Result<SessionStep, Misbehavior> {
        loop {
            let waits = match &self.head {
                HeadTask::Read => return Ok(SessionStep::ReadHead),
                HeadTask::Store { old, new } => {
                    return Ok(SessionStep::StoreHead { old: old.clone(), new: new.clone() });
                }
                HeadTask::Merge { file } => {
                    let file = file.clone();
                    self.merge_stored_head(file)
                }
                HeadTask::Idle => self.advance(),
            };
            let stored = self.log.take_stored();
            if !stored.is_empty() {
                return Ok(SessionStep::Store(stored));
            }
            if let Some(misbehavior) = &self.misbehavior {
                return Err(misbehavior.clone());
            }
            if waits {
                return Ok(SessionStep::Read(self.log.reads()));
            }
            if matches!(self.head, HeadTask::Idle)
                && self.lookups.iter().all(|lookup| lookup.result.is_some())
            {
                return Ok(SessionStep::Done(self.take_answers()));
            }
        }
    }

    /// Gives the content of a file that [`SessionStep::Read`] asked for. What was not asked for is left alone.
    pub fn provide(&mut self, path: &str, source: ReadSource, content: &[u8]) {
        self.log.provide(path, source, content);
    }

    /// Says that a file which [`SessionStep::Read`] asked for could not be read, or is not there.
    pub fn provide_error(
        &mut self,
        path: &str,
        source: ReadSource,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) {
        self.log.provide_error(path, source, &Arc::from(error.into()));
    }

    /// Gives the stored tree head, empty where there is none.
    pub fn provide_head(&mut self, head: Vec<u8>) {
        if matches!(self.head, HeadTask::Read) {
            self.head = HeadTask::Merge { file: head };
        }
    }

    /// Says that the stored tree head was replaced.
    pub fn head_stored(&mut self) {
        if matches!(self.head, HeadTask::Store { .. }) {
            self.end_head(Ok(()));
        }
    }

    /// Says that another tree head is stored by now: it is read, compared with this session's, and replaced if smaller.
    #[doc(alias = "ErrWriteConflict")]
    pub fn head_conflict(&mut self) {
        if matches!(self.head, HeadTask::Store { .. }) {
            self.head = HeadTask::Read;
        }
    }

    /// Says that the tree head could not be read or stored, which fails the lookup that needs it: all of them at the
    /// session's start.
    pub fn provide_head_error(&mut self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        if matches!(self.head, HeadTask::Read | HeadTask::Store { .. }) {
            self.end_head(Err(LookupError::HeadFile(Arc::from(error.into()))));
        }
    }

    /// Compares the stored tree head with the session's; returns whether files are missing for that.
    fn merge_stored_head(&mut self, file: Vec<u8>) -> bool {
        match self.log.merge(&file) {
            Ok(Order::Future) => self.head = HeadTask::Read,
            Ok(Order::Past) => {
                self.head = HeadTask::Store { old: file, new: self.log.note().as_bytes().to_vec() };
            }
            Ok(Order::Now) => self.end_head(Ok(())),
            Err(Stop::Fail(error)) => self.end_head(Err(error)),
            Err(Stop::End(misbehavior)) => self.misbehavior = Some(*misbehavior),
            Err(Stop::Wait | Stop::Newer) => return true,
        }
        false
    }

    fn end_head(&mut self, result: Result<(), LookupError>) {
        self.head = HeadTask::Idle;
        if self.started.is_none() {
            self.started = Some(result);
        } else if let Err(error) = result
            && let Some(lookup) = self.lookups.get_mut(self.head_for)
        {
            lookup.result = Some(Err(error));
        }
    }

    /// Takes every lookup as far as it goes; returns whether files are missing.
    fn advance(&mut self) -> bool {
        let mut waits = false;
        for (position, lookup) in self.lookups.iter_mut().enumerate().filter(|(_, l)| l.result.is_none()) {
            match &self.started {
                None => {
                    self.head = HeadTask::Read;
                    return false;
                }
                Some(Err(error)) => {
                    lookup.result = Some(Err(LookupError::Start(Box::new(error.clone()))));
                    continue;
                }
                Some(Ok(())) => {}
            }
            match self.log.look_up(lookup) {
                Ok(lines) => lookup.result = Some(Ok(lines)),
                Err(Stop::Wait) => waits = true,
                Err(Stop::Newer) => {
                    (self.head, self.head_for) = (HeadTask::Read, position);
                    return false;
                }
                Err(Stop::Fail(error)) => lookup.result = Some(Err(error)),
                Err(Stop::End(misbehavior)) => {
                    self.misbehavior = Some(*misbehavior);
                    return false;
                }
            }
        }
        waits
    }

    fn take_answers(&mut self) -> Vec<LookupAnswer> {
        let lookups = mem::take(&mut self.lookups);
        let mut answers = Vec::with_capacity(lookups.len());
        for Lookup { path, version, file, result, .. } in lookups {
            if let Some(result) = result {
                if !file.is_empty() {
                    self.answered.insert(file, result.clone());
                }
                answers.push(LookupAnswer { path, version, result });
            }
        }
        answers
    }
}
