//! Everything can be sent to and shared with other threads; values can be compared, and be the keys of maps.

use std::fmt::Debug;
use std::hash::Hash;

use gomod_cache::{
    Action, CacheError, CacheFile, CachedZip, Defect, DirState, Entries, Entry, EntryLock, EntryState,
    Extraction, FileState, Found, ModCache, Parts, PendingReplacement, PruneCandidate, PrunePlan, PruneRules,
    Pruned, Quarantine, Quarantined, Restored, SideLock, Staged, Staging, SumDbFiles, UnexpectedReason,
    Usage, ZipDownload, ZipHash,
};

fn send_sync<T: Send + Sync + Unpin + Debug>() {}
fn value<T: Clone + Eq + Hash + Debug + Send + Sync + Unpin>() {}
fn error<T: std::error::Error + Send + Sync + Unpin + 'static>() {}

#[test]
fn types() {
    value::<(ModCache, Entry, EntryState, CachedZip, ZipHash, CacheFile, FileState, DirState, Defect)>();
    value::<(UnexpectedReason, Action, Parts, PruneRules, PruneCandidate, Pruned, Usage)>();
    value::<(Quarantine, Quarantined, Restored, Staged, PendingReplacement)>();
    send_sync::<(Entries, Found, PrunePlan, SumDbFiles)>();
    send_sync::<(EntryLock, ZipDownload, Extraction, Staging, SideLock)>();
    error::<CacheError>();
}
