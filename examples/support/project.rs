//! A Go project on disk, as the tools work on it: one main module, or the workspace of a go.work file.

use std::path::{Path, PathBuf};

use gomod_module::modfile::ReadGoModError;
use gomod_module::module_set::{Member, ModuleSet, ModuleSetError};
use gomod_module::project::{self, FindProjectError, MainModule, RepeatedUseError, WorkFile};
use gomod_module::{ErrorChain, GoEnv, GoMod, GoWork, ModuleVersion};
use gomod_sum::go_sum::ReadGoSumError;
use gomod_sum::{GoSum, GoSumFiles};
use thiserror::Error;

use crate::go_sum_lint;
use crate::progress::Progress;

/// The main modules.
#[derive(Debug)]
#[non_exhaustive]
pub struct Project {
    mains: Mains,
    /// What its go.sum says, or go.work.sum and the go.sum of each member of a workspace; nothing where there is none.
    pub sums: GoSumFiles,
    /// Where these files are, in the same order: the first is the one to write to.
    pub sum_paths: Vec<PathBuf>,
}

#[derive(Debug)]
enum Mains {
    Module { file: PathBuf, root: PathBuf, go_mod: Box<GoMod> },
    Workspace { file: WorkFile, go_work: Box<GoWork>, members: Vec<(String, GoMod)> },
}

/// Why a project cannot be worked on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// There is none.
    #[error(transparent)]
    Find(#[from] FindProjectError),
    /// go.mod or go.work cannot be used.
    #[error(transparent)]
    GoMod(#[from] ReadGoModError),
    /// go.sum cannot be used.
    #[error(transparent)]
    GoSum(#[from] ReadGoSumError),
    /// Two `use` lines of go.work name one directory.
    #[error(transparent)]
    RepeatedUse(#[from] RepeatedUseError),
    /// The go.mod files of members of a workspace cannot be used.
    #[error("{} lists modules that cannot be loaded:\n{}", path.display(), lines(errors))]
    Members {
        /// The go.work file.
        path: PathBuf,
        /// Each of them.
        errors: Vec<ReadGoModError>,
    },
}

/// How many errors a text names.
const MAX_ERRORS: usize = 10;

fn lines(errors: &[ReadGoModError]) -> String {
    let lines = errors.iter().take(MAX_ERRORS).map(|error| ErrorChain::new(error).to_string());
    let more = errors.len().saturating_sub(MAX_ERRORS);
    let more = (more > 0).then(|| format!("and {more} more"));
    lines.chain(more).collect::<Vec<_>>().join("\n")
}

impl ProjectError {
    /// Whether there is no project where one was named.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Find(
                FindProjectError::Directory { .. }
                    | FindProjectError::NoGoMod { .. }
                    | FindProjectError::TempDir { .. }
            )
        )
    }

    /// The file that cannot be read.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::GoMod(error) => Some(error.path()),
            Self::GoSum(error) => Some(error.path()),
            Self::Members { errors, .. } => errors.first().map(ReadGoModError::path),
            _ => None,
        }
    }

    /// What to do now.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::GoSum(error) => go_sum_lint::next_step(error),
            Self::Find(FindProjectError::ModfileInWorkspace { .. }) => {
                Some("GOWORK=off takes the module alone".to_owned())
            }
            Self::Members { errors, .. } if errors.iter().any(ReadGoModError::is_not_found) => Some(
                "bring these files back, or take their directories out with `go work edit -dropuse`"
                    .to_owned(),
            ),
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
        match project::Project::find(dir, env)? {
            project::Project::Module(module) => Self::of_module(&module),
            project::Project::Workspace(file) => Self::of_workspace(file),
        }
    }

    fn of_module(module: &MainModule) -> Result<Self, ProjectError> {
        let (file, root, path) = (module.mod_file_path(), module.root.clone(), module.sum_file_path());
        let go_mod = Box::new(module.read()?);
        let sums = GoSumFiles::new(file_name(&path), GoSum::read(&path)?);
        Ok(Self { mains: Mains::Module { file, root, go_mod }, sums, sum_paths: vec![path] })
    }

    fn of_workspace(file: WorkFile) -> Result<Self, ProjectError> {
        let go_work = Box::new(file.read()?);
        let modules = file.modules(&go_work)?;
        let (mut members, mut errors) = (Vec::new(), Vec::new());
        for module in &modules {
            match module.read() {
                Ok(go_mod) => members.push((module.root.display().to_string(), go_mod)),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(ProjectError::Members { path: file.path, errors });
        }
        let main = file.sum_file_path();
        let mut sums = GoSumFiles::new(file_name(&main), GoSum::read(&main)?);
        let mut sum_paths = vec![main];
        for module in &modules {
            let path = module.sum_file_path();
            let name = path.strip_prefix(file.root()).unwrap_or(&path).display().to_string();
            sums = sums.with(name, GoSum::read(&path)?);
            sum_paths.push(path);
        }
        Ok(Self { mains: Mains::Workspace { file, go_work, members }, sums, sum_paths })
    }

    /// The walk over the module graph, at its beginning.
    ///
    /// # Errors
    /// [`ModuleSetError`].
    pub fn module_set(&self) -> Result<ModuleSet, ModuleSetError> {
        match &self.mains {
            Mains::Module { go_mod, .. } => ModuleSet::new(go_mod),
            Mains::Workspace { go_work, members, .. } => {
                let members: Vec<_> =
                    members.iter().map(|(directory, go_mod)| Member::new(directory, go_mod)).collect();
                ModuleSet::workspace(go_work, &members)
            }
        }
    }

    /// Whether it is that of a go.work file.
    pub fn is_workspace(&self) -> bool {
        matches!(self.mains, Mains::Workspace { .. })
    }

    /// Its go.mod, or go.work.
    pub fn file(&self) -> &Path {
        match &self.mains {
            Mains::Module { file, .. } => file,
            Mains::Workspace { file, .. } => &file.path,
        }
    }

    /// To what the directories are relative that its `replace` lines name.
    pub fn root(&self) -> &Path {
        match &self.mains {
            Mains::Module { root, .. } => root,
            Mains::Workspace { file, .. } => file.root(),
        }
    }

    /// What the go.mod files of its main modules say.
    pub fn go_mods(&self) -> Vec<&GoMod> {
        match &self.mains {
            Mains::Module { go_mod, .. } => vec![go_mod],
            Mains::Workspace { members, .. } => members.iter().map(|(_, go_mod)| go_mod).collect(),
        }
    }

    /// The modules that the `require` lines lead to, after replacement: of these a build may need the zips.
    pub fn required(&self) -> Vec<ModuleVersion> {
        self.module_set().map(|set| set.zips().modules).unwrap_or_default()
    }

    /// Its go.sum files, each with its path.
    pub fn sum_files(&self) -> impl Iterator<Item = (&Path, &GoSum)> {
        self.sum_paths.iter().map(PathBuf::as_path).zip(self.sums.files().map(|(_, sum)| sum))
    }

    /// Warns of lines of its go.sum files that prove nothing; returns whether there are any that should.
    pub fn warn_of_lines(&self, progress: &Progress) -> bool {
        self.sum_files().fold(false, |unsound, (path, sum)| go_sum_lint::warn(path, sum, progress) || unsound)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
