//! What the tests have in common: a cache in a temporary directory, and contents that say which hash they belong to.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gomod_cache::{CacheError, Entry, EntryLock, ModCache};
use gomod_module::{H1, ModuleVersion};
use tempfile::TempDir;

/// A cache that is gone with its value, read-only directories or not.
pub(crate) struct TestCache {
    pub(crate) cache: ModCache,
    pub(crate) root: TempDir,
}

impl TestCache {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        Self { cache: ModCache::new(root.path()).expect("an absolute path"), root }
    }

    pub(crate) fn entry(&self) -> Entry {
        self.cache.entry(&module())
    }
}

impl Drop for TestCache {
    fn drop(&mut self) {
        let _ = gomod_testkit::remove_tree(self.root.path());
    }
}

pub(crate) fn module() -> ModuleVersion {
    "example.com/m@v1.0.0".parse().expect("a module version")
}

/// A hash for the contents named `tag`. This crate never computes one, so any will do.
pub(crate) fn hash(tag: u8) -> H1 {
    H1::from_digest([tag; 32])
}

pub(crate) fn zip(tag: u8) -> Vec<u8> {
    vec![tag; 1000]
}

/// No leftovers.
pub(crate) const NOTHING: [PathBuf; 0] = [];

/// The names in every extracted tree. Each file holds the tag.
pub(crate) const TREE: [&str; 4] = ["go.mod", "m.go", "sub/s.go", "sub/deep/d.go"];

pub(crate) fn write_tree(dir: &Path, tag: u8) {
    for name in TREE {
        let file = dir.join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
        fs::write(&file, [tag; 100]).expect("a file");
        let mut permissions = fs::metadata(&file).expect("a file").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).expect("a mode");
    }
}

/// The tag of a complete tree.
pub(crate) fn tree_tag(dir: &Path) -> Option<u8> {
    let tag = *fs::read(dir.join(TREE[0])).ok()?.first()?;
    TREE.iter().all(|name| fs::read(dir.join(name)).is_ok_and(|data| data == [tag; 100])).then_some(tag)
}

pub(crate) fn install_zip(lock: &EntryLock, tag: u8) -> Result<(), CacheError> {
    let mut incoming = lock.zip_download()?;
    incoming.write_all(&zip(tag)).expect("a write");
    lock.commit_zip(incoming, &hash(tag))
}

pub(crate) fn extract(lock: &EntryLock, tag: u8) -> Result<(), CacheError> {
    let extraction = lock.begin_extract()?;
    write_tree(extraction.dir(), tag);
    extraction.commit()
}

/// This test binary, running one test that plays a part in another one; `None` in that test unless it was asked to.
pub(crate) const PART: &str = "GOMOD_CACHE_TEST_ROOT";

pub(crate) fn play(test: &str, root: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(PART, root);
    command
}

pub(crate) fn part() -> Option<ModCache> {
    let root = std::env::var_os(PART)?;
    Some(ModCache::new(root).expect("an absolute path"))
}
