//! The graph of one main module.

use std::collections::{BTreeMap, HashSet};

use super::error::ModuleSetError;
use super::summary::{Summaries, Walk, requirements};
use crate::{GoMod, ModuleVersion};

/// What the graph needs of the main module's go.mod.
#[derive(Debug, Clone)]
pub(super) struct MainModule {
    path: String,
    /// Whether the graph is pruned: it says `go` 1.17 or later.
    prunes: bool,
    /// Whether every module of the build list is fetched: it says `go` below 1.17. One without a `go` line is neither.
    whole: bool,
    /// The paths of the `require` lines in their order, also of those that `exclude` takes away.
    required: Vec<String>,
    /// The version of each root; raised when the graph selects a higher one.
    roots: BTreeMap<String, ModuleVersion>,
}

impl MainModule {
    pub(super) fn new(main: &GoMod, excluded: &HashSet<ModuleVersion>) -> Result<Self, ModuleSetError> {
        let path = main.module.as_ref().ok_or(ModuleSetError::NoModuleDeclaration)?.path.to_string();
        let prunes = main.go_at_least("1.17");
        let (mut required, mut seen) = (Vec::new(), HashSet::new());
        for line in &main.require {
            let of = line.path.to_string();
            if of != path && seen.insert(of.clone()) {
                required.push(of);
            }
        }
        let whole = !prunes && main.go.is_some();
        let mut set = Self { path, prunes, whole, required, roots: BTreeMap::new() };
        for module in requirements(&main.require, excluded, None)? {
            if !set.is(module.path().as_str()) {
                set.raise(&module);
            }
        }
        Ok(set)
    }

    pub(super) fn is(&self, path: &str) -> bool {
        self.path == path
    }

    /// The version of a root of a pruned graph.
    pub(super) fn root(&self, path: &str) -> Option<&ModuleVersion> {
        self.roots.get(path).filter(|_| self.prunes)
    }

    /// Puts a version in the place of a lower one; says whether it did.
    pub(super) fn raise(&mut self, module: &ModuleVersion) -> bool {
        let known = self.roots.get(module.path().as_str());
        let raises = known.is_none_or(|known| module.version().cmp_precedence(known.version()).is_gt());
        if raises {
            self.roots.insert(module.path().to_string(), module.clone());
        }
        raises
    }

    /// The roots at their selected versions.
    ///
    /// A graph that is not pruned holds everything below every version that is met: raising changes nothing.
    pub(super) fn selected_roots(&self, walk: &Walk<'_>) -> Vec<ModuleVersion> {
        let roots = self.roots.keys().filter(|_| self.prunes);
        roots.filter_map(|path| walk.selected.get(&**path).copied().cloned()).collect()
    }

    /// The paths of which a zip is fetched, and those that are required and of which there is no version.
    pub(super) fn paths<'a>(&'a self, walk: &Walk<'a>) -> (Vec<&'a str>, Vec<&'a str>) {
        let required = self.required.iter().map(String::as_str);
        let (known, unknown) = required.partition(|path| walk.selected.contains_key(path));
        let all = || walk.selected.keys().copied().filter(|path| !self.is(path)).collect();
        (if self.whole { all() } else { known }, unknown)
    }

    /// What of the graph is not known yet, and the highest version of each path in what is.
    pub(super) fn walk<'a>(&'a self, summaries: &'a Summaries) -> Walk<'a> {
        let mut walk = Walk::new(summaries);
        let mut whole: Vec<&ModuleVersion> = Vec::new();
        for root in self.roots.values() {
            walk.select(root);
            let Some(summary) = walk.read(root) else { continue };
            for module in &summary.requires {
                walk.select(module);
            }
            if !summary.prunes || !self.prunes {
                whole.extend(&summary.requires);
            }
        }
        let mut seen = HashSet::new();
        while let Some(module) = whole.pop() {
            if !seen.insert(module) {
                continue;
            }
            walk.select(module);
            if let Some(summary) = walk.read(module) {
                whole.extend(&summary.requires);
            }
        }
        walk
    }
}
