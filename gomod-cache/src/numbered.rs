//! Directories with a number for a name, below `cache`: one for each quarantine.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::cache::ModCache;
use crate::entry::create_directory;
use crate::error::{Action, CacheError, at};

/// A new directory below `parent`, with the next number and a file in it. It is laid out as a module cache.
pub(crate) fn create(
    cache: &ModCache,
    parent: &str,
    file: &str,
    content: &str,
) -> Result<ModCache, CacheError> {
    let parent = cache.root().join(parent);
    let mut last = 0;
    loop {
        create_directory(&parent)?;
        let known = list(&parent).map_err(at(Action::Read, &parent))?;
        let number = known.last().map_or(0, |(number, _)| *number).max(last).saturating_add(1);
        last = number;
        let path = parent.join(number.to_string());
        match fs::create_dir(&path) {
            Ok(()) => {}
            // Another process has just made it, or removed the last one and then the parent.
            Err(error) if again(&error) && number < u64::MAX => continue,
            Err(error) => return Err(at(Action::CreateDirectory, &path)(error)),
        }
        let file = path.join(file);
        match fs::write(&file, content) {
            Ok(()) => return Ok(cache.at(path)),
            // Taken for an empty one, that a killed process left.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                remove_empty(&path);
                let _ = fs::remove_file(&file);
                remove_empty(&path);
                remove_empty(&parent);
                return Err(at(Action::Write, &file)(error));
            }
        }
    }
}

fn again(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound)
}

/// The directories, by their numbers.
pub(crate) fn list(parent: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let files = match fs::read_dir(parent) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for file in files {
        let file = file?;
        let name = file.file_name();
        let number = name.to_str().filter(|name| is_number(name)).and_then(|name| name.parse().ok());
        if let Some(number) = number
            && file.file_type()?.is_dir()
        {
            found.push((number, file.path()));
        }
    }
    found.sort();
    Ok(found)
}

pub(crate) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Removes the empty directories of a tree, and the tree itself if nothing else is in it.
pub(crate) fn remove_empty(directory: &Path) {
    for file in fs::read_dir(directory).into_iter().flatten().flatten() {
        if file.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&file.path());
        }
    }
    let _ = fs::remove_dir(directory);
}
