//! The commands of GOAUTH, and what they add to the credentials of a client.

use std::sync::atomic::AtomicBool;

use gomod_module::text::Printable;

use crate::auth::authorization::Authorization;
use crate::auth::credential_sets::{self, CredentialSet};
use crate::auth::credentials::Credentials;
use crate::auth::git_credential;
use crate::auth::goauth::{GoAuth, GoAuthCommand};
use crate::auth::program::AuthPrograms;
use crate::report::secrets::Secrets;
use crate::report::sent::CredentialOrigin;

/// What is said of one command that failed is never longer, in characters.
const MAX_SAID: usize = 300;

/// What git says of one credential, in bytes.
const MAX_FILLED: usize = 16 << 10;

/// The commands, which this process may run.
pub(crate) struct Commands {
    pub(crate) goauth: GoAuth,
    pub(crate) programs: AuthPrograms,
}

/// A request that was answered with a status from 400 to 499.
pub(crate) struct Refused {
    pub(crate) url: String,
    /// The status line and the headers of the answer, as a program gets them.
    pub(crate) head: String,
}

/// What the commands said in one run, the last command first: what an earlier one says counts in place of it.
#[derive(Default)]
pub(crate) struct Learned {
    steps: Vec<Step>,
    /// Why commands gave nothing.
    errors: Vec<String>,
}

enum Step {
    /// What the caller gave, in the place of `netrc`.
    Given,
    Sets(CredentialOrigin, Vec<CredentialSet>),
    Git(Vec<u8>, Authorization),
}

/// What `git credential fill` printed, which git is told the worth of.
#[derive(Clone)]
pub(crate) struct Filled {
    command: GoAuthCommand,
    output: Vec<u8>,
    authorization: Authorization,
}

impl Filled {
    /// Whether a request was made with it.
    pub(crate) fn is_used(&self, used: &Authorization) -> bool {
        self.authorization.is_like(used)
    }
}

impl Commands {
    /// Asks all of them: first for what they know, then for the URL of a request that was refused (`runGoAuth` in cmd/go).
    pub(crate) fn run(&self, refused: Option<&Refused>, cancelled: &AtomicBool) -> (Learned, Vec<Filled>) {
        let (mut learned, mut filled) = (Learned::default(), Vec::new());
        for command in self.goauth.commands().iter().rev() {
            let step = match command {
                GoAuthCommand::Netrc => Ok(Some(Step::Given)),
                // It can be asked for one URL alone.
                GoAuthCommand::Git(_) => {
                    refused.map(|refused| self.fill(command, refused, cancelled)).transpose().map(|found| {
                        found.map(|(place, found)| {
                            filled.push(found.clone());
                            Step::Git(place, found.authorization)
                        })
                    })
                }
                GoAuthCommand::Program(words) => self
                    .ask(words, refused, cancelled)
                    .map(|sets| Some(Step::Sets(CredentialOrigin::GoAuth(command.name().to_owned()), sets))),
            };
            match step {
                Ok(step) => learned.steps.extend(step),
                Err(error) => learned.errors.push(said(command, &error)),
            }
        }
        if !self.goauth.commands().contains(&GoAuthCommand::Netrc) {
            learned.steps.push(Step::Given);
        }
        (learned, filled)
    }

    fn ask(
        &self,
        words: &[String],
        refused: Option<&Refused>,
        cancelled: &AtomicBool,
    ) -> Result<Vec<CredentialSet>, String> {
        let url = refused.map(|refused| refused.url.clone());
        let words: Vec<String> = words.iter().cloned().chain(url).collect();
        let stdin = refused.map_or("", |refused| refused.head.as_str());
        let output = self.programs.run(&words, None, stdin.as_bytes(), cancelled)?;
        credential_sets::parse(&output).map_err(|error| error.to_string())
    }

    fn fill(
        &self,
        command: &GoAuthCommand,
        Refused { url, .. }: &Refused,
        cancelled: &AtomicBool,
    ) -> Result<(Vec<u8>, Filled), String> {
        let output = self.git(command, "fill", format!("url={url}\n").as_bytes(), cancelled)?;
        // Git is told of it later, through a pipe.
        if output.len() > MAX_FILLED {
            return Err(format!("'git credential fill' printed more than {MAX_FILLED} bytes"));
        }
        let found = git_credential::parse(&output, url)?;
        let authorization = Authorization::basic(found.user.as_bytes(), found.password.as_bytes());
        let authorization = authorization.ok_or("it gave what no header can hold")?;
        let authorization = authorization.with_origin(CredentialOrigin::GoAuth(command.name().to_owned()));
        Ok((found.prefix.into_bytes(), Filled { command: command.clone(), output, authorization }))
    }

    /// Tells git whether a server took a credential; git keeps or forgets it. An error is passed over, as in the go command.
    pub(crate) fn judge(&self, filled: &Filled, is_good: bool, cancelled: &AtomicBool) {
        let action = if is_good { "approve" } else { "reject" };
        let _ = self.git(&filled.command, action, &filled.output, cancelled);
    }

    fn git(
        &self,
        command: &GoAuthCommand,
        action: &str,
        stdin: &[u8],
        cancelled: &AtomicBool,
    ) -> Result<Vec<u8>, String> {
        let GoAuthCommand::Git(dir) = command else { return Ok(Vec::new()) };
        if !dir.is_dir() {
            return Err("what it names is not a directory".to_owned());
        }
        let words = ["git", "credential", action].map(str::to_owned);
        let output = self.programs.run(&words, Some(dir), stdin, cancelled);
        output.map_err(|error| format!("'git credential {action}' failed: {error}"))
    }
}

impl Learned {
    /// That the commands could not be run.
    pub(crate) fn nothing(why: &str) -> Self {
        Self { steps: Vec::new(), errors: vec![format!("the commands of GOAUTH were not run: {why}")] }
    }

    /// What there is now, of `given` by the caller and of what the commands had said before.
    pub(crate) fn apply(self, given: &Credentials, mut known: Credentials) -> Credentials {
        for step in self.steps {
            match step {
                Step::Given => known.replace_all(given),
                Step::Git(place, authorization) => known.replace(&place, Some(authorization)),
                Step::Sets(origin, sets) => {
                    for CredentialSet { places, headers } in sets {
                        let authorization = (!headers.is_empty())
                            .then(|| Authorization::of_headers(&headers).with_origin(origin.clone()));
                        for place in places {
                            known.replace(place.as_bytes(), authorization.clone());
                        }
                    }
                }
            }
        }
        // A program may say on standard error what it would print.
        let secrets = known.all_secrets();
        let errors = self.errors.iter().map(|error| secrets.hide(error).into_owned());
        let notes: Vec<String> = given.notes().iter().cloned().chain(errors).collect();
        known.with_notes(notes)
    }
}

/// What is said of a command that failed, in which its own arguments are not shown: they may be secrets.
fn said(command: &GoAuthCommand, error: &str) -> String {
    let arguments = match command {
        GoAuthCommand::Program(words) => words.get(1..).unwrap_or_default(),
        _ => &[],
    };
    let values = arguments.iter().flat_map(|word| word.split('=')).filter(|value| !value.starts_with('-'));
    let error = Secrets::new(values.map(str::as_bytes)).hide(error).into_owned();
    format!(
        "GOAUTH command \"{}\": {}",
        Printable::name(command.name()),
        Printable::new(&error).max_chars(MAX_SAID)
    )
}
