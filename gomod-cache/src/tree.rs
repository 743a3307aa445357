//! Extracted trees: their directories lose write permission, and must get it back before they can be removed.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Removes a tree of read-only directories, or whatever else has this name; nothing there is success.
///
/// A symbolic link is removed, never followed. Modes change only on directories of the tree itself.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !metadata.is_dir() {
        return fs::remove_file(path);
    }
    // `remove_dir_all` says what went wrong with a directory that could not be opened here.
    directories(path, |directory, metadata| {
        let _ = make_writable(directory, metadata);
    });
    fs::remove_dir_all(path)
}

/// Gives a tree another name on the same file system, also one that is read-only: its own directory is written by that
/// where the parent changes. A symbolic link is renamed, never followed.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if !metadata.is_dir() {
        return fs::rename(from, to);
    }
    make_writable(from, &metadata)?;
    match fs::rename(from, to) {
        Ok(()) => restore_mode(to, &metadata),
        Err(error) => {
            // What is not moved stays as it was; why it is not is the error that counts.
            let _ = restore_mode(from, &metadata);
            Err(error)
        }
    }
}

/// The bytes in the files of a tree, or in whatever else has this name; symbolic links count as themselves.
pub(crate) fn size(path: &Path) -> io::Result<u64> {
    let mut bytes = 0_u64;
    let mut pending = vec![path.to_path_buf()];
    while let Some(path) = pending.pop() {
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if metadata.is_dir() {
            for file in fs::read_dir(&path)? {
                pending.push(file?.path());
            }
        } else {
            bytes = bytes.saturating_add(metadata.len());
        }
    }
    Ok(bytes)
}

/// Takes write permission from all directories of a tree, the deepest first. As in the go command this is done as
/// well as it goes: it guards against accidents, and a tree is no worse without it.
pub(crate) fn make_directories_read_only(path: &Path) {
    for directory in directories(path, |_, _| ()).iter().rev() {
        let _ = fs::symlink_metadata(directory).and_then(|metadata| make_read_only(directory, &metadata));
    }
}

/// All directories of a tree, each before those in it; `visit` sees one before it is read.
fn directories(root: &Path, visit: impl Fn(&Path, &Metadata)) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(directory) = pending.pop() {
        match fs::symlink_metadata(&directory) {
            Ok(metadata) if metadata.is_dir() => visit(&directory, &metadata),
            _ => continue,
        }
        let children = fs::read_dir(&directory).into_iter().flatten().flatten();
        pending.extend(children.filter(|c| c.file_type().is_ok_and(|t| t.is_dir())).map(|c| c.path()));
        found.push(directory);
    }
    found
}

#[cfg(unix)]
fn make_writable(directory: &Path, metadata: &Metadata) -> io::Result<()> {
    set_mode(directory, metadata, |mode| mode | 0o700)
}

#[cfg(unix)]
fn make_read_only(directory: &Path, metadata: &Metadata) -> io::Result<()> {
    set_mode(directory, metadata, |mode| mode & !0o222)
}

#[cfg(unix)]
fn restore_mode(path: &Path, metadata: &Metadata) -> io::Result<()> {
    fs::set_permissions(path, metadata.permissions())
}

#[cfg(unix)]
fn set_mode(path: &Path, metadata: &Metadata, change: impl Fn(u32) -> u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mut permissions = metadata.permissions();
    let mode = change(permissions.mode());
    if mode == permissions.mode() {
        return Ok(());
    }
    permissions.set_mode(mode);
    fs::set_permissions(path, permissions)
}

// Elsewhere the attribute of a directory protects nothing in it.
#[cfg(not(unix))]
fn make_writable(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn restore_mode(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_read_only(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(fs::symlink_metadata(path)?.permissions().mode() & 0o7777)
    }

    /// Whatever keeps a tree from being moved, it is as it was: not writable.
    #[test]
    fn a_rename_that_fails_changes_nothing() -> io::Result<()> {
        let root = tempfile::tempdir()?;
        let tree = root.path().join("tree");
        fs::create_dir(&tree)?;
        fs::write(tree.join("file"), "")?;
        fs::create_dir_all(root.path().join("full/dir"))?;
        fs::write(root.path().join("file"), "")?;
        let mut targets =
            ["full", "file", "absent/tree", "tree/below"].map(|to| root.path().join(to)).to_vec();
        // On another file system, where this machine has one to write to.
        if let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm")
            && fs::metadata(elsewhere.path())?.dev() != fs::metadata(root.path())?.dev()
        {
            targets.push(elsewhere.path().join("tree"));
        }
        for to in targets {
            for before in [0o555, 0o755, 0o500, 0o2555] {
                fs::set_permissions(&tree, fs::Permissions::from_mode(before))?;
                assert!(rename(&tree, &to).is_err(), "{}", to.display());
                assert_eq!(mode(&tree)?, before, "{}", to.display());
            }
        }
        let to = root.path().join("moved");
        fs::set_permissions(&tree, fs::Permissions::from_mode(0o555))?;
        rename(&tree, &to)?;
        assert_eq!(mode(&to)?, 0o555);
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755))
    }
}
