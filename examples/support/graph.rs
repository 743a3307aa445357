//! The module graph of a project, with the go.mod files that it needs.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gomod_module::ModuleVersion;
use gomod_module::module_set::{ModuleSet, ModuleSetError, Source};

use crate::failure::{Failure, Problem};
use crate::install::Installer;
use crate::installed::Installed;
use crate::project::Project;

/// A graph of which everything is known.
#[derive(Debug)]
#[non_exhaustive]
pub struct Graph {
    /// The walk at its end.
    pub set: ModuleSet,
    /// How many go.mod files were read without an event.
    pub go_mods: usize,
    /// How many requests that took.
    pub requests: usize,
    /// The go.mod files of which a source had the wrong bytes, before another one had the right ones.
    pub noted: Vec<Installed>,
}

/// Why there is no graph.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "the walk fails, or what feeds it")]
pub enum GraphError {
    /// A go.mod file says what it may not.
    Set(ModuleSetError),
    /// go.mod files that cannot be had: all that were asked for together.
    Files(Vec<Failure>),
}

/// Reads the graph of a project, fetching what the cache lacks.
///
/// # Errors
/// [`GraphError`].
pub async fn load(project: &Project, installer: &Installer) -> Result<Graph, GraphError> {
    let set = ModuleSet::new(&project.go_mod).map_err(GraphError::Set)?;
    let mut graph = Graph { set, go_mods: 0, requests: 0, noted: Vec::new() };
    let bar = installer.progress().count("go.mod");
    loop {
        let missing = graph.set.missing();
        if missing.is_empty() {
            return Ok(graph);
        }
        bar.expect(missing.len());
        let sources = missing.into_iter().map(|module| (graph.set.source(&module), module));
        let mut files = stream::iter(sources.collect::<Vec<_>>())
            .map(|(source, module)| read(project, installer, source, module))
            .buffer_unordered(installer.workers().width());
        let mut failures = Vec::new();
        while let Some(file) = files.next().await {
            bar.add(1);
            match file {
                Ok((module, content, file)) => {
                    graph.set.supply(&module, &content).map_err(GraphError::Set)?;
                    match file {
                        Some(file) if file.mismatches().next().is_some() => graph.noted.push(file),
                        file => {
                            graph.go_mods += 1;
                            graph.requests += file.map_or(0, |file| file.attempts().len());
                        }
                    }
                }
                Err(failure) if failure.is_unwritable_cache() => {
                    return Err(GraphError::Files(vec![failure]));
                }
                Err(failure) => failures.push(failure),
            }
        }
        if !failures.is_empty() {
            return Err(GraphError::Files(failures));
        }
    }
}

/// The go.mod of a required module and, unless it lies in a directory of the project, how it was had.
async fn read(
    project: &Project,
    installer: &Installer,
    source: Source,
    module: ModuleVersion,
) -> Result<(ModuleVersion, Bytes, Option<Installed>), Failure> {
    match source {
        Source::Module(fetched) => {
            let (file, content) = installer.go_mod(fetched).await?;
            Ok((module, content, Some(file)))
        }
        Source::Directory(directory) => match project.replacement(&directory) {
            Ok(Some(content)) => Ok((module, content.into(), None)),
            Ok(None) => {
                let problem = Problem::NoReplacement(project.root.join(directory));
                Err(Failure::new(&module, problem, Vec::new()))
            }
            Err(error) => Err(Failure::new(&module, error, Vec::new())),
        },
    }
}
