//! The hash of a directory.

pub(crate) mod error;
mod lanes;
mod tree;

use std::path::{Component, Path, PathBuf};

use gomod_archive::Threads;
use gomod_module::{H1, ModuleVersion};

use super::summary::{HashBuilder, check_name};
use error::HashDirError;
use lanes::hash_files;
use tree::dir_files;

/// Returns the hash of a directory, with `prefix` in place of its own name before the names of its files.
///
/// Every file below `dir` counts, hidden ones and those of version control too; of a link to a file, the content of the
/// file; empty directories do not count. Each of the `threads` reads two files at once, through 64 KiB each; the result,
/// error or not, does not depend on their number. Modes and times do not matter. See `HashDir` of
/// golang.org/x/mod/sumdb/dirhash.
///
/// `dir` is cleaned as text first, as Go does: in `link/..` the link is not followed.
///
/// # Errors
/// - [`NotADirectory`](HashDirError::NotADirectory) when `dir` is a file or a link.
/// - [`NotAFile`](HashDirError::NotAFile) when something below it is neither a regular file, nor a directory, nor a link
///   to a regular file. The Go function fails for a link to a directory, waits without end for the writer of a pipe, and
///   reads devices.
/// - [`Name`](HashDirError::Name) when a name holds a newline.
/// - [`Prefix`](HashDirError::Prefix) when there are files and the Go function would not find them again, because
///   `prefix` is not clean: `a//b`, `a/../b`, but not `a/`.
/// - [`Io`](HashDirError::Io) when the system fails.
/// - [`Cancelled`](HashDirError::Cancelled) when `threads` are.
#[doc(alias = "HashDir")]
pub fn hash_dir(
    dir: impl AsRef<Path>,
    prefix: &str,
    threads: impl Into<Threads>,
) -> Result<H1, HashDirError> {
    hash(dir.as_ref(), prefix, None, &threads.into())
}

fn hash(
    dir: &Path,
    prefix: &str,
    leave_out: Option<&dyn Fn(&Path) -> bool>,
    threads: &Threads,
) -> Result<H1, HashDirError> {
    let files = dir_files(&clean_dir(dir), leave_out, threads.cancel())?;
    let clean = clean_prefix(prefix);
    let mut hashes = HashBuilder::new();
    let mut names = Vec::with_capacity(files.len());
    for file in &files {
        let name = [clean.as_bytes(), &file.name].concat();
        check_name(&name)?;
        let below = name.strip_prefix(prefix.as_bytes()).unwrap_or(&name);
        if below.strip_prefix(b"/").unwrap_or(below) != file.name {
            return Err(HashDirError::Prefix { prefix: prefix.into() });
        }
        names.push(name);
    }
    for (name, hash) in names.iter().zip(hash_files(&files, threads)?) {
        hashes.push(name, hash?)?;
    }
    Ok(hashes.finish())
}

/// Returns the hash of an extracted module: [`hash_dir`] with the prefix `{path}@{version}`.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("a.txt"), "hello\n")?;
/// let h1 = gomod_sum::hash_module_dir(dir.path(), &"x.y/m@v1.0.0".parse()?, NonZeroUsize::MIN)?;
/// assert_eq!(h1.to_string(), "h1:hCySKV6DJnFlwT/GHnjbPCuLoaLN/KPFZESdIrJXnI4=");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`hash_dir`].
pub fn hash_module_dir(
    dir: impl AsRef<Path>,
    module: &ModuleVersion,
    threads: impl Into<Threads>,
) -> Result<H1, HashDirError> {
    hash_dir(dir, &module.to_string(), threads)
}

/// Returns the hash of an extracted module as [`hash_module_dir`] does, in which there can be no link, and without some of its files:
/// `leave_out` is asked about each, by its path, and never about a directory.
///
/// # Errors
/// As [`hash_dir`]; [`NotAFile`](HashDirError::NotAFile) for every link.
pub fn hash_extracted(
    dir: impl AsRef<Path>,
    module: &ModuleVersion,
    leave_out: impl Fn(&Path) -> bool,
    threads: impl Into<Threads>,
) -> Result<H1, HashDirError> {
    hash(dir.as_ref(), &module.to_string(), Some(&leave_out), &threads.into())
}

/// `dir` with `.` and `..` resolved as text: `filepath.Clean`.
fn clean_dir(dir: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in dir.components() {
        match (component, clean.components().next_back()) {
            (Component::CurDir, _)
            | (Component::ParentDir, Some(Component::RootDir | Component::Prefix(_))) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                clean.pop();
            }
            _ => clean.push(component),
        }
    }
    if clean.as_os_str().is_empty() { ".".into() } else { clean }
}

/// What stands before the names of files when Go joins them with `prefix`.
fn clean_prefix(prefix: &str) -> String {
    let root = if prefix.starts_with('/') { "/" } else { "" };
    let mut elements = Vec::new();
    for element in prefix.split('/') {
        match (element, elements.last()) {
            ("" | ".", _) => {}
            ("..", Some(&last)) if last != ".." => {
                elements.pop();
            }
            ("..", None) if !root.is_empty() => {}
            _ => elements.push(element),
        }
    }
    let end = if elements.is_empty() { "" } else { "/" };
    format!("{root}{}{end}", elements.join("/"))
}
