//! The SHA-256 of the bytes of a zip, as a bill of materials has it. What go.sum records is another hash: of the files in it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use gomod_archive::CancelToken;
use gomod_sum::FileHash;

/// In hexadecimal digits.
///
/// # Errors
/// What the system says; another error once `cancel` is cancelled.
pub fn of(path: &Path, cancel: &CancelToken) -> io::Result<String> {
    let content = Cancellable { file: File::open(path)?, cancel };
    Ok(FileHash::from_reader(content)?.to_string())
}

/// A file that is read until that is cancelled.
struct Cancellable<'a> {
    file: File,
    cancel: &'a CancelToken,
}

impl Read for Cancellable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Not `Interrupted`, after which a reader is asked again.
        self.cancel.check().map_err(io::Error::other)?;
        self.file.read(buffer)
    }
}
