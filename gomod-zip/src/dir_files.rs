use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gomod_archive::CancelToken;
use gomod_module::modfile::VendorRule;

use crate::{CheckDirError, FileError, FileReason, FileStat, MAX_GO_MOD, SourceFile};

/// A file found in a directory.
#[derive(Debug)]
pub(crate) struct DirFile {
    /// Below the directory, with slashes.
    path: Vec<u8>,
    full: PathBuf,
    stat: FileStat,
}

impl SourceFile for DirFile {
    fn path(&self) -> &[u8] {
        &self.path
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(self.stat)
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Whole { file: File::open(&self.full)?, rest: self.stat.size }))
    }
}

/// A file that must not end before it was found to end. That it goes on shows without help.
struct Whole {
    file: File,
    rest: u64,
}

impl Read for Whole {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buf)?;
        if count == 0 && !buf.is_empty() && self.rest > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "file has become smaller"));
        }
        self.rest = self.rest.saturating_sub(count as u64);
        Ok(count)
    }
}

/// The regular files below a directory, in lexical order, and what is left out on the way.
pub(crate) fn list_dir(
    dir: &Path,
    cancel: &CancelToken,
) -> Result<(Vec<DirFile>, Vec<FileError>), CheckDirError> {
    if !stat(dir)?.is_dir() {
        return Err(CheckDirError::NotADirectory { path: dir.into() });
    }
    let vendor_rule = vendor_rule(&dir.join("go.mod"));
    let (mut files, mut omitted) = (Vec::new(), Vec::new());
    let mut pending = Vec::new();
    push_entries(&mut pending, dir, b"")?;
    while let Some((full, path)) = pending.pop() {
        cancel.check()?;
        let metadata = stat(&full)?;
        let reason = if vendor_rule.is_vendored(&path) {
            // Go descends into such a directory, and reports all that it holds.
            Some(FileReason::Vendored)
        } else if metadata.is_dir() {
            omitted_directory(&full)
        } else {
            (!metadata.is_file()).then_some(FileReason::NotRegular)
        };
        if metadata.is_dir() && matches!(reason, None | Some(FileReason::Vendored)) {
            push_entries(&mut pending, &full, &path)?;
        }
        match reason {
            Some(reason) => omitted.push(FileError { path, reason }),
            None if metadata.is_dir() => {}
            None => files.push(DirFile { path, full, stat: FileStat::from(&metadata) }),
        }
    }
    Ok((files, omitted))
}

/// The entries of a directory, so that the first in order is popped first.
fn push_entries(pending: &mut Vec<(PathBuf, Vec<u8>)>, dir: &Path, path: &[u8]) -> Result<(), CheckDirError> {
    let entries = fs::read_dir(dir).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<OsString>>>()
    });
    let mut names = entries.map_err(|source| CheckDirError::io("read directory", dir, source))?;
    names.sort_unstable_by(|a, b| b.as_encoded_bytes().cmp(a.as_encoded_bytes()));
    let separator: &[u8] = if path.is_empty() { b"" } else { b"/" };
    pending.extend(names.into_iter().map(|name| {
        let path = [path, separator, name.as_encoded_bytes()].concat();
        (dir.join(name), path)
    }));
    Ok(())
}

fn omitted_directory(full: &Path) -> Option<FileReason> {
    let name = full.file_name().unwrap_or_default();
    if [".bzr", ".git", ".hg", ".svn"].iter().any(|repository| name == *repository) {
        return Some(FileReason::VersionControl);
    }
    // A link to a go.mod makes a module too, where it is found in a directory.
    let go_mod = fs::symlink_metadata(full.join("go.mod"));
    go_mod.is_ok_and(|go_mod| !go_mod.is_dir()).then_some(FileReason::OtherModuleDirectory)
}

/// Go follows a link here, though the link itself is left out of the zip.
fn vendor_rule(go_mod: &Path) -> VendorRule {
    let mut data = Vec::new();
    let mut read = || File::open(go_mod)?.take(MAX_GO_MOD + 1).read_to_end(&mut data);
    let is_file = fs::metadata(go_mod).is_ok_and(|metadata| metadata.is_file());
    if is_file && read().is_ok() { VendorRule::of(&data) } else { VendorRule::default() }
}

fn stat(path: &Path) -> Result<fs::Metadata, CheckDirError> {
    fs::symlink_metadata(path).map_err(|source| CheckDirError::io("stat", path, source))
}
