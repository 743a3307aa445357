//! The files of the project that a directory belongs to: which go.mod, go.work and go.sum the go command would take.
//!
//! See [Commands outside a module](https://go.dev/ref/mod#commands-outside), [Workspaces](https://go.dev/ref/mod#workspaces)
//! and `modload/init.go` of cmd/go.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::clean_path::clean_path;
use crate::goenv::{GoEnv, GoEnvError};
use crate::modfile::{GoMod, GoWork, ReadGoModError};
use crate::text::Printable;

/// The main module or the workspace of a directory.
///
/// ```
/// use gomod_module::GoEnv;
/// use gomod_module::project::Project;
///
/// let dir = tempfile::tempdir()?;
/// let below = dir.path().join("cmd/tool");
/// std::fs::create_dir_all(&below)?;
/// std::fs::write(dir.path().join("go.mod"), "module x.y/m\n")?;
/// let env = GoEnv::resolve("linux", &|_| None, None, None);
/// let Project::Module(module) = Project::find(&below, &env)? else { panic!("a go.work file above it") };
/// assert!(module.sum_file_path().ends_with("go.sum"));
/// assert_eq!(module.read()?.module.map(|module| module.path).as_deref(), Some("x.y/m"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the go command has these two modes")]
pub enum Project {
    /// One main module.
    Module(MainModule),
    /// The go.work file that GOWORK names, or that is in the directory or above it: its go.mod does not matter then.
    Workspace(WorkFile),
}

/// A main module: the directory of its go.mod, and the file that stands for that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MainModule {
    /// The directory of go.mod, to which the directories of `replace` lines are relative.
    #[doc(alias = "modRoot")]
    pub root: PathBuf,
    /// What is read in place of its go.mod: `-modfile` of GOFLAGS.
    #[doc(alias = "ModFile")]
    pub modfile: Option<PathBuf>,
}

/// The go.work file of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkFile {
    /// The file, which may have any name and, where GOWORK names it, need not be there.
    #[doc(alias = "workFilePath")]
    pub path: PathBuf,
}

impl Project {
    /// Returns the project of a directory as the go command finds it there: the go.work file that GOWORK says or, with no
    /// such value, the nearest one in or above the directory (`FindGoWork`); where there is none, the nearest go.mod
    /// (`findModuleRoot`), and the file that `-modfile` of GOFLAGS names, relative to the directory.
    ///
    /// A go.mod in the very directory for temporary files does not count, nor is one looked for above it.
    ///
    /// The paths are those behind symbolic links.
    ///
    /// # Errors
    /// [`FindProjectError`].
    #[doc(alias = "findModuleRoot")]
    #[doc(alias = "FindGoWork")]
    pub fn find(dir: impl AsRef<Path>, env: &GoEnv) -> Result<Self, FindProjectError> {
        let dir = dir.as_ref();
        let given = |source| FindProjectError::Directory { dir: dir.to_owned(), source };
        let start = fs::canonicalize(dir).map_err(given)?;
        if !start.is_dir() {
            return Err(given(io::ErrorKind::NotADirectory.into()));
        }
        let modfile = env.goflags().map_err(GoEnvError::from)?.modfile().map(PathBuf::from);
        let work_file = match env.gowork() {
            "off" => None,
            "" | "auto" => above(&start, "go.work").map(|root| root.join("go.work")),
            file if Path::new(file).is_absolute() => Some(file.into()),
            _ => return Err(GoEnvError::Gowork.into()),
        };
        match (work_file, modfile) {
            (Some(path), None) => Ok(Self::Workspace(WorkFile { path })),
            (Some(path), Some(_)) => Err(FindProjectError::ModfileInWorkspace { go_work: path }),
            (None, Some(modfile)) if modfile.extension().is_none_or(|extension| extension != "mod") => {
                Err(FindProjectError::ModfileExtension(modfile))
            }
            (None, modfile) => {
                let root = above(&start, "go.mod");
                let root = root.ok_or_else(|| FindProjectError::NoGoMod { dir: dir.to_owned() })?;
                if is_temp_dir(root, env) {
                    return Err(FindProjectError::TempDir { root: root.to_owned() });
                }
                let modfile = modfile.map(|file| clean_path(&start.join(file)));
                Ok(Self::Module(MainModule { root: root.to_owned(), modfile }))
            }
        }
    }
}

impl MainModule {
    /// Returns the main module with its go.mod in this directory.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), modfile: None }
    }

    /// Returns the file that is read, and written, as go.mod.
    #[doc(alias = "modFilePath")]
    pub fn mod_file_path(&self) -> PathBuf {
        self.modfile.clone().unwrap_or_else(|| self.root.join("go.mod"))
    }

    /// Returns the go.sum file that belongs to it: beside the file that is read, with `.sum` for `.mod`.
    #[doc(alias = "GoSumFile")]
    pub fn sum_file_path(&self) -> PathBuf {
        self.mod_file_path().with_extension("sum")
    }

    /// Returns what its go.mod says.
    ///
    /// # Errors
    /// [`ReadGoModError`].
    pub fn read(&self) -> Result<GoMod, ReadGoModError> {
        GoMod::read(self.mod_file_path())
    }
}

impl WorkFile {
    /// Returns the directory to which the directories of its `use` and `replace` lines are relative.
    pub fn root(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Returns the file to which the go command writes hashes: its name with `.sum` behind it. The go.sum files of the
    /// [modules](Self::modules) are asked after it, and never written.
    #[doc(alias = "GoSumFile")]
    pub fn sum_file_path(&self) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(".sum");
        path.into()
    }

    /// Returns what it says.
    ///
    /// # Errors
    /// [`ReadGoModError`].
    pub fn read(&self) -> Result<GoWork, ReadGoModError> {
        GoWork::read(&self.path)
    }

    /// Returns the main modules that its `use` lines name, in their order (`LoadWorkFile` of cmd/go). None of them need be
    /// there.
    ///
    /// # Errors
    /// [`RepeatedUseError`] where two lines name one directory.
    #[doc(alias = "modRoots")]
    #[doc(alias = "LoadWorkFile")]
    pub fn modules(&self, go_work: &GoWork) -> Result<Vec<MainModule>, RepeatedUseError> {
        let (mut modules, mut roots) = (Vec::new(), HashSet::new());
        for line in &go_work.use_modules {
            let root = clean_path(&self.root().join(&*line.path));
            if !roots.insert(root.clone()) {
                return Err(RepeatedUseError { go_work: self.path.clone(), line: line.line, root });
            }
            modules.push(MainModule::new(root));
        }
        Ok(modules)
    }
}

/// A directory belongs to no project, or to one that the go command refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindProjectError {
    /// There is no such directory.
    #[error("project directory {}", Printable::path(dir))]
    Directory {
        /// As it was given.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds no module, and is in none.
    #[error("there is no go.mod in {} or in a directory above it", Printable::path(dir))]
    #[doc(alias = "ErrNoModRoot")]
    NoGoMod {
        /// As it was given.
        dir: PathBuf,
    },
    /// The nearest go.mod is in the directory for temporary files, where it would be that of all that is made there.
    #[error("go.mod in {} does not count: it is the directory for temporary files", Printable::path(root))]
    TempDir {
        /// The directory.
        root: PathBuf,
    },
    /// GOWORK or GOFLAGS are not what they may be.
    #[error(transparent)]
    Env(#[from] GoEnvError),
    /// `-modfile` does not end in `.mod`, so that no go.sum file belongs to it.
    #[error("-modfile={}: file does not have .mod extension", Printable::path(.0))]
    ModfileExtension(PathBuf),
    /// There is a go.work file beside `-modfile`.
    #[error("-modfile cannot be used in workspace mode: {}", Printable::path(go_work))]
    ModfileInWorkspace {
        /// The go.work file.
        go_work: PathBuf,
    },
}

/// Two `use` lines of a go.work file name one directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}:{line}: path {} appears multiple times in workspace",
    Printable::path(go_work),
    Printable::path(root)
)]
#[non_exhaustive]
pub struct RepeatedUseError {
    /// The file.
    pub go_work: PathBuf,
    /// The second of the two lines.
    pub line: usize,
    /// The directory.
    pub root: PathBuf,
}

/// The nearest directory, from this one upwards, that has something of this name which is no directory.
fn above<'a>(start: &'a Path, name: &str) -> Option<&'a Path> {
    let holds = |dir: &&Path| fs::metadata(dir.join(name)).is_ok_and(|metadata| !metadata.is_dir());
    start.ancestors().find(holds)
}

/// Whether the directory, which is the one behind symbolic links, is that for temporary files (`os.TempDir`).
fn is_temp_dir(root: &Path, env: &GoEnv) -> bool {
    let (names, default): (&[&str], &str) =
        if cfg!(windows) { (&["TMP", "TEMP", "USERPROFILE"], "") } else { (&["TMPDIR"], "/tmp") };
    let dir = names.iter().map(|name| env.get(name)).find(|dir| !dir.is_empty()).unwrap_or(default);
    Path::new(dir).is_absolute() && fs::canonicalize(dir).is_ok_and(|dir| dir == root)
}
