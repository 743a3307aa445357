//! The graph of a workspace: a mode of its own, and not the union of its members' graphs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use super::error::ModuleSetError;
use super::replacements::{Replacements, clean};
use super::summary::{Summaries, Summary, Walk, requirements};
use crate::modfile::Replace;
use crate::path::{InvalidPathError, PathKind, check_import_path};
use crate::{GoMod, GoWork, ModuleVersion, go_version};

/// A module of a workspace, of one `use` line.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Member<'a> {
    /// Its directory, absolute or as the `use` line has it. Directories that its `replace` lines name are looked for below.
    pub directory: &'a str,
    /// Its go.mod.
    pub go_mod: &'a GoMod,
}

impl<'a> Member<'a> {
    /// Takes the directory and the go.mod in it.
    pub fn new(directory: &'a str, go_mod: &'a GoMod) -> Self {
        Self { directory, go_mod }
    }

    /// The module path, if the go command lets the module be used in a workspace whose go.work says `listed`.
    fn path(&self, listed: Option<&str>) -> Result<String, ModuleSetError> {
        let directory = clean(Path::new(self.directory));
        let refused = |source| {
            let (directory, source) = (directory.clone(), Box::new(source));
            ModuleSetError::Member { directory, source }
        };
        let module = self.go_mod.module.as_ref();
        let path = module.ok_or_else(|| refused(ModuleSetError::NoModuleDeclaration))?.path.to_string();
        if matches!(&*path, "go" | "toolchain") {
            return Err(refused(ModuleSetError::ReservedPath(path)));
        }
        check_import_path(&path).map_err(|error| InvalidPathError { kind: PathKind::Module, ..error })?;
        if let Some(go) = &self.go_mod.go
            && go.at_least("1.21")
            && go_version::compare(&go.version, listed.unwrap_or("1.18")).is_gt()
        {
            let (version, listed) = (go.version.clone(), listed.map(str::to_owned));
            return Err(ModuleSetError::OldGoWork { directory, version, listed });
        }
        Ok(path)
    }
}

/// What the graph needs of go.work and its members.
#[derive(Debug, Clone)]
pub(super) struct Workspace {
    members: BTreeMap<String, Summary>,
    /// The paths that more than one member has.
    repeated: Vec<String>,
    /// The paths of members of which go.work replaces all versions.
    replaced: Vec<String>,
}

/// A node of the graph: a member is its path alone, and beats every version of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Node<'a> {
    Member(&'a str),
    Version(&'a ModuleVersion),
}

/// What of a node's requirements is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Mode {
    /// All, and below them what each go.mod says of itself.
    Member,
    /// Nothing, if its go.mod says `go` 1.17 or later.
    Pruned,
    /// Everything below it.
    Whole,
}

impl Workspace {
    /// `excluded` are the versions that the members exclude together.
    pub(super) fn new(
        work: &GoWork,
        members: &[Member<'_>],
        excluded: &HashSet<ModuleVersion>,
    ) -> Result<(Self, Replacements), ModuleSetError> {
        let listed = work.go.as_ref().map(|go| &*go.version);
        let (mut paths, mut errors) = (Vec::new(), Vec::new());
        let mut directories = HashSet::new();
        for member in members {
            let directory = clean(Path::new(member.directory));
            if !directories.insert(directory.clone()) {
                return Err(ModuleSetError::RepeatedDirectory(directory));
            }
            match member.path(listed) {
                Ok(path) => paths.push(path),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(ModuleSetError::Members(errors));
        }
        if members.is_empty() {
            return Err(ModuleSetError::NoMembers);
        }
        let mut replacements = Replacements::new(&work.replace)?;
        let lines: Vec<(&str, &[Replace])> =
            members.iter().map(|member| (member.directory, &*member.go_mod.replace)).collect();
        replacements.check(&lines)?;
        let mut workspace = Self { members: BTreeMap::new(), repeated: Vec::new(), replaced: Vec::new() };
        let mut last: HashMap<&str, &str> = HashMap::new();
        for (member, path) in members.iter().zip(&paths) {
            let refused = |source| {
                let (directory, source) = (member.directory.to_owned(), Box::new(source));
                ModuleSetError::Member { directory, source }
            };
            let requires = requirements(&member.go_mod.require, excluded, None).map_err(refused)?;
            let summary = Summary { prunes: member.go_mod.go_at_least("1.17"), requires };
            // The go command goes on with the last member of a path, which is an error in the end.
            if let Some(earlier) = last.insert(path, member.directory) {
                replacements.remove(earlier);
                workspace.repeated.push(path.clone());
            }
            workspace.members.insert(path.clone(), summary);
            replacements.add(member.directory, &member.go_mod.replace).map_err(refused)?;
        }
        workspace.replaced = paths.into_iter().filter(|path| replacements.replaces_all(path)).collect();
        Ok((workspace, replacements))
    }

    pub(super) fn is(&self, path: &str) -> bool {
        self.members.contains_key(path)
    }

    /// What the go command reports in the end, without having stopped at it.
    pub(super) fn errors(&self) -> impl Iterator<Item = ModuleSetError> {
        let repeated = self.repeated.iter().cloned().map(ModuleSetError::RepeatedMember);
        repeated.chain(self.replaced.iter().cloned().map(ModuleSetError::ReplacedMember))
    }

    /// What of the graph is not known yet, and the highest version of each path in what is (`readModGraph` of cmd/go).
    pub(super) fn walk<'a>(&'a self, summaries: &'a Summaries) -> Walk<'a> {
        let mut load = Load { workspace: self, walk: Walk::new(summaries), loaded: HashSet::new() };
        let mut relevant: BTreeSet<&str> = self.members.keys().map(String::as_str).collect();
        let mut done = HashSet::new();
        load.all(relevant.iter().map(|path| Node::Member(path)));
        // What a member raises is read for the others as if they required it. Which version that is shows only once
        // everything below the present ones is known.
        while load.walk.missing.is_empty() {
            let next = load.raised(&relevant, &done);
            if next.is_empty() {
                break;
            }
            relevant.extend(next.iter().map(|node| node.path()));
            done.extend(next.iter().copied());
            load.all(next);
        }
        load.walk
    }
}

/// A walk that has not ended.
struct Load<'a> {
    workspace: &'a Workspace,
    walk: Walk<'a>,
    loaded: HashSet<(Node<'a>, Mode)>,
}

impl<'a> Load<'a> {
    /// Reads nodes as those of members are read, and what that leads to.
    fn all(&mut self, nodes: impl IntoIterator<Item = Node<'a>>) {
        let mut next: Vec<_> = nodes.into_iter().map(|node| (node, Mode::Member)).collect();
        while let Some((node, mode)) = next.pop() {
            if !self.loaded.insert((node, mode)) {
                continue;
            }
            let Some(summary) = self.summary(node) else { continue };
            for module in summary.requires.iter().filter(|module| !self.workspace.is(module.path().as_str()))
            {
                self.walk.select(module);
            }
            if mode == Mode::Pruned && summary.prunes {
                continue;
            }
            let below = if mode == Mode::Whole || !summary.prunes { Mode::Whole } else { Mode::Pruned };
            next.extend(summary.requires.iter().map(|module| (Node::Version(module), below)));
        }
    }

    fn summary(&mut self, node: Node<'a>) -> Option<&'a Summary> {
        match node {
            Node::Member(path) => self.workspace.members.get(path),
            Node::Version(module) => self.walk.read(module),
        }
    }

    /// The nodes to be read as those of members are: of the `relevant` paths, and of what they require below its selected
    /// version.
    fn raised(&mut self, relevant: &BTreeSet<&'a str>, done: &HashSet<Node<'a>>) -> BTreeSet<Node<'a>> {
        let mut next = BTreeSet::new();
        for path in relevant {
            let node = match self.walk.selected.get(path) {
                Some(module) => Node::Version(module),
                None => Node::Member(path),
            };
            if !done.contains(&node) {
                next.insert(node);
                continue;
            }
            let requires = self.summary(node).map_or(&[][..], |summary| &summary.requires);
            for module in requires {
                if let Some(selected) = self.walk.selected.get(module.path().as_str())
                    && selected.version().cmp_precedence(module.version()).is_gt()
                    && !done.contains(&Node::Version(selected))
                {
                    next.insert(Node::Version(selected));
                }
            }
        }
        next
    }
}

impl<'a> Node<'a> {
    fn path(self) -> &'a str {
        match self {
            Self::Member(path) => path,
            Self::Version(module) => module.path().as_str(),
        }
    }
}
