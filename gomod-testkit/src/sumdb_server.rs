//! A checksum database that is served while it grows, and while it misbehaves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sumdb::SumDbLog;

/// A [`SumDbLog`] that proxies serve as it is at each moment. Clones are the same database.
///
/// ```
/// use gomod_testkit::{LoopbackProxy, ModuleTree, SumDb, SumDbLog};
///
/// let mut log = SumDbLog::new("sum.example.org", 8);
/// log.add("x.y/m", "v1.0.0", "x.y/m v1.0.0 h1:…\n");
/// let database = SumDb::new(log);
/// // By itself, as in GOSUMDB="{key} {url}":
/// let server = LoopbackProxy::builder(ModuleTree::new()).database(&database).start();
/// println!("GOSUMDB={} {}", database.key(), server.url());
/// // Behind a proxy, at {url}/sumdb/sum.example.org/:
/// let proxy = LoopbackProxy::builder(ModuleTree::new()).proxied_database(&database).start();
/// # drop((server, proxy));
/// // A fork: everybody who has seen the old record can prove it.
/// database.update(|log| log.rewrite(0, "x.y/m v1.0.0 h1:other\n"));
/// ```
#[derive(Debug, Clone)]
pub struct SumDb {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    log: SumDbLog,
    /// How many records it shows, where that is not all.
    shown: Option<usize>,
    /// Bytes that are inverted, by path.
    corrupt: BTreeMap<String, usize>,
}

impl SumDb {
    /// A database that behaves.
    pub fn new(log: SumDbLog) -> Self {
        Self { state: Arc::new(Mutex::new(State { log, shown: None, corrupt: BTreeMap::new() })) }
    }

    /// The name in its key.
    pub fn name(&self) -> String {
        self.state().log.name().to_owned()
    }

    /// The text of its verifier key.
    pub fn key(&self) -> String {
        self.state().log.key()
    }

    /// Appends records, or changes the log in any other way.
    pub fn update<T>(&self, change: impl FnOnce(&mut SumDbLog) -> T) -> T {
        change(&mut self.state().log)
    }

    /// Shows only the first `size` records, as if the others had never been; `None` shows all.
    pub fn roll_back(&self, size: Option<usize>) {
        self.state().shown = size;
    }

    /// Inverts one byte of the answer for a path such as `tile/8/0/000.p/5`; an offset behind its end counts on from its
    /// start.
    pub fn corrupt(&self, path: &str, offset: usize) {
        self.state().corrupt.insert(path.to_owned(), offset);
    }

    /// Nothing is corrupt or hidden any more. What was changed in the log stays.
    pub fn recover(&self) {
        let mut state = self.state();
        state.shown = None;
        state.corrupt.clear();
    }

    /// What it answers to a path below its base URL, or `None` for what it does not have.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.state();
        let size = state.shown.unwrap_or(state.log.len()).min(state.log.len());
        let mut answer = state.log.get_at(path, size)?;
        if let Some(offset) = state.corrupt.get(path)
            && let Some(place) = offset.checked_rem(answer.len())
        {
            answer[place] = !answer[place];
        }
        Some(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a proxy has a database.
#[derive(Debug)]
pub(crate) struct Mount {
    /// What stands before the paths of the database.
    prefix: String,
    database: SumDb,
}

impl Mount {
    pub(crate) fn root(database: &SumDb) -> Self {
        Self { prefix: String::new(), database: database.clone() }
    }

    pub(crate) fn proxied(database: &SumDb) -> Self {
        Self { prefix: format!("sumdb/{}/", database.name()), database: database.clone() }
    }

    pub(crate) fn get(&self, path: &str) -> Option<Vec<u8>> {
        let path = path.strip_prefix(&self.prefix)?;
        // Only proxies say that they serve a database.
        if path == "supported" && !self.prefix.is_empty() {
            return Some(Vec::new());
        }
        self.database.get(path)
    }
}
