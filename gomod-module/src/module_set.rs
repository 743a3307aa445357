//! The module set of `go mod download` without arguments: which go.mod files the module graph of a main module needs,
//! and which zips its requirements name.
//!
//! Source: [module graph pruning](https://go.dev/ref/mod#graph-pruning),
//! [minimal version selection](https://go.dev/ref/mod#minimal-version-selection) and
//! [`go mod download`](https://go.dev/ref/mod#go-mod-download). Checked against the real command on generated trees.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use thiserror::Error;

use crate::modfile::GoModError;
use crate::modfile::Require;
use crate::{GoMod, ModuleError, ModuleVersion, go_version, semver};

/// What stands for a required module after `replace`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a replacement is a module or a directory")]
pub enum Source {
    /// A module of the proxies, often the required one itself.
    Module(ModuleVersion),
    /// A directory, as the `replace` line writes it.
    Directory(String),
}

/// Why there is no module set.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModuleSetError {
    /// The main go.mod has no `module` line.
    #[error("missing module declaration")]
    NoModuleDeclaration,
    /// Two `replace` lines say different things about the same module.
    #[error("line {line}: conflicting replacements for {path}")]
    ConflictingReplacements {
        /// The second line.
        line: usize,
        /// The module.
        path: String,
    },
    /// A requirement or replacement names no valid module.
    #[error("{}line {line}", .origin.as_ref().map_or_else(String::new, |origin| format!("{}: parsing go.mod: ", place(origin))))]
    Module {
        /// Whose go.mod; `None` for the main module's.
        origin: Option<Source>,
        /// The line.
        line: usize,
        /// What is wrong with the name.
        #[source]
        source: Box<ModuleError>,
    },
    /// A dependency's go.mod cannot be read.
    #[error("{}: parsing go.mod", place(.origin))]
    GoMod {
        /// Whose go.mod.
        origin: Source,
        /// The lines.
        #[source]
        source: GoModError,
    },
    /// A dependency's go.mod has no `module` line.
    #[error("{}: parsing go.mod: missing module line", place(.0))]
    NoModuleLine(Source),
    /// A dependency needs a later version of Go than [there is](ModuleSet::running).
    #[error("{} requires go >= {version} (running go {running})", place(.origin))]
    NewerGo {
        /// Whose go.mod.
        origin: Source,
        /// What it says.
        version: String,
        /// What there is.
        running: String,
    },
    /// A dependency's go.mod is that of another module.
    #[error("{}: parsing go.mod: module declares its path as {declared} but was required as {required}", place(.origin))]
    OtherPath {
        /// Whose go.mod.
        origin: Source,
        /// What it says.
        declared: String,
        /// What was asked for.
        required: String,
    },
}

impl ModuleSetError {
    fn module(origin: Option<Source>, line: usize, error: ModuleError) -> Self {
        Self::Module { origin, line, source: Box::new(error) }
    }
}

fn place(origin: &Source) -> String {
    match origin {
        Source::Module(module) => module.to_string(),
        Source::Directory(directory) => directory.clone(),
    }
}

/// The walk over the module graph of one main module.
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
    main: String,
    /// Whether the main module's graph is pruned: it says `go` 1.17 or later.
    prunes: bool,
    /// Whether every module of the build list is fetched: it says `go` below 1.17. One without a `go` line is neither.
    whole: bool,
    excluded: HashSet<ModuleVersion>,
    replaced: HashMap<(String, Option<String>), Source>,
    /// The paths of the `require` lines in their order, also of those that `exclude` takes away.
    required: Vec<String>,
    /// The version of each root; raised when the graph selects a higher one.
    roots: BTreeMap<String, ModuleVersion>,
    /// By required module: two that are replaced by one may not both accept it.
    supplied: HashMap<ModuleVersion, Summary>,
    /// The version of Go that is there to build with.
    running: Option<String>,
}

/// The zips that the main module's requirements name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "nothing else can come of a require line")]
pub struct Zips {
    /// The modules to fetch, each once, also where it stands for several that are required.
    pub modules: Vec<ModuleVersion>,
    /// The required paths of which `exclude` leaves no version: the go command reports them and fetches the others.
    pub unknown: Vec<String>,
}

/// What the graph needs of a go.mod.
#[derive(Debug, Clone)]
struct Summary {
    prunes: bool,
    requires: Vec<ModuleVersion>,
}

impl ModuleSet {
    /// Starts from the main module's go.mod.
    ///
    /// # Errors
    /// [`ModuleSetError::NoModuleDeclaration`], [`ModuleSetError::ConflictingReplacements`], or
    /// [`ModuleSetError::Module`] for a line that names no module.
    pub fn new(main: &GoMod) -> Result<Self, ModuleSetError> {
        let module = main.module.as_ref().ok_or(ModuleSetError::NoModuleDeclaration)?;
        let prunes = main.go_at_least("1.17");
        let mut excluded = HashSet::new();
        for line in &main.exclude {
            // An entry that names no valid module excludes nothing that could be required.
            excluded.extend(ModuleVersion::parse(&line.path, &line.version));
        }
        let mut replaced = HashMap::new();
        for line in &main.replace {
            let origin = match (line.directory(), &line.new_version) {
                (None, Some(version)) => Source::Module(
                    ModuleVersion::parse(&line.new_path, version)
                        .map_err(|error| ModuleSetError::module(None, line.line, error))?,
                ),
                _ => Source::Directory(line.new_path.to_string()),
            };
            let old = (line.old_path.to_string(), line.old_version.clone());
            match replaced.insert(old, origin.clone()) {
                Some(other) if other != origin => {
                    return Err(ModuleSetError::ConflictingReplacements {
                        line: line.line,
                        path: line.old_path.to_string(),
                    });
                }
                _ => {}
            }
        }
        let mut set = Self {
            main: module.path.to_string(),
            prunes,
            whole: !prunes && main.go.is_some(),
            excluded,
            replaced,
            required: Vec::new(),
            roots: BTreeMap::new(),
            supplied: HashMap::new(),
            running: None,
        };
        for line in &main.require {
            let path = line.path.to_string();
            if path != set.main && !set.required.contains(&path) {
                set.required.push(path);
            }
        }
        for module in set.requirements(&main.require, None)? {
            if module.path().as_str() != set.main {
                raise(&mut set.roots, module);
            }
        }
        Ok(set)
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
        let path = module.path().to_string();
        let exact = (path.clone(), Some(module.version().to_string()));
        self.replaced
            .get(&exact)
            .or_else(|| self.replaced.get(&(path, None)))
            .cloned()
            .unwrap_or_else(|| Source::Module(module.clone()))
    }

    /// The required modules whose go.mod is needed now; empty when the set is complete.
    ///
    /// Raises the roots to the selected versions once the graph of the present ones is known.
    pub fn missing(&mut self) -> Vec<ModuleVersion> {
        loop {
            let (missing, selected) = self.walk();
            // A graph that is not pruned holds everything below every version that is met: raising changes nothing.
            if !missing.is_empty() || !self.prunes {
                return missing.into_iter().collect();
            }
            let mut raised = false;
            for (path, root) in &mut self.roots {
                if let Some(module) = selected.get(path)
                    && module.version().cmp_precedence(root.version()).is_gt()
                {
                    *root = module.clone();
                    raised = true;
                }
            }
            if !raised {
                return Vec::new();
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
        let requires = self.requirements(&parsed.require, Some(&origin))?;
        self.supplied.insert(module.clone(), Summary { prunes: parsed.go_at_least("1.17"), requires });
        Ok(())
    }

    /// The zips to fetch, in the order of the `require` lines or, for a main module below go 1.17, all of the build
    /// list by path; directories need none.
    pub fn zips(&self) -> Zips {
        let (_, selected) = self.walk();
        let known = |path: &&String| selected.contains_key(*path);
        let (required, unknown): (Vec<_>, Vec<_>) = self.required.iter().partition(known);
        let paths: Vec<_> =
            if self.whole { selected.keys().filter(|path| **path != self.main).collect() } else { required };
        let origins = paths.into_iter().filter_map(|path| Some(self.source(selected.get(path)?)));
        let mut seen = HashSet::new();
        let modules = origins.filter_map(|origin| match origin {
            Source::Module(module) => seen.insert(module.clone()).then_some(module),
            Source::Directory(_) => None,
        });
        Zips { modules: modules.collect(), unknown: unknown.into_iter().cloned().collect() }
    }

    fn requirements(
        &self,
        lines: &[Require],
        origin: Option<&Source>,
    ) -> Result<Vec<ModuleVersion>, ModuleSetError> {
        let mut modules = Vec::with_capacity(lines.len());
        for line in lines {
            let module = line
                .module_version()
                .map_err(|error| ModuleSetError::module(origin.cloned(), line.line, error))?;
            if !self.excluded.contains(&module) {
                modules.push(module);
            }
        }
        Ok(modules)
    }

    /// What of the graph is not known yet, and the highest version of each path in what is.
    fn walk(&self) -> (BTreeSet<ModuleVersion>, BTreeMap<String, ModuleVersion>) {
        let mut missing = BTreeSet::new();
        let mut selected = self.roots.clone();
        let mut whole: Vec<&ModuleVersion> = Vec::new();
        for root in self.roots.values() {
            let Some(summary) = self.supplied.get(root) else {
                missing.insert(root.clone());
                continue;
            };
            for module in &summary.requires {
                raise(&mut selected, module.clone());
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
            raise(&mut selected, module.clone());
            match self.supplied.get(module) {
                Some(summary) => whole.extend(&summary.requires),
                None => _ = missing.insert(module.clone()),
            }
        }
        (missing, selected)
    }
}

fn raise(versions: &mut BTreeMap<String, ModuleVersion>, module: ModuleVersion) {
    match versions.get(module.path().as_str()) {
        Some(known) if semver::compare(known.version().as_str(), module.version().as_str()).is_ge() => {}
        _ => _ = versions.insert(module.path().to_string(), module),
    }
}
