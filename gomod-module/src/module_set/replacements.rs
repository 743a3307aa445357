//! What stands for a module: the `replace` lines of a main module, or of a workspace.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path};

use super::Source;
use super::error::{ModuleSetError, place};
use crate::ModuleVersion;
use crate::clean_path::clean_path;
use crate::modfile::Replace;

/// The `replace` lines of one file; what they say of a directory is relative to it.
#[derive(Debug, Clone, Default)]
struct Table(HashMap<(String, Option<String>), Source>);

impl Table {
    fn new(lines: &[Replace]) -> Result<Self, ModuleSetError> {
        let mut table = HashMap::new();
        for line in lines {
            let target = match (line.directory(), &line.new_version) {
                (None, Some(version)) => Source::Module(
                    ModuleVersion::parse(&line.new_path, version)
                        .map_err(|error| ModuleSetError::module(None, line.line, error))?,
                ),
                _ => Source::Directory(line.new_path.to_string()),
            };
            let old = (line.old_path.to_string(), line.old_version.clone());
            match table.insert(old, target.clone()) {
                Some(other) if other != target => {
                    let path = line.old_path.to_string();
                    return Err(ModuleSetError::ConflictingReplacements { line: line.line, path });
                }
                _ => {}
            }
        }
        Ok(Self(table))
    }

    /// The entry for a version, else that for all of its path, and whether it is the former.
    fn get(&self, module: &ModuleVersion) -> Option<(bool, &Source)> {
        let mut key = (module.path().to_string(), Some(module.version().to_string()));
        if let Some(exact) = self.0.get(&key) {
            return Some((true, exact));
        }
        key.1 = None;
        Some((false, self.0.get(&key)?))
    }
}

/// All `replace` lines that count.
#[derive(Debug, Clone)]
pub(super) struct Replacements {
    /// Those of the main module, or of go.work.
    own: Table,
    /// Those of each member of a workspace, with its directory.
    members: Vec<(String, Table)>,
}

impl Replacements {
    pub(super) fn new(lines: &[Replace]) -> Result<Self, ModuleSetError> {
        Ok(Self { own: Table::new(lines)?, members: Vec::new() })
    }

    /// Adds the lines of a member of the workspace.
    pub(super) fn add(&mut self, directory: &str, lines: &[Replace]) -> Result<(), ModuleSetError> {
        self.members.push((directory.to_owned(), Table::new(lines)?));
        Ok(())
    }

    /// Takes away what the earlier one of two members of one path says.
    pub(super) fn remove(&mut self, directory: &str) {
        self.members.retain(|(of, _)| of != directory);
    }

    /// Whether all versions of a path are replaced in the main module, or in go.work.
    pub(super) fn replaces_all(&self, path: &str) -> bool {
        self.own.0.contains_key(&(path.to_owned(), None))
    }

    /// That no two members replace the same by different things: `lines` are those of each, in their order. Paths that go.work
    /// replaces at any version are left out, as in `makeMainModules` of cmd/go.
    pub(super) fn check(&self, lines: &[(&str, &[Replace])]) -> Result<(), ModuleSetError> {
        let decided: HashSet<&str> = self.own.0.keys().map(|(path, _)| &**path).collect();
        let mut known: HashMap<(String, Option<String>), (usize, Source)> = HashMap::new();
        for (member, (directory, lines)) in lines.iter().enumerate() {
            for line in lines.iter().filter(|line| !decided.contains(&*line.old_path)) {
                let target =
                    match line.new_version.as_deref().map(|new| ModuleVersion::parse(&line.new_path, new)) {
                        Some(Ok(module)) => Source::Module(module),
                        Some(Err(error)) => {
                            let source = Box::new(ModuleSetError::module(None, line.line, error));
                            let directory = clean(Path::new(directory));
                            return Err(ModuleSetError::Member { directory, source });
                        }
                        None => Source::Directory(located(directory, &line.new_path)),
                    };
                let old = (line.old_path.to_string(), line.old_version.clone());
                match known.insert(old, (member, target.clone())) {
                    Some((other, first)) if other != member && first != target => {
                        let version = line.old_version.iter().map(|version| format!("@{version}"));
                        let replaced = line.old_path.to_string() + &version.collect::<String>();
                        let (first, second) = (place(&first), place(&target));
                        return Err(ModuleSetError::ConflictingMembers { replaced, first, second });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// What is read for a module: the entry of go.work, else that of the last member that has one.
    pub(super) fn source(&self, module: &ModuleVersion) -> Source {
        self.find(module).0
    }

    /// What is wrong with the members' entries for a module: a later one names its very version, and an earlier one something
    /// else.
    pub(super) fn conflict(&self, module: &ModuleVersion) -> Option<ModuleSetError> {
        self.find(module).1
    }

    /// `replacementFrom` of cmd/go.
    fn find(&self, module: &ModuleVersion) -> (Source, Option<ModuleSetError>) {
        if let Some((_, target)) = self.own.get(module) {
            return (target.clone(), None);
        }
        let mut found: Option<(&str, &Source)> = None;
        for (directory, table) in &self.members {
            let Some((is_exact, target)) = table.get(module) else { continue };
            match found {
                // The texts are compared as they are written: `./a` of two members counts as one.
                Some((first, earlier)) if is_exact && earlier != target => {
                    let error = ModuleSetError::ConflictingVersion {
                        module: module.clone(),
                        first: first.to_owned(),
                        second: directory.clone(),
                    };
                    return (at(first, earlier), Some(error));
                }
                _ => found = Some((directory, target)),
            }
        }
        let source =
            found.map_or_else(|| Source::Module(module.clone()), |(directory, target)| at(directory, target));
        (source, None)
    }
}

fn at(directory: &str, target: &Source) -> Source {
    match target {
        Source::Directory(target) => Source::Directory(located(directory, target)),
        module @ Source::Module(_) => module.clone(),
    }
}

/// A directory that a member's `replace` line names, from where the member's own directory is named.
fn located(directory: &str, target: &str) -> String {
    if Path::new(target).is_absolute() {
        return target.to_owned();
    }
    let clean = clean(&Path::new(directory).join(target));
    let is_plain = matches!(Path::new(&clean).components().next(), Some(Component::Normal(_)));
    if is_plain { format!("./{clean}") } else { clean }
}

/// A directory in its shortest form, as errors name it.
pub(super) fn clean(directory: &Path) -> String {
    let clean = clean_path(directory);
    let text = clean.to_string_lossy();
    if text.is_empty() { ".".to_owned() } else { text.into_owned() }
}
