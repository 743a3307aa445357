//! What a client asks where a list says `direct`.

use std::fmt;
use std::fs::File;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gomod_module::{Info, ModulePath, ModuleVersion};

use crate::protocol::fallback::Next;
use crate::report::cause::BoxError;
use crate::report::kind::ErrorKind;
use crate::report::secrets::Secrets;
use crate::report::text::short;
use crate::report::trace::Attempt;

/// The future that the functions of [`DirectSource`] return.
pub type DirectFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DirectError>> + Send + 'a>>;

/// What answers where a list says `direct`, or GONOPROXY matches a path: the version control system that has the module, by
/// whatever means ([`ProxyClientBuilder::direct`](crate::ProxyClientBuilder::direct)). Its functions are those of `Repo` in
/// cmd/go ([Finding a repository for a module path](https://go.dev/ref/mod#vcs-find)).
///
/// It is asked once for each file: nothing is tried again. All else is done above it: when its turn comes in the list, the limits
/// for sizes and for the whole time, queries and retractions, the verdict on what came, and the trace. Dropping the future, which
/// happens where the whole time is over too, must end what it has under way.
///
/// ```
/// use std::fs::File;
///
/// use gomod_module::{Info, ModulePath, ModuleVersion};
/// use gomod_proxy_client::client::{DirectError, DirectFuture, DirectSource, DirectSteps};
/// use gomod_proxy_client::{ErrorKind, GoProxy, ProxyClient};
///
/// /// Repositories without a commit.
/// #[derive(Debug)]
/// struct Empty;
///
/// fn nothing<T>(steps: DirectSteps) -> DirectFuture<'static, T> {
///     steps.begin("git ls-remote https://git.example/m");
///     steps.end(Ok("no references"));
///     Box::pin(async { Err(DirectError::new(ErrorKind::NotFound, "no commits")) })
/// }
///
/// impl DirectSource for Empty {
///     fn versions<'a>(&'a self, _: &'a ModulePath, _: DirectSteps) -> DirectFuture<'a, Vec<String>> {
///         Box::pin(async { Ok(Vec::new()) })
///     }
///     fn info<'a>(&'a self, _: &'a ModulePath, _: &'a str, steps: DirectSteps) -> DirectFuture<'a, Info> {
///         nothing(steps)
///     }
///     fn latest<'a>(&'a self, _: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Info> {
///         nothing(steps)
///     }
///     fn go_mod<'a>(&'a self, _: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, Vec<u8>> {
///         nothing(steps)
///     }
///     fn zip<'a>(&'a self, _: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, File> {
///         nothing(steps)
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let client = ProxyClient::builder(GoProxy::parse("direct")?).direct(Empty).build()?;
/// let error = client.info(&"example.com/m@v1.0.0".parse()?).await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.attempts()[0].url(), Some("git ls-remote https://git.example/m"));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait DirectSource: fmt::Debug + Send + Sync + 'static {
    /// The versions that tags make, with those that were taken back; empty where there are none. What is no version does not
    /// count.
    fn versions<'a>(&'a self, module: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Vec<String>>;

    /// The version that a revision stands for: a version, a branch, a tag or a commit.
    fn info<'a>(
        &'a self,
        module: &'a ModulePath,
        revision: &'a str,
        steps: DirectSteps,
    ) -> DirectFuture<'a, Info>;

    /// The version of the commit that the repository calls its latest, for a module without tagged versions.
    fn latest<'a>(&'a self, module: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Info>;

    /// The go.mod file of a version.
    fn go_mod<'a>(&'a self, module: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, Vec<u8>>;

    /// The module zip of a version, in a file that is read from its beginning.
    fn zip<'a>(&'a self, module: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, File>;
}

/// Why a [`DirectSource`] does not have what it is asked for.
#[derive(Debug)]
pub struct DirectError {
    pub(crate) kind: ErrorKind,
    pub(crate) source: BoxError,
    pub(crate) next_step: Option<String>,
}

impl DirectError {
    /// The error of this kind. [`NotFound`](ErrorKind::NotFound) is what the go command takes for "not found": no repository for
    /// the path, no such revision, no module in it; [`Repository`](ErrorKind::Repository) what a repository, a server or a
    /// program fails with. The texts of `source` are shown: they must hold no secrets but those that the client knows.
    pub fn new(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into(), next_step: None }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Sets what to do now, in one sentence for people: [`Error::next_step`](crate::Error::next_step).
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }
}

impl fmt::Display for DirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl std::error::Error for DirectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}

/// What a [`DirectSource`] does for one question, one step after the other: the pages that it reads and the programs that it
/// runs. Each becomes an [`Attempt`] of the trace. Clones are the same steps.
#[derive(Debug, Clone, Default)]
pub struct DirectSteps {
    steps: Arc<Mutex<Vec<Step>>>,
}

#[derive(Debug)]
struct Step {
    what: String,
    started: Instant,
    /// What came of it, and after how long.
    ended: Option<(Result<String, String>, Duration)>,
}

impl DirectSteps {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a step: the URL of a page, or the command line of a program. It holds no credentials.
    pub fn begin(&self, what: impl Into<String>) {
        self.lock().push(Step { what: what.into(), started: Instant::now(), ended: None });
    }

    /// Ends the step that was begun last, with what was said in one line. `Err` where it failed, whether or not another way is
    /// gone then.
    pub fn end(&self, outcome: Result<&str, &str>) {
        if let Some(step) = self.lock().last_mut().filter(|step| step.ended.is_none()) {
            let outcome = outcome.map(str::to_owned).map_err(str::to_owned);
            step.ended = Some((outcome, step.started.elapsed()));
        }
    }

    /// The steps so far, which are not told again.
    pub(crate) fn take(&self, source: &str, secrets: &Secrets) -> Vec<Attempt> {
        let steps = std::mem::take(&mut *self.lock());
        steps.into_iter().map(|step| step.attempt(source, secrets)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    fn attempt(self, source: &str, secrets: &Secrets) -> Attempt {
        let Self { what, started, ended } = self;
        let given_up = || (Err("given up".to_owned()), started.elapsed());
        let (outcome, elapsed) = ended.unwrap_or_else(given_up);
        let kind = outcome.is_err().then_some(ErrorKind::Repository);
        let outcome = outcome.unwrap_or_else(|outcome| outcome);
        Attempt {
            source: source.to_owned(),
            url: Some(short(&secrets.hide(&what))),
            redirected: None,
            outcome: short(&secrets.hide(&outcome)),
            response: None,
            status: None,
            kind,
            offset: 0,
            bytes: 0,
            limit: None,
            waited: None,
            elapsed,
            next: Next::SameSource,
            credentials: None,
            refused: None,
        }
    }
}
