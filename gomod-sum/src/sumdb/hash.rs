//! The hashes of the log's tree.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::lenient;

/// The bytes of a hash.
pub(super) const HASH_SIZE: usize = 32;

/// A hash of the log: of a record, of a node over two hashes, or of a whole tree (RFC 6962, section 2.1).
///
/// Its text is the base64 of its 32 bytes. As in Go, reading tolerates set bits after the last byte and line ends inside.
///
/// ```
/// use gomod_sum::sumdb::Hash;
///
/// let empty = Hash::EMPTY_TREE;
/// assert_eq!(empty.to_string(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// assert_eq!(empty.to_string().parse(), Ok(empty));
/// assert_ne!(Hash::of_record(b""), empty);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "tlog.Hash")]
pub struct Hash([u8; HASH_SIZE]);

impl Hash {
    /// The hash of the tree without records: SHA-256 of nothing.
    pub const EMPTY_TREE: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// Returns the hash with these bytes.
    pub const fn from_bytes(bytes: [u8; HASH_SIZE]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; HASH_SIZE] {
        &self.0
    }

    /// Returns the hash of one record's text: SHA-256 of a zero byte and the text (`tlog.RecordHash`).
    #[doc(alias = "RecordHash")]
    pub fn of_record(text: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(text).finalize().into())
    }

    /// Returns the hash of the node above two: SHA-256 of a one byte and both (`tlog.NodeHash`).
    #[doc(alias = "NodeHash")]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }
}

impl FromStr for Hash {
    type Err = InvalidHashError;

    fn from_str(text: &str) -> Result<Self, InvalidHashError> {
        let bytes = lenient::decode(text.as_bytes()).ok_or(InvalidHashError)?;
        bytes.try_into().map(Self).map_err(|_| InvalidHashError)
    }
}

/// As text.
#[cfg(feature = "serde")]
impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Display for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&lenient::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// A text that is not the base64 of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed hash")]
#[non_exhaustive]
pub struct InvalidHashError;
