//! Records of the log and the answers that carry them; tree heads.

use std::fmt::{self, Display, Formatter};

use thiserror::Error;

use super::hash::Hash;

/// The first line of a tree head's text.
const TREE: &str = "go.sum database tree\n";

/// The longest text of a tree head that is read, in bytes; as in Go.
pub const MAX_TREE_TEXT: usize = 1_000_000;

/// How many records the log has, and the hash over them all (`tlog.Tree`): what the database signs.
///
/// ```
/// use gomod_sum::sumdb::TreeHead;
///
/// let text = "go.sum database tree\n2\nf1FIewPiNehClGJT7R1DYW+N7aHhjvEaeOD4JFDEjVs=\n";
/// let head = TreeHead::parse(text.as_bytes())?;
/// assert_eq!(head.size, 2);
/// assert_eq!(head.to_string(), text);
/// # Ok::<(), gomod_sum::sumdb::MalformedTreeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(clippy::exhaustive_structs, reason = "the format of a tree head is fixed")]
#[doc(alias = "Tree")]
pub struct TreeHead {
    /// The number of records, below 2⁶³.
    pub size: u64,
    /// The hash of the tree over all records.
    pub hash: Hash,
}

impl TreeHead {
    /// The head of a log without records.
    pub const EMPTY: Self = Self { size: 0, hash: Hash::EMPTY_TREE };

    /// Returns the head that the text of a note holds; lines after its third mean nothing (`tlog.ParseTree`).
    ///
    /// # Errors
    /// [`MalformedTreeError`], also for a text of more than [`MAX_TREE_TEXT`] bytes.
    #[doc(alias = "ParseTree")]
    pub fn parse(text: &[u8]) -> Result<Self, MalformedTreeError> {
        if text.len() > MAX_TREE_TEXT {
            return Err(MalformedTreeError);
        }
        let rest = text.strip_prefix(TREE.as_bytes()).ok_or(MalformedTreeError)?;
        let mut lines = rest.split(|&byte| byte == b'\n');
        let (Some(size), Some(hash), Some(_)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(MalformedTreeError);
        };
        let size = str::from_utf8(size).map_err(|_| MalformedTreeError)?;
        let is_canonical =
            size.bytes().all(|byte| byte.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        let hash =
            str::from_utf8(hash).map_err(|_| MalformedTreeError)?.parse().map_err(|_| MalformedTreeError)?;
        match size.parse::<i64>() {
            Ok(size) if is_canonical => Ok(Self { size: size.cast_unsigned(), hash }),
            _ => Err(MalformedTreeError),
        }
    }
}

/// The text that is signed (`tlog.FormatTree`).
impl Display for TreeHead {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{TREE}{}\n{}\n", self.size, self.hash)
    }
}

/// A text that is not a tree head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed tree note")]
#[non_exhaustive]
pub struct MalformedTreeError;

/// A record of the log with its number: for a checksum database the go.sum lines of one module version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Record {
    /// The number of the record, starting at 0. Texts can hold negative ones, which no record has.
    pub id: i64,
    /// The text: lines without an empty one between them.
    pub text: String,
}

impl Record {
    /// Returns the record at the start of an answer, and what follows its empty line: in a lookup's answer the signed
    /// tree head (`tlog.ParseRecord`).
    ///
    /// # Errors
    /// [`MalformedRecordError`].
    #[doc(alias = "ParseRecord")]
    pub fn parse(answer: &[u8]) -> Result<(Self, &[u8]), MalformedRecordError> {
        let end = answer.iter().position(|&byte| byte == b'\n').ok_or(MalformedRecordError)?;
        let (id, rest) = answer.split_at_checked(end).ok_or(MalformedRecordError)?;
        let id = str::from_utf8(id).ok().and_then(|id| id.parse().ok()).ok_or(MalformedRecordError)?;
        let rest = rest.get(1..).ok_or(MalformedRecordError)?;
        let end = rest.windows(2).position(|pair| pair == b"\n\n").ok_or(MalformedRecordError)?;
        let (text, rest) = rest.split_at_checked(end + 1).ok_or(MalformedRecordError)?;
        let text = str::from_utf8(text).map_err(|_| MalformedRecordError)?;
        Ok((Self::new(id, text)?, rest.get(1..).unwrap_or_default()))
    }

    /// Returns the record with this number and text.
    ///
    /// # Errors
    /// [`MalformedRecordError`] unless the text ends in a line end, has no empty line inside and no control character.
    pub fn new(id: i64, text: &str) -> Result<Self, MalformedRecordError> {
        let is_control = |byte: u8| byte < 0x20 && byte != b'\n';
        if !text.ends_with('\n') || text.contains("\n\n") || text.bytes().any(is_control) {
            return Err(MalformedRecordError);
        }
        Ok(Self { id, text: text.to_owned() })
    }

    /// Returns the hash of the record in the log.
    pub fn hash(&self) -> Hash {
        Hash::of_record(self.text.as_bytes())
    }
}

/// The start of a lookup's answer, to which the signed tree head is appended (`tlog.FormatRecord`).
impl Display for Record {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n", self.id, self.text)
    }
}

/// Bytes that are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed record data")]
#[non_exhaustive]
pub struct MalformedRecordError;
