//! What is wrong with a module in the cache, and what to do about it.

use std::path::PathBuf;

use gomod_archive::OpenError;
use gomod_cache::{CacheError, CacheFile, Parts};
use gomod_module::{GoModError, H1, InfoError};
use gomod_sum::sumdb::SumDbMismatch;
use gomod_sum::{Difference, DifferenceKind, HashDirError, HashZipError, Kind, Mismatch};
use gomod_zip::CheckError;
use thiserror::Error;

/// How many files of a changed tree are named.
const NAMED: usize = 5;

/// One thing that is wrong.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    #[error("the cache cannot be read")]
    Unreadable(#[from] CacheError),
    #[error("{} is no regular file", .0.display())]
    NotAFile(PathBuf, CacheFile),
    #[error("{} is damaged", path.display())]
    Info { path: PathBuf, source: InfoError },
    #[error("{} is that of {found:?}", path.display())]
    OtherVersion { path: PathBuf, found: String },
    #[error("{} is malformed", path.display())]
    GoMod { path: PathBuf, source: GoModError },
    #[error(
        "{} is not what {} line {} records: recorded {}, found {}",
        path.display(), mismatch.file, mismatch.line, mismatch.recorded, mismatch.found
    )]
    Sum { path: PathBuf, mismatch: Box<Mismatch> },
    #[error(
        "{} is not what record {} of the checksum database has: recorded {}, found {}",
        path.display(), mismatch.record, mismatch.recorded, mismatch.found
    )]
    SumDb {
        path: PathBuf,
        mismatch: Box<SumDbMismatch>,
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
    Rules { path: PathBuf, source: CheckError },
    #[error("{} has been modified: recorded {recorded}, found {found}", path.display())]
    ZipModified { path: PathBuf, recorded: H1, found: H1 },
    #[error("{} has been modified{}", dir.display(), summary(differences))]
    DirModified {
        dir: PathBuf,
        differences: Vec<Difference>,
        /// Whether the zip was found to be right.
        zip_is_right: bool,
    },
    #[error("{} cannot be read", dir.display())]
    Dir { dir: PathBuf, source: HashDirError },
}

impl Problem {
    /// A stable name.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(CacheError::Symlink { .. }) => "symlink",
            Self::Unreadable(_) => "unreadable",
            Self::NotAFile(..) => "not_a_file",
            Self::Info { .. } => "info",
            Self::OtherVersion { .. } => "info_version",
            Self::GoMod { .. } => "go_mod",
            Self::Sum { mismatch, .. } if mismatch.kind == Kind::GoMod => "go_mod_sum",
            Self::Sum { .. } => "zip_sum",
            Self::SumDb { mismatch, .. } if mismatch.kind == Kind::GoMod => "go_mod_sumdb",
            Self::SumDb { .. } => "zip_sumdb",
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

    /// What of the entry a repair moves away; nothing where the rest can be made from what is there. `None` where a
    /// repair can do nothing.
    pub(crate) fn parts(&self) -> Option<Parts> {
        let none = Parts::new();
        Some(match self {
            // No copy could please both.
            Self::Unreadable(_) | Self::SumDb { agreed: Some(_), .. } => return None,
            Self::Info { .. } | Self::OtherVersion { .. } | Self::NotAFile(_, CacheFile::Info) => {
                none.info(true)
            }
            Self::GoMod { .. } | Self::NotAFile(_, CacheFile::Mod) => none.go_mod(true),
            Self::Sum { mismatch, .. } if mismatch.kind == Kind::GoMod => none.go_mod(true),
            Self::SumDb { mismatch, .. } if mismatch.kind == Kind::GoMod => none.go_mod(true),
            Self::NoZipHash(_) | Self::InvalidZipHash(_) => none,
            Self::DirModified { zip_is_right: true, .. } => none.tree(true),
            _ => none.zip(true),
        })
    }

    /// What to do now.
    pub(crate) fn next_step(&self) -> &'static str {
        match self {
            Self::Unreadable(CacheError::Symlink { .. }) => {
                "replace the link by a directory; links are not repaired"
            }
            Self::Unreadable(_) => "look at the permissions and at the disk",
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
            Self::DirModified { zip_is_right: true, .. } => {
                "--repair extracts it again from its zip, without network"
            }
            _ => "--repair fetches it anew",
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
