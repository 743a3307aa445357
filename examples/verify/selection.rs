//! Which modules are looked at.

use std::collections::BTreeSet;

use gomod_cache::ModCache;
use gomod_module::ModuleVersion;
use gomod_module::modfile::read_go_mod;
use gomod_module::module_set::{ModuleSetError, Source};
use gomod_sum::{Kind, hash_go_mod};
use support::project::Project;

/// The modules of a project, as far as the cache tells.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Those whose zips are needed.
    pub(crate) whole: Vec<ModuleVersion>,
    /// Those of which the module graph needs the go.mod.
    pub(crate) go_mods: Vec<ModuleVersion>,
    /// Whether a go.mod is missing or wrong, so that there may be more of both.
    pub(crate) incomplete: bool,
}

/// Walks the module graph with the go.mod files in the cache; nothing is fetched, and none is believed that go.sum
/// contradicts.
pub(crate) fn of_project(project: &Project, cache: &ModCache) -> Result<Selection, ModuleSetError> {
    let mut set = project.module_set()?;
    let mut files = BTreeSet::new();
    let mut incomplete = false;
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            break;
        }
        let mut supplied = false;
        for module in missing {
            let content = match set.source(&module) {
                Source::Module(fetched) => {
                    let entry = cache.entry(&fetched);
                    let content = entry.read_mod().ok().flatten().filter(|content| {
                        project.sums.lookup(&fetched, Kind::GoMod, &hash_go_mod(content)).is_ok()
                    });
                    files.insert(fetched);
                    content
                }
                Source::Directory(directory) => {
                    read_go_mod(project.root().join(directory).join("go.mod")).ok()
                }
            };
            // What is wrong with a file that cannot be used shows when the module is checked.
            let used = content.is_some_and(|content| set.supply(&module, &content).is_ok());
            incomplete |= !used;
            supplied |= used;
        }
        if !supplied || incomplete {
            break;
        }
    }
    if let Some(error) = set.errors().into_iter().next() {
        return Err(error);
    }
    let whole = set.zips().modules;
    let go_mods = files.into_iter().filter(|module| !whole.contains(module)).collect();
    Ok(Selection { whole, go_mods, incomplete })
}
