//! Signed notes.

use std::collections::HashSet;

use thiserror::Error;

use super::key::{VerifierKey, is_name};
use super::lenient;

/// The most signature lines that a note may have, as in Go.
pub const MAX_SIGNATURES: usize = 100;

/// What stands before the name in a signature line: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// A text with the signatures of keys that are known and trusted (`note.Open`, <https://pkg.go.dev/golang.org/x/mod/sumdb/note>).
///
/// ```
/// use gomod_sum::sumdb::Note;
///
/// let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse()?;
/// let signed = "If you think cryptography is the answer to your problem,\n\
///               then you don't know what your problem is.\n\n\
///               — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
/// let note = Note::open(signed.as_bytes(), &[key])?;
/// assert!(note.text().starts_with("If you think"));
/// assert_eq!(note.signatures()[0].name, "PeterNeumann");
///
/// let forged = signed.replace("cryptography", "gomod");
/// # let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse()?;
/// let error = Note::open(forged.as_bytes(), &[key]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid signature for key PeterNeumann+c74f20a3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
    unverified: Vec<Signature>,
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The hash of the key.
    pub hash: u32,
    /// The key's hash and the signature, as written.
    pub base64: String,
}

impl Note {
    /// Returns the note, verified with at least one of `keys`.
    ///
    /// The text ends at the last empty line; below it stand at most [`MAX_SIGNATURES`] lines. A signature by a known key
    /// must be right, but only its first one is looked at.
    ///
    /// # Errors
    /// [`NoteError::Malformed`]; [`NoteError::Signature`] for a false signature by a known key, whatever else the note
    /// holds; [`NoteError::AmbiguousKey`]; [`NoteError::Unverified`], which holds the note.
    #[doc(alias = "Open")]
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<Self, NoteError> {
        let note = str::from_utf8(note).map_err(|_| NoteError::Malformed)?;
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::Malformed);
        }
        let empty_line = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, signatures) = note.split_at_checked(empty_line + 1).ok_or(NoteError::Malformed)?;
        let signatures = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let mut opened = Self { text: text.to_owned(), signatures: Vec::new(), unverified: Vec::new() };
        let mut unverified = HashSet::new();
        for (number, line) in signatures.ok_or(NoteError::Malformed)?.split('\n').enumerate() {
            let (signature, bytes) = Signature::parse(line).ok_or(NoteError::Malformed)?;
            if number >= MAX_SIGNATURES {
                return Err(NoteError::Malformed);
            }
            let is_same = |key: &&VerifierKey| key.name() == signature.name && key.hash() == signature.hash;
            let mut known = keys.iter().filter(is_same);
            let Some(key) = known.next() else {
                if unverified.insert(line) {
                    opened.unverified.push(signature);
                }
                continue;
            };
            if known.next().is_some() {
                return Err(NoteError::AmbiguousKey { name: signature.name, hash: signature.hash });
            }
            if opened
                .signatures
                .iter()
                .any(|seen| (&seen.name, seen.hash) == (&signature.name, signature.hash))
            {
                continue;
            }
            if !key.verify(text.as_bytes(), &bytes) {
                return Err(InvalidSignatureError { name: signature.name, hash: signature.hash }.into());
            }
            opened.signatures.push(signature);
        }
        if opened.signatures.is_empty() { Err(NoteError::Unverified(Box::new(opened))) } else { Ok(opened) }
    }
}

impl Note {
    /// Returns what was signed, with its final line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the verified signatures, one of each key: at least one, but in a [`NoteError::Unverified`].
    #[doc(alias = "Sigs")]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Returns the signatures by other keys. They say nothing: each hand through which a note goes can add them.
    #[doc(alias = "UnverifiedSigs")]
    pub fn unverified(&self) -> &[Signature] {
        &self.unverified
    }
}

impl Signature {
    /// The parts of a line, and the bytes of the signature.
    fn parse(line: &str) -> Option<(Self, Vec<u8>)> {
        let (name, base64) = line.strip_prefix(MARK)?.split_once(' ')?;
        let bytes = lenient::decode(base64.as_bytes())?;
        let (hash, signature) = bytes.split_first_chunk()?;
        let well_formed = is_name(name) && !signature.is_empty();
        let hash = u32::from_be_bytes(*hash);
        well_formed
            .then(|| (Self { name: name.to_owned(), hash, base64: base64.to_owned() }, signature.to_vec()))
    }
}

/// A note that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoteError {
    /// Not a signed note at all.
    #[error("malformed note")]
    Malformed,
    /// A known key has not signed this text, though the note says so.
    #[error(transparent)]
    Signature(#[from] InvalidSignatureError),
    /// Two of the keys to verify with have the same name and hash.
    #[error("ambiguous key {name}+{hash:08x}")]
    AmbiguousKey {
        /// Their name.
        name: String,
        /// Their hash.
        hash: u32,
    },
    /// No signature is by a known key.
    #[error("note has no verifiable signatures")]
    Unverified(
        /// The note, with nothing in it verified.
        Box<Note>,
    ),
}

/// A signature in the name of a known key that this key has not made: a security verdict.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid signature for key {name}+{hash:08x}")]
#[non_exhaustive]
pub struct InvalidSignatureError {
    /// The name of the key.
    pub name: String,
    /// The hash of the key.
    pub hash: u32,
}
