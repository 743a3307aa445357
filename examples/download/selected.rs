//! Arguments that name modules of the project: `PATH`, `all`, and patterns such as `golang.org/x/...`.

use std::collections::HashSet;
use std::error::Error;

use gomod_module::module_set::{ModuleSet, Source};
use gomod_module::pattern::match_packages;
use gomod_module::{ModulePath, ModuleVersion};
use support::failure::{Failure, Problem};
use support::graph;
use support::install::Installer;
use support::installed::Installed;
use support::obstacle::in_file;
use support::project::Project;

/// An argument without a version.
#[derive(Debug, Clone)]
pub(crate) enum Selector {
    /// The selected version of this module.
    Path(ModulePath),
    /// Every module of the build list that matches; `all` is one.
    Pattern(String),
}

/// What arguments lead to.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) modules: Vec<ModuleVersion>,
    /// The go.mod files that the graph took.
    pub(crate) files: Vec<Installed>,
    pub(crate) failures: Vec<Failure>,
    /// What is in `modules`.
    named: HashSet<ModuleVersion>,
}

impl Selection {
    /// The modules that these arguments name. The graph is read where go.mod alone does not say which versions are selected.
    ///
    /// # Errors
    /// Where the project's own go.mod or go.work says what it may not.
    pub(crate) async fn of(
        selectors: &[Selector],
        project: &Project,
        installer: &Installer,
    ) -> Result<Self, Box<dyn Error>> {
        let mut set = project.module_set().map_err(in_file(project.file()))?;
        let mut selection = Self::default();
        let is_known = |selector: &Selector| match selector {
            Selector::Path(path) => set.is_main(path.as_str()) || set.root(path.as_str()).is_some(),
            Selector::Pattern(_) => false,
        };
        if !selectors.iter().all(is_known) {
            let graph = graph::load(project, installer).await.map_err(in_file(project.file()))?;
            selection.files = graph.files;
            selection.failures = graph.failures;
            let Some(read) = graph.set else { return Ok(selection) };
            set = read;
        }
        let build_list = set.build_list();
        for selector in selectors {
            selection.add(selector, &set, &build_list, installer);
        }
        Ok(selection)
    }

    fn add(
        &mut self,
        selector: &Selector,
        set: &ModuleSet,
        build_list: &[ModuleVersion],
        installer: &Installer,
    ) {
        match selector {
            Selector::Path(path) if set.is_main(path.as_str()) => installer
                .progress()
                .warn(format_args!("skipping download of {path} that resolves to the main module")),
            Selector::Path(path) => {
                let selected = || build_list.iter().find(|module| module.path() == path);
                match set.root(path.as_str()).or_else(selected) {
                    Some(module) => self.module(set.source(module)),
                    None => self.failures.push(Failure::new(path, Problem::UnknownDependency, Vec::new())),
                }
            }
            Selector::Pattern(pattern) => {
                let matches = |path: &str| pattern == "all" || match_packages(pattern, path);
                let matching: Vec<_> =
                    build_list.iter().filter(|module| matches(module.path().as_str())).collect();
                if matching.is_empty() {
                    installer
                        .progress()
                        .warn(format_args!("warning: pattern {pattern:?} matched no module dependencies"));
                }
                for module in matching {
                    self.module(set.source(module));
                }
            }
        }
    }

    /// A directory of the project is not downloaded.
    fn module(&mut self, source: Source) {
        if let Source::Module(module) = source
            && self.named.insert(module.clone())
        {
            self.modules.push(module);
        }
    }
}
