//! A Go project on disk: the go.mod that the go command would take, and the go.sum beside it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gomod_module::modfile::{GoModError, MAX_GO_MOD};
use gomod_module::module_set::ModuleSet;
use gomod_module::{GoEnv, GoMod, ModuleVersion};
use gomod_sum::{GoSum, MalformedGoSumError};
use thiserror::Error;

use crate::go_sum_file::MAX_GO_SUM;
use crate::go_sum_lint;

/// The main module.
#[derive(Debug)]
#[non_exhaustive]
pub struct Project {
    /// The directory of go.mod.
    pub root: PathBuf,
    /// What go.mod says.
    pub go_mod: GoMod,
    /// What go.sum says; nothing where there is none.
    pub go_sum: GoSum,
}

/// Why a project cannot be worked on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// There is no such directory.
    #[error("project directory {}", dir.display())]
    Directory {
        /// As it was given.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds no module, and is in none.
    #[error("there is no go.mod in {} or in a directory above it", dir.display())]
    NoGoMod {
        /// As it was given.
        dir: PathBuf,
    },
    /// A go.work file: the module set is that of all its modules.
    #[error("the project is in the workspace {}, and workspaces are not supported yet: GOWORK=off takes the module alone", .0.display())]
    Workspace(PathBuf),
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
    /// go.mod is malformed; every line that is, is named.
    #[error("{}", problems.go_text(&path.display().to_string()))]
    GoMod {
        /// The file.
        path: PathBuf,
        /// The lines.
        problems: GoModError,
    },
    /// go.mod has a version such as `v1.2`: the go command would ask which one that is.
    #[error("{}:{line}: a version is not in its canonical form; `go mod tidy` makes it so", path.display())]
    Shortened {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
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
        matches!(self, Self::Directory { .. } | Self::NoGoMod { .. })
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
    /// Reads the project of a directory: of itself, or of the nearest directory above that has a go.mod.
    ///
    /// # Errors
    /// [`ProjectError`].
    pub fn open(dir: &Path, env: &GoEnv) -> Result<Self, ProjectError> {
        let given = |source| ProjectError::Directory { dir: dir.to_owned(), source };
        let start = fs::canonicalize(dir).map_err(given)?;
        if !start.is_dir() {
            return Err(given(io::ErrorKind::NotADirectory.into()));
        }
        let above = |name: &str| start.ancestors().map(|dir| dir.join(name)).find(|file| file.is_file());
        let workspace = match env.gowork() {
            "off" => None,
            "" | "auto" => above("go.work"),
            file => Some(file.into()),
        };
        if let Some(file) = workspace {
            return Err(ProjectError::Workspace(file));
        }
        let path = above("go.mod").ok_or_else(|| ProjectError::NoGoMod { dir: dir.to_owned() })?;
        let root = path.parent().unwrap_or(&start).to_owned();
        let go_mod = match GoMod::parse(&read(&path, MAX_GO_MOD)?.unwrap_or_default()) {
            Ok(go_mod) => go_mod,
            Err(problems) => return Err(ProjectError::GoMod { path, problems }),
        };
        if let Some(line) = go_mod.shortened {
            return Err(ProjectError::Shortened { path, line });
        }
        let go_sum = go_sum(&root.join("go.sum"))?.unwrap_or_default();
        Ok(Self { root, go_mod, go_sum })
    }

    /// The modules that the `require` lines lead to, after replacement: of these a build may need the zips.
    pub fn required(&self) -> Vec<ModuleVersion> {
        ModuleSet::new(&self.go_mod).map(|set| set.zips().modules).unwrap_or_default()
    }
}

/// The go.mod of a directory that replaces a module, or `None` where it has none.
///
/// # Errors
/// [`ProjectError::Read`], [`ProjectError::TooLarge`].
pub fn replacement(directory: &Path) -> Result<Option<Vec<u8>>, ProjectError> {
    read(&directory.join("go.mod"), MAX_GO_MOD)
}

/// What a go.sum file says, or `None` where there is none.
///
/// # Errors
/// [`ProjectError::Read`], [`ProjectError::TooLarge`], [`ProjectError::GoSum`].
pub fn go_sum(path: &Path) -> Result<Option<GoSum>, ProjectError> {
    let Some(content) = read(path, MAX_GO_SUM)? else { return Ok(None) };
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
fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, ProjectError> {
    let failed = |source| ProjectError::Read { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > limit {
        return Err(ProjectError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(Some(content))
}
