//! A Go project on disk, as the tools can work on it: one main module, its go.mod and its go.sum.

use std::path::{Path, PathBuf};

use gomod_module::modfile::ReadGoModError;
use gomod_module::module_set::ModuleSet;
use gomod_module::project::{self, FindProjectError, MainModule};
use gomod_module::{GoEnv, GoMod, ModuleVersion};
use gomod_sum::GoSum;
use gomod_sum::go_sum::ReadGoSumError;
use thiserror::Error;

use crate::go_sum_lint;

/// The main module.
#[derive(Debug)]
#[non_exhaustive]
pub struct Project {
    /// Its files.
    pub module: MainModule,
    /// What go.mod says.
    pub go_mod: GoMod,
    /// What go.sum says; nothing where there is none.
    pub go_sum: GoSum,
}

/// Why a project cannot be worked on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// There is none.
    #[error(transparent)]
    Find(#[from] FindProjectError),
    /// A go.work file: the module set is that of all its modules.
    #[error("the project is in the workspace {}, and workspaces are not supported yet: GOWORK=off takes the module alone", .0.display())]
    Workspace(PathBuf),
    /// go.mod cannot be used.
    #[error(transparent)]
    GoMod(#[from] ReadGoModError),
    /// go.sum cannot be used.
    #[error(transparent)]
    GoSum(#[from] ReadGoSumError),
}

impl ProjectError {
    /// Whether there is no project where one was named.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Find(FindProjectError::Directory { .. } | FindProjectError::NoGoMod { .. }))
    }

    /// The file that cannot be read.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::GoMod(error) => Some(error.path()),
            Self::GoSum(error) => Some(error.path()),
            _ => None,
        }
    }

    /// What to do now.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::GoSum(error) => go_sum_lint::next_step(error),
            _ => None,
        }
    }
}

impl Project {
    /// Reads the project of a directory, as [`Project::find`](project::Project::find) finds it.
    ///
    /// # Errors
    /// [`ProjectError`].
    pub fn open(dir: &Path, env: &GoEnv) -> Result<Self, ProjectError> {
        let module = match project::Project::find(dir, env)? {
            project::Project::Module(module) => module,
            project::Project::Workspace(file) => return Err(ProjectError::Workspace(file.path)),
        };
        let go_mod = module.read()?;
        let go_sum = GoSum::read(module.sum_file_path())?;
        Ok(Self { module, go_mod, go_sum })
    }

    /// The modules that the `require` lines lead to, after replacement: of these a build may need the zips.
    pub fn required(&self) -> Vec<ModuleVersion> {
        ModuleSet::new(&self.go_mod).map(|set| set.zips().modules).unwrap_or_default()
    }
}
