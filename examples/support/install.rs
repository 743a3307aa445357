//! One module into the cache: fetch, check, hash, commit, extract.

mod arriving;
mod cached;
mod fetch_zip;
mod go_mod;
mod parts;
mod unknown;
mod witness;

use std::collections::HashSet;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use gomod_cache::{
    Action, CacheError, CacheFile, Entry, EntryLock, EntryState, FileState, ModCache, ZipHash,
};
use gomod_module::{Info, ModuleVersion};
use gomod_proxy_client::report::Attempt;
use gomod_proxy_client::{Fetched, ProxyClient};
use gomod_sum::{FileHash, Kind};
use tokio::time::timeout;

use self::arriving::Arriving;
use crate::checked_zip::commit;
use crate::failure::{Failure, Problem, chain};
use crate::installed::Installed;
use crate::progress::Progress;
use crate::settings;
use crate::sums::{Expected, Sums};
use crate::unproven::Declares;
use crate::workers::{Workers, on_disk};

use go_mod::unproven_go_mod;

/// How often a lock that another process holds is tried.
const POLL: Duration = Duration::from_millis(50);
/// When a wait for a lock is worth a line.
const PATIENCE: Duration = Duration::from_secs(2);

/// What puts modules into the cache.
#[derive(Debug)]
pub struct Installer {
    client: ProxyClient,
    cache: ModCache,
    sums: Sums,
    progress: Progress,
    workers: Workers,
    /// Whether cached files are hashed although their hash is recorded.
    rehash: bool,
    /// Whether the bytes of zips are hashed, too.
    digests: bool,
    /// Where zips go that have another hash than the known one.
    rejected: Option<PathBuf>,
    /// The modules of which this run has put an unproven go.mod file into the cache.
    unproven: Mutex<HashSet<ModuleVersion>>,
}

impl Installer {
    /// An installer that has done nothing yet.
    pub fn new(
        client: ProxyClient,
        cache: ModCache,
        sums: Sums,
        workers: Workers,
        progress: Progress,
    ) -> Self {
        Self {
            client,
            cache,
            sums,
            progress,
            workers,
            rehash: false,
            digests: false,
            rejected: None,
            unproven: Mutex::default(),
        }
    }

    /// Whether to hash what is in the cache already, and not to trust the recorded hashes.
    #[must_use]
    pub fn rehash(mut self, rehash: bool) -> Self {
        self.rehash = rehash;
        self
    }

    /// Whether to hash the bytes of every zip as well: [`Installed::zip_sha256`].
    #[must_use]
    pub fn digests(mut self, digests: bool) -> Self {
        self.digests = digests;
        self
    }

    /// Keeps a fetched zip that has another hash than the known one as a file in this directory, to be looked at:
    /// [`rejected_zip`](Self::rejected_zip).
    #[must_use]
    pub fn keep_rejected(mut self, dir: PathBuf) -> Self {
        self.rejected = Some(dir);
        self
    }

    /// Where the rejected zip of a module is, if there was one.
    pub fn rejected_zip(&self, module: &ModuleVersion) -> Option<PathBuf> {
        let name = format!("{}@{}.zip", module.path().to_escaped(), module.version().to_escaped());
        self.rejected.as_ref().map(|dir| dir.join(name.replace('/', "+")))
    }

    /// The cache.
    pub fn cache(&self) -> &ModCache {
        &self.cache
    }

    /// Where this run tells people what it does.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The two limits of this run.
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Whether no other module is to be installed either: nothing can be written into the cache, or the checksum database
    /// misbehaves.
    pub fn is_stopped_by(&self, failure: &Failure) -> bool {
        failure.misbehavior().is_some()
            || failure.is_unwritable_cache() && !settings::is_writable(&self.cache)
    }

    /// A whole module: `.info`, `.mod`, `.zip` and the extracted tree, as `go mod download` leaves them. `attempts` are
    /// the requests that were made for it already.
    pub async fn module(&self, module: ModuleVersion, attempts: Vec<Attempt>) -> Installed {
        let mut installed = Installed::new(module);
        installed.attempts = attempts;
        let mut result = self.try_module(&mut installed).await;
        if self.digests && result.is_ok() && installed.zip_sha256.is_none() {
            result = self.digest(&mut installed).await;
        }
        self.ended(installed, result).await
    }

    async fn ended(&self, installed: Installed, result: Result<(), Problem>) -> Installed {
        let mut installed = installed.ended(result);
        if let Some(failure) = installed.failure.take() {
            installed.failure = Some(self.judged(failure).await);
        }
        installed
    }

    /// Of a zip that was there already.
    async fn digest(&self, installed: &mut Installed) -> Result<(), Problem> {
        let path = self.cache.entry(&installed.module).path(CacheFile::Zip);
        let digest = self.workers.compute(move |threads| {
            let digest = FileHash::of_file(&path, threads.cancel());
            digest.map_err(|source| CacheError::Io { action: Action::Read, path, source })
        });
        installed.zip_sha256 = Some(digest.await?.to_string());
        Ok(())
    }

    async fn try_module(&self, installed: &mut Installed) -> Result<(), Problem> {
        let module = installed.module.clone();
        let expected = self.expected(&module, Kind::Zip, &mut installed.attempts).await?;
        let go_mod = self.expected(&module, Kind::GoMod, &mut installed.attempts).await?;
        let read = |entry: &Entry| Ok((entry.read_info()?, entry.read_mod()?, entry.state()?));
        let (entry, (info, cached, state)) = self.read(&module, read).await?;
        installed.info = Some(self.find_info(&entry, info, &mut installed.attempts).await?);
        self.find_go_mod(&entry, cached, &go_mod, Declares::Any, installed).await?;
        let ended = self.zip_and_tree(&entry, &state, expected, installed).await;
        if let Err(Problem::GoModOfZip { .. }) = ended {
            self.forget_go_mod(&module).await;
        }
        ended
    }

    /// The `.info` of a module: what was read in the cache, or else from a proxy.
    async fn find_info(
        &self,
        entry: &Entry,
        cached: Option<Vec<u8>>,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Info, Problem> {
        let module = entry.module();
        // As in the go command, a file that cannot be understood is one that is not there.
        let why = match cached.as_deref().map(Info::parse) {
            Some(Ok(info)) if info.version == module.version().as_str() => return Ok(info),
            Some(Ok(info)) => Some(format!("it names {:?}", info.version)),
            Some(Err(error)) => Some(chain(&error)),
            None => None,
        };
        let info = traced(self.client.info(module).await, attempts)?;
        let (stored, encoded) = (entry.clone(), info.encode());
        on_disk(move || stored.store_info(encoded.as_bytes())).await?;
        if let Some(why) = why {
            let path = entry.path(CacheFile::Info);
            let path = path.display();
            self.progress
                .warn(format_args!("warning: {module}: {path} was damaged, and is fetched anew: {why}"));
        }
        Ok(info)
    }

    /// The entry of a module, and what is read of it. No tool follows links that lead out of it: not to write, and not to
    /// believe what they lead to.
    async fn read<T: Send + 'static>(
        &self,
        module: &ModuleVersion,
        read: impl FnOnce(&Entry) -> Result<T, CacheError> + Send + 'static,
    ) -> Result<(Entry, T), CacheError> {
        let entry = self.cache.entry(module);
        let asked = entry.clone();
        let read = self.patiently(&entry, move || asked.check_without_links().and_then(|()| read(&asked)));
        let read = read.await?;
        Ok((entry, read))
    }

    /// The zip of a module and its tree; `state` is what there was of it.
    async fn zip_and_tree(
        &self,
        entry: &Entry,
        state: &EntryState,
        expected: Expected,
        installed: &mut Installed,
    ) -> Result<(), Problem> {
        if self.is_complete(entry, state, &expected, installed).await? {
            return self.cached_go_mod_is_of_zip(entry, installed).await;
        }
        let digests = self.digests;
        let locked = self.locked(entry, move |lock| {
            // Another process may have been faster.
            let state = lock.entry().state()?;
            let is_fetched = state.zip != FileState::Present && !matches!(state.ziphash, ZipHash::Foreign(_));
            let arriving = is_fetched.then(|| Arriving::kept_or_new(&lock, digests)).transpose()?;
            Ok((lock, state, arriving))
        });
        let (lock, state, arriving) = locked.await?;
        if self.is_complete(entry, &state, &expected, installed).await? {
            return self.cached_go_mod_is_of_zip(entry, installed).await;
        }
        if let ZipHash::Foreign(_) = state.ziphash {
            return Err(Problem::ForeignZipHash(entry.path(CacheFile::ZipHash)));
        }
        let (checked, incoming, sha256) = match arriving {
            None => (self.cached_zip(entry, &state, expected).await?, None, None),
            Some((arriving, partial)) => {
                let fetched = self.fetch_zip(entry.module(), arriving, partial, expected, installed);
                let (checked, arriving) = fetched.await?;
                let (incoming, sha256) = arriving.finish();
                (checked, Some(incoming), sha256)
            }
        };
        let found = (checked.hash, checked.proof.clone());
        let unproven = unproven_go_mod(entry, installed);
        let ended = self.workers.compute(move |threads| {
            if let Some(go_mod) = unproven {
                go_mod.check_against(&checked.archive)?;
            }
            commit(&lock, incoming, &checked, threads)
        });
        let ended = ended.await;
        // What cannot be extracted was committed before.
        if matches!(ended, Ok(()) | Err(Problem::Unzip(_))) {
            (installed.zip, installed.zip_sha256) = (Some(found), sha256);
        }
        installed.extracted = ended.is_ok();
        ended
    }

    /// The result of what may wait for a lock that another process holds for a moment, such as that on `.ziphash`: off
    /// the thread on which all else goes on. It cannot be called off, and it is not waited for long at the end.
    async fn patiently<T: Send + 'static>(
        &self,
        entry: &Entry,
        work: impl FnOnce() -> Result<T, CacheError> + Send + 'static,
    ) -> Result<T, CacheError> {
        let mut done = pin!(on_disk(work));
        if let Ok(done) = timeout(PATIENCE, &mut done).await {
            return done;
        }
        let module = entry.module();
        self.progress.say(format_args!("waiting for another process that holds a file of {module}"));
        done.await
    }

    /// The lock on an entry, as soon as no other process holds it.
    ///
    /// # Errors
    /// [`Problem::Cache`] where it cannot be taken.
    pub async fn lock(&self, entry: &Entry) -> Result<EntryLock, Problem> {
        self.locked(entry, Ok).await
    }

    /// What is done with the lock at once, where it is taken.
    async fn locked<T: Send + 'static>(
        &self,
        entry: &Entry,
        work: impl FnOnce(EntryLock) -> Result<T, CacheError> + Clone + Send + 'static,
    ) -> Result<T, Problem> {
        let started = Instant::now();
        let mut said = false;
        loop {
            let (asked, work) = (entry.clone(), work.clone());
            let work = move || asked.try_lock()?.map(work).transpose();
            if let Some(done) = self.patiently(entry, work).await? {
                return Ok(done);
            }
            if !said && started.elapsed() > PATIENCE {
                said = true;
                let file = entry.path(CacheFile::Lock);
                self.progress.say(format_args!(
                    "waiting for another process that works on {} and holds {}",
                    entry.module(),
                    file.display()
                ));
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// The answer of the proxies; the attempts of a failure stay in it.
fn traced<T>(
    answer: Result<Fetched<T>, gomod_proxy_client::Error>,
    attempts: &mut Vec<Attempt>,
) -> Result<T, Problem> {
    let Fetched { value, trace, .. } = answer?;
    attempts.extend_from_slice(trace.attempts());
    Ok(value)
}
