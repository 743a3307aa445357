use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// A hash of a module zip or go.mod file as go.sum writes it: `h1:` and the base64 of a SHA-256
/// (<https://go.dev/ref/mod#go-sum-files>).
///
/// Parsing is strict, so that two hashes are equal exactly if their texts are.
///
/// ```
/// use gomod_module::H1;
///
/// let hash: H1 = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
/// assert_eq!(hash.digest()[..2], [0xe3, 0xb0]);
/// assert_eq!(H1::from_digest(*hash.digest()), hash);
/// # Ok::<(), gomod_module::InvalidH1Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct H1([u8; 32]);

/// A text that is not `h1:` and 44 characters of standard base64 of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an h1: hash")]
#[non_exhaustive]
pub struct InvalidH1Error;

impl H1 {
    /// The hash with this SHA-256 digest, which is that of the list of files, not of a zip's bytes.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The SHA-256 digest.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for H1 {
    type Err = InvalidH1Error;

    fn from_str(text: &str) -> Result<Self, InvalidH1Error> {
        let base64 = text.strip_prefix("h1:").filter(|base64| base64.len() == 44).ok_or(InvalidH1Error)?;
        // 44 characters may be 33 bytes.
        let mut digest = [0; 33];
        match STANDARD.decode_slice(base64, &mut digest) {
            Ok(32) => digest.first_chunk().copied().map(Self).ok_or(InvalidH1Error),
            _ => Err(InvalidH1Error),
        }
    }
}

impl TryFrom<String> for H1 {
    type Error = InvalidH1Error;

    fn try_from(text: String) -> Result<Self, InvalidH1Error> {
        text.parse()
    }
}

impl From<H1> for String {
    fn from(hash: H1) -> Self {
        hash.to_string()
    }
}

impl Display for H1 {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = *b"h1:01234567890123456789012345678901234567890123";
        if let Some(base64) = text.get_mut(3..) {
            // 32 bytes are 44 characters, which is what there is room for.
            let _ = STANDARD.encode_slice(self.0, base64);
        }
        f.pad(str::from_utf8(&text).unwrap_or_default())
    }
}
