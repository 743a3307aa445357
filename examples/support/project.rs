//! A Go project on disk, as the tools can work on it: one main module, its go.mod and its go.sum.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gomod_module::modfile::ReadGoModError;
use gomod_module::module_set::ModuleSet;
use gomod_module::project::{self, FindProjectError, MainModule};
use gomod_module::{GoEnv, GoMod, ModuleVersion};
use gomod_sum::{GoSum, MalformedGoSumError};
use thiserror::Error;

use crate::go_sum_file::MAX_GO_SUM;
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
    /// A file cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is larger than any go command would write it.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// In bytes.
        limit: u64,
    },
    /// go.sum is not a text of lines at all.
    #[error("{}", go_sum_lint::place(path, problem))]
    GoSumText {
        /// The file.
        path: PathBuf,
        /// What it is.
        problem: Box<gomod_sum::go_sum::LintProblem>,
    },
    /// go.sum is malformed.
    #[error("{}:{}: malformed go.sum: wrong number of fields {}", path.display(), problem.line, problem.fields)]
    GoSum {
        /// The file.
        path: PathBuf,
        /// The first such line.
        problem: MalformedGoSumError,
    },
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
            Self::Read { path, .. } => Some(path),
            _ => None,
        }
    }

    /// What to do now.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::GoSumText { path, problem } => Some(go_sum_lint::next_step(path, problem)),
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
        let go_sum = go_sum(&module.sum_file_path())?.unwrap_or_default();
        Ok(Self { module, go_mod, go_sum })
    }

    /// The modules that the `require` lines lead to, after replacement: of these a build may need the zips.
    pub fn required(&self) -> Vec<ModuleVersion> {
        ModuleSet::new(&self.go_mod).map(|set| set.zips().modules).unwrap_or_default()
    }
}

/// What a go.sum file says, or `None` where there is none.
///
/// # Errors
/// [`ProjectError::Read`], [`ProjectError::TooLarge`], [`ProjectError::GoSum`].
pub fn go_sum(path: &Path) -> Result<Option<GoSum>, ProjectError> {
    let Some(content) = read(path)? else { return Ok(None) };
    // A file of which no line could be found is not taken for one that knows nothing.
    if let Some(problem) = go_sum_lint::utf16(&content) {
        return Err(ProjectError::GoSumText { path: path.to_owned(), problem: Box::new(problem) });
    }
    match GoSum::parse(&content) {
        Ok(go_sum) => Ok(Some(go_sum)),
        Err(problem) => Err(match go_sum_lint::worst(&content) {
            Some(problem) => ProjectError::GoSumText { path: path.to_owned(), problem: Box::new(problem) },
            None => ProjectError::GoSum { path: path.to_owned(), problem },
        }),
    }
}

/// The content of a file, or `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, ProjectError> {
    let failed = |source| ProjectError::Read { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut content = Vec::new();
    file.take(MAX_GO_SUM + 1).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > MAX_GO_SUM {
        return Err(ProjectError::TooLarge { path: path.to_owned(), limit: MAX_GO_SUM });
    }
    Ok(Some(content))
}
