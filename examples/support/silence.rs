//! Why a checksum database proves nothing about a module, sorted by whom to turn to.

use std::path::PathBuf;

use gomod_cache::SumDbFiles;
use gomod_proxy_client::Error;
use gomod_sum::sumdb::tlog::{HashRead, Tile, TileError};
use gomod_sum::sumdb::{LookupError, SessionOptions, TreeHead};

use crate::database::DatabaseError;

/// Whose the reason is: the database's, its server's, the network's, or this machine's.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "each needs its own advice")]
pub enum Silence<'a> {
    /// GOSUMDB names no database.
    NoDatabase,
    /// A link stands where its files are kept.
    Link,
    /// The database has no record of the version.
    UnknownVersion(&'a Error),
    /// The server lacks a file of the log.
    MissingFile {
        /// Its path below the database's URL.
        path: &'a str,
        /// What the server said.
        source: &'a Error,
    },
    /// The server could not be asked.
    Unavailable(&'a Error),
    /// The file with the stored tree head cannot be read or written.
    HeadFile(PathBuf),
    /// The stored tree head is none that the database has signed.
    StoredHead(PathBuf),
    /// The stored tree head and what the server has do not go together.
    HeadAgainstServer(PathBuf),
    /// One of these tiles on this machine is not what the tree head covers, and no server had a better one.
    CachedTiles(Vec<PathBuf>),
    /// What the server sent does not prove anything.
    NotProven,
}

impl DatabaseError {
    /// Whose the reason is.
    pub fn silence(&self) -> Silence<'_> {
        let (source, files) = match self {
            Self::Dial(error) if error.next_step().is_some() => return Silence::Link,
            Self::Dial(_) => return Silence::NoDatabase,
            Self::Misbehavior(_) => return Silence::NotProven,
            Self::Lookup { source, files, .. } => (&**source, files),
        };
        let head = || files.head_path().to_owned();
        let (mut error, mut at_start) = (source, false);
        loop {
            error = match error {
                LookupError::Start(source) => {
                    at_start = true;
                    source
                }
                LookupError::Check { source, .. } => source,
                LookupError::Unavailable { path, source } => {
                    return match source.downcast_ref::<Error>() {
                        Some(error) if !error.is_not_found() => Silence::Unavailable(error),
                        Some(error) if path.starts_with("lookup/") => Silence::UnknownVersion(error),
                        Some(source) => Silence::MissingFile { path, source },
                        None => Silence::NotProven,
                    };
                }
                LookupError::HeadFile(_) => return Silence::HeadFile(head()),
                LookupError::Note { .. } | LookupError::Tree { .. } if at_start => {
                    return Silence::StoredHead(head());
                }
                LookupError::Tile(tile) => {
                    let cached = cached(tile, files);
                    return match at_start {
                        _ if !cached.is_empty() => Silence::CachedTiles(cached),
                        true => Silence::HeadAgainstServer(head()),
                        false => Silence::NotProven,
                    };
                }
                _ if at_start => return Silence::HeadAgainstServer(head()),
                _ => return Silence::NotProven,
            };
        }
    }

    /// What a source said, where that is the reason.
    pub fn unavailable(&self) -> Option<&Error> {
        match self.silence() {
            Silence::UnknownVersion(error)
            | Silence::Unavailable(error)
            | Silence::MissingFile { source: error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether the database has no record of the version.
    pub fn is_unknown_version(&self) -> bool {
        matches!(self.silence(), Silence::UnknownVersion(_))
    }
}

/// The files on this machine of the tiles that an error is about: where it names none, of those that together give the hash of the
/// stored tree head.
fn cached(error: &TileError, files: &SumDbFiles) -> Vec<PathBuf> {
    let tiles = match error {
        TileError::Length { tile, .. }
        | TileError::Elsewhere { tile, .. }
        | TileError::Inconsistent { tile: Some(tile) } => vec![*tile],
        TileError::Inconsistent { tile: None } => right_end(files).unwrap_or_default(),
        _ => Vec::new(),
    };
    let path = |tile: Tile| {
        let name = tile.to_string();
        name.split('/').fold(files.dir().to_owned(), |dir, element| dir.join(element))
    };
    tiles.into_iter().map(path).filter(|path| path.exists()).collect()
}

fn right_end(files: &SumDbFiles) -> Option<Vec<Tile>> {
    let head = TreeHead::parse(&files.head().ok()?).ok()?;
    Some(HashRead::new(head, SessionOptions::default().tile_height, &[]).ok()?.tiles().to_vec())
}
