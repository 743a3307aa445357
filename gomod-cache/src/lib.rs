#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cache;
mod entry;
mod error;
mod exchange;
mod extraction;
mod inside;
mod layout;
mod lock;
mod locked_file;
mod numbered;
mod prune;
mod quarantine;
mod quarantines;
mod regular_file;
#[cfg(feature = "serde")]
mod serial;
mod side_lock;
mod staging;
mod state;
mod sumdb_files;
mod temporary;
mod tree;
mod version_file;
mod version_list;
mod walk;
mod zip_download;
mod ziphash;

pub use cache::{ModCache, RelativeRoot};
pub use entry::{Entry, MAX_INFO};
pub use error::{Action, CacheError};
pub use extraction::Extraction;
pub use layout::{CacheFile, cache_path, download_dir};
pub use lock::EntryLock;
pub use prune::{PruneCandidate, PrunePlan, PruneRules, Pruned, Usage};
pub use quarantine::{Parts, PendingReplacement, Quarantined};
pub use quarantines::{Quarantine, Restored};
pub use side_lock::SideLock;
pub use staging::{Staged, Staging};
pub use state::{CachedZip, Defect, DirState, EntryState, FileState};
pub use sumdb_files::{InvalidSumDbName, SumDbFiles};
pub use walk::{Entries, Found, UnexpectedReason};
pub use zip_download::ZipDownload;
pub use ziphash::ZipHash;
