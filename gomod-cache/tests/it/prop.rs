//! The law: whatever sequence of operations and losses an entry has seen, `state()` says what a simple model of it
//! says, and what is recorded as trusted is right: a recorded hash is the hash of the zip beside it, and a complete
//! tree is whole and comes from the zip of the recorded hash.

use std::fs;
use std::io::Write as _;

use gomod_cache::{CacheError, CacheFile, DirState, Entry, EntryState, FileState, Found, Parts, ZipHash};
use proptest::prelude::*;

use crate::fixture::{TestCache, extract, hash, install_zip, tree_tag, write_tree, zip};

/// What this crate does, and what other programs, users and crashes do to the files.
#[derive(Debug, Clone, Copy)]
enum Step {
    StoreInfo,
    StoreMod,
    StoreOldMod,
    InstallZip(u8),
    DropZip(u8),
    StoreZipHash,
    Extract,
    AbortExtraction,
    Lose(CacheFile),
    TruncateZipHash,
    LoseTree,
    FileForTree,
    CrashInZip(u8),
    CrashInExtraction,
    Quarantine(Parts),
    Remove,
}

fn step() -> impl Strategy<Value = Step> {
    let file = prop::sample::select(vec![
        CacheFile::Info,
        CacheFile::Mod,
        CacheFile::Zip,
        CacheFile::ZipHash,
        CacheFile::Lock,
        CacheFile::List,
    ]);
    prop_oneof![
        1 => Just(Step::StoreInfo),
        1 => Just(Step::StoreMod),
        1 => Just(Step::StoreOldMod),
        4 => (1_u8..4).prop_map(Step::InstallZip),
        1 => (1_u8..4).prop_map(Step::DropZip),
        2 => Just(Step::StoreZipHash),
        4 => Just(Step::Extract),
        1 => Just(Step::AbortExtraction),
        4 => file.prop_map(Step::Lose),
        1 => Just(Step::TruncateZipHash),
        1 => Just(Step::LoseTree),
        1 => Just(Step::FileForTree),
        1 => (1_u8..4).prop_map(Step::CrashInZip),
        1 => Just(Step::CrashInExtraction),
        2 => any::<[bool; 4]>().prop_map(|[zip, tree, go_mod, info]| {
            Step::Quarantine(Parts::new().zip(zip).tree(tree).go_mod(go_mod).info(info))
        }),
        1 => Just(Step::Remove),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    Nothing,
    Nuls,
    Hash(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    Nothing,
    File,
    Half,
    Whole,
}

#[derive(Debug)]
struct Model {
    info: FileState,
    go_mod: FileState,
    zip: Option<u8>,
    recorded: Recorded,
    tree: Tree,
    partial: bool,
    temporary: bool,
}

impl Model {
    fn dir(&self) -> DirState {
        match self.tree {
            Tree::Nothing => DirState::Absent,
            Tree::File => DirState::NotADirectory,
            _ if self.partial => DirState::Partial,
            _ if self.recorded == Recorded::Nothing => DirState::WithoutZipHash,
            _ => DirState::Complete,
        }
    }

    fn record(&mut self, tag: u8) {
        if self.recorded != Recorded::Hash(tag) {
            self.partial |= self.tree != Tree::Nothing;
            self.recorded = Recorded::Hash(tag);
        }
    }

    fn take(&mut self, step: Step, entry: &Entry) -> Result<(), CacheError> {
        match step {
            Step::StoreInfo => {
                entry.store_info(b"{}")?;
                self.info = FileState::Present;
            }
            Step::StoreMod => {
                entry.store_mod(b"module example.com/m\n")?;
                self.go_mod = FileState::Present;
            }
            Step::StoreOldMod => {
                entry.store_mod(b"//vgo 0.0.3\n")?;
                self.go_mod = FileState::Absent;
            }
            Step::InstallZip(tag) => {
                install_zip(&entry.lock()?, tag)?;
                self.record(tag);
                self.zip = Some(tag);
                self.temporary = false;
            }
            Step::DropZip(tag) => {
                entry.lock()?.zip_download()?.write_all(&zip(tag)).expect("a write");
                self.temporary = false;
            }
            Step::StoreZipHash => {
                let Some(tag) = self.zip else { return Ok(()) };
                entry.lock()?.store_ziphash(&hash(tag))?;
                self.record(tag);
            }
            Step::Extract | Step::AbortExtraction | Step::CrashInExtraction => self.extract(step, entry)?,
            Step::CrashInZip(tag) => {
                fs::create_dir_all(entry.path(CacheFile::Zip).parent().expect("a parent"))
                    .expect("a directory");
                fs::write(entry.path(CacheFile::Zip).with_extension("zip77.tmp"), [tag]).expect("a file");
                self.temporary = true;
            }
            Step::Lose(file) => {
                let _ = fs::remove_file(entry.path(file));
                match file {
                    CacheFile::Info => self.info = FileState::Absent,
                    CacheFile::Mod => self.go_mod = FileState::Absent,
                    CacheFile::Zip => self.zip = None,
                    CacheFile::ZipHash => self.recorded = Recorded::Nothing,
                    _ => {}
                }
            }
            Step::TruncateZipHash => {
                if self.recorded != Recorded::Nothing {
                    fs::write(entry.path(CacheFile::ZipHash), [0; 47]).expect("a file");
                    self.recorded = Recorded::Nuls;
                }
            }
            Step::Quarantine(parts) => {
                entry.lock()?.quarantine(parts)?;
                self.leave(parts);
            }
            Step::Remove => {
                entry.lock()?.remove()?;
                self.leave(Parts::all());
                (self.partial, self.temporary) = (false, false);
            }
            Step::LoseTree | Step::FileForTree => {
                gomod_testkit::remove_tree(&entry.dir())
                    .or_else(|_| fs::remove_file(entry.dir()))
                    .expect("removed");
                self.tree = Tree::Nothing;
                if matches!(step, Step::FileForTree) {
                    fs::create_dir_all(entry.dir().parent().expect("a parent")).expect("a directory");
                    fs::write(entry.dir(), b"a file").expect("a file");
                    self.tree = Tree::File;
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self, parts: Parts) {
        if parts.zip {
            (self.zip, self.recorded) = (None, Recorded::Nothing);
        }
        if (parts.zip || parts.tree) && self.tree != Tree::Nothing {
            (self.tree, self.partial) = (Tree::Nothing, false);
        }
        if parts.go_mod {
            self.go_mod = FileState::Absent;
        }
        if parts.info {
            self.info = FileState::Absent;
        }
    }

    fn extract(&mut self, step: Step, entry: &Entry) -> Result<(), CacheError> {
        // Who extracts has a zip and its hash.
        let Some(tag) = self.zip.filter(|tag| self.recorded == Recorded::Hash(*tag)) else { return Ok(()) };
        let lock = entry.lock()?;
        if self.dir() == DirState::Complete {
            let refused = lock.begin_extract().expect_err("a complete tree");
            assert!(matches!(refused, CacheError::AlreadyExtracted { .. }), "{refused}");
            return Ok(());
        }
        (self.tree, self.partial) = match step {
            Step::Extract => {
                extract(&lock, tag)?;
                (Tree::Whole, false)
            }
            Step::AbortExtraction => {
                write_tree(&lock.begin_extract()?.dir().join("half"), tag);
                (Tree::Nothing, false)
            }
            _ => {
                drop(lock.begin_extract()?);
                fs::write(entry.path(CacheFile::Partial), b"").expect("a file");
                write_tree(&entry.dir().join("half"), tag);
                (Tree::Half, true)
            }
        };
        Ok(())
    }

    fn check(&self, entry: &Entry, state: &EntryState) {
        assert_eq!(state.info, self.info);
        assert_eq!(state.go_mod, self.go_mod);
        assert_eq!(state.zip == FileState::Present, self.zip.is_some());
        let recorded = match self.recorded {
            Recorded::Nothing => ZipHash::Absent,
            Recorded::Nuls => ZipHash::Invalid,
            Recorded::Hash(tag) => ZipHash::H1(hash(tag)),
        };
        assert_eq!(state.ziphash, recorded);
        assert_eq!(state.dir, self.dir());
        assert_eq!(state.partial, self.partial);
        let entries = entry.cache().entries().filter(|found| matches!(found, Found::Entry(_))).count();
        // A `.mod` file that old Go made up is there, too, but counts as absent.
        if !state.is_absent() {
            assert_eq!(entries, 1);
        }
        assert_eq!(entry.stale_files().expect("leftovers").len(), usize::from(self.temporary));
        check_trust(entry, state);
    }
}

/// What other programs may believe is true.
pub(crate) fn check_trust(entry: &Entry, state: &EntryState) {
    if let Some(recorded) = state.ziphash.h1() {
        if state.has_zip() {
            let data = fs::read(entry.path(CacheFile::Zip)).expect("a zip");
            let tag = *data.first().expect("a zip with content");
            assert_eq!(data, zip(tag), "the zip is whole");
            assert_eq!(hash(tag), *recorded, "the hash is that of the zip");
        }
        if state.is_extracted() {
            let tag = tree_tag(&entry.dir()).expect("a whole tree");
            assert_eq!(hash(tag), *recorded, "the hash is that of the tree");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_follow_operations(steps in prop::collection::vec(step(), 1..25)) {
        let test = TestCache::new();
        let entry = test.entry();
        let mut model = Model {
            info: FileState::Absent,
            go_mod: FileState::Absent,
            zip: None,
            recorded: Recorded::Nothing,
            tree: Tree::Nothing,
            partial: false,
            temporary: false,
        };
        for step in steps {
            model.take(step, &entry).unwrap_or_else(|error| panic!("{step:?}: {error}"));
            model.check(&entry, &entry.state().expect("a state"));
        }
    }

    #[test]
    fn any_bytes_are_some_zip_hash(data in prop::collection::vec(any::<u8>(), 0..80)) {
        if let ZipHash::H1(hash) = ZipHash::from_bytes(&data) {
            let text = String::from_utf8_lossy(&data);
            prop_assert_eq!(text.trim(), hash.to_string());
        }
    }

    #[test]
    fn white_space_around_a_hash_changes_nothing(tag: u8, left in r"\s{0,9}", right in r"\s{0,9}") {
        let data = format!("{left}{}{right}", hash(tag));
        prop_assert_eq!(ZipHash::from_bytes(data.as_bytes()), ZipHash::H1(hash(tag)));
    }
}
