//! The real `go` command, where a machine has one, cut off from everything that belongs to its user.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::skip::skip;

/// A `go` command of this machine.
#[derive(Debug, Clone)]
pub struct GoCommand {
    program: PathBuf,
}

impl GoCommand {
    /// The first working `go` on `PATH`. Where there is none, standard error says what is skipped because of it.
    ///
    /// # Panics
    /// Where there is none and `GOMOD_REQUIRE_GO` is set, so that a gate that has seen a `go` cannot lose its differential tests.
    pub fn find(reason: &str) -> Option<Self> {
        let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
            .map(|dir| dir.join(format!("go{}", env::consts::EXE_SUFFIX)))
            .filter(|program| program.is_file())
            .map(|program| Self { program })
            .find(|go| {
                Command::new(&go.program).arg("version").output().is_ok_and(|out| out.status.success())
            });
        if found.is_none() {
            assert!(
                env::var_os("GOMOD_REQUIRE_GO").is_none(),
                "{reason}: GOMOD_REQUIRE_GO is set, and no go works"
            );
            skip(&format!("{reason}: no go command on this machine"));
        }
        found
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A run of `go` with these arguments in the directory `home`, which also holds all that it writes:
    /// `GOPATH` and `GOMODCACHE` in `gopath`, `GOCACHE` in `gocache`.
    ///
    /// Its environment is empty but for these and `PATH`, `GOENV=off`, `GOFLAGS=-modcacherw`, `GOPROXY=off`,
    /// `GOSUMDB=off`, `GOTOOLCHAIN=local`, `GOVCS=*:off`, `GOWORK=off` and `GO111MODULE=on`.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S], home: &Path) -> GoRun {
        let gopath = home.join("gopath");
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(home).env_clear();
        for name in ["PATH", "TMPDIR", "SystemRoot", "TEMP"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs([
            ("GOENV", "off"),
            ("GOFLAGS", "-modcacherw"),
            ("GOPROXY", "off"),
            ("GOSUMDB", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GOVCS", "*:off"),
            ("GOWORK", "off"),
            ("GO111MODULE", "on"),
        ]);
        command.env("GOMODCACHE", mod_cache(home)).env("GOCACHE", home.join("gocache")).env("GOPATH", gopath);
        GoRun { command }
    }
}

/// The `GOMODCACHE` of runs with this home.
pub fn mod_cache(home: &Path) -> PathBuf {
    home.join("gopath").join("pkg").join("mod")
}

/// A run of `go` that has not started.
#[derive(Debug)]
pub struct GoRun {
    command: Command,
}

impl GoRun {
    /// Sets one variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets `GOPROXY`.
    #[must_use]
    pub fn proxy(self, list: &str) -> Self {
        self.env("GOPROXY", list)
    }

    /// Sets `GOMODCACHE`.
    #[must_use]
    pub fn mod_cache(self, dir: impl AsRef<Path>) -> Self {
        self.env("GOMODCACHE", dir.as_ref())
    }

    /// Leaves the directories of the module cache read-only, as `go` does by itself. See [`remove_tree`].
    #[must_use]
    pub fn read_only_cache(self) -> Self {
        self.env("GOFLAGS", "")
    }

    /// Runs it in another directory.
    #[must_use]
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// The command, for what [`GoRun::run`] cannot do.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run(mut self) -> GoOutput {
        let output = self.command.output().unwrap_or_else(|e| panic!("{:?}: {e}", self.command));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let args: Vec<OsString> = self.command.get_args().map(OsStr::to_owned).collect();
        GoOutput { args, status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// What a run of `go` left.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GoOutput {
    /// The arguments it had.
    pub args: Vec<OsString>,
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl GoOutput {
    /// Whether it ended with status 0.
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// The same output, which is a success.
    ///
    /// # Panics
    /// When it failed; the message holds what it said.
    #[must_use]
    pub fn expect_success(self) -> Self {
        let Self { args, status, stdout, stderr } = &self;
        assert!(status.success(), "go {args:?}: {status}\n{stdout}{stderr}");
        self
    }
}

/// Removes a directory and all below it, also where directories are read-only as in a module cache. What is not
/// there is removed already.
///
/// # Errors
/// What the file system says.
pub fn remove_tree(dir: &Path) -> io::Result<()> {
    if !dir.try_exists()? {
        return Ok(());
    }
    make_writable(dir)?;
    fs::remove_dir_all(dir)
}

fn make_writable(dir: &Path) -> io::Result<()> {
    set_writable(dir)?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_writable(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(dir)?.permissions().mode();
    fs::set_permissions(dir, fs::Permissions::from_mode(mode | 0o700))
}

#[cfg(not(unix))]
fn set_writable(_: &Path) -> io::Result<()> {
    Ok(())
}
