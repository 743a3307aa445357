//! The SHA-256 of the bytes of a zip, as a bill of materials has it. What go.sum records is another hash: of the files in it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use gomod_archive::CancelToken;
use sha2::{Digest as _, Sha256};

/// In hexadecimal digits.
///
/// # Errors
/// What the system says; [`io::ErrorKind::Interrupted`] once `cancel` is cancelled.
pub fn of(path: &Path, cancel: &CancelToken) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        if cancel.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
