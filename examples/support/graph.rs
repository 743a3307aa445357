//! The module graph of a project, with the go.mod files that it needs.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gomod_module::ModuleVersion;
use gomod_module::modfile::read_go_mod;
use gomod_module::module_set::{ModuleSet, ModuleSetError, Source};

use crate::failure::{Failure, Problem};
use crate::install::Installer;
use crate::installed::Installed;
use crate::project::Project;
use crate::workers::on_disk;

/// What became of a graph.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Graph {
    /// The walk at its end; for a project that is no workspace only if nothing failed.
    pub set: Option<ModuleSet>,
    /// The go.mod files that were found, but for those in directories of the project.
    pub files: Vec<Installed>,
    /// Those that cannot be had, or say what they may not: all that were asked for together.
    pub failures: Vec<Failure>,
}

/// Reads the graph of a project, fetching what the cache lacks.
///
/// # Errors
/// [`ModuleSetError`] where the project's own go.mod or go.work says what it may not. What is wrong elsewhere is among the
/// [failures](Graph::failures).
pub async fn load(project: &Project, installer: &Installer) -> Result<Graph, ModuleSetError> {
    let mut set = project.module_set()?;
    let mut graph = Graph::default();
    let bar = installer.progress().count("go.mod");
    loop {
        let missing = set.missing();
        if missing.is_empty() {
            let place = project.file().display();
            let told = |error| Failure::new(&place, Problem::Graph(Box::new(error)), Vec::new());
            graph.failures.extend(set.errors().into_iter().map(told));
            graph.set = Some(set);
            return Ok(graph);
        }
        bar.expect(missing.len());
        let sources: Vec<_> = missing.into_iter().map(|module| (set.source(&module), module)).collect();
        let mut files = stream::iter(sources)
            .map(|(source, module)| async move {
                let file = read(project, installer, source, &module).await;
                (module, file)
            })
            .buffer_unordered(installer.workers().width());
        while let Some((module, file)) = files.next().await {
            bar.add(1);
            let failure = match file {
                Ok((content, file)) => match set.supply(&module, &content) {
                    Ok(()) => {
                        graph.files.extend(file);
                        continue;
                    }
                    Err(error) => {
                        let attempts = file.as_ref().map_or(&[][..], Installed::attempts).to_vec();
                        Failure::new(&module, Problem::Graph(Box::new(error)), attempts)
                    }
                },
                Err(failure) => failure,
            };
            // As the go command does in a workspace.
            set.skip(&module);
            let stop = installer.is_stopped_by(&failure);
            graph.failures.push(failure);
            if stop {
                return Ok(graph);
            }
        }
        if !graph.failures.is_empty() && !project.is_workspace() {
            return Ok(graph);
        }
    }
}

/// The go.mod of a required module and, unless it lies in a directory of the project, how it was had.
async fn read(
    project: &Project,
    installer: &Installer,
    source: Source,
    module: &ModuleVersion,
) -> Result<(Bytes, Option<Installed>), Failure> {
    match source {
        Source::Module(fetched) => {
            let (file, content) = installer.go_mod_for(fetched, module.path()).await?;
            Ok((content, Some(file)))
        }
        Source::Directory(directory) => {
            let directory = project.root().join(directory);
            let go_mod = directory.join("go.mod");
            match on_disk(move || read_go_mod(go_mod)).await {
                Ok(content) => Ok((content.into(), None)),
                Err(error) if error.is_not_found() => {
                    Err(Failure::new(module, Problem::NoReplacement(directory), Vec::new()))
                }
                Err(error) => Err(Failure::new(module, error, Vec::new())),
            }
        }
    }
}
