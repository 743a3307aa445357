//! Where the go command keeps repositories: `GOMODCACHE/cache/vcs`.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::error::{RepoError, at};
use super::program::GitProgram;

/// A note is a URL, not more.
const MAX_NOTE: u64 = 1 << 20;

/// How long between two looks at a lock.
const GLANCE: Duration = Duration::from_millis(20);

/// The directory of one repository (`codehost.WorkDir` of the go command).
#[derive(Debug, Clone)]
pub(super) struct Directory {
    pub(super) path: PathBuf,
    /// What it is for, and the content of the note beside it.
    key: String,
}

/// The lock of a repository, as the go command takes it. It is given up explicitly: closing is not enough while a child
/// process that is about to call `exec` still holds a copy of the descriptor.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Directory {
    /// The directory of a repository of a kind, whatever is there.
    pub(super) fn new(mod_cache: &Path, kind: &str, url: &str) -> Self {
        let key = format!("{kind}:{url}");
        let mut name = String::new();
        for byte in Sha256::digest(&key) {
            let _ = write!(name, "{byte:02x}");
        }
        Self { path: mod_cache.join("cache").join("vcs").join(name), key }
    }

    fn beside(&self, extension: &str) -> PathBuf {
        // The name has no dot.
        self.path.with_extension(extension)
    }

    pub(super) fn note(&self) -> PathBuf {
        self.beside("info")
    }

    /// Waits for the lock, for no longer than a step of git may take.
    pub(super) fn lock(&self, git: &GitProgram) -> Result<Lock, RepoError> {
        let path = self.beside("lock");
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(at("create", above))?;
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(at("open", &path))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(TryLockError::Error(e)) => return Err(at("lock", &path)(e)),
            }
            if git.cancelled().load(Ordering::Relaxed) {
                return Err(RepoError::Cancelled { path });
            }
            if started.elapsed() > git.time() {
                return Err(RepoError::Locked { path });
            }
            thread::sleep(GLANCE);
        }
    }

    /// Makes the directory and its note, under the lock, if not both are there.
    pub(super) fn create(&self) -> Result<(), RepoError> {
        let note = self.note();
        let is_there = self.path.is_dir();
        if is_there && let Some(content) = read_note(&note)? {
            let is_ours = content.strip_suffix('\n').unwrap_or(&content) == self.key;
            return if is_ours { Ok(()) } else { Err(RepoError::WrongInfo { path: note }) };
        }
        // One of the two does not say what the other is.
        if is_there {
            fs::remove_dir_all(&self.path).map_err(at("remove", &self.path))?;
        }
        fs::create_dir_all(&self.path).map_err(at("create", &self.path))?;
        fs::write(&note, &self.key).map_err(at("write", &note))
    }

    /// Removes directory and note, under the lock.
    pub(super) fn remove(&self) {
        let _ = fs::remove_dir_all(&self.path);
        let _ = fs::remove_file(self.note());
    }
}

fn read_note(path: &Path) -> Result<Option<String>, RepoError> {
    match fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(at("read", path)(e)),
        Ok(metadata) if !metadata.is_file() || metadata.len() > MAX_NOTE => {
            return Err(RepoError::WrongInfo { path: path.to_owned() });
        }
        Ok(_) => {}
    }
    let content = fs::read(path).map_err(at("read", path))?;
    Ok(Some(String::from_utf8_lossy(&content).into_owned()))
}
