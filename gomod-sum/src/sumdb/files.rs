//! The files that a session asks for, and how far it is with each.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::sync::Arc;

use super::error::LookupError;
use super::tile::Tile;

/// The longest answer to a lookup that a session takes, in bytes.
pub const MAX_LOOKUP: u64 = 1 << 20;

/// Where a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a driver must know where to read")]
pub enum ReadSource {
    /// The files that a session had stored.
    Cache,
    /// The database, or a proxy in front of it.
    Network,
}

/// A file that a session asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ReadRequest {
    /// Its path below the cache's directory of the database, or below the base URL: `lookup/…` or `tile/…`.
    pub path: String,
    /// Where to read it.
    pub source: ReadSource,
    /// The longest content that is of use, in bytes; anything longer will be refused.
    pub limit: u64,
}

/// A file that a session has proven.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// Its path below the cache's directory of the database.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// One way to come by a file.
#[derive(Debug)]
struct Attempt {
    read: ReadRequest,
    /// How much of the content is wanted, where that is not the whole file.
    wanted: Option<usize>,
}

#[derive(Debug)]
enum Content {
    Awaited,
    Read(Vec<u8>, ReadSource),
    Failed,
}

/// A file and the ways that are left to come by it, the one that is being tried first.
#[derive(Debug)]
struct File {
    attempts: VecDeque<Attempt>,
    content: Content,
    /// The content of the cache, while the network is asked for a better one.
    rejected_copy: Option<Vec<u8>>,
    /// The first error of the network.
    error: Option<LookupError>,
    is_stored: bool,
}

/// How far a session is with a file.
pub(super) enum State<'a> {
    Awaited,
    Read(&'a [u8], ReadSource),
    Failed(LookupError),
}

#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, File>);

impl Files {
    /// Asks for the answer to a lookup.
    pub(super) fn want_lookup(&mut self, path: &str) {
        let attempt = |source| Attempt {
            read: ReadRequest { path: path.to_owned(), source, limit: MAX_LOOKUP },
            wanted: None,
        };
        self.want(path.to_owned(), || [ReadSource::Cache, ReadSource::Network].map(attempt).into());
    }

    /// Asks for a tile: itself, else the full one that begins with it; in the cache first.
    pub(super) fn want_tile(&mut self, tile: Tile) {
        self.want(tile.to_string(), || {
            let attempt = |of: Tile, source| Attempt {
                read: ReadRequest { path: of.to_string(), source, limit: of.len() as u64 },
                wanted: Some(tile.len()).filter(|_| of != tile),
            };
            [ReadSource::Cache, ReadSource::Network]
                .into_iter()
                .flat_map(|source| {
                    [Some(tile), Some(tile.full()).filter(|full| *full != tile)].map(|of| (of, source))
                })
                .filter_map(|(of, source)| Some(attempt(of?, source)))
                .collect()
        });
    }

    fn want(&mut self, path: String, attempts: impl FnOnce() -> VecDeque<Attempt>) {
        self.0.entry(path).or_insert_with(|| File {
            attempts: attempts(),
            content: Content::Awaited,
            rejected_copy: None,
            error: None,
            is_stored: false,
        });
    }

    pub(super) fn state(&self, path: &str) -> State<'_> {
        match self.0.get(path) {
            Some(File { content: Content::Read(content, source), .. }) => State::Read(content, *source),
            Some(File { content: Content::Failed, error: Some(error), .. }) => State::Failed(error.clone()),
            _ => State::Awaited,
        }
    }

    /// What must be read now, each file once.
    pub(super) fn reads(&self) -> Vec<ReadRequest> {
        let awaited = self.0.values().filter(|file| matches!(file.content, Content::Awaited));
        let mut reads: Vec<_> =
            awaited.filter_map(|file| Some(file.attempts.front()?.read.clone())).collect();
        reads.sort();
        reads.dedup();
        reads
    }

    pub(super) fn provide(&mut self, path: &str, source: ReadSource, content: &[u8]) {
        if content.is_empty() && source == ReadSource::Cache {
            // What the go command leaves where it could not write.
            let error: Box<dyn Error + Send + Sync> = "the file is empty".into();
            return self.provide_error(path, source, &Arc::from(error));
        }
        for file in self.awaiting(path, source) {
            let Some(attempt) = file.attempts.front() else { continue };
            // A file of another length than it should have is kept, to be refused with its length.
            let wanted = attempt.wanted.filter(|_| content.len() as u64 == attempt.read.limit);
            let content = content.get(..wanted.unwrap_or(content.len())).unwrap_or_default();
            file.content = Content::Read(content.to_vec(), source);
        }
    }

    pub(super) fn provide_error(
        &mut self,
        path: &str,
        source: ReadSource,
        error: &Arc<dyn Error + Send + Sync>,
    ) {
        for file in self.awaiting(path, source) {
            if source == ReadSource::Network && file.error.is_none() {
                file.error =
                    Some(LookupError::Unavailable { path: path.to_owned(), source: Arc::clone(error) });
            }
            file.attempts.pop_front();
            if file.attempts.is_empty() {
                // The content of the cache is still good for a head that it does go with.
                let rejected_copy = file.rejected_copy.take();
                file.content = rejected_copy
                    .map_or(Content::Failed, |content| Content::Read(content, ReadSource::Cache));
            }
        }
    }

    fn awaiting(&mut self, path: &str, source: ReadSource) -> impl Iterator<Item = &mut File> {
        self.0.values_mut().filter(move |file| {
            let read = file.attempts.front().map(|attempt| &attempt.read);
            matches!(file.content, Content::Awaited)
                && read.is_some_and(|r| r.path == path && r.source == source)
        })
    }

    /// Turns down a content; returns whether the file is asked for again. Only what came from the cache is, and once.
    pub(super) fn refetch(&mut self, path: &str) -> bool {
        let Some(file) = self.0.get_mut(path) else { return false };
        let Content::Read(content, ReadSource::Cache) = &mut file.content else { return false };
        file.attempts.retain(|attempt| attempt.read.source == ReadSource::Network);
        if file.attempts.is_empty() {
            return false;
        }
        file.rejected_copy = Some(std::mem::take(content));
        file.content = Content::Awaited;
        true
    }

    /// The content, once, of a file that should be stored: one that came from the network.
    pub(super) fn take_unstored(&mut self, path: &str) -> Option<Vec<u8>> {
        let file = self.0.get_mut(path)?;
        match &file.content {
            Content::Read(content, ReadSource::Network) if !file.is_stored => {
                file.is_stored = true;
                Some(content.clone())
            }
            _ => None,
        }
    }
}
