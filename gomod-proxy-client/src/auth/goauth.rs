use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The value of GOAUTH: where credentials come from ([GOAUTH](https://go.dev/ref/mod#goauth), `runGoAuth` in cmd/go).
///
/// Commands are separated by semicolons and their words by white space, but for words of a program in single or double quotes
/// (`quoted.Split`). `off` stands alone and is none. The default is `netrc`, which a caller puts in place of an unset variable ([`GoEnv`](gomod_module::GoEnv) does).
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
    /// A word of a program begins with a quotation mark that is not closed. The go command passes such a command over.
    #[error("GOAUTH: a quotation mark in a command is not closed")]
    Quote,
}

impl GoAuth {
    /// The commands of a value.
    ///
    /// # Errors
    /// [`GoAuthError`] where the go command ends with an error.
    pub fn parse(value: &str) -> Result<Self, GoAuthError> {
        let commands: Vec<(&str, Vec<&str>)> =
            value.split(';').map(|command| (command, command.split_whitespace().collect())).collect();
        if commands.iter().any(|(_, words)| words.is_empty()) {
            return Err(GoAuthError::Empty);
        }
        if commands.iter().any(|(_, words)| words.first() == Some(&"off")) {
            let alone = commands.len() == 1;
            return if alone { Ok(Self { commands: Vec::new() }) } else { Err(GoAuthError::Off) };
        }
        let command = |(text, words): (&str, Vec<&str>)| match *words {
            ["netrc", ..] => Ok(GoAuthCommand::Netrc),
            ["git", directory] if Path::new(directory).is_absolute() => {
                Ok(GoAuthCommand::Git(directory.into()))
            }
            ["git", ..] => Err(GoAuthError::GitDirectory),
            _ => split(text.trim()).map(GoAuthCommand::Program),
        };
        Ok(Self { commands: commands.into_iter().map(command).collect::<Result<_, _>>()? })
    }

    /// The commands in their order; none for `off`.
    pub fn commands(&self) -> &[GoAuthCommand] {
        &self.commands
    }
}

impl GoAuthCommand {
    /// What it is called, without its arguments, which may be secrets.
    pub fn name(&self) -> &str {
        match self {
            Self::Netrc => "netrc",
            Self::Git(_) => "git",
            Self::Program(words) => words.first().map_or("", String::as_str),
        }
    }
}

/// The words of a program: `quoted.Split` in cmd/internal.
fn split(mut text: &str) -> Result<Vec<String>, GoAuthError> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut words = Vec::new();
    loop {
        text = text.trim_start_matches(is_blank);
        let (word, rest) = match text.chars().next() {
            None => return Ok(words),
            Some(quote @ ('"' | '\'')) => {
                text.get(1..).and_then(|inner| inner.split_once(quote)).ok_or(GoAuthError::Quote)?
            }
            Some(_) => text.split_at(text.find(is_blank).unwrap_or(text.len())),
        };
        words.push(word.to_owned());
        text = rest;
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
