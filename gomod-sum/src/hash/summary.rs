//! The summary of a list of files, and its hash.

use gomod_module::H1;
use gomod_module::text::quote;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::file_hash::FileHash;

/// Builds the `h1:` hash of files given one by one, in any order.
///
/// The hash is the SHA-256 of one line for each file, `{64 hex digits}  {name}\n`, sorted by the bytes of the names.
/// A name given twice makes two lines. See <https://go.dev/ref/mod#go-sum-files> and `Hash1` of
/// golang.org/x/mod/sumdb/dirhash.
///
/// ```
/// use gomod_sum::{FileHash, HashBuilder};
///
/// let mut files = HashBuilder::new();
/// files.push("x.y/m@v1.0.0/go.mod", FileHash::of(b"module x.y/m\n"))?;
/// files.push("x.y/m@v1.0.0/a.txt", FileHash::of(b"hello\n"))?;
/// assert_eq!(files.finish().to_string(), "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=");
/// # Ok::<(), gomod_sum::hash::NewlineInNameError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[doc(alias = "Hash1")]
pub struct HashBuilder {
    files: Vec<(Box<[u8]>, FileHash)>,
}

impl HashBuilder {
    /// Returns a builder without files; finished like this it gives the hash of an empty module,
    /// `h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one file.
    ///
    /// For a module, `name` is `{path}@{version}/{file}` with the path and the version unescaped. Nothing but a newline is
    /// refused: whether the name is a good one is for the rules of module zips to say.
    ///
    /// # Errors
    /// [`NewlineInNameError`], because the summary could not tell such a name from two lines.
    pub fn push(&mut self, name: impl AsRef<[u8]>, hash: FileHash) -> Result<(), NewlineInNameError> {
        let name = name.as_ref();
        check_name(name)?;
        self.files.push((name.into(), hash));
        Ok(())
    }

    /// Returns the hash of all files given.
    #[must_use]
    pub fn finish(mut self) -> H1 {
        self.files.sort_unstable();
        let mut summary = Sha256::new();
        let mut line = Vec::new();
        for (name, hash) in &self.files {
            line.clear();
            line.extend_from_slice(&hash.hex());
            line.extend_from_slice(b"  ");
            line.extend_from_slice(name);
            line.push(b'\n');
            summary.update(&line);
        }
        H1::from_digest(summary.finalize().into())
    }
}

pub(crate) fn check_name(name: &[u8]) -> Result<(), NewlineInNameError> {
    if name.contains(&b'\n') { Err(NewlineInNameError { name: name.into() }) } else { Ok(()) }
}

/// A file name holds a newline, so the list of files has no `h1:` hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("filenames with newlines are not supported: {}", quote(name))]
#[non_exhaustive]
pub struct NewlineInNameError {
    /// The name.
    pub name: Vec<u8>,
}

/// Returns the hash of a go.mod file, as the `/go.mod` lines of go.sum hold it.
///
/// It is the hash of one file called `go.mod` with this content, byte for byte what the proxy's `.mod` answer holds
/// (`goModSum` of cmd/go).
///
/// ```
/// let h1 = gomod_sum::hash_go_mod(b"module x.y/m\n");
/// assert_eq!(h1.to_string(), "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=");
/// ```
#[doc(alias = "goModSum")]
pub fn hash_go_mod(content: &[u8]) -> H1 {
    hash_of_go_mod(FileHash::of(content))
}

pub(crate) fn hash_of_go_mod(content: FileHash) -> H1 {
    HashBuilder { files: vec![(Box::from(*b"go.mod"), content)] }.finish()
}
