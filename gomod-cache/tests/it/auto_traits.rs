//! Everything can be sent to and shared with other threads; values can be compared, and be the keys of maps.

use std::fmt::Debug;
use std::hash::Hash;

use gomod_cache::{
    Action, CacheError, CacheFile, CachedZip, DirState, Entries, Entry, EntryLock, EntryState, Extraction,
    FileState, Flaw, ForeignReason, Found, Incoming, ModCache, Parts, PruneCandidate, PrunePlan, PruneRules,
    Pruned, Quarantine, Quarantined, Restored, SideLock, Staged, Staging, SumDbFiles, Unreplaced, Usage,
    ZipHash,
};

fn send_sync<T: Send + Sync + Unpin + Debug>() {}
fn value<T: Clone + Eq + Hash + Debug + Send + Sync + Unpin>() {}
fn error<T: std::error::Error + Send + Sync + Unpin + 'static>() {}

#[test]
fn types() {
    value::<(ModCache, Entry, EntryState, CachedZip, ZipHash, CacheFile, FileState, DirState, Flaw)>();
    value::<(ForeignReason, Action, Parts, PruneRules, PruneCandidate, Pruned, Usage)>();
    value::<(Quarantine, Quarantined, Restored, Staged, Unreplaced)>();
    send_sync::<(Entries, Found, PrunePlan, SumDbFiles)>();
    send_sync::<(EntryLock, Incoming, Extraction, Staging, SideLock)>();
    error::<CacheError>();
}
