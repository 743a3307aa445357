use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The value of GOAUTH: where credentials come from ([GOAUTH](https://go.dev/ref/mod#goauth), `runGoAuth` in cmd/go).
///
/// Commands are separated by semicolons and their words by white space. `off` stands alone and is none. The default is
/// `netrc`, which a caller puts in place of an unset variable ([`GoEnv`](gomod_module::GoEnv) does).
///
/// ```
/// use gomod_proxy_client::auth::{GoAuth, GoAuthCommand};
///
/// let goauth = GoAuth::parse("netrc; git /home/ci/work; helper --token")?;
/// assert_eq!(goauth.commands()[0], GoAuthCommand::Netrc);
/// assert_eq!(goauth.commands()[1], GoAuthCommand::Git("/home/ci/work".into()));
/// assert!(GoAuth::parse("off")?.commands().is_empty());
/// # Ok::<(), gomod_proxy_client::auth::GoAuthError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoAuth {
    commands: Vec<GoAuthCommand>,
}

/// One of the commands of [`GoAuth`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GoAuthCommand {
    /// `netrc`: the netrc file.
    Netrc,
    /// `git DIR`: git's credential helpers, asked from this directory.
    Git(PathBuf),
    /// Any other program, with its arguments. `Debug` shows the program alone: arguments may be secrets.
    Program(Vec<String>),
}

/// Why a value is no GOAUTH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GoAuthError {
    /// Nothing between two semicolons.
    #[error("GOAUTH encountered an empty command")]
    Empty,
    /// `off` beside something else.
    #[error("GOAUTH=off cannot be combined with other authentication commands")]
    Off,
    /// `git` with anything but one absolute path.
    #[error("GOAUTH=git needs one argument, the absolute path of a directory")]
    GitDirectory,
}

impl GoAuth {
    /// The commands of a value.
    ///
    /// # Errors
    /// [`GoAuthError`] where the go command ends with an error.
    pub fn parse(value: &str) -> Result<Self, GoAuthError> {
        let commands: Vec<Vec<&str>> =
            value.split(';').map(|command| command.split_whitespace().collect()).collect();
        if commands.iter().any(Vec::is_empty) {
            return Err(GoAuthError::Empty);
        }
        let is_off = |words: &Vec<&str>| words.first() == Some(&"off");
        if commands.iter().any(is_off) {
            let alone = commands.len() == 1;
            return if alone { Ok(Self { commands: Vec::new() }) } else { Err(GoAuthError::Off) };
        }
        let command = |words: Vec<&str>| match *words {
            ["netrc", ..] => Ok(GoAuthCommand::Netrc),
            ["git", directory] if Path::new(directory).is_absolute() => {
                Ok(GoAuthCommand::Git(directory.into()))
            }
            ["git", ..] => Err(GoAuthError::GitDirectory),
            _ => Ok(GoAuthCommand::Program(words.into_iter().map(str::to_owned).collect())),
        };
        Ok(Self { commands: commands.into_iter().map(command).collect::<Result<_, _>>()? })
    }

    /// The commands in their order; none for `off`.
    pub fn commands(&self) -> &[GoAuthCommand] {
        &self.commands
    }
}

impl fmt::Debug for GoAuthCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Netrc => f.write_str("Netrc"),
            Self::Git(directory) => f.debug_tuple("Git").field(directory).finish(),
            Self::Program(words) => f.debug_tuple("Program").field(&words.first()).finish(),
        }
    }
}
