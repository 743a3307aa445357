//! One run of a program that is asked for credentials, with limits.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

mod output;
#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

use output::{MAX_OUTPUT, Output, Stopped};
#[cfg(not(unix))]
use portable::{kill, read, spawn};
#[cfg(unix)]
use unix::{kill, read, spawn};

/// The permission to run the programs that GOAUTH names, and what they are run with
/// ([`ProxyClientBuilder::auth_programs`](crate::ProxyClientBuilder::auth_programs)).
///
/// Each runs in the current directory of this process, or in that of `git DIR`, in a process group of its own on Unix, with
/// this environment alone, in which `GIT_TERMINAL_PROMPT=0` and `GCM_INTERACTIVE=never` are added unless they are set. It may
/// print 1 MiB. It is ended, on Unix with all that it has started, when its time is over and when the request that waits for it is
/// dropped. On Unix, no program is taken from a relative directory in PATH.
///
/// `Debug` shows the names of the variables alone.
#[derive(Clone)]
pub struct AuthPrograms {
    environment: Vec<(OsString, OsString)>,
    time: Duration,
}

impl AuthPrograms {
    /// Programs that are run with these variables: those of this process, for instance (`std::env::vars_os()`).
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self { environment: environment.into_iter().collect(), time: Duration::from_secs(60) }
    }

    /// Sets how long one run may take. 60 seconds, unless set; the go command sets no limit.
    #[must_use]
    pub fn time_limit(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// What a program prints that ends with success. `stdin` must fit into a pipe, as writing it waits for no reader.
    ///
    /// # Errors
    /// Why there is nothing, for people.
    pub(crate) fn run(
        &self,
        words: &[String],
        dir: Option<&Path>,
        stdin: &[u8],
        cancelled: &AtomicBool,
    ) -> Result<Vec<u8>, String> {
        let [name, arguments @ ..] = words else { return Err("it names no program".to_owned()) };
        let program = self.program(name).ok_or("there is no such program in PATH")?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear();
        // As the go command has them for all that it starts: who is asked at a terminal does not know by whom.
        command.envs([("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never")]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = dir {
            command.current_dir(dir);
        }
        match output(command, stdin, self.time, cancelled) {
            Ok(Output { status, stdout, .. }) if status.success() => Ok(stdout),
            Ok(Output { status, stderr, .. }) => {
                let said = String::from_utf8_lossy(&stderr);
                let said = if said.trim().is_empty() { String::new() } else { format!(": {}", said.trim()) };
                Err(format!("{status}{said}"))
            }
            Err(Stopped::Io(error)) => Err(format!("it could not be run: {error}")),
            Err(Stopped::Time) => Err(format!("it did not end within {:?}", self.time)),
            Err(Stopped::Output) => Err(format!("it printed more than {MAX_OUTPUT} bytes")),
            Err(Stopped::Cancelled) => Err("it was ended with the request that needed it".to_owned()),
        }
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_os_str())
    }

    /// Where the program is. As in `os/exec`, none is taken from the current directory that PATH happens to lead to.
    #[cfg(unix)]
    fn program(&self, name: &str) -> Option<PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;

        if name.contains('/') {
            return Some(name.into());
        }
        let is_program = |path: &PathBuf| {
            path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
        };
        let dirs = std::env::split_paths(self.variable("PATH")?).filter(|dir| dir.is_absolute());
        dirs.map(|dir| dir.join(name)).find(is_program).filter(|_| !name.is_empty())
    }

    /// The system looks for it, in the directories of PATH and not in the current one.
    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere there may be none")]
    fn program(&self, name: &str) -> Option<PathBuf> {
        let _ = self.variable("PATH");
        Some(name.into())
    }
}

impl fmt::Debug for AuthPrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthPrograms").field("environment", &names).field("time", &self.time).finish()
    }
}

fn output(
    mut command: Command,
    stdin: &[u8],
    time: Duration,
    cancelled: &AtomicBool,
) -> Result<Output, Stopped> {
    if cancelled.load(Ordering::Relaxed) {
        return Err(Stopped::Cancelled);
    }
    command.stdin(if stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(&mut command)?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that ends without reading may still print credentials.
        let _ = pipe.write_all(stdin);
    }
    let output = read(&mut child, time, cancelled);
    if output.is_err() {
        kill(&mut child);
    }
    output
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
