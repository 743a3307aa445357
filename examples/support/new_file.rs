//! Files that are complete before they have their name.

use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// A file in the directory where `path` will be, with the permissions that new files have; gone when it is dropped, unless
/// it is given its name.
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
    builder.tempfile_in(dir)
}
