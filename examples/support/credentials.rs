//! The netrc file of the go command's environment.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use gomod_module::GoEnv;
use gomod_proxy_client::{Credentials, Netrc, NetrcNote};
use thiserror::Error;

use crate::progress::Progress;

/// A netrc file is a few lines.
const MAX_NETRC: u64 = 1 << 20;

/// What GOAUTH names, as far as it is supported.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Found {
    /// The credentials.
    pub credentials: Credentials,
    /// What the user has to know, because something that was asked for is not used.
    pub warnings: Vec<Warning>,
    /// What may explain why an entry of the file has no effect.
    pub notes: Vec<Note>,
}

/// Something that GOAUTH names and that is not used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Warning {
    /// A command, which stays without its arguments: they may be secrets.
    Command(String),
    /// A file that cannot be read.
    Netrc {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A word on a line of the file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Note {
    /// Its path.
    pub path: PathBuf,
    /// The word.
    pub note: NetrcNote,
}

/// Why GOAUTH cannot be used; the go command stops as well.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GoAuthError {
    /// Nothing between two semicolons.
    #[error("GOAUTH encountered an empty command")]
    Empty,
    /// `off` beside something else.
    #[error("GOAUTH=off cannot be combined with other authentication commands")]
    Off,
}

/// The credentials that GOAUTH names: `netrc`, which is its default, or none.
///
/// # Errors
/// [`GoAuthError`].
pub fn find(env: &GoEnv) -> Result<Found, GoAuthError> {
    let mut found = Found::default();
    let words: Vec<&str> = env
        .goauth()
        .split(';')
        .map(|command| command.split_whitespace().next().unwrap_or_default())
        .collect();
    if words.contains(&"") {
        return Err(GoAuthError::Empty);
    }
    if words.len() > 1 && words.contains(&"off") {
        return Err(GoAuthError::Off);
    }
    for word in words {
        match word {
            "off" => found.credentials = found.credentials.note("GOAUTH=off"),
            "netrc" => found.read(&env.netrc()),
            other => found.warnings.push(Warning::Command(other.to_owned())),
        }
    }
    Ok(found)
}

impl Found {
    /// Tells people what they have to know, and in detail if they want it.
    pub fn tell(&self, progress: &Progress, in_detail: bool) {
        self.warnings.iter().for_each(|warning| progress.warn(format_args!("warning: {warning}")));
        if in_detail {
            self.notes.iter().for_each(|note| progress.say(format_args!("note: {note}")));
        }
    }

    /// Reads the first of the files that exists. Why there may be fewer credentials than expected is noted beside them.
    fn read(&mut self, files: &[PathBuf]) {
        self.read_first(files);
        let credentials = std::mem::take(&mut self.credentials);
        let noted =
            self.notes.iter().fold(credentials, |credentials, note| credentials.note(note.to_string()));
        self.credentials =
            self.warnings.iter().fold(noted, |credentials, why| credentials.note(why.to_string()));
    }

    fn read_first(&mut self, files: &[PathBuf]) {
        for path in files {
            match read(path) {
                Ok(netrc) => {
                    let note = |note: &NetrcNote| Note { path: path.clone(), note: *note };
                    self.notes.extend(netrc.notes().iter().map(note));
                    self.credentials = std::mem::take(&mut self.credentials).netrc(netrc);
                    return;
                }
                Err(source) if source.kind() == io::ErrorKind::NotFound => {
                    let credentials = std::mem::take(&mut self.credentials);
                    self.credentials = credentials.note(format!("there is no {}", path.display()));
                }
                Err(source) => {
                    self.warnings.push(Warning::Netrc { path: path.clone(), source });
                    return;
                }
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Netrc> {
    let mut data = Vec::new();
    File::open(path)?.take(MAX_NETRC + 1).read_to_end(&mut data)?;
    if data.len() as u64 > MAX_NETRC {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Netrc::parse(&data))
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(word) => {
                write!(f, "GOAUTH command {word:?} is not supported: its credentials are not used")
            }
            Self::Netrc { path, source } => {
                write!(f, "{} cannot be read, so that no credentials are used: {source}", path.display())
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.note)
    }
}
