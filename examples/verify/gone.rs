//! What a repair took out of the cache and never put back, because it was killed or found no source: the quarantine is the
//! record of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gomod_cache::{Entry, ModCache};
use gomod_module::{H1, ModuleVersion, Timestamp};

/// A version of which something is gone.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) entry: Entry,
    /// Whether more is gone than its go.mod.
    pub(crate) whole: bool,
    /// The day.
    pub(crate) since: String,
    /// Where it is.
    pub(crate) quarantine: PathBuf,
    /// The hash that was recorded of its zip.
    pub(crate) recorded: Option<H1>,
}

/// What is gone of the things in these quarantines, each version once: as it was when it was moved last.
pub(crate) fn gone(cache: &ModCache, quarantines: &[PathBuf]) -> Vec<Gone> {
    let mut seen: BTreeSet<ModuleVersion> = BTreeSet::new();
    let mut found = Vec::new();
    // Their names are numbers, and come in another order.
    let mut quarantines: Vec<_> = quarantines.iter().collect();
    quarantines.sort_by_key(|path| (path.as_os_str().len(), *path));
    for quarantine in quarantines.into_iter().rev() {
        for gone in cache.pending_replacements(quarantine) {
            if !seen.insert(gone.entry.module().clone()) {
                continue;
            }
            let since = gone.since.and_then(Timestamp::from_system_time);
            let since = since.map(|time| time.to_string().chars().take(10).collect());
            let state = gone.quarantined.state().ok();
            found.push(Gone {
                whole: gone.parts.zip || gone.parts.tree || gone.parts.info,
                since: since.unwrap_or_else(|| "an unknown day".to_owned()),
                quarantine: quarantine.clone(),
                recorded: state.and_then(|state| state.ziphash.h1().copied()),
                entry: gone.entry,
            });
        }
    }
    found.sort_by(|a, b| a.entry.module().cmp(b.entry.module()));
    found
}
