//! What may be found out about a mismatch.

use super::left_out::LeftOut;
use super::looks_like::LooksLike;
use super::rewriting::Rewriting;
use crate::go_sum::conflict::ConflictSide;

impl FindingKind {
    /// Returns whether the line of go.sum is what is wrong, and not the content that was held against it.
    pub fn blames_line(&self) -> bool {
        matches!(
            self,
            Self::OneCharacter { .. }
                | Self::LetterCase
                | Self::Transposed { .. }
                | Self::Truncated { .. }
                | Self::Edited { .. }
                | Self::OtherSpelling
                | Self::NotAHash
                | Self::OtherKind { which: Which::Recorded, .. }
                | Self::OtherModule { which: Which::Recorded, .. }
                | Self::Database { agrees_with: Some(Which::Found) }
        )
    }
}

/// One of the two hashes of a mismatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "a mismatch has two hashes")]
pub enum Which {
    /// The one that go.sum records.
    Recorded,
    /// The one that the content was found to have.
    Found,
}

/// What a [`Finding`](super::Finding) is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FindingKind {
    /// The hash is that of an empty go.mod file: nothing came, and was taken for the file.
    EmptyGoMod {
        /// Which hash.
        which: Which,
    },
    /// The hash is that of a module without files.
    EmptyTree {
        /// Which hash.
        which: Which,
    },
    /// The hash is that of the go.mod file `module {path}`, which a proxy makes up for a module that has none.
    MadeUpGoMod {
        /// Which hash.
        which: Which,
    },
    /// The recorded hash is the found one but for one character, which is another, missing, or too many. Content that
    /// differs has hashes that differ everywhere, so the line was edited.
    OneCharacter {
        /// Which character of the recorded hash, starting at 1 with the `h` of `h1:`.
        position: usize,
    },
    /// The two hashes differ only in upper and lower case: the line was edited.
    LetterCase,
    /// The two hashes are the same but for two characters that have changed places: the line was edited.
    Transposed {
        /// Where the first of the two is in the recorded hash, starting at 1 with the `h` of `h1:`.
        position: usize,
    },
    /// The recorded hash is the beginning of the one found.
    Truncated {
        /// How many characters of it are there.
        length: usize,
    },
    /// The two hashes begin and end alike: the line was edited in between.
    Edited {
        /// The first character that differs, starting at 1 with the `h` of `h1:`.
        position: usize,
    },
    /// The two hashes are one, spelt in another way: in hexadecimal, in the base64 of URLs, or without padding.
    OtherSpelling,
    /// The recorded hash is not of the form of an `h1:` hash, so that no content can have it.
    NotAHash,
    /// The file records the found hash too, in a later line. The first line decides.
    LaterLine {
        /// The number of that line.
        line: usize,
    },
    /// The line stands in a merge conflict.
    Conflict {
        /// Whose side it is, or `None` for the lines of the common ancestor.
        side: Option<ConflictSide>,
        /// The number of the line in which the conflict starts.
        start: usize,
    },
    /// The hash is that of the same version's other kind: of its go.mod file where that of its zip was asked for, or the
    /// other way round.
    OtherKind {
        /// Which hash.
        which: Which,
        /// The number of the line that shows it, or `None` if the content at hand does.
        line: Option<usize>,
    },
    /// The file records the hash for another version of the module. Different versions may well have the same go.mod file.
    OtherVersion {
        /// Which hash.
        which: Which,
        /// The other version, as the line has it.
        version: String,
        /// The number of that line.
        line: usize,
    },
    /// The file records the hash for another module.
    OtherModule {
        /// Which hash.
        which: Which,
        /// The other path, as the line has it.
        path: String,
        /// Its version, as the line has it.
        version: String,
        /// The number of that line.
        line: usize,
    },
    /// The content at hand has the recorded hash: what was found wrong came only once, or from elsewhere.
    AtHandIsRight,
    /// The content at hand has neither hash.
    AtHandIsOther,
    /// The archive at hand cannot be read to its end.
    Unreadable,
    /// The content has the recorded hash when it is rewritten in this way.
    Rewritten {
        /// How.
        how: Rewriting,
        /// Whether only files without NUL bytes at their start are, as git tells texts from other files.
        text_only: bool,
    },
    /// The zip has the recorded hash when the line endings of this file alone are converted.
    RewrittenFile {
        /// The file, without the module's prefix.
        name: String,
        /// How.
        how: Rewriting,
    },
    /// One of the two zips has git-lfs pointers where the other has the files: with the SHA-256 that the pointers name, the
    /// zip at hand has the recorded hash.
    LfsPointers {
        /// Which hash is that of the zip with the pointers.
        which: Which,
        /// How many files they are.
        count: usize,
        /// The first of them, without the module's prefix.
        name: String,
    },
    /// The module's `.gitattributes` mark files with `export-subst`. This alone proves nothing, and is found only where
    /// nothing else is.
    ExportSubst {
        /// How many files they are.
        count: usize,
        /// The first of them, without the module's prefix.
        name: String,
    },
    /// The content that was found is no go.mod file.
    NotAGoMod {
        /// What it looks like.
        looks_like: LooksLike,
    },
    /// The go.mod file in the zip has the hash, but the one that the source serves beside the zip need not be the same.
    GoModOfZip {
        /// Which hash.
        which: Which,
    },
    /// The zip has the recorded hash when some of its entries are left out: it was made by other rules.
    LeftOut {
        /// Which entries.
        what: LeftOut,
        /// How many they are.
        count: usize,
    },
    /// The zip has the recorded hash when the names of its files start with this instead of what they start with.
    OtherPrefix {
        /// How they would start; `/` follows unless it is empty.
        prefix: String,
    },
    /// The checksum database records this of the two hashes, or neither.
    Database {
        /// Which hash.
        agrees_with: Option<Which>,
    },
    /// Which sources have which of the two hashes.
    Sources {
        /// Those with the recorded one.
        recorded: Vec<String>,
        /// Those with the one found.
        found: Vec<String>,
        /// Those with yet another.
        neither: Vec<String>,
    },
}
