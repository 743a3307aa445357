//! The transparency log below the database: stored hashes, proofs and tiles, as in
//! <https://pkg.go.dev/golang.org/x/mod/sumdb/tlog>.

pub use super::hash_read::HashRead;
pub use super::index::{split_stored_hash_index, stored_hash_count, stored_hash_index};
pub use super::proof::{ProofError, check_record, check_tree, prove_record, prove_tree, tree_hash};
pub use super::tile::{InvalidTilePathError, TILE_HEIGHT, Tile, TileError};
