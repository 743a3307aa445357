//! Reading hashes of a log out of its tiles, each proven by the tree head.

use super::hash::Hash;
use super::index::{stored_hash_index, subtrees};
use super::proof::join;
use super::record::TreeHead;
use super::tile::{Tile, TileError, root};

/// Which tiles prove some stored hashes of a log, and the proof (`tlog.TileHashReader`).
///
/// The tiles at the right end of the tree must give the hash of the tree head; every other tile must hash to what its
/// parent holds for it. Nothing else is believed.
///
/// ```
/// use gomod_sum::sumdb::{Hash, TreeHead, tlog::HashRead};
///
/// let [left, right] = [Hash::of_record(b"a\n"), Hash::of_record(b"b\n")];
/// let head = TreeHead { size: 2, hash: Hash::of_node(&left, &right) };
///
/// let read = HashRead::new(head, 8, &[1])?;
/// assert_eq!(read.tiles()[0].to_string(), "tile/8/0/000.p/2");
/// let tile = [*left.as_bytes(), *right.as_bytes()].concat();
/// assert_eq!(read.hashes(&[tile])?, [right]);
/// assert!(read.hashes(&[[0; 64]]).is_err());
/// # Ok::<(), gomod_sum::sumdb::tlog::TileError>(())
/// ```
#[derive(Debug, Clone)]
#[doc(alias = "TileHashReader")]
pub struct HashRead {
    head: TreeHead,
    /// The tiles of the right end, then all others, parents before children.
    tiles: Vec<Tile>,
    /// How many of them are the right end's.
    right_end: usize,
    /// The complete subtrees that make up the tree, with the position of their tile.
    subtrees: Vec<(u64, usize)>,
    /// The hashes asked for, with the position of their tile.
    wanted: Vec<(u64, usize)>,
}

impl HashRead {
    /// Returns what must be read for the [stored hashes](super::tlog::stored_hash_index) `indexes` of the log with this
    /// head, out of tiles of a height from 1 to 30.
    ///
    /// # Errors
    /// [`TileError::Beyond`] for a hash that the tree has not.
    pub fn new(head: TreeHead, height: u8, indexes: &[u64]) -> Result<Self, TileError> {
        let height = height.clamp(1, 30);
        let mut read =
            Self { head, tiles: Vec::new(), right_end: 0, subtrees: Vec::new(), wanted: Vec::new() };
        for index in subtrees(0, head.size) {
            let tile = read.widest(height, index)?;
            let position = read.position(tile).unwrap_or_else(|| read.push(tile));
            read.subtrees.push((index, position));
        }
        read.right_end = read.tiles.len();
        for &index in indexes {
            if index >= stored_hash_index(0, head.size) {
                return Err(TileError::Beyond { index });
            }
            let tile = read.widest(height, index)?;
            let mut missing = Vec::new();
            let mut above = tile;
            while read.position(above).is_none() {
                missing.push(above);
                above = above.ancestor(1, head.size).ok_or(TileError::Beyond { index })?;
            }
            for tile in missing.into_iter().rev() {
                read.push(tile);
            }
            let position = read.position(tile).ok_or(TileError::Beyond { index })?;
            read.wanted.push((index, position));
        }
        Ok(read)
    }

    /// Returns the tiles to read, each once.
    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// The tiles that together give the hash of the tree.
    pub(super) fn right_end(&self) -> &[Tile] {
        self.tiles.get(..self.right_end).unwrap_or_default()
    }

    /// Returns the hashes asked for, in their order, out of the contents of [`tiles`](Self::tiles) in their order. All
    /// these tiles are then proven, and may be kept.
    ///
    /// # Errors
    /// [`TileError::Length`], [`TileError::Inconsistent`].
    pub fn hashes<T: AsRef<[u8]>>(&self, contents: &[T]) -> Result<Vec<Hash>, TileError> {
        let content = |position: usize| contents.get(position).map(AsRef::as_ref).unwrap_or_default();
        let tiles = || self.tiles.iter().enumerate().map(|(position, tile)| (tile, content(position)));
        if let Some((&tile, content)) = tiles().find(|(tile, content)| tile.len() != content.len()) {
            return Err(TileError::Length { tile, length: content.len() });
        }
        let stored = |&(index, position): &(u64, usize)| match self.tiles.get(position) {
            Some(tile) => tile.hash(content(position), index),
            None => Err(TileError::Beyond { index }),
        };
        let right_end = self.subtrees.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        if join(&right_end).unwrap_or(Hash::EMPTY_TREE) != self.head.hash {
            return Err(TileError::Inconsistent { tile: None });
        }
        for (&tile, content_of_tile) in tiles().skip(self.right_end) {
            let inconsistent = TileError::Inconsistent { tile: Some(tile) };
            let parent = tile.ancestor(1, self.head.size).ok_or(inconsistent)?;
            let position = self.position(parent).ok_or(inconsistent)?;
            let level = parent.level().unwrap_or_default().saturating_mul(parent.height().into());
            let expected = parent.hash(content(position), stored_hash_index(level, tile.number()))?;
            // A tile that is not full cannot hash to a complete subtree.
            if !tile.is_full() || root(content_of_tile) != Some(expected) {
                return Err(inconsistent);
            }
        }
        self.wanted.iter().map(stored).collect()
    }

    /// The tile that holds a stored hash, as wide as the tree has it.
    fn widest(&self, height: u8, index: u64) -> Result<Tile, TileError> {
        Tile::place(height, index).0.ancestor(0, self.head.size).ok_or(TileError::Beyond { index })
    }

    fn position(&self, tile: Tile) -> Option<usize> {
        self.tiles.iter().position(|other| *other == tile)
    }

    fn push(&mut self, tile: Tile) -> usize {
        self.tiles.push(tile);
        self.tiles.len() - 1
    }
}
