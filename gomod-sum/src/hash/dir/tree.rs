//! The files below a directory.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_archive::CancelToken;

use super::error::{HashDirError, io_error};

/// A file to be hashed.
pub(super) struct TreeFile {
    /// Its path below the root, with slashes.
    pub(super) name: Vec<u8>,
    pub(super) path: PathBuf,
}

/// The files below a directory. With `leave_out` they are those of an extracted module, and links are not followed.
pub(super) fn dir_files(
    root: &Path,
    leave_out: Option<&dyn Fn(&Path) -> bool>,
    cancel: &CancelToken,
) -> Result<Vec<TreeFile>, HashDirError> {
    if !fs::symlink_metadata(root).map_err(io_error("stat", root))?.is_dir() {
        return Err(HashDirError::NotADirectory { path: root.into() });
    }
    let mut files = Vec::new();
    let mut pending = vec![(root.to_path_buf(), Vec::new())];
    while let Some((dir, above)) = pending.pop() {
        for entry in fs::read_dir(&dir).map_err(io_error("read directory", &dir))? {
            cancel.check()?;
            let entry = entry.map_err(io_error("read directory", &dir))?;
            let path = entry.path();
            let mut file_type = entry.file_type().map_err(io_error("stat", &path))?;
            let mut name = above.clone();
            name.extend_from_slice(entry.file_name().as_encoded_bytes());
            if file_type.is_dir() {
                name.push(b'/');
                pending.push((path, name));
                continue;
            }
            if leave_out.is_some_and(|leave_out| leave_out(&path)) {
                continue;
            }
            if file_type.is_symlink() && leave_out.is_none() {
                file_type = fs::metadata(&path).map_err(io_error("stat", &path))?.file_type();
            }
            if !file_type.is_file() {
                return Err(HashDirError::NotAFile { path });
            }
            files.push(TreeFile { name, path });
        }
    }
    Ok(files)
}
