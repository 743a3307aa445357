//! Modules straight from their repositories: gomod-vcs behind the trait of gomod-proxy-client, with zips by gomod-zip.

mod problem;

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gomod_cache::ModCache;
use gomod_module::{GoEnv, Info, ModulePath, ModuleVersion};
use gomod_proxy_client::client::{DirectError, DirectFuture, DirectSource, DirectSteps};
use gomod_proxy_client::{ErrorKind, ProxyClient};
use gomod_vcs::{
    Discovery, DiscoverySettings, GitLimits, GitProgram, GitStep, MAX_PAGE, ModuleRepository, Page,
    PageAnswer, PageRequest, Ping, RepoRoot, RepoUrl, Vcs,
};
use gomod_zip::create_cancellable;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::time::timeout;

use self::problem::{no_cache, no_git, no_repository, no_version, no_zip};
use crate::failure::chain;
use crate::interrupt;
use crate::packed::Packed;
use crate::workers::on_disk;

/// How long a server may take whose certificate need not be good, before it is asked without TLS: as in the go command.
const UNVERIFIED: Duration = Duration::from_secs(5);

/// What is asked where the list says `direct`: the go command's repositories in GOMODCACHE/cache/vcs.
#[derive(Debug)]
pub struct Direct {
    env: GoEnv,
    /// Asks for `go-import` pages.
    pages: ProxyClient,
    /// None where there is no git.
    git: Option<GitProgram>,
    roots: Mutex<HashMap<ModulePath, Arc<OnceCell<RepoRoot>>>>,
    repositories: Mutex<HashMap<(Vcs, RepoUrl), Repository>>,
}

/// The modules of one repository that were asked about. One question after the other goes to a repository: what the first
/// one fetches, the others need not.
type Repository = Arc<AsyncMutex<Modules>>;
type Modules = HashMap<ModulePath, ModuleRepository>;

/// Ends what git does for a question that is given up.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Direct {
    /// Repositories as in this environment. `pages` is a client for their pages; without `git` nothing can be had.
    pub fn new(env: &GoEnv, pages: ProxyClient, git: Option<GitProgram>) -> Self {
        Self { env: env.clone(), pages, git, roots: Mutex::default(), repositories: Mutex::default() }
    }

    /// What a module's repository says.
    async fn ask<T: Send + 'static>(
        &self,
        module: &ModulePath,
        steps: DirectSteps,
        work: impl FnOnce(&mut ModuleRepository) -> Result<T, DirectError> + Send + 'static,
    ) -> Result<T, DirectError> {
        let stop = Stop(Arc::default());
        let git = self.git.clone().ok_or_else(no_git)?.cancelled_by(Arc::clone(&stop.0));
        let cache = ModCache::from_env(&self.env).map_err(no_cache)?.root().to_owned();
        let git = observed(git, &steps);
        let root = self.root(module, &git, &cache, &steps).await?;
        let repository = lock(&self.repositories).entry((root.vcs, root.url.clone())).or_default().clone();
        let mut modules = repository.lock_owned().await;
        let path = module.clone();
        on_disk(move || {
            let opened = opened(&mut modules, &git, &cache, &root, &path);
            let answer = opened.and_then(work);
            if answer.as_ref().is_err_and(|error| !matches!(error.kind(), ErrorKind::NotFound)) {
                // Another question begins anew.
                modules.remove(&path);
            }
            answer
        })
        .await
    }

    /// The repository of a module, looked for once.
    async fn root(
        &self,
        module: &ModulePath,
        git: &GitProgram,
        cache: &Path,
        steps: &DirectSteps,
    ) -> Result<RepoRoot, DirectError> {
        let cell = Arc::clone(lock(&self.roots).entry(module.clone()).or_default());
        let search = async {
            let settings = DiscoverySettings::from_env(&self.env)
                .git_allow_protocol(env::var("GIT_ALLOW_PROTOCOL").ok());
            let fetch = |request| self.page(request, steps);
            let ping = |ping: Ping| answers(git.clone(), ping, cache.to_owned());
            Discovery::new(module, settings).run_async(fetch, ping).await.map_err(no_repository)
        };
        cell.get_or_try_init(|| search).await.cloned()
    }

    async fn page(&self, request: PageRequest, steps: &DirectSteps) -> PageAnswer {
        steps.begin(request.shown());
        let asked = self.pages.web_page(&request.url, MAX_PAGE, request.may_authenticate);
        let asked = if request.unverified {
            timeout(UNVERIFIED, asked).await.map_err(|late| Box::new(late).into())
        } else {
            Ok(asked.await)
        };
        match asked.and_then(|asked| asked.map_err(Into::into)) {
            Ok(page) => {
                steps.end(Ok(&format!("status {}", page.status)));
                let mut answer = Page::new(page.status, page.body);
                answer.location = page.location;
                answer.content_type = page.content_type;
                PageAnswer::Page(answer)
            }
            Err(error) => {
                let error: Box<dyn std::error::Error + Send + Sync> = error;
                steps.end(Err(&chain(error.as_ref())));
                PageAnswer::Failed(error)
            }
        }
    }
}

impl DirectSource for Direct {
    fn versions<'a>(&'a self, module: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Vec<String>> {
        Box::pin(self.ask(module, steps, |module| module.tagged_versions().map_err(no_version)))
    }

    fn info<'a>(
        &'a self,
        module: &'a ModulePath,
        revision: &'a str,
        steps: DirectSteps,
    ) -> DirectFuture<'a, Info> {
        let revision = revision.to_owned();
        let stat = move |module: &mut ModuleRepository| {
            module.stat(&revision).map(|found| found.to_info()).map_err(no_version)
        };
        Box::pin(self.ask(module, steps, stat))
    }

    fn latest<'a>(&'a self, module: &'a ModulePath, steps: DirectSteps) -> DirectFuture<'a, Info> {
        Box::pin(self.ask(module, steps, |module| match module.head().map_err(no_version)? {
            Some(found) => Ok(found.to_info()),
            None => Err(DirectError::new(ErrorKind::NotFound, "no commits")),
        }))
    }

    fn go_mod<'a>(&'a self, module: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, Vec<u8>> {
        let version = module.version().clone();
        let read = move |module: &mut ModuleRepository| module.go_mod(&version).map_err(no_version);
        Box::pin(self.ask(module.path(), steps, read))
    }

    fn zip<'a>(&'a self, module: &'a ModuleVersion, steps: DirectSteps) -> DirectFuture<'a, File> {
        let of = module.clone();
        Box::pin(self.ask(module.path(), steps, move |module| pack(module, &of)))
    }
}

/// The git program, with the environment of this process. A step may take as long as `total`, and a server that sends nothing
/// for `stall` is given up.
pub fn git(stall: Duration, total: Option<Duration>) -> Option<GitProgram> {
    let limits = total.map_or(GitLimits::default(), |total| GitLimits::default().time(total));
    GitProgram::find(variables(stall)).map(|git| git.limits(limits))
}

/// A module in its repository, which is opened once for all its modules.
fn opened<'m>(
    modules: &'m mut Modules,
    git: &GitProgram,
    cache: &Path,
    root: &RepoRoot,
    path: &ModulePath,
) -> Result<&'m mut ModuleRepository, DirectError> {
    if !modules.contains_key(path) {
        let opened = match modules.values().next() {
            Some(other) => other.beside(root, path),
            None => ModuleRepository::open(git, cache, root, path),
        };
        modules.insert(path.clone(), opened.map_err(no_version)?);
    }
    let module = modules.get_mut(path).ok_or_else(|| no_zip(io::ErrorKind::NotFound.into()))?;
    module.runs(git);
    Ok(module)
}

/// The zip of a version, in a file without a name.
fn pack(module: &mut ModuleRepository, of: &ModuleVersion) -> Result<File, DirectError> {
    let files = module.files(of.version()).map_err(no_version)?;
    let files: Vec<_> = files.iter().map(Packed::from).collect();
    let mut file = BufWriter::new(tempfile::tempfile().map_err(no_zip)?);
    create_cancellable(&mut file, of, &files, interrupt::token()).map_err(problem::unpackable)?;
    let written = file.flush().and_then(|()| file.into_inner().map_err(io::Error::other));
    let rewound = written.and_then(|mut file| file.rewind().map(|()| file));
    rewound.map_err(no_zip)
}

/// Whether a git repository answers.
async fn answers(git: GitProgram, ping: Ping, cache: PathBuf) -> bool {
    // Others are not read, whatever they answer.
    ping.vcs == Vcs::Git
        && on_disk(move || {
            let made = std::fs::create_dir_all(&cache);
            made.is_ok() && git.answers(&ping.url, &cache).unwrap_or_default()
        })
        .await
}

fn observed(git: GitProgram, steps: &DirectSteps) -> GitProgram {
    let steps = steps.clone();
    git.observed_by(move |step| match step {
        GitStep::Begun(command) => steps.begin(command),
        GitStep::Failed(reason) => {
            let words: Vec<_> = reason.to_string().split_whitespace().map(str::to_owned).collect();
            steps.end(Err(&words.join(" ")));
        }
        _ => steps.end(Ok("done")),
    })
}

/// The environment of git. Unless that says otherwise, a server that has sent nothing for this long is given up.
fn variables(stall: Duration) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<_> = env::vars_os().collect();
    let limits = [("GIT_HTTP_LOW_SPEED_LIMIT", 1), ("GIT_HTTP_LOW_SPEED_TIME", stall.as_secs().max(1))];
    if !limits.iter().any(|(name, _)| env::var_os(name).is_some()) {
        variables.extend(limits.map(|(name, value)| (name.into(), value.to_string().into())));
    }
    variables
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
