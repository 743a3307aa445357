//! What of an entry goes, and what comes in its place: moves that are made one after the other, and taken back where one fails.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::entry::{Entry, create_directory};
use crate::error::{Action, CacheError, at};
use crate::layout::CacheFile;
use crate::state::exists;
use crate::temporary::Temporary;
use crate::{tree, version_list};

/// What goes and what comes. Nothing has been moved yet.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    pub(crate) files_out: Vec<CacheFile>,
    pub(crate) tree_out: bool,
    pub(crate) files_in: Vec<CacheFile>,
    pub(crate) tree_in: bool,
}

/// An exchange that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: CacheError,
    /// Whether everything is again as it was.
    pub(crate) undone: bool,
}

impl From<CacheError> for Failed {
    fn from(error: CacheError) -> Self {
        Self { error, undone: true }
    }
}

impl Exchange {
    /// Whether something goes.
    pub(crate) fn takes_out(&self) -> bool {
        self.tree_out || !self.files_out.is_empty()
    }

    /// Moves what goes to `aside`, and what comes from `from`, each by one rename, in an order in which no crash and no go
    /// command that looks on is ever led to trust more than before.
    ///
    /// First the `.ziphash` goes, so that the zip is not used without being hashed. Then `.partial` is created, so that no process takes a
    /// tree for one that belongs to the next hash. Then zip and tree go; tree, zip and hash come; and `.partial` is removed, unless the tree that
    /// is there is neither the old nor the new one. Then `.mod` and `.info`.
    pub(crate) fn run(&self, entry: &Entry, aside: &Entry, from: &Entry) -> Result<(), Failed> {
        let moves = self.moves(entry, aside, from)?;
        // What takes room comes before the first move.
        for entry in [Some(aside).filter(|_| self.takes_out()), Some(entry)].into_iter().flatten() {
            entry.create_version_directory()?;
            if let Some(parent) = entry.dir().parent().filter(|_| self.tree_out || self.tree_in) {
                create_directory(parent)?;
            }
        }
        for (number, step) in moves.iter().enumerate() {
            if let Err(error) = step.make() {
                let undone = moves.iter().take(number).rev().all(|step| step.take_back().is_ok());
                return Err(Failed { error, undone });
            }
        }
        if self.files_in.contains(&CacheFile::Mod) || self.files_out.contains(&CacheFile::Mod) {
            // As when it is written: no build depends on the list.
            let _ = entry.create_version_directory().and_then(|directory| version_list::rewrite(&directory));
        }
        Ok(())
    }

    fn moves(&self, entry: &Entry, aside: &Entry, from: &Entry) -> Result<Vec<Move>, CacheError> {
        let out = |file| {
            let (from, to) = (entry.path(file), aside.path(file));
            self.files_out.contains(&file).then_some(Move::File { from, to })
        };
        let come = |file| {
            let (from, to) = (from.path(file), entry.path(file));
            self.files_in.contains(&file).then_some(Move::File { from, to })
        };
        let partial = entry.path(CacheFile::Partial);
        let marks = (self.tree_out || self.tree_in) && !exists(&partial)?;
        let moves = [
            out(CacheFile::ZipHash),
            marks.then(|| Move::Mark(partial.clone())),
            out(CacheFile::Zip),
            self.tree_out.then(|| Move::Tree { from: entry.dir(), to: aside.dir() }),
            self.tree_in.then(|| Move::Tree { from: from.dir(), to: entry.dir() }),
            come(CacheFile::Zip),
            come(CacheFile::ZipHash),
            (self.tree_out || self.tree_in).then_some(Move::Unmark(partial)),
            out(CacheFile::Mod),
            come(CacheFile::Mod),
            out(CacheFile::Info),
            come(CacheFile::Info),
        ];
        Ok(moves.into_iter().flatten().collect())
    }
}

/// As a rename where `cache/download` is a link to another disk: the new file is complete before it has its name.
fn move_between_disks(from: &Path, to: &Path) -> Result<(), CacheError> {
    if !fs::symlink_metadata(from).map_err(at(Action::Inspect, from))?.is_file() {
        return Err(at(Action::Rename, to)(io::ErrorKind::CrossesDevices.into()));
    }
    let mut source = File::open(from).map_err(at(Action::Read, from))?;
    let mut copy = Temporary::create(to.to_path_buf())?;
    io::copy(&mut source, &mut copy.file).map_err(at(Action::Write, copy.path()))?;
    copy.file.sync_data().map_err(at(Action::Sync, copy.path()))?;
    copy.rename()?;
    fs::remove_file(from).map_err(at(Action::Remove, from))
}

/// One step, and the way back.
#[derive(Debug)]
enum Move {
    File { from: PathBuf, to: PathBuf },
    Tree { from: PathBuf, to: PathBuf },
    Mark(PathBuf),
    Unmark(PathBuf),
}

impl Move {
    fn make(&self) -> Result<(), CacheError> {
        match self {
            Self::File { from, to } => match fs::rename(from, to) {
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => move_between_disks(from, to),
                moved => moved.map_err(at(Action::Rename, to)),
            },
            Self::Tree { from, to } => tree::rename(from, to).map_err(at(Action::Rename, to)),
            Self::Mark(path) => fs::write(path, b"").map_err(at(Action::Create, path)),
            Self::Unmark(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(Action::Remove, path)(error)),
                _ => Ok(()),
            },
        }
    }

    fn take_back(&self) -> Result<(), CacheError> {
        match self {
            Self::File { from, to } => Self::File { from: to.clone(), to: from.clone() }.make(),
            Self::Tree { from, to } => Self::Tree { from: to.clone(), to: from.clone() }.make(),
            Self::Mark(path) => Self::Unmark(path.clone()).make(),
            Self::Unmark(path) => Self::Mark(path.clone()).make(),
        }
    }
}
