//! What is wrong with a module in the cache, and what to do about it.

use std::error::Error;
use std::path::PathBuf;

use gomod_archive::OpenError;
use gomod_cache::{CacheError, CacheFile, Parts};
use gomod_module::{H1, InfoError};
use gomod_sum::hash::{Difference, DifferenceKind};
use gomod_sum::sumdb::SumDbMismatchError;
use gomod_sum::{Finding, HashDirError, HashZipError, Kind, Mismatch};
use support::next_step::NO_LINKS;
use support::unproven::NotItsGoMod;
use thiserror::Error;

/// How many files of a changed tree are named.
const NAMED: usize = 5;

/// One thing that is wrong.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    #[error("the cache cannot be read")]
    Unreadable(#[source] CacheError),
    /// With what it stands for, where it is that of one module, and can be moved as what it is.
    #[error("{0}")]
    Link(CacheError, Option<Parts>),
    #[error("{} is no regular file", .0.display())]
    NotAFile(PathBuf, CacheFile),
    #[error("{} is damaged", path.display())]
    Info { path: PathBuf, source: InfoError },
    #[error("{} names {}", path.display(), if found.is_empty() { "no version".to_owned() } else { format!("{found:?}") })]
    OtherVersion { path: PathBuf, found: String },
    #[error("{} is not the go.mod file of a module", path.display())]
    GoMod { path: PathBuf, source: NotItsGoMod },
    #[error("{} is not the go.mod file of a module, and go.sum records it", path.display())]
    RecordedPage { path: PathBuf, source: NotItsGoMod },
    #[error("{} is not the go.mod in its zip", .0.display())]
    GoModOfZip(PathBuf),
    #[error(
        "{} is not what {} line {} records: recorded {}, found {}",
        path.display(), mismatch.file, mismatch.line, mismatch.recorded, mismatch.found
    )]
    Sum {
        path: PathBuf,
        mismatch: Box<Mismatch>,
        /// What says that the line of go.sum is wrong, so that no copy can be right, and what to do about the line.
        line_is_wrong: Option<Finding>,
    },
    #[error("a repair was cut short while it replaced this: the rest is in {}", .0.display())]
    CutShort(PathBuf),
    #[error(
        "{} is not what record {} of the checksum database has: recorded {}, found {}",
        path.display(), mismatch.record, mismatch.recorded, mismatch.found
    )]
    SumDb {
        path: PathBuf,
        mismatch: Box<SumDbMismatchError>,
        /// The go.sum file that has the hash of what was found.
        agreed: Option<String>,
    },
    #[error("{} is missing", .0.display())]
    NoZipHash(PathBuf),
    #[error("{} was never written to its end", .0.display())]
    InvalidZipHash(PathBuf),
    #[error("{} holds no h1: hash", .0.display())]
    ForeignZipHash(PathBuf),
    #[error("{} is damaged", path.display())]
    Zip { path: PathBuf, source: OpenError },
    #[error("{} is damaged", path.display())]
    ZipEntry { path: PathBuf, source: HashZipError },
    #[error("{} breaks the rules of module zips", path.display())]
    Rules { path: PathBuf, source: Box<dyn Error + Send + Sync> },
    #[error("{} has been modified: recorded {recorded}, found {found}", path.display())]
    ZipModified { path: PathBuf, recorded: H1, found: H1 },
    #[error("{} has been modified{}", dir.display(), summary(differences))]
    DirModified {
        dir: PathBuf,
        differences: Vec<Difference>,
        /// Whether the zip was found to be right.
        zip_is_right: bool,
    },
    #[error("{} is not as go extracts it", dir.display())]
    Dir {
        dir: PathBuf,
        source: HashDirError,
        /// Whether the zip was found to be right.
        zip_is_right: bool,
    },
    /// The system refuses or fails (a permission, the disk, the network it lies on), which says nothing about the content.
    #[error("{} cannot be read", path.display())]
    NotRead { path: PathBuf, source: Box<dyn Error + Send + Sync> },
}

impl Problem {
    /// A zip that cannot be opened.
    pub(crate) fn of_zip(path: PathBuf, source: OpenError) -> Self {
        if source.is_io() {
            Self::NotRead { path, source: Box::new(source) }
        } else {
            Self::Zip { path, source }
        }
    }

    /// A zip of which an entry cannot be read.
    pub(crate) fn of_zip_entry(path: PathBuf, source: HashZipError) -> Self {
        if source.is_io() {
            Self::NotRead { path, source: Box::new(source) }
        } else {
            Self::ZipEntry { path, source }
        }
    }

    /// A tree that has no hash.
    pub(crate) fn of_tree(dir: PathBuf, source: HashDirError, zip_is_right: bool) -> Self {
        match source {
            HashDirError::Io { ref path, .. } => {
                Self::NotRead { path: path.clone(), source: Box::new(source) }
            }
            HashDirError::Cancelled(_) => Self::NotRead { path: dir, source: Box::new(source) },
            source => Self::Dir { dir, source, zip_is_right },
        }
    }

    /// A stable name.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Link(..) => "symlink",
            Self::Unreadable(_) | Self::NotRead { .. } => "unreadable",
            Self::NotAFile(..) => "not_a_file",
            Self::Info { .. } => "info",
            Self::OtherVersion { .. } => "info_version",
            Self::GoMod { .. } | Self::RecordedPage { .. } => "go_mod",
            Self::GoModOfZip(_) => "go_mod_zip",
            Self::Sum { mismatch, .. } if mismatch.kind == Kind::GoMod => "go_mod_sum",
            Self::Sum { .. } => "zip_sum",
            Self::SumDb { mismatch, .. } if mismatch.kind == Kind::GoMod => "go_mod_sumdb",
            Self::SumDb { .. } => "zip_sumdb",
            Self::CutShort(_) => "cut_short",
            Self::NoZipHash(_) => "ziphash_missing",
            Self::InvalidZipHash(_) => "ziphash_invalid",
            Self::ForeignZipHash(_) => "ziphash_foreign",
            Self::Zip { .. } | Self::ZipEntry { .. } => "zip",
            Self::Rules { .. } => "zip_rules",
            Self::ZipModified { .. } => "zip_modified",
            Self::DirModified { .. } => "dir_modified",
            Self::Dir { .. } => "dir",
        }
    }

    /// What of the entry a repair replaces. `None` where a repair can do nothing, or would replace what is right.
    pub(crate) fn parts(&self) -> Option<Parts> {
        let none = Parts::new();
        Some(match self {
            Self::Link(_, parts) => return *parts,
            // No copy could please both; what cannot be read is not known to be damaged; and no other file has the hash of
            // a page that is recorded.
            Self::SumDb { agreed: Some(_), .. }
            | Self::Sum { line_is_wrong: Some(_), .. }
            | Self::Unreadable(_)
            | Self::NotRead { .. }
            | Self::RecordedPage { .. } => return None,
            Self::Info { .. } | Self::OtherVersion { .. } | Self::NotAFile(_, CacheFile::Info) => {
                none.info(true)
            }
            Self::GoMod { .. } | Self::GoModOfZip(_) | Self::NotAFile(_, CacheFile::Mod) => none.go_mod(true),
            Self::Sum { mismatch, .. } if mismatch.kind == Kind::GoMod => none.go_mod(true),
            Self::SumDb { mismatch, .. } if mismatch.kind == Kind::GoMod => none.go_mod(true),
            Self::CutShort(_) => none,
            // The hash comes with a tree that is extracted again: it is not known what this one came from.
            Self::NoZipHash(_) | Self::InvalidZipHash(_) => none.tree(true),
            Self::DirModified { zip_is_right: true, .. } | Self::Dir { zip_is_right: true, .. } => {
                none.tree(true)
            }
            _ => none.zip(true),
        })
    }

    /// What to do now.
    pub(crate) fn next_step(&self) -> String {
        let text = match self {
            Self::Sum { line_is_wrong: Some(finding), .. } => {
                return format!("go.sum is wrong: {finding}; {}; nothing is replaced", finding.next_step);
            }
            Self::RecordedPage { .. } => {
                "go.sum has the hash of it: take that line out, and let `go mod tidy` record the right one once --repair has fetched it"
            }
            Self::GoMod { .. } | Self::GoModOfZip(_) => "--repair takes it from its zip, or fetches it anew",
            Self::CutShort(_) => "--repair brings it to its end, without network",
            Self::Link(..) => NO_LINKS,
            Self::Unreadable(_) | Self::NotRead { .. } => {
                "look at the permissions and at the disk; what cannot be read is not replaced"
            }
            Self::Sum { .. } => {
                "do not build from it; --repair fetches it anew and says more where the new copy differs, too"
            }
            Self::SumDb { agreed: Some(_), .. } => {
                "do not build from it: go.sum has the hash of these bytes, and everybody else got others; find out where \
                 this line of go.sum comes from, and take it out"
            }
            Self::SumDb { .. } => {
                "do not build from it: everybody else got other bytes; --repair fetches it anew"
            }
            Self::NoZipHash(_) | Self::InvalidZipHash(_) => {
                "--repair records it again once go.sum has proved the zip"
            }
            Self::DirModified { zip_is_right: true, .. } | Self::Dir { zip_is_right: true, .. } => {
                "--repair extracts it again from its zip, without network"
            }
            _ => "--repair fetches it anew",
        };
        text.to_owned()
    }
}

impl From<CacheError> for Problem {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::Symlink { .. } => Self::Link(error, None),
            error => Self::Unreadable(error),
        }
    }
}

fn summary(differences: &[Difference]) -> String {
    let mut text = String::new();
    let kinds = [
        (DifferenceKind::Changed, "changed"),
        (DifferenceKind::Missing, "missing"),
        (DifferenceKind::Extra, "extra"),
        (DifferenceKind::NotAFile, "no regular file"),
    ];
    for (kind, word) in kinds {
        let of_kind = || differences.iter().filter(|difference| difference.kind == kind);
        let count = of_kind().count();
        if count == 0 {
            continue;
        }
        let named: Vec<_> =
            of_kind().take(NAMED).map(|difference| format!("{:?}", difference.name)).collect();
        let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
        text.push_str(if text.is_empty() { ": " } else { "; " });
        text.extend([word, " ", &named.join(", "), &more]);
    }
    text
}
