//! Tiles: the files in which a log is served.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use gomod_module::text::quote;
use thiserror::Error;

use super::hash::{HASH_SIZE, Hash};
use super::index::split_stored_hash_index;

/// The height of the tiles of the checksum database: up to 256 hashes, of 8 levels of the tree.
pub const TILE_HEIGHT: u8 = 8;

/// A tile: neighbouring hashes of one level of the tree, from which those of the levels above are computed
/// (`tlog.Tile`). A tile that is not full stands at the right end of its level.
///
/// Its text is its path: `tile/{height}/{level}/{number}`, with `.p/{width}` where it is not full, and the number in
/// groups of three digits.
///
/// ```
/// use gomod_sum::sumdb::tlog::Tile;
///
/// let tile: Tile = "tile/8/0/x001/234.p/5".parse()?;
/// assert_eq!((tile.height(), tile.level(), tile.number(), tile.width()), (8, Some(0), 1234, 5));
/// assert_eq!(tile.full().to_string(), "tile/8/0/x001/234");
/// assert!("tile/8/0/1234".parse::<Tile>().is_err());
/// # Ok::<(), gomod_sum::sumdb::tlog::InvalidTilePathError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    height: u8,
    level: Option<u32>,
    number: u64,
    width: u32,
}

impl Tile {
    /// Returns the tile with these coordinates; without a level it holds the texts of records. `None` unless the height
    /// is 1 to 30 and the width 1 to 2^height.
    pub fn new(height: u8, level: Option<u32>, number: u64, width: u32) -> Option<Self> {
        let fits = (1..=30).contains(&height) && width >= 1 && width <= 1 << height;
        fits.then_some(Self { height, level, number, width })
    }

    /// Returns the smallest tile of a height that holds a [stored hash](super::tlog::stored_hash_index)
    /// (`tlog.TileForIndex`). `None` unless the height is 1 to 30.
    #[doc(alias = "TileForIndex")]
    pub fn for_index(height: u8, index: u64) -> Option<Self> {
        (1..=30).contains(&height).then(|| Self::place(height, index).0)
    }

    /// The smallest tile with a stored hash, and the range of its hashes from which that one is computed.
    pub(super) fn place(height: u8, index: u64) -> (Self, std::ops::Range<usize>) {
        let (level, n) = split_stored_hash_index(index);
        let inside = level % u32::from(height);
        let first = n << inside;
        let number = first >> height;
        let start = first - (number << height);
        let end = start + (1 << inside);
        let tile = Self {
            height,
            level: Some(level / u32::from(height)),
            number,
            width: u32::try_from(end).unwrap_or(u32::MAX),
        };
        let bytes = |hash: u64| usize::try_from(hash).unwrap_or(usize::MAX / HASH_SIZE) * HASH_SIZE;
        (tile, bytes(start)..bytes(end))
    }

    /// The tile that is `up` tiles above this one, as wide as a tree of `size` records has it; none above its root.
    pub(super) fn ancestor(&self, up: u32, size: u64) -> Option<Self> {
        let height = u32::from(self.height);
        let level = self.level?.checked_add(up)?;
        let number = self.number.checked_shr(up.saturating_mul(height)).unwrap_or_default();
        // How many hashes this level has.
        let hashes = size.checked_shr(level.saturating_mul(height)).unwrap_or_default();
        let first = number.checked_mul(1 << height)?;
        let width = hashes.checked_sub(first)?.min(1 << height);
        Self::new(self.height, Some(level), number, u32::try_from(width).ok()?)
    }

    /// Returns the height: how many levels of the tree the tile stands for.
    pub fn height(&self) -> u8 {
        self.height
    }

    /// Returns the level in units of tiles, 0 at the bottom; `None` for the texts of records.
    pub fn level(&self) -> Option<u32> {
        self.level
    }

    /// Returns the position within the level.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the number of hashes.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the same tile with all its hashes.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: 1 << self.height, ..*self }
    }

    /// Returns whether the tile has all its hashes.
    pub fn is_full(&self) -> bool {
        *self == self.full()
    }

    /// Returns the length of the tile in bytes.
    pub fn len(&self) -> usize {
        usize::try_from(self.width).unwrap_or(usize::MAX / HASH_SIZE) * HASH_SIZE
    }

    /// Returns `false`: a tile holds at least one hash.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns the stored hash `index` out of the tile's content, which is not verified (`tlog.HashFromTile`).
    ///
    /// # Errors
    /// [`TileError::Length`] for a content that is too short; [`TileError::Elsewhere`] for an index that the tile does
    /// not hold.
    #[doc(alias = "HashFromTile")]
    pub fn hash(&self, content: &[u8], index: u64) -> Result<Hash, TileError> {
        if content.len() < self.len() {
            return Err(TileError::Length { tile: *self, length: content.len() });
        }
        let (smallest, range) = Self::place(self.height, index);
        if (smallest.level, smallest.number) != (self.level, self.number) || smallest.width > self.width {
            return Err(TileError::Elsewhere { index, tile: *self });
        }
        content.get(range).and_then(root).ok_or(TileError::Elsewhere { index, tile: *self })
    }

    /// Returns the tiles that a log of `new` records has and one of `old` records has not (`tlog.NewTiles`). Empty
    /// unless the height is 1 to 30.
    #[doc(alias = "NewTiles")]
    pub fn new_tiles(height: u8, old: u64, new: u64) -> Vec<Self> {
        let mut tiles = Vec::new();
        let levels =
            (0..64_u32).map(|level| (level, level * u32::from(height))).take_while(|(_, shift)| *shift < 64);
        for (level, shift) in levels {
            let (old, new) = (old >> shift, new >> shift);
            if old == new {
                continue;
            }
            let full = (old.checked_shr(height.into()).unwrap_or_default()
                ..new.checked_shr(height.into()).unwrap_or_default())
                .filter_map(|number| {
                    Self::new(height, Some(level), number, 1_u32.checked_shl(height.into())?)
                });
            tiles.extend(full);
            let number = new.checked_shr(height.into()).unwrap_or_default();
            let width = new - number.checked_shl(height.into()).unwrap_or_default();
            tiles.extend(
                u32::try_from(width).ok().and_then(|width| Self::new(height, Some(level), number, width)),
            );
        }
        tiles
    }
}

/// The hash over 2ⁿ hashes.
pub(super) fn root(hashes: &[u8]) -> Option<Hash> {
    if let Ok(hash) = hashes.try_into() {
        return Some(Hash::from_bytes(hash));
    }
    if hashes.len() < HASH_SIZE {
        return None;
    }
    let (left, right) = hashes.split_at_checked(hashes.len() / 2)?;
    Some(Hash::of_node(&root(left)?, &root(right)?))
}

impl Display for Tile {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{}/{level}", self.height)?,
            None => write!(f, "tile/{}/data", self.height)?,
        }
        let mut groups = vec![self.number % 1000];
        let mut rest = self.number / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "/x{group:03}")?;
        }
        write!(f, "/{:03}", self.number % 1000)?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = InvalidTilePathError;

    /// Reads a path that is written as the tile's text is (`tlog.ParseTilePath`).
    fn from_str(path: &str) -> Result<Self, InvalidTilePathError> {
        let parsed = || {
            let (place, width) = match path.split_once(".p/") {
                Some((place, width)) => (place, Some(width.parse().ok()?)),
                None => (path, None),
            };
            let mut parts = place.strip_prefix("tile/")?.split('/');
            let height: u8 = parts.next()?.parse().ok().filter(|height| *height <= 30)?;
            let level = match parts.next()? {
                "data" => None,
                level => Some(level.parse().ok()?),
            };
            let number = parts.try_fold(0_u64, |number, group| {
                let group = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
                number.checked_mul(1000)?.checked_add(group)
            })?;
            let tile = Self::new(height, level, number, width.unwrap_or(1 << height))?;
            // There is one way to write a tile; whatever else was read above falls out here.
            (tile.number <= i64::MAX.cast_unsigned() && tile.to_string() == path).then_some(tile)
        };
        parsed().ok_or_else(|| InvalidTilePathError { path: path.to_owned() })
    }
}

/// A text that is not the path of a tile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("malformed tile path {}", quote(path.as_bytes()))]
#[non_exhaustive]
pub struct InvalidTilePathError {
    /// The text.
    pub path: String,
}

/// Tiles that prove nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TileError {
    /// A tile has another length than its width says.
    #[error("{tile} has {length} bytes instead of {}", tile.len())]
    Length {
        /// The tile.
        tile: Tile,
        /// Its length.
        length: usize,
    },
    /// A tile does not hold the stored hash that it was asked for.
    #[error("{tile} does not hold stored hash {index}")]
    Elsewhere {
        /// The number of the stored hash.
        index: u64,
        /// The tile.
        tile: Tile,
    },
    /// A stored hash is asked for that the tree has not.
    #[error("indexes not in tree")]
    Beyond {
        /// The number of the stored hash.
        index: u64,
    },
    /// The content of tiles is not what the tree head covers.
    #[error("downloaded inconsistent tile")]
    Inconsistent {
        /// The tile that does not go with its parent, or `None` where the tiles at the right end do not give the root.
        tile: Option<Tile>,
    },
}
