//! A driver for sessions: a database in memory, a cache, a stored head.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use gomod_sum::sumdb::{
    LookupAnswer, Misbehavior, ReadSource, Session, SessionOptions, SessionStep, VerifierKey,
};
use gomod_testkit::SumDbLog;

pub(super) const HEIGHT: u8 = 2;

/// A log of the modules `x.y/m0@v1.0.0`, `x.y/m1@v1.1.0` and so on.
pub(super) fn log(size: usize, height: u32) -> SumDbLog {
    let mut log = SumDbLog::new("sum.example.org", height);
    for i in 0..size {
        let (path, version) = (format!("x.y/m{i}"), format!("v1.{i}.0"));
        log.add(&path, &version, &format!("{path} {version} h1:zip{i}\n{path} {version}/go.mod h1:mod{i}\n"));
    }
    log
}

pub(super) struct World<'a> {
    pub(super) log: &'a SumDbLog,
    pub(super) key: VerifierKey,
    /// How many records the database shows.
    pub(super) size: usize,
    /// What it serves instead.
    pub(super) replace: BTreeMap<String, Vec<u8>>,
    /// The tiles are to be had from the cache only.
    pub(super) serves_no_tiles: bool,
    pub(super) cache: BTreeMap<String, Vec<u8>>,
    /// A directory with more of the cache.
    pub(super) dir: Option<PathBuf>,
    pub(super) head: Vec<u8>,
    pub(super) head_writes: usize,
    /// What another process stores as head before this one does.
    pub(super) conflict: Option<Vec<u8>>,
    pub(super) network_reads: Vec<String>,
}

impl<'a> World<'a> {
    pub(super) fn new(log: &'a SumDbLog) -> Self {
        Self {
            log,
            key: log.key().parse().unwrap(),
            size: log.len(),
            replace: BTreeMap::new(),
            serves_no_tiles: false,
            cache: BTreeMap::new(),
            dir: None,
            head: Vec::new(),
            head_writes: 0,
            conflict: None,
            network_reads: Vec::new(),
        }
    }

    /// Fills the cache with the tiles of the first records of a log.
    pub(super) fn keep(&mut self, log: &SumDbLog, size: usize) {
        for tile in gomod_sum::sumdb::tlog::Tile::new_tiles(HEIGHT, 0, size.try_into().unwrap()) {
            self.cache.insert(tile.to_string(), log.get_at(&tile.to_string(), size).unwrap());
        }
    }

    pub(super) fn session(&self) -> Session {
        Session::with_options(self.key.clone(), SessionOptions::new().tile_height(HEIGHT))
    }

    pub(super) fn lookup(&mut self, path: &str, version: &str) -> Result<LookupAnswer, Misbehavior> {
        let mut session = self.session();
        session.lookup_raw(path, version);
        self.run(&mut session).map(|mut answers| answers.remove(0))
    }

    pub(super) fn run(&mut self, session: &mut Session) -> Result<Vec<LookupAnswer>, Misbehavior> {
        loop {
            match session.step()? {
                SessionStep::Read(reads) => {
                    for read in reads {
                        let content = match read.source {
                            ReadSource::Cache => {
                                let stored =
                                    self.dir.as_ref().and_then(|dir| fs::read(dir.join(&read.path)).ok());
                                stored.or_else(|| self.cache.get(&read.path).cloned())
                            }
                            ReadSource::Network => {
                                self.network_reads.push(read.path.clone());
                                let replaced = self.replace.get(&read.path).cloned();
                                // Tiles stay, whatever head is shown.
                                let is_tile = read.path.starts_with("tile/") && self.size > 0;
                                let size = if is_tile { self.log.len() } else { self.size };
                                let served = replaced.or_else(|| self.log.get_at(&read.path, size));
                                served.filter(|_| !(self.serves_no_tiles && read.path.starts_with("tile/")))
                            }
                        };
                        match content {
                            Some(content) => session.provide(&read.path, read.source, &content),
                            None => session.provide_error(&read.path, read.source, "not there"),
                        }
                    }
                }
                SessionStep::ReadHead => session.provide_head(self.head.clone()),
                SessionStep::StoreHead { old, new } => {
                    if let Some(other) = self.conflict.take() {
                        self.head = other;
                    }
                    if old == self.head {
                        self.head = new;
                        self.head_writes += 1;
                        session.head_stored();
                    } else {
                        session.head_conflict();
                    }
                }
                SessionStep::Store(files) => {
                    self.cache.extend(files.into_iter().map(|file| (file.path, file.content)));
                }
                SessionStep::Done(answers) => return Ok(answers),
            }
        }
    }
}
