//! A checksum database, asked about many modules in one session.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use gomod_cache::{CacheError, InvalidSumDbName, ModCache, SumDbFiles};
use gomod_module::{GoEnv, ModuleVersion};
use gomod_proxy_client::client::{InvalidSumDbUrl, SumDbClient};
use gomod_proxy_client::report::Attempt;
use gomod_proxy_client::{Error, ProxyClient};
use gomod_sum::sumdb::{
    GoSumDb, InvalidGoSumDbError, LookupError, Misbehavior, ReadRequest, Session, SumDbCache, SumLines,
    VerifierKey,
};
use thiserror::Error as ThisError;

use crate::next_step::NO_LINKS;
use crate::settings;
use crate::workers::on_disk;

/// The database that GOSUMDB names, and what this run knows of it.
///
/// Modules that are asked for while others are being looked up are looked up with the next batch.
#[derive(Debug)]
pub struct Database {
    key: VerifierKey,
    client: SumDbClient,
    files: Files,
    session: tokio::sync::Mutex<Session>,
    waiting: Mutex<Vec<ModuleVersion>>,
    /// By path and version.
    answers: Mutex<HashMap<(String, String), Result<SumLines, LookupError>>>,
    /// Set when the requests of a search that failed were counted.
    failed: OnceLock<()>,
}

/// Why there is no database to ask.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DialError {
    /// The value of GOSUMDB.
    #[error("{setting}")]
    GoSumDb {
        /// The value, and where it is set.
        setting: String,
        /// What is wrong with it.
        source: InvalidGoSumDbError,
    },
    /// The URL in GOSUMDB.
    #[error("{setting}")]
    Url {
        /// The value, and where it is set.
        setting: String,
        /// What is wrong with it.
        source: InvalidSumDbUrl,
    },
    /// The name in GOSUMDB.
    #[error("{setting}")]
    Name {
        /// The value, and where it is set.
        setting: String,
        /// What is wrong with it.
        source: InvalidSumDbName,
    },
    /// There is no place for the signed tree head.
    #[error("GOPATH names no directory, and the checksum database's tree head is kept below it")]
    NoGoPath,
    /// There is a link where its files are kept.
    #[error(transparent)]
    Files(#[from] CacheError),
}

impl DialError {
    /// What to do where it is not the value of GOSUMDB that is to be corrected.
    pub fn next_step(&self) -> Option<String> {
        matches!(self, Self::Files(CacheError::Symlink { .. })).then(|| NO_LINKS.to_owned())
    }
}

/// Why the database proves nothing about a module.
#[derive(Debug, Clone, ThisError)]
#[non_exhaustive]
pub enum DatabaseError {
    /// There is none to ask.
    #[error(transparent)]
    Dial(Arc<DialError>),
    /// It has no answer, or none that is proven.
    #[error("checksum database {name}")]
    Lookup {
        /// Its name.
        name: String,
        /// Why not.
        source: Box<LookupError>,
        /// Its files on this machine.
        files: Box<SumDbFiles>,
    },
    /// It does what it must not do: the end of everything.
    #[error(transparent)]
    Misbehavior(Box<Misbehavior>),
}

impl Database {
    /// The database of an environment; nothing is asked yet.
    ///
    /// # Errors
    /// [`DialError`].
    pub fn open(env: &GoEnv, client: &ProxyClient, cache: &ModCache) -> Result<Self, DialError> {
        let setting = || settings::shown(env, "GOSUMDB");
        let database: GoSumDb =
            env.gosumdb().parse().map_err(|source| DialError::GoSumDb { setting: setting(), source })?;
        let name = database.key.name();
        let heads = env.sumdb_dir().ok_or(DialError::NoGoPath)?;
        let files = SumDbFiles::new(cache, &heads, name)
            .map_err(|source| DialError::Name { setting: setting(), source })?;
        files.check_inside_root()?;
        Ok(Self {
            client: client
                .sum_db(name, database.url.as_deref())
                .map_err(|source| DialError::Url { setting: setting(), source })?,
            files: Files(files),
            session: tokio::sync::Mutex::new(Session::new(database.key.clone())),
            waiting: Mutex::default(),
            answers: Mutex::default(),
            failed: OnceLock::new(),
            key: database.key,
        })
    }

    /// The key of the database; its name is in it.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The proven lines of one module. `attempts` gets the requests that were made on its behalf.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn lines(
        &self,
        module: &ModuleVersion,
        attempts: &mut Vec<Attempt>,
    ) -> Result<SumLines, DatabaseError> {
        loop {
            if let Some(answer) = self.answer(module) {
                return answer;
            }
            self.ask(std::slice::from_ref(module), attempts).await?;
        }
    }

    /// Looks modules up; [`lines`](Self::lines) has the answers.
    ///
    /// # Errors
    /// [`DatabaseError::Misbehavior`].
    pub async fn ask(
        &self,
        modules: &[ModuleVersion],
        attempts: &mut Vec<Attempt>,
    ) -> Result<(), DatabaseError> {
        lock(&self.waiting).extend_from_slice(modules);
        let mut session = self.session.lock().await;
        if modules.iter().all(|module| self.answer(module).is_some()) {
            return Ok(());
        }
        let driven = self.drive(&mut session, attempts).await;
        driven.map_err(|misbehavior| DatabaseError::Misbehavior(Box::new(misbehavior)))
    }

    fn answer(&self, module: &ModuleVersion) -> Option<Result<SumLines, DatabaseError>> {
        let key = (module.path().to_string(), module.version().to_string());
        let answer = lock(&self.answers).get(&key).cloned()?;
        let name = || self.key.name().to_owned();
        Some(answer.map_err(|source| DatabaseError::Lookup {
            name: name(),
            source: Box::new(source),
            files: Box::new(self.files.0.clone()),
        }))
    }

    async fn drive(&self, session: &mut Session, attempts: &mut Vec<Attempt>) -> Result<(), Misbehavior> {
        let made = Mutex::default();
        let fetch = |file| self.fetch(file, &made);
        let answers = loop {
            for module in mem::take(&mut *lock(&self.waiting)) {
                session.lookup(&module);
            }
            match session.run_step(&self.files, &fetch).await {
                Ok(None) => {}
                Ok(Some(answers)) => break Ok(answers),
                Err(misbehavior) => break Err(misbehavior),
            }
        };
        attempts.append(&mut lock(&made));
        let answers = answers?.into_iter().map(|answer| ((answer.path, answer.version), answer.result));
        lock(&self.answers).extend(answers);
        Ok(())
    }

    async fn fetch(&self, file: ReadRequest, made: &Mutex<Vec<Attempt>>) -> Result<Vec<u8>, Error> {
        let count = |attempts: &[Attempt]| lock(made).extend_from_slice(attempts);
        match self.client.source().await {
            Ok(found) => count(found.trace.attempts()),
            Err(error) => {
                if self.failed.set(()).is_ok() {
                    count(error.attempts());
                }
                return Err(error);
            }
        }
        let fetched = self.client.read(&file.path, file.limit).await;
        let fetched = fetched.inspect_err(|error| count(error.attempts()))?;
        count(fetched.trace.attempts());
        Ok(fetched.value.into())
    }
}

/// The files on this machine; a read may wait for another process's lock.
#[derive(Debug)]
struct Files(SumDbFiles);

impl Files {
    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&SumDbFiles) -> T + Send + 'static) -> T {
        let files = self.0.clone();
        on_disk(move || work(&files)).await
    }
}

impl SumDbCache for Files {
    type Error = CacheError;

    async fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
        let path = path.to_owned();
        self.with(move |files| files.read(&path, limit)).await
    }

    async fn write(&self, path: &str, content: &[u8]) {
        let (path, content) = (path.to_owned(), content.to_owned());
        // As for the go command, what cannot be kept is asked for again the next time.
        let _ = self.with(move |files| files.write(&path, &content)).await;
    }

    async fn read_head(&self) -> Result<Vec<u8>, CacheError> {
        self.with(SumDbFiles::head).await
    }

    async fn replace_head(&self, old: &[u8], new: &[u8]) -> Result<bool, CacheError> {
        let (old, new) = (old.to_owned(), new.to_owned());
        self.with(move |files| files.replace_head(&old, &new)).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
