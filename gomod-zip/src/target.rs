use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gomod_archive::CancelToken;

use crate::UnzipError;

/// A directory that is being filled. Dropped before [`keep`](Self::keep), it is left as it was found.
///
/// What has been created is remembered as parts of the names in the zip: of directories in directories, full paths would be
/// a thousand times as large as the zip.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    dir: &'a Path,
    /// The target and those above it that have been created, those above first.
    outer: Vec<&'a Path>,
    /// What has been created in the target, those above before those below.
    directories: Vec<&'a str>,
    files: Vec<&'a str>,
}

impl<'a> Target<'a> {
    /// A directory that is missing or empty. Nothing is created yet.
    pub(crate) fn new(dir: &'a Path) -> Result<Self, UnzipError> {
        match fs::read_dir(dir).and_then(|mut entries| entries.next().transpose()) {
            Ok(Some(_)) => return Err(UnzipError::TargetNotEmpty { dir: dir.into() }),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(UnzipError::io("read directory", dir.into(), error)),
        }
        Ok(Self { dir, outer: Vec::new(), directories: Vec::new(), files: Vec::new() })
    }

    /// The directory itself and those above it that are missing.
    pub(crate) fn create(&mut self) -> Result<(), UnzipError> {
        let mut missing = Vec::new();
        let mut next = Some(self.dir);
        while let Some(dir) = next {
            match create_directory(dir, Path::is_dir).map(|is_new| self.outer.extend(is_new.then_some(dir))) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && dir.parent().is_some() => {
                    missing.push(dir);
                    next = dir.parent();
                }
                Err(error) => return Err(UnzipError::io("create directory", dir.into(), error)),
                Ok(()) => next = missing.pop(),
            }
        }
        Ok(())
    }

    /// The directories of these paths and those above them, each once.
    pub(crate) fn create_parents(
        &mut self,
        paths: impl Iterator<Item = &'a str>,
        cancel: &CancelToken,
    ) -> Result<(), UnzipError> {
        let mut parents: Vec<&str> =
            paths.filter_map(|path| path.rsplit_once('/')).map(|(parent, _)| parent).collect();
        parents.dedup();
        // Element by element, so that all paths below a directory stand together.
        parents.sort_unstable_by(|a, b| a.split('/').cmp(b.split('/')));
        parents.dedup();
        let mut previous = "";
        for parent in parents {
            let common = parent.split('/').zip(previous.split('/')).take_while(|(a, b)| a == b);
            let mut end: usize = common.map(|(element, _)| element.len() + 1).sum();
            for element in parent[end..].split('/') {
                cancel.check()?;
                end += element.len();
                let dir = self.path(&parent[..end]);
                match create_directory(&dir, is_real_dir) {
                    Ok(is_new) => self.directories.extend(is_new.then_some(&parent[..end])),
                    Err(error) => return Err(UnzipError::io("create directory", dir, error)),
                }
                end += 1;
            }
            previous = parent;
        }
        Ok(())
    }

    /// Where a checked path lies.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let mut full = PathBuf::with_capacity(self.dir.as_os_str().len() + 1 + path.len());
        full.push(self.dir);
        if cfg!(windows) {
            full.extend(path.split('/'));
        } else {
            full.push(path);
        }
        full
    }

    /// A file that this call created.
    pub(crate) fn add_file(&mut self, path: &'a str) {
        self.files.push(path);
    }

    /// Everything is there and stays.
    pub(crate) fn keep(mut self) {
        self.outer.clear();
        self.directories.clear();
        self.files.clear();
    }
}

/// Whether the directory is new. There may be one already where this file system does not tell two spellings apart, or
/// where the path of the target has a `..`.
fn create_directory(dir: &Path, is_dir: fn(&Path) -> bool) -> io::Result<bool> {
    match fs::create_dir(dir) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_dir(dir) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_real_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

impl Drop for Target<'_> {
    fn drop(&mut self) {
        // What another process put there in the meantime is not ours to remove; there is no caller left to tell.
        for file in &self.files {
            let _ = fs::remove_file(self.path(file));
        }
        for dir in self.directories.iter().rev() {
            let _ = fs::remove_dir(self.path(dir));
        }
        for dir in self.outer.iter().rev() {
            let _ = fs::remove_dir(dir);
        }
    }
}
