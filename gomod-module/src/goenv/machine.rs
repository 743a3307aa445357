//! The environment of this machine.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::{GoEnv, GoEnvError, MAX_ENV_FILE, file};

impl GoEnv {
    /// The environment that the go command would have if this process started it, found without starting it: the
    /// process environment, the file that `go env -w` writes, and `go.env` of the Go installation that GOROOT names or
    /// to which the first `go` on PATH belongs. [`check`](Self::check) has passed.
    ///
    /// Without an installed Go, or where it has no `go.env`, GOPROXY, GOSUMDB and GOTOOLCHAIN are those of a standard
    /// distribution ([`with_standard_defaults`](Self::with_standard_defaults)). As in Go, a file that cannot be read
    /// counts as absent.
    ///
    /// # Errors
    /// [`GoEnvError`] for what the go command refuses, and for a file larger than
    /// [`MAX_ENV_FILE`].
    pub fn load() -> Result<Self, GoEnvError> {
        let env = Self::load_unchecked()?;
        env.check()?;
        Ok(env)
    }

    /// As [`load`](Self::load), with values that the go command would refuse.
    ///
    /// # Errors
    /// [`GoEnvError::FileTooLarge`].
    pub fn load_unchecked() -> Result<Self, GoEnvError> {
        let goos = match env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let lookup = |name: &str| env::var_os(name);
        let user_file = match Self::user_file(goos, &lookup) {
            Some(path) => read(Path::new(&path))?,
            None => None,
        };
        let goroot_file = match goroot(user_file.as_deref()) {
            Some(goroot) => read(&goroot.join("go.env"))?,
            None => None,
        };
        let env = Self::resolve(goos, &lookup, user_file.as_deref(), goroot_file.as_deref());
        Ok(if goroot_file.is_none() { env.with_standard_defaults() } else { env })
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, GoEnvError> {
    let mut data = Vec::new();
    let Ok(file) = File::open(path) else { return Ok(None) };
    if file.take(MAX_ENV_FILE + 1).read_to_end(&mut data).is_err() {
        return Ok(None);
    }
    if u64::try_from(data.len()).is_ok_and(|length| length <= MAX_ENV_FILE) {
        Ok(Some(data))
    } else {
        Err(GoEnvError::FileTooLarge(path.to_owned()))
    }
}

/// The root of the Go installation: the user's file decides before the process environment, as in Go.
fn goroot(user_file: Option<&[u8]>) -> Option<PathBuf> {
    let stated = user_file.and_then(|data| file::user(data).remove("GOROOT"));
    let stated = stated.map(|goroot| OsString::from(goroot.as_str()));
    stated
        .into_iter()
        .chain(env::var_os("GOROOT"))
        .find(|goroot| !goroot.is_empty())
        .map(PathBuf::from)
        .or_else(|| goroot_of(&go_on_path()?))
}

fn go_on_path() -> Option<PathBuf> {
    let name = format!("go{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(&name))
        .find(|file| file.is_file())
}

/// The installation to which a `go` belongs, which lies in its `bin` or `bin/GOOS_GOARCH`; links may lead there.
fn goroot_of(go: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(go).ok();
    [Some(go), real.as_deref()]
        .into_iter()
        .flatten()
        .flat_map(|go| go.ancestors().skip(2).take(2))
        .find(|root| root.join("pkg/tool").is_dir())
        .map(Path::to_owned)
}
