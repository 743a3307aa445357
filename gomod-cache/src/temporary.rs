//! Files that are complete before they have their final name.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Action, CacheError, at};

/// What a note has in its name between the digits of its file and `.tmp`: the go command takes it for a temporary file, too.
const NOTE: &str = ".resume";
/// Notes are short.
const MAX_NOTE: u64 = 64 << 10;

/// A new file `<final name><digits>.tmp` beside its final name; removed on drop unless it was renamed, or kept and not
/// empty.
#[derive(Debug)]
pub(crate) struct Temporary {
    pub(crate) file: File,
    path: PathBuf,
    target: PathBuf,
    renamed: bool,
    /// Whether it has a note, with which another process goes on.
    kept: bool,
}

impl Temporary {
    /// Creates the file; its directory must exist.
    pub(crate) fn create(target: PathBuf) -> Result<Self, CacheError> {
        let random = RandomState::new();
        // The go command gives up after as many names, too.
        for attempt in 0_u32..10_000 {
            let mut name = target.clone().into_os_string();
            name.push(format!("{}.tmp", random.hash_one(attempt) % 1_000_000_000));
            let path = PathBuf::from(name);
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, target, renamed: false, kept: false }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(at(Action::Create, &path)(error)),
            }
        }
        Err(at(Action::Create, &target)(ErrorKind::AlreadyExists.into()))
    }

    /// The file that was kept, and its note, to be written on. `None` where it has no note, or is not what was kept.
    pub(crate) fn reopen(path: PathBuf, target: PathBuf) -> Option<(Self, String)> {
        let note = read_note(&note_of(&path))?;
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
        file.seek(SeekFrom::End(0)).ok()?;
        Some((Self { file, path, target, renamed: false, kept: true }, note))
    }

    /// Writes the note that lets another process go on with what is written from now on.
    pub(crate) fn persist_partial(&mut self, note: &str) -> Result<(), CacheError> {
        let path = note_of(&self.path);
        self.kept = true;
        fs::write(&path, note).map_err(at(Action::Write, &path)).inspect_err(|_| self.discard_partial())
    }

    /// Takes the note back.
    pub(crate) fn discard_partial(&mut self) {
        if std::mem::take(&mut self.kept) {
            let _ = fs::remove_file(note_of(&self.path));
        }
    }

    pub(crate) fn is_made_of(&self, path: &Path) -> bool {
        path == self.path || path == note_of(&self.path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn rename(mut self) -> Result<(), CacheError> {
        fs::rename(&self.path, &self.target).map_err(at(Action::Rename, &self.target))?;
        // From now on another process may own a new file of the temporary name.
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.renamed || self.kept && self.file.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            return;
        }
        self.discard_partial();
        let _ = fs::remove_file(&self.path);
    }
}

/// Installs a small file in one step.
pub(crate) fn store(target: PathBuf, data: &[u8]) -> Result<(), CacheError> {
    let mut temporary = Temporary::create(target)?;
    temporary.file.write_all(data).map_err(at(Action::Write, temporary.path()))?;
    temporary.rename()
}

fn note_of(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.tmp", &NOTE[1..]))
}

fn read_note(path: &Path) -> Option<String> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut note = String::new();
    File::open(path).ok()?.take(MAX_NOTE).read_to_string(&mut note).ok()?;
    Some(note)
}

/// The final name that `name` is a temporary one of, in the way of [`Temporary::create`] and of the go command; or that
/// the file is to have to which `name` is the note.
pub(crate) fn target_of(name: &str) -> Option<&str> {
    let rest = name.strip_suffix(".tmp")?;
    let (numbered, is_note) = rest.strip_suffix(NOTE).map_or((rest, false), |rest| (rest, true));
    let target = numbered.trim_end_matches(|c: char| c.is_ascii_digit());
    // Nothing else has notes.
    (target != numbered && (!is_note || target.strip_suffix(".zip").is_some())).then_some(target)
}
