use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use super::child;
use super::error::{GitError, GitReason};
use super::limits::GitLimits;
use super::output::{Output, Stopped};
use crate::discovery::repo_url::RepoUrl;

/// Variables by which a hook or an alias says which repository it belongs to. Ours is another.
const OF_ANOTHER_REPOSITORY: [&str; 16] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_COMMON_DIR",
    "GIT_CEILING_DIRECTORIES",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_QUARANTINE_PATH",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_CONFIG",
];

/// The git program, with the environment in which it runs.
///
/// Steps that talk to a server run with the user's configuration: credentials, ssh, proxies, `insteadOf`. Steps on what was
/// fetched run without any, so that no attribute, filter or setting of a user changes what a module consists of. Git asks no
/// questions (`GIT_TERMINAL_PROMPT=0`, ssh's `BatchMode`) unless the environment or git's `core.sshCommand` say otherwise,
/// and runs in a process group of its own, which is ended with it.
#[derive(Clone)]
pub struct GitProgram {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    limits: GitLimits,
    cancelled: Arc<AtomicBool>,
    observer: Option<Arc<Observer>>,
    /// Whether the user's configuration says how ssh is run.
    has_ssh_command: Arc<OnceLock<bool>>,
}

/// The environment may hold secrets.
impl fmt::Debug for GitProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitProgram").field("program", &self.program).finish_non_exhaustive()
    }
}

type Observer = dyn Fn(GitStep<'_>) + Send + Sync;

/// What is told of a run of git.
#[derive(Debug)]
#[non_exhaustive]
pub enum GitStep<'a> {
    /// This command line begins, shown without credentials.
    Begun(&'a str),
    /// It has ended well.
    Done,
    /// It has ended otherwise, which may only mean that something is not there.
    Failed(&'a GitReason),
}

/// How a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Configuration {
    /// As the user's git does.
    User,
    /// Without any configuration but the repository's.
    Neutral,
}

/// One run of git.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) arguments: &'a [&'a OsStr],
    /// Where it runs.
    pub(super) dir: &'a Path,
    /// Whether `dir` is a repository, or will be one.
    pub(super) in_repository: bool,
    pub(super) configuration: Configuration,
    pub(super) stdin: &'a [u8],
    /// What no error may show.
    pub(super) secrets: &'a [String],
}

impl GitProgram {
    /// The program at this path, with this environment and no other.
    pub fn new(
        program: impl Into<PathBuf>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        Self {
            program: program.into(),
            environment: environment.into_iter().collect(),
            limits: GitLimits::default(),
            cancelled: Arc::default(),
            observer: None,
            has_ssh_command: Arc::default(),
        }
    }

    /// The `git` that the PATH of this environment has, `None` where it has none. Only its absolute directories are looked
    /// at, so that no program of the current directory is run.
    pub fn find(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Option<Self> {
        let environment: Vec<_> = environment.into_iter().collect();
        let (_, path) = environment.iter().find(|(name, _)| name == "PATH")?;
        let name = format!("git{}", env::consts::EXE_SUFFIX);
        let program = env::split_paths(path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(&name))
            .find(|program| program.is_file())?;
        Some(Self::new(program, environment))
    }

    /// Sets what one run may take.
    #[must_use]
    pub fn limits(mut self, limits: GitLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets what ends every run, and every wait for a repository, once it is true: within 50 milliseconds.
    #[must_use]
    pub fn cancelled_by(mut self, cancelled: Arc<AtomicBool>) -> Self {
        self.cancelled = cancelled;
        self
    }

    /// Sets what is told of each run, when it begins and when it ends: for a log. Runs that look at git's configuration alone
    /// are not told.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Fn(GitStep<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Whether a git repository answers at `url` (`git ls-remote`), which [`Discovery`](crate::Discovery) wants to know of paths
    /// such as `example.com/m.git`. It runs in the directory `dir`, which may be any that is there.
    ///
    /// # Errors
    /// [`GitError`] if git cannot be asked.
    pub fn answers(&self, url: &RepoUrl, dir: &Path) -> Result<bool, GitError> {
        let arguments = ["ls-remote", "-q", "--end-of-options", url.as_str()].map(OsStr::new);
        let configuration = Configuration::User;
        let run =
            Run { arguments: &arguments, dir, in_repository: false, configuration, stdin: &[], secrets: &[] };
        match self.run(&run) {
            Ok(_) => Ok(true),
            Err(GitError { reason: GitReason::Failed { .. }, .. }) => Ok(false),
            Err(e) => Err(e),
        }
    }

    pub(super) fn time(&self) -> std::time::Duration {
        self.limits.time
    }

    pub(super) fn cancelled(&self) -> &AtomicBool {
        &self.cancelled
    }

    /// What git prints.
    pub(super) fn run(&self, run: &Run<'_>) -> Result<Vec<u8>, GitError> {
        let observed = self.observer.as_deref();
        if let Some(observer) = observed {
            observer(GitStep::Begun(&shown(run)));
        }
        let ended = self.output(run).and_then(|output| {
            if output.status.success() {
                return Ok(output.stdout);
            }
            let stderr = hide(&String::from_utf8_lossy(&output.stderr), run.secrets);
            Err(error(run, GitReason::Failed { status: output.status, stderr }))
        });
        if let Some(observer) = observed {
            observer(ended.as_ref().map_or_else(|error| GitStep::Failed(&error.reason), |_| GitStep::Done));
        }
        ended
    }

    fn output(&self, run: &Run<'_>) -> Result<Output, GitError> {
        let mut command = Command::new(&self.program);
        command.args(run.arguments).current_dir(run.dir).env_clear();
        match run.configuration {
            Configuration::User => self.user_environment(&mut command, run.dir),
            Configuration::Neutral => self.neutral_environment(&mut command),
        }
        if run.in_repository {
            command.env("GIT_DIR", run.dir);
        }
        child::run(command, run.stdin, self.limits, &self.cancelled).map_err(|stopped| {
            let reason = match stopped {
                Stopped::Io(e) => GitReason::Start(e),
                Stopped::Time => GitReason::Time(self.limits.time),
                Stopped::Output => GitReason::Output(self.limits.output),
                Stopped::Cancelled => GitReason::Cancelled,
            };
            error(run, reason)
        })
    }

    fn is_set(&self, name: &str) -> bool {
        self.environment.iter().any(|(other, _)| other == name)
    }

    fn user_environment(&self, command: &mut Command, dir: &Path) {
        self.own_environment(command);
        for (name, value) in [("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never")] {
            if !self.is_set(name) {
                command.env(name, value);
            }
        }
        if !self.is_set("GIT_SSH") && !self.is_set("GIT_SSH_COMMAND") && !self.has_ssh_command(dir) {
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
    }

    /// All but what belongs to another repository.
    fn own_environment(&self, command: &mut Command) {
        let is_ours = |name: &OsStr| !OF_ANOTHER_REPOSITORY.iter().any(|other| name == *other);
        command.envs(
            self.environment.iter().filter(|(name, _)| is_ours(name)).map(|(name, value)| (name, value)),
        );
    }

    /// Whether git is configured to run another ssh, which `GIT_SSH_COMMAND` would replace.
    fn has_ssh_command(&self, dir: &Path) -> bool {
        if let Some(known) = self.has_ssh_command.get() {
            return *known;
        }
        let mut command = Command::new(&self.program);
        command.args(["config", "--get", "core.sshCommand"]).current_dir(dir).env_clear();
        self.own_environment(&mut command);
        // Of no repository at all.
        command.env("GIT_DIR", dir.join("none"));
        let output = child::run(command, &[], self.limits, &self.cancelled);
        // A run that was ended says nothing for later ones.
        output.is_ok_and(|output| *self.has_ssh_command.get_or_init(|| output.status.success()))
    }

    fn neutral_environment(&self, command: &mut Command) {
        let is_plain = |name: &OsStr| {
            let name = name.as_encoded_bytes();
            !name.starts_with(b"GIT_") || name == b"GIT_EXEC_PATH"
        };
        let plain = self.environment.iter().filter(|(name, _)| is_plain(name));
        command.envs(plain.map(|(name, value)| (name, value)));
        let null = if cfg!(windows) { "NUL" } else { "/dev/null" };
        command.envs([
            ("GIT_CONFIG_GLOBAL", null),
            ("GIT_CONFIG_SYSTEM", null),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_DEFAULT_HASH", "sha1"),
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("LC_ALL", "C"),
            // For a git that knows none of these variables.
            ("HOME", null),
            ("XDG_CONFIG_HOME", null),
            // The attributes of the user are read from a file without any configuration, too.
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "core.attributesFile"),
            ("GIT_CONFIG_VALUE_0", null),
            ("GIT_CONFIG_KEY_1", "core.hooksPath"),
            ("GIT_CONFIG_VALUE_1", null),
        ]);
    }
}

fn error(run: &Run<'_>, reason: GitReason) -> GitError {
    GitError { command: shown(run), dir: run.dir.to_owned(), reason }
}

fn shown(run: &Run<'_>) -> String {
    let words: Vec<_> = run.arguments.iter().map(|word| word.to_string_lossy()).collect();
    hide(&format!("git {}", words.join(" ")), run.secrets)
}

fn hide(text: &str, secrets: &[String]) -> String {
    without_user_info(&secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "xxxxx")))
}

/// The text without the user info of its URLs: `insteadOf` in the user's configuration may have put a token there. The name
/// that all have at git servers stays.
fn without_user_info(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '\'' | '"' | '<' | '>');
        let authority = after.split(is_end).next().unwrap_or_default();
        shown.push_str(before);
        shown.push_str("://");
        rest = after;
        if let Some((user_info, _)) = authority.rsplit_once('@') {
            shown.push_str(if user_info == "git" { "git" } else { "xxxxx" });
            rest = after.get(user_info.len()..).unwrap_or_default();
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::hide;

    #[test]
    fn no_text_of_git_shows_user_info() {
        for (text, shown) in [
            (
                "could not read Password for 'http://tok3n@h:8080': no",
                "could not read Password for 'http://xxxxx@h:8080': no",
            ),
            ("unable to access 'https://me:p@ss@h/a@b/'", "unable to access 'https://xxxxx@h/a@b/'"),
            ("ssh://git@h/x and https://t@h https://h/a", "ssh://git@h/x and https://xxxxx@h https://h/a"),
            ("a://", "a://"),
            ("mail me@h", "mail me@h"),
        ] {
            assert_eq!(hide(text, &[]), shown);
        }
        assert_eq!(hide("git clone s3cr3t", &["s3cr3t".to_owned()]), "git clone xxxxx");
    }
}
