//! `gomod NAME` for a NAME that is not built in: the program `gomod-NAME`, as cargo has it.

use std::env::{self, consts::EXE_SUFFIX};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use support::output::tell;

/// The program beside this one, else the first on PATH. `None` also where the name is no plain word: it could lead to another
/// directory.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.bytes().all(is_plain) {
        return None;
    }
    let file = format!("gomod-{name}{EXE_SUFFIX}");
    let own = env::current_exe().ok().and_then(|path| path.parent().map(Path::to_owned));
    let path = env::var_os("PATH").unwrap_or_default();
    // As for the go command, an entry that means the working directory means nothing: who runs a tool in a module that came
    // from somewhere does not want to run that module's programs.
    let path = env::split_paths(&path).filter(|dir| dir.is_absolute());
    own.into_iter().chain(path).map(|dir| dir.join(&file)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    let Ok(metadata) = file.metadata() else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

/// Becomes the program, or runs it and ends as it does where a process cannot become another.
pub(crate) fn run(program: &Path, json: bool, args: &[OsString]) -> ExitCode {
    let mut command = Command::new(program);
    command.args(json.then_some("--json")).args(args);
    let error = become_it(command);
    let error = match error {
        Ok(status) => return status,
        Err(error) => error,
    };
    tell(&format_args!("error: {}: {error}", program.display()));
    ExitCode::FAILURE
}

#[cfg(unix)]
fn become_it(mut command: Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
