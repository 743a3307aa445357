//! Why a checksum database proves nothing about a module, sorted by whom to turn to.

use std::path::PathBuf;

use gomod_cache::SumDbFiles;
use gomod_proxy_client::Error;
use gomod_sum::sumdb::LookupError;
use gomod_sum::sumdb::tlog::TileError;

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
    /// A tile on this machine is not what the tree head covers, and no server had a better one.
    CachedTile(PathBuf),
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
                    return match cached(tile, files) {
                        Some(path) => Silence::CachedTile(path),
                        None if at_start => Silence::HeadAgainstServer(head()),
                        None => Silence::NotProven,
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

/// The file of a tile on this machine, if there is one.
fn cached(error: &TileError, files: &SumDbFiles) -> Option<PathBuf> {
    let tile = match error {
        TileError::Length { tile, .. } | TileError::Elsewhere { tile, .. } => tile,
        TileError::Inconsistent { tile } => tile.as_ref()?,
        _ => return None,
    };
    let path = tile.to_string().split('/').fold(files.dir().to_owned(), |dir, element| dir.join(element));
    path.exists().then_some(path)
}
