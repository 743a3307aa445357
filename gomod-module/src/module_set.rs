//! The module set of `go mod download` without arguments: which go.mod files the module graph of a main module or a workspace
//! needs, and which zips.
//!
//! Source: [module graph pruning](https://go.dev/ref/mod#graph-pruning),
//! [minimal version selection](https://go.dev/ref/mod#minimal-version-selection) and
//! [`go mod download`](https://go.dev/ref/mod#go-mod-download). Checked against the real command on generated trees.

mod error;
mod main_module;
mod replacements;
mod summary;
mod workspace;

use std::collections::{BTreeSet, HashMap, HashSet};

use self::main_module::MainModule;
use self::replacements::Replacements;
use self::summary::{Summaries, Summary, Walk, requirements};
use self::workspace::Workspace;
use crate::modfile::Exclude;
use crate::{GoMod, GoWork, ModuleVersion, go_version};

pub use self::error::ModuleSetError;
pub use self::workspace::Member;

/// What stands for a required module after `replace`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a replacement is a module or a directory")]
pub enum Source {
    /// A module of the proxies, often the required one itself.
    Module(ModuleVersion),
    /// A directory, as the `replace` line of the main module or of go.work writes it; one of a member of a workspace is joined
    /// to the member's directory.
    Directory(String),
}

/// The walk over the module graph of one main module, or of a workspace.
///
/// It does no I/O: [`missing`](Self::missing) names the go.mod files to read next, [`supply`](Self::supply) takes them,
/// until nothing is missing. Below a requirement of the main module nothing is read when its go.mod says `go` 1.17 or
/// later; otherwise everything below it is, whatever the modules there say. For a main module that says less, or has no
/// `go` line, everything is read.
///
/// ```
/// use gomod_module::GoMod;
/// use gomod_module::module_set::{ModuleSet, Source};
///
/// let main = GoMod::parse(b"module example.com/main\ngo 1.22\nrequire example.com/a v1.0.0\n")?;
/// let mut set = ModuleSet::new(&main)?;
/// let missing = set.missing();
/// assert_eq!(missing[0].to_string(), "example.com/a@v1.0.0");
/// assert_eq!(set.source(&missing[0]), Source::Module(missing[0].clone()));
///
/// set.supply(&missing[0], b"module example.com/a\ngo 1.20\nrequire example.com/b v1.3.0\n")?;
/// assert!(set.missing().is_empty(), "the graph is pruned below a");
/// assert_eq!(set.zips().modules, missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModuleSet {
    mains: Mains,
    excluded: HashSet<ModuleVersion>,
    replacements: Replacements,
    supplied: Summaries,
    /// The version of Go that is there to build with.
    running: Option<String>,
}

/// What the graph starts from.
#[derive(Debug, Clone)]
enum Mains {
    One(MainModule),
    Workspace(Workspace),
}

/// The zips that belong to a module set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "nothing else can come of a require line")]
pub struct Zips {
    /// The modules to fetch, each once, also where it stands for several that are required.
    pub modules: Vec<ModuleVersion>,
    /// The required paths of which `exclude` leaves no version: the go command reports them and fetches the others. In a
    /// workspace there are none.
    pub unknown: Vec<String>,
}

impl ModuleSet {
    /// Starts from the main module's go.mod.
    ///
    /// # Errors
    /// [`ModuleSetError::NoModuleDeclaration`], [`ModuleSetError::ConflictingReplacements`], or
    /// [`ModuleSetError::Module`] for a line that names no module.
    pub fn new(main: &GoMod) -> Result<Self, ModuleSetError> {
        let excluded = excluded(&main.exclude);
        let one = MainModule::new(main, &excluded)?;
        let replacements = Replacements::new(&main.replace)?;
        Ok(Self::with(Mains::One(one), excluded, replacements))
    }

    /// Starts from go.work and its members, in the order of the `use` lines: which replacement counts may depend on it.
    ///
    /// It is not the union of the members' own sets: what one member raises is read for the others, and the zips are those of
    /// the whole build list. A requirement of one member on another at a version is one as any other. See
    /// [Workspaces](https://go.dev/ref/mod#workspaces), and `makeMainModules`, `replacementFrom` and `readModGraph` of cmd/go.
    ///
    /// ```
    /// use gomod_module::module_set::{Member, ModuleSet};
    /// use gomod_module::{GoMod, GoWork};
    ///
    /// let work = GoWork::parse(b"go 1.22\nuse (\n\t./a\n\t./b\n)\n")?;
    /// let a = GoMod::parse(b"module example.com/a\ngo 1.22\nrequire example.com/m v1.0.0\n")?;
    /// let b = GoMod::parse(b"module example.com/b\ngo 1.22\nrequire example.com/m v1.1.0\n")?;
    /// let mut set = ModuleSet::workspace(&work, &[Member::new("./a", &a), Member::new("./b", &b)])?;
    /// for module in set.missing() {
    ///     set.supply(&module, b"module example.com/m\ngo 1.22\n")?;
    /// }
    /// assert!(set.missing().is_empty());
    /// let names = |list: Vec<gomod_module::ModuleVersion>| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    /// assert_eq!(names(set.zips().modules), ["example.com/m@v1.1.0"]);
    /// assert_eq!(names(set.go_mods()), ["example.com/m@v1.0.0", "example.com/m@v1.1.0"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ModuleSetError::Members`] names each member that cannot be used, [`ModuleSetError::Member`] one;
    /// [`ModuleSetError::NoMembers`], [`ModuleSetError::RepeatedDirectory`], [`ModuleSetError::ConflictingMembers`], and for
    /// go.work's own lines those of [`new`](Self::new). What the go command reports without stopping at it is among
    /// [`errors`](Self::errors).
    pub fn workspace(work: &GoWork, members: &[Member<'_>]) -> Result<Self, ModuleSetError> {
        let excluded = excluded(members.iter().flat_map(|member| &member.go_mod.exclude));
        let (workspace, replacements) = Workspace::new(work, members, &excluded)?;
        Ok(Self::with(Mains::Workspace(workspace), excluded, replacements))
    }

    fn with(mains: Mains, excluded: HashSet<ModuleVersion>, replacements: Replacements) -> Self {
        Self { mains, excluded, replacements, supplied: HashMap::new(), running: None }
    }

    /// Sets the version of Go that is there to build with, such as `1.26.8`: a dependency that needs a later one is
    /// then an error, as it is for the go command. Unless set, none is.
    #[must_use]
    pub fn running(mut self, version: impl Into<String>) -> Self {
        self.running = Some(version.into());
        self
    }

    /// What is read for a required module.
    pub fn source(&self, module: &ModuleVersion) -> Source {
        self.replacements.source(module)
    }

    /// The required modules whose go.mod is needed now; empty when the set is complete.
    ///
    /// Raises the roots of a main module to the selected versions once the graph of the present ones is known.
    pub fn missing(&mut self) -> Vec<ModuleVersion> {
        loop {
            let walk = self.walk();
            let missing: Vec<_> = walk.missing.iter().copied().cloned().collect();
            if !missing.is_empty() {
                return missing;
            }
            let roots = match &self.mains {
                Mains::One(main) => main.selected_roots(&walk),
                Mains::Workspace(_) => return missing,
            };
            let Mains::One(main) = &mut self.mains else { return missing };
            let raised = roots.into_iter().filter(|root| main.raise(root)).count();
            if raised == 0 {
                return missing;
            }
        }
    }

    /// Takes the go.mod of a required module, read where [`source`](Self::source) says.
    ///
    /// # Errors
    /// [`ModuleSetError::GoMod`], [`ModuleSetError::NoModuleLine`], [`ModuleSetError::OtherPath`],
    /// [`ModuleSetError::NewerGo`], or [`ModuleSetError::Module`] for a line that names no module.
    pub fn supply(&mut self, module: &ModuleVersion, go_mod: &[u8]) -> Result<(), ModuleSetError> {
        let origin = self.source(module);
        let parsed = GoMod::parse_lax(go_mod)
            .map_err(|source| ModuleSetError::GoMod { origin: origin.clone(), source })?;
        if let Source::Module(new) = &origin {
            let Some(line) = &parsed.module else { return Err(ModuleSetError::NoModuleLine(origin)) };
            let declared: &str = &line.path;
            if declared != module.path().as_str() && declared != new.path().as_str() {
                let (declared, required) = (declared.to_owned(), module.path().to_string());
                return Err(ModuleSetError::OtherPath { origin, declared, required });
            }
        }
        if let (Some(running), Some(go)) = (&self.running, &parsed.go)
            && go_version::compare(&go.version, running).is_gt()
        {
            let (version, running) = (go.version.clone(), running.clone());
            return Err(ModuleSetError::NewerGo { origin, version, running });
        }
        let requires = requirements(&parsed.require, &self.excluded, Some(&origin))?;
        let summary = Summary { prunes: parsed.go_at_least("1.17"), requires };
        self.supplied.insert(module.clone(), Some(summary));
        Ok(())
    }

    /// Goes on without the go.mod of a required module, which is not to be had: the go command does so in a workspace, downloads
    /// what the rest of the graph leads to, and reports the error in the end.
    pub fn skip(&mut self, module: &ModuleVersion) {
        self.supplied.insert(module.clone(), None);
    }

    /// The zips to fetch, in the order of the `require` lines or, in a workspace and for a main module below go 1.17, all of
    /// the build list by path; directories need none.
    pub fn zips(&self) -> Zips {
        let walk = self.walk();
        let (paths, unknown) = match &self.mains {
            Mains::One(main) => main.paths(&walk),
            Mains::Workspace(_) => (walk.selected.keys().copied().collect(), Vec::new()),
        };
        let origins = paths.into_iter().filter_map(|path| Some(self.source(walk.selected.get(path)?)));
        let mut seen = HashSet::new();
        let modules = modules(origins).filter(|module| seen.insert(module.clone()));
        Zips { modules: modules.collect(), unknown: unknown.into_iter().map(str::to_owned).collect() }
    }

    /// The modules whose go.mod the graph is made of, after replacement, sorted: go.sum, in a workspace go.work.sum or the
    /// go.sum of a member, needs a `/go.mod` line of each. Directories need none.
    pub fn go_mods(&self) -> Vec<ModuleVersion> {
        let read = self.walk().read.into_iter().map(|module| self.source(module));
        modules(read).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The selected version of each path by path, before replacement, without main modules.
    pub fn build_list(&self) -> Vec<ModuleVersion> {
        let selected = self.walk().selected.into_values();
        selected.filter(|module| !self.is_main(module.path().as_str())).cloned().collect()
    }

    /// What is wrong with a workspace and keeps nothing from being read: the go command downloads what it can, writes no sums and
    /// reports [`RepeatedMember`](ModuleSetError::RepeatedMember), [`ReplacedMember`](ModuleSetError::ReplacedMember) and
    /// [`ConflictingVersion`](ModuleSetError::ConflictingVersion), each of which this returns once.
    pub fn errors(&self) -> Vec<ModuleSetError> {
        let Mains::Workspace(workspace) = &self.mains else { return Vec::new() };
        let walk = self.walk();
        let met: BTreeSet<_> = self.supplied.keys().chain(walk.selected.into_values()).collect();
        workspace
            .errors()
            .chain(met.into_iter().filter_map(|module| self.replacements.conflict(module)))
            .collect()
    }

    /// Returns whether this is the path of a main module.
    pub fn is_main(&self, path: &str) -> bool {
        match &self.mains {
            Mains::One(main) => main.is(path),
            Mains::Workspace(workspace) => workspace.is(path),
        }
    }

    /// The version of a module that go.mod alone says is selected: that of its `require` line, where the graph of the main module
    /// is pruned. The go command asks the graph about every other one, and about all in a workspace.
    pub fn root(&self, path: &str) -> Option<&ModuleVersion> {
        match &self.mains {
            Mains::One(main) => main.root(path),
            Mains::Workspace(_) => None,
        }
    }

    fn walk(&self) -> Walk<'_> {
        match &self.mains {
            Mains::One(main) => main.walk(&self.supplied),
            Mains::Workspace(workspace) => workspace.walk(&self.supplied),
        }
    }
}

/// The versions that `exclude` lines take away. One that names no valid module takes away nothing that could be required.
fn excluded<'a>(lines: impl IntoIterator<Item = &'a Exclude>) -> HashSet<ModuleVersion> {
    lines.into_iter().flat_map(|line| ModuleVersion::parse(&line.path, &line.version)).collect()
}

fn modules(sources: impl Iterator<Item = Source>) -> impl Iterator<Item = ModuleVersion> {
    sources.filter_map(|source| match source {
        Source::Module(module) => Some(module),
        Source::Directory(_) => None,
    })
}
