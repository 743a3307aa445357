use std::collections::BTreeMap;

use gomod_archive::{Archive, Cancelled, ContentTooLarge, ReadAt, ReadError, Sink, Threads};
use gomod_module::ModuleVersion;
use gomod_module::text::Printable;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::diff_cause::{ChangeCause, Small};
use crate::limits::add_size;
use crate::line_endings::LineEndings;
use crate::{SizeError, UnexpectedFile, check_prefix};

/// Returns how the files of two module zips differ: those of two copies of one version, or of two versions.
///
/// Entries are compared by their name without `path@version/`, directory entries too, as the `h1:` hash depends on
/// them. Nothing else in the zips matters. Where a name stands more than once, the first is compared with the first, the
/// second with the second, and so on. When there is no difference, the two have the same `h1:`, if they are of the same
/// module and version.
///
/// Each archive is read once, on up to `threads` threads, and what has changed a second time; memory is needed for
/// names and hashes only. The zips need not be valid: use [`check_zip`](crate::check_zip) to see whether they are.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use gomod_archive::{Archive, Limits};
/// use gomod_module::ModuleVersion;
/// use gomod_zip::{DataFile, create, diff};
///
/// let m = ModuleVersion::parse("example.com/m", "v1.0.0")?;
/// let zip = |data: &str| {
///     let mut zip = Vec::new();
///     create(&mut zip, &m, &[DataFile::new("m.go", data)])?;
///     Ok::<_, Box<dyn std::error::Error>>(Archive::open(zip, &Limits::default())?)
/// };
/// let (old, new) = (zip("package m\n")?, zip("package m\r\n")?);
/// let diff = diff(&old, &m, &new, &m, NonZeroUsize::MIN)?;
/// assert_eq!(diff.changed[0].path, b"m.go");
/// assert_eq!((diff.changed[0].old.size, diff.changed[0].new.size), (10, 11));
/// assert!(diff.changed[0].line_endings_only);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`DiffError::Prefix`] when an entry is not below the prefix of its module, [`DiffError::Size`] when a zip declares
/// more content than [`MAX_ZIP_FILE`](crate::MAX_ZIP_FILE), [`DiffError::ContentTooLarge`] when it comes to more than the
/// limit of its archive, [`DiffError::Read`] when an entry is damaged, [`DiffError::Cancelled`] when `threads` are.
pub fn diff<A: ReadAt + Sync, B: ReadAt + Sync>(
    old: &Archive<A>,
    old_module: &ModuleVersion,
    new: &Archive<B>,
    new_module: &ModuleVersion,
    threads: impl Into<Threads>,
) -> Result<Diff, DiffError> {
    let threads = threads.into();
    let old_side = Zip { archive: old, module: old_module, side: Side::Old, threads: &threads };
    let new_side = Zip { archive: new, module: new_module, side: Side::New, threads: &threads };
    old_side.check()?;
    new_side.check()?;
    let (old_files, mut new_files) = (old_side.files()?, new_side.files()?);

    let mut diff = Diff::default();
    let mut changed = Vec::new();
    for (key, old) in old_files {
        match new_files.remove(&key) {
            None => diff.removed.push(old.named(key)),
            Some(new) if new.content == old.content => diff.unchanged += 1,
            Some(new) => changed.push((key, old, new)),
        }
    }
    diff.added.extend(new_files.into_iter().map(|(key, new)| new.named(key)));

    let old_texts = old_side.text_hashes(changed.iter().map(|(_, old, _)| old.index).collect())?;
    let new_texts = new_side.text_hashes(changed.iter().map(|(.., new)| new.index).collect())?;
    diff.changed.extend(changed.into_iter().map(|((path, _), old, new)| ChangedFile {
        path: path.into(),
        line_endings_only: old_texts.get(&old.index) == new_texts.get(&new.index),
        cause: ChangeCause::of(&old_side.small(old), &new_side.small(new)),
        old: old.content,
        new: new.content,
    }));
    Ok(diff)
}

/// A name without its prefix, and how many entries before have the same.
type Key<'a> = (&'a [u8], usize);

struct Zip<'a, R> {
    archive: &'a Archive<R>,
    module: &'a ModuleVersion,
    side: Side,
    threads: &'a Threads,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    index: usize,
    content: Content,
}

impl Found {
    fn named(self, (path, _): Key<'_>) -> DiffFile {
        DiffFile { path: path.into(), content: self.content }
    }
}

impl<'a, R: ReadAt + Sync> Zip<'a, R> {
    /// What shows before any content is read.
    fn check(&self) -> Result<(), DiffError> {
        let side = self.side;
        check_prefix(self.archive, self.module).map_err(|source| DiffError::Prefix { side, source })?;
        let entries = self.archive.entries();
        if entries.iter().try_fold(0, |total, entry| add_size(total, entry.size())).is_none() {
            return Err(DiffError::Size { side, source: SizeError::Contents });
        }
        self.archive.check_content().map_err(|source| DiffError::ContentTooLarge { side, source })
    }

    fn files(&self) -> Result<BTreeMap<Key<'a>, Found>, DiffError> {
        let entries = self.archive.entries();
        let prefix_len = self.module.to_string().len() + 1;
        let hashes = self.hashes(|_| true, || Hash { sha256: Sha256::new(), line_endings: None })?;
        let mut files = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for (index, sha256) in hashes {
            let Some(entry) = entries.get(index) else { continue };
            let path = entry.name().get(prefix_len..).unwrap_or_default();
            let before: &mut usize = seen.entry(path).or_default();
            files.insert((path, *before), Found { index, content: Content { size: entry.size(), sha256 } });
            *before += 1;
        }
        Ok(files)
    }

    /// The hashes of some entries with `\n` in place of `\r\n`.
    fn text_hashes(&self, mut indexes: Vec<usize>) -> Result<BTreeMap<usize, [u8; 32]>, DiffError> {
        indexes.sort_unstable();
        let hash = || Hash { sha256: Sha256::new(), line_endings: Some(LineEndings::default()) };
        Ok(self.hashes(|index| indexes.binary_search(&index).is_ok(), hash)?.into_iter().collect())
    }

    /// A file with its content, where that may say why it differs.
    fn small(&self, found: Found) -> Small {
        let entry = self.archive.entries().get(found.index);
        let content = entry.and_then(|entry| self.archive.read_to_vec(entry, Small::MAX).ok());
        Small { content, is: found.content }
    }

    fn hashes(
        &self,
        wanted: impl Fn(usize) -> bool + Sync,
        hash: impl Fn() -> Hash + Sync,
    ) -> Result<Vec<(usize, [u8; 32])>, DiffError> {
        let outs = self.archive.read_all(self.threads, |index, _| wanted(index).then(&hash));
        self.threads.cancel().check()?;
        let outs = outs.into_iter().zip(self.archive.entries()).enumerate();
        outs.filter_map(|(index, (out, entry))| {
            Some(match out? {
                Ok(sha256) => Ok((index, sha256)),
                Err(source) => Err(DiffError::Read { side: self.side, name: entry.name().into(), source }),
            })
        })
        .collect()
    }
}

struct Hash {
    sha256: Sha256,
    line_endings: Option<LineEndings>,
}

impl Sink for Hash {
    type Error = ReadError;
    type Out = Result<[u8; 32], ReadError>;

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        match &mut self.line_endings {
            None => self.sha256.update(bytes),
            Some(line_endings) => line_endings.push(bytes, |bytes| self.sha256.update(bytes)),
        }
        Ok(())
    }

    fn finish(mut self, result: Result<(), ReadError>) -> Self::Out {
        result?;
        if let Some(line_endings) = self.line_endings {
            line_endings.finish(|bytes| self.sha256.update(bytes));
        }
        Ok(self.sha256.finalize().into())
    }
}

/// How two module zips differ, in the order of the paths' bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[must_use]
pub struct Diff {
    /// The files that only the new zip has.
    pub added: Vec<DiffFile>,
    /// The files that only the old zip has.
    pub removed: Vec<DiffFile>,
    /// The files that both have, with different content.
    pub changed: Vec<ChangedFile>,
    /// How many files are the same in both.
    pub unchanged: usize,
}

impl Diff {
    /// Returns whether the zips hold the same files.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// The content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Content {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, which is what an `h1:` is made of.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::hex"))]
    pub sha256: [u8; 32],
}

/// A file that only one of two zips has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DiffFile {
    /// Its path in the module, which need not be UTF-8. A directory entry ends with a slash, and that of the root is
    /// empty.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::lossy"))]
    pub path: Vec<u8>,
    /// What is in it.
    pub content: Content,
}

/// A file that has different content in two zips.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChangedFile {
    /// Its path in the module, which need not be UTF-8.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::lossy"))]
    pub path: Vec<u8>,
    /// What is in it in the old zip.
    pub old: Content,
    /// What is in it in the new zip.
    pub new: Content,
    /// Whether the two are the same when every `\r\n` is taken for `\n`.
    pub line_endings_only: bool,
    /// Why they differ, where the contents prove it.
    pub cause: Option<ChangeCause>,
}

/// One of two zips that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "two are compared")]
pub enum Side {
    /// The first.
    Old,
    /// The second.
    New,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Old => "old",
            Self::New => "new",
        })
    }
}

/// Why two module zips cannot be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DiffError {
    /// An entry is not below the prefix of its module.
    #[error("the {side} zip is not one of its module")]
    #[non_exhaustive]
    Prefix {
        /// Which zip.
        side: Side,
        /// The entry.
        source: UnexpectedFile,
    },
    /// A zip declares too much content.
    #[error("the {side} zip is too large")]
    #[non_exhaustive]
    Size {
        /// Which zip.
        side: Side,
        /// The limit.
        source: SizeError,
    },
    /// A zip comes to more than the limit of its archive.
    #[error("the {side} zip is too large")]
    #[non_exhaustive]
    ContentTooLarge {
        /// Which zip.
        side: Side,
        /// The limit.
        source: ContentTooLarge,
    },
    /// The comparison was ended from outside.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// An entry is damaged.
    #[error("cannot read {} of the {side} zip", Printable::name(name))]
    #[non_exhaustive]
    Read {
        /// Which zip.
        side: Side,
        /// The name of the entry, which need not be UTF-8.
        name: Vec<u8>,
        /// What is wrong with it.
        source: ReadError,
    },
}
