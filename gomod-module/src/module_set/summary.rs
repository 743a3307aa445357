//! What the graph needs of a go.mod.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Source;
use super::error::ModuleSetError;
use crate::modfile::Require;
use crate::{ModuleVersion, semver};

/// What one go.mod says.
#[derive(Debug, Clone)]
pub(super) struct Summary {
    /// Whether it says `go` 1.17 or later.
    pub(super) prunes: bool,
    pub(super) requires: Vec<ModuleVersion>,
}

/// By required module: two that are replaced by one may not both accept it. `None` for one that is not to be had.
pub(super) type Summaries = HashMap<ModuleVersion, Option<Summary>>;

/// A walk over the graph, as far as it is known.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    summaries: &'a Summaries,
    /// The modules whose go.mod is needed next.
    pub(super) missing: BTreeSet<&'a ModuleVersion>,
    /// The highest version of each path.
    pub(super) selected: BTreeMap<&'a str, &'a ModuleVersion>,
    /// The modules whose go.mod was read.
    pub(super) read: BTreeSet<&'a ModuleVersion>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(summaries: &'a Summaries) -> Self {
        Self { summaries, missing: BTreeSet::new(), selected: BTreeMap::new(), read: BTreeSet::new() }
    }

    /// What a module's go.mod says; notes that it is missing or was read.
    pub(super) fn read(&mut self, module: &'a ModuleVersion) -> Option<&'a Summary> {
        let Some(summary) = self.summaries.get(module) else {
            self.missing.insert(module);
            return None;
        };
        let summary = summary.as_ref()?;
        self.read.insert(module);
        Some(summary)
    }

    /// Counts a module among those of which the highest version is selected.
    pub(super) fn select(&mut self, module: &'a ModuleVersion) {
        let selected = self.selected.entry(module.path().as_str()).or_insert(module);
        if semver::compare(selected.version().as_str(), module.version().as_str()).is_lt() {
            *selected = module;
        }
    }
}

/// The modules of `require` lines, but for the excluded ones.
pub(super) fn requirements(
    lines: &[Require],
    excluded: &HashSet<ModuleVersion>,
    origin: Option<&Source>,
) -> Result<Vec<ModuleVersion>, ModuleSetError> {
    let mut modules = Vec::with_capacity(lines.len());
    for line in lines {
        let module = line
            .module_version()
            .map_err(|error| ModuleSetError::module(origin.cloned(), line.line, error))?;
        if !excluded.contains(&module) {
            modules.push(module);
        }
    }
    Ok(modules)
}
