//! A module zip and the tree that was extracted from it, read side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gomod_archive::{Archive, CancelToken, ReadAt, ReadError, Sink, Threads};
use gomod_module::{H1, ModuleVersion};

use super::dir::error::{HashDirError, io_error};
use super::file_hash::FileHash;
use super::pairing::Pairings;
use super::summary::hash_of_go_mod;
use super::zip::{self, HashSink, HashZipError};

/// Bytes asked of a file at a time.
const CHUNK: usize = 64 << 10;

/// What [`compare_extracted`] found out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[must_use]
pub struct Extracted {
    /// The hash of the zip: that of [`hash_zip`](crate::hash_zip).
    pub zip: H1,
    /// The hash of its `go.mod`, where it has just one: that of [`hash_go_mod`](crate::hash_go_mod).
    pub go_mod: Option<H1>,
    /// How the tree differs from the zip, by name.
    pub differences: Vec<Difference>,
    /// Files that can be written, or not be read, by their owner: legal, though none that the go command extracts is.
    pub odd_modes: Vec<PathBuf>,
    /// Whether equal files mean an equal hash: no name stands twice in the zip, and none is that of a directory.
    one_to_one: bool,
}

impl Extracted {
    /// Whether each file of the zip is in the tree with the same bytes, and nothing else is.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// Whether the names in the zip are those of files, each once: only then do equal files mean an equal hash.
    pub fn is_one_to_one(&self) -> bool {
        self.one_to_one
    }

    /// The hash of the tree, if it follows from what was read: the two are equal, and the names in the zip are those of
    /// files, each once. Otherwise [`hash_module_dir`](crate::hash_module_dir) has to find it out.
    pub fn dir_hash(&self) -> Option<H1> {
        (self.one_to_one && self.is_equal()).then_some(self.zip)
    }
}

/// One way in which a tree differs from the zip it came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Difference {
    /// The name of the file below `path@version/`, with slashes. Bytes that are no text are replaced.
    pub name: String,
    /// What is different.
    pub kind: DifferenceKind,
}

/// What is different about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DifferenceKind {
    /// Its bytes.
    Changed,
    /// It is in the zip alone.
    Missing,
    /// It is in the tree alone.
    Extra,
    /// In the tree it is no regular file, but a symbolic link or something else that is never extracted.
    NotAFile,
}

/// Hashes a module zip and compares it with the tree that was extracted from it: each entry is inflated once, each file
/// of the tree read once.
///
/// Symbolic links in the tree are not followed, no name from the zip is ever opened, and memory is needed for names
/// and hashes and what [`hash_zip`](crate::hash_zip) needs. Empty directories do not count. The result does not depend on `threads`.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use gomod_archive::{Archive, Limits};
/// use gomod_sum::hash::{DifferenceKind, compare_extracted};
///
/// # let zip = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".as_slice();
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("extra.go"), "package m\n")?;
/// let archive = Archive::open(zip, &Limits::default())?; // no entries
/// let found = compare_extracted(&archive, dir.path(), &"x.y/m@v1.0.0".parse()?, NonZeroUsize::MIN)?;
/// assert_eq!(found.differences[0].name, "extra.go");
/// assert_eq!(found.differences[0].kind, DifferenceKind::Extra);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`CompareError::Zip`] as [`hash_zip`](crate::hash_zip), and [`CompareError::Dir`] when the tree cannot be listed or
/// a file of it cannot be read.
pub fn compare_extracted<R: ReadAt + Sync>(
    archive: &Archive<R>,
    dir: impl AsRef<Path>,
    module: &ModuleVersion,
    threads: impl Into<Threads>,
) -> Result<Extracted, CompareError> {
    let dir = dir.as_ref();
    let prefix = format!("{module}/");
    let threads = threads.into();
    // Before a file of the tree is opened.
    archive.check_content().map_err(HashZipError::from)?;
    let tree = Tree::list(dir, threads.cancel())?;
    let below = |name: &[u8]| name.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec);
    let pairings = Pairings::new();
    let mut outs = zip::read_contents(archive, &threads, |index, entry| {
        let file = below(entry.name()).and_then(|name| tree.files.get(&name));
        Sibling {
            hash: HashSink::new(index, entry.size(), &pairings),
            file: file.map(|file| Comparison::new(file, entry.size())),
        }
    })?;
    for (index, paired) in pairings.finish() {
        if let Some(Some((hash, _))) = outs.get_mut(index) {
            *hash = paired;
        }
    }

    let mut differences = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut one_to_one = true;
    let mut go_mods = Vec::new();
    for (entry, out) in archive.entries().iter().zip(&outs) {
        let name = entry.name();
        // Of several entries of one name the last was read.
        one_to_one &= !entry.is_dir() && names.insert(name);
        if entry.is_dir() {
            continue;
        }
        let Some((hash, comparison)) = out else { continue };
        let Some(below) = below(name) else {
            differences.insert(difference(name, DifferenceKind::Missing));
            continue;
        };
        if below == b"go.mod" {
            go_mods.push(*hash);
        }
        match comparison {
            Some(Ok(true)) => {}
            Some(Ok(false)) => _ = differences.insert(difference(&below, DifferenceKind::Changed)),
            Some(Err(error)) => {
                let path = tree.files.get(&below).map_or_else(|| dir.to_path_buf(), |file| file.path.clone());
                let source = io::Error::new(error.kind(), error.to_string());
                return Err(io_error("read", &path)(source).into());
            }
            None if tree.others.contains(&below) => {
                differences.insert(difference(&below, DifferenceKind::NotAFile));
            }
            None => _ = differences.insert(difference(&below, DifferenceKind::Missing)),
        }
    }
    let in_zip = |name: &Vec<u8>| names.contains([prefix.as_bytes(), name].concat().as_slice());
    for name in tree.files.keys().filter(|name| !in_zip(name)) {
        differences.insert(difference(name, DifferenceKind::Extra));
    }
    for name in tree.others.iter().filter(|name| !in_zip(name)) {
        differences.insert(difference(name, DifferenceKind::NotAFile));
    }
    let odd_modes = tree.files.into_values().filter(|file| file.odd_mode).map(|file| file.path);
    let mut odd_modes: Vec<_> = odd_modes.collect();
    odd_modes.sort();
    let go_mod = match go_mods[..] {
        [hash] => Some(hash_of_go_mod(hash)),
        _ => None,
    };
    let hashes: Vec<_> = outs.into_iter().map(|out| out.map(|(hash, _)| hash)).collect();
    Ok(Extracted {
        zip: zip::combine(archive, &hashes)?,
        go_mod,
        differences: differences.into_iter().collect(),
        odd_modes,
        one_to_one,
    })
}

fn difference(name: &[u8], kind: DifferenceKind) -> Difference {
    Difference { name: String::from_utf8_lossy(name).into_owned(), kind }
}

/// What lies in a tree, by name.
struct Tree {
    files: BTreeMap<Vec<u8>, TreeFile>,
    others: BTreeSet<Vec<u8>>,
}

struct TreeFile {
    path: PathBuf,
    size: u64,
    odd_mode: bool,
}

impl Tree {
    fn list(dir: &Path, cancel: &CancelToken) -> Result<Self, HashDirError> {
        let mut tree = Self { files: BTreeMap::new(), others: BTreeSet::new() };
        let mut pending = vec![(dir.to_path_buf(), Vec::new())];
        while let Some((dir, above)) = pending.pop() {
            for file in fs::read_dir(&dir).map_err(io_error("read directory", &dir))? {
                cancel.check()?;
                let file = file.map_err(io_error("read directory", &dir))?;
                let path = file.path();
                // Of a link, of the link itself.
                let metadata = file.metadata().map_err(io_error("stat", &path))?;
                let mut name: Vec<u8> = above.clone();
                name.extend_from_slice(file.file_name().as_encoded_bytes());
                if metadata.is_dir() {
                    name.push(b'/');
                    pending.push((path, name));
                } else if metadata.is_file() {
                    let odd_mode = is_odd(&metadata);
                    tree.files.insert(name, TreeFile { path, size: metadata.len(), odd_mode });
                } else {
                    tree.others.insert(name);
                }
            }
        }
        Ok(tree)
    }
}

#[cfg(unix)]
fn is_odd(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    metadata.permissions().mode() & 0o777 & !0o044 != 0o400
}

#[cfg(not(unix))]
fn is_odd(metadata: &fs::Metadata) -> bool {
    !metadata.permissions().readonly()
}

/// A file that is read along with an entry.
struct Comparison {
    file: io::Result<File>,
    /// Nothing but the same so far.
    equal: bool,
    buffer: Vec<u8>,
}

impl Comparison {
    fn new(file: &TreeFile, size: u64) -> Self {
        // What has another size need not be opened.
        let equal = file.size == size;
        let file = if equal { File::open(&file.path) } else { Err(io::ErrorKind::Other.into()) };
        Self { file, equal, buffer: Vec::new() }
    }

    fn take(&mut self, mut piece: &[u8]) {
        while self.equal && !piece.is_empty() {
            let Ok(file) = &mut self.file else { return };
            let (part, rest) = piece.split_at(piece.len().min(CHUNK));
            self.buffer.resize(part.len(), 0);
            match file.read_exact(&mut self.buffer) {
                Ok(()) => self.equal = self.buffer == part,
                // It has just become shorter.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.equal = false,
                Err(error) => return self.file = Err(error),
            }
            piece = rest;
        }
    }

    fn finish(self) -> io::Result<bool> {
        if !self.equal {
            return Ok(false);
        }
        // It may have grown since its size was asked for.
        let mut file = self.file?;
        Ok(file.read(&mut [0])? == 0)
    }
}

struct Sibling<'a> {
    hash: HashSink<'a>,
    file: Option<Comparison>,
}

impl Sink for Sibling<'_> {
    type Error = ReadError;
    type Out = Result<(FileHash, Option<io::Result<bool>>), ReadError>;

    fn write(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        self.hash.write(piece)?;
        if let Some(file) = &mut self.file {
            file.take(piece);
        }
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        let hash = self.hash.finish(result)?;
        Ok((hash, self.file.map(Comparison::finish)))
    }
}

/// A zip and a tree cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The zip has no hash.
    #[error(transparent)]
    Zip(#[from] HashZipError),
    /// The tree cannot be read.
    #[error(transparent)]
    Dir(#[from] HashDirError),
}
