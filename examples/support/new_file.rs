//! Files that are complete before they have their name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::{Builder, NamedTempFile};

/// Those that have been made. One that has its name, or is gone, is no longer there under this one.
static MADE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file in the directory where `path` will be, with the permissions that new files have; gone when it is dropped, or the
/// process is interrupted, unless it is given its name.
///
/// # Errors
/// What the system says.
pub fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(dir)?;
    MADE.lock().unwrap_or_else(PoisonError::into_inner).push(file.path().to_owned());
    Ok(file)
}

/// Removes those that have no name yet, where nothing is dropped any more.
pub(crate) fn remove_all() {
    for path in &*MADE.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = fs::remove_file(path);
    }
}
