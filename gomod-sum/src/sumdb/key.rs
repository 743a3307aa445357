//! Keys that signed notes are verified with.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::lenient;

/// The algorithm byte of Ed25519.
const ED25519: u8 = 1;

/// The key of a checksum database: `{name}+{hash}+{base64}` (`note.NewVerifier`).
///
/// The hash is the start of the SHA-256 of the name, a line end and the key's bytes, so that a key with a typing error
/// is refused. The only algorithm is Ed25519; signatures get the verdicts of Go's `crypto/ed25519`, odd ones included.
///
/// ```
/// use gomod_sum::sumdb::{InvalidKeyError, VerifierKey};
///
/// let key: VerifierKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse()?;
/// assert_eq!((key.name(), key.hash()), ("sum.golang.org", 0x033d_e0ae));
///
/// let other_name = "sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
/// assert_eq!(other_name.parse::<VerifierKey>(), Err(InvalidKeyError::Hash));
/// # Ok::<(), InvalidKeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[doc(alias = "NewVerifier")]
pub struct VerifierKey {
    name: String,
    hash: u32,
    key: [u8; 32],
}

impl VerifierKey {
    /// Returns the name of the signer: for a checksum database its host, and a path where it has one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the hash that tells the keys of one name apart, as signatures repeat it.
    #[doc(alias = "KeyHash")]
    pub fn hash(&self) -> u32 {
        self.hash
    }

    /// Returns whether this key made `signature` of `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        // Not `verify_strict`: it refuses keys and signatures of small order, which Go accepts.
        let signature = Signature::from_slice(signature);
        let key = VerifyingKey::from_bytes(&self.key);
        signature.is_ok_and(|signature| key.is_ok_and(|key| key.verify(message, &signature).is_ok()))
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidKeyError;

    fn from_str(text: &str) -> Result<Self, InvalidKeyError> {
        let (name, rest) = text.split_once('+').ok_or(InvalidKeyError::Malformed)?;
        let (hash, key) = rest.split_once('+').ok_or(InvalidKeyError::Malformed)?;
        if hash.len() != 8 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) || !is_name(name) {
            return Err(InvalidKeyError::Malformed);
        }
        let hash = u32::from_str_radix(hash, 16).map_err(|_| InvalidKeyError::Malformed)?;
        let key = lenient::decode(key.as_bytes()).ok_or(InvalidKeyError::Malformed)?;
        let (&algorithm, data) = key.split_first().ok_or(InvalidKeyError::Malformed)?;
        if hash != key_hash(name, &key) {
            return Err(InvalidKeyError::Hash);
        }
        if algorithm != ED25519 {
            return Err(InvalidKeyError::Algorithm(algorithm));
        }
        let key = data.try_into().map_err(|_| InvalidKeyError::Malformed)?;
        Ok(Self { name: name.to_owned(), hash, key })
    }
}

impl Display for VerifierKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], &self.key[..]].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.hash, lenient::encode(&key))
    }
}

/// Whether a text may name a signer.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

fn key_hash(name: &str, key: &[u8]) -> u32 {
    let digest = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(key).finalize();
    digest.first_chunk().copied().map_or(0, u32::from_be_bytes)
}

/// A text that is not the key of a checksum database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidKeyError {
    /// Not `{name}+{8 hexadecimal digits}+{base64}`, or no key of the algorithm's length.
    #[error("malformed verifier id")]
    Malformed,
    /// The hash is not that of name and key: there is a typing error, or the parts come from two keys.
    #[error("invalid verifier hash")]
    Hash,
    /// The key is for an algorithm other than Ed25519.
    #[error("unknown verifier algorithm")]
    Algorithm(
        /// The byte that names it.
        u8,
    ),
}
