use std::collections::VecDeque;
use std::mem;

use gomod_module::ModulePath;

use super::error::{DiscoveryError, DiscoveryReason};
use super::fetch::{Fetch, Fetched, Page, PageAnswer, PageRequest};
use super::go_import::{GoImport, go_imports, matching};
use super::hosts::{self, Named, Url};
use super::repo_url::{RepoUrl, redacted};
use super::root::{RepoRoot, check_subdir};
use super::settings::DiscoverySettings;
use super::vcs::Vcs;

/// The search for the repository of a module, without input and output: it says what it needs, and its driver asks
/// (`vcs.RepoRootForImportPath` of the go command, <https://go.dev/ref/mod#vcs-find>).
///
/// Paths at well-known hosts and paths with an element such as `repo.git` say where their repository is. For any other, the
/// page `https://PATH?go-get=1` says it in a `go-import` tag; where that is about a shorter path, the shorter path's page must
/// say the same. [`run`](Self::run) asks with two functions, and [`run_async`](Self::run_async) with two that are asynchronous:
///
/// ```
/// use gomod_vcs::{Discovery, DiscoverySettings, Page, PageAnswer, PageRequest, Vcs};
///
/// async fn get(request: PageRequest) -> PageAnswer {
///     // Ask a web server here.
///     assert_eq!(request.url, "https://example.com/m?go-get=1");
///     let page = r#"<meta name="go-import" content="example.com/m git https://git.example/m">"#;
///     PageAnswer::Page(Page::new(200, page))
/// }
///
/// # let run = async {
/// let discovery = Discovery::new(&"example.com/m".parse()?, DiscoverySettings::new());
/// // Whether `git ls-remote` of a URL succeeds.
/// let root = discovery.run_async(get, async |_| false).await?;
/// assert_eq!((root.vcs, root.url.as_str()), (Vcs::Git, "https://git.example/m"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(std::pin::pin!(run).poll(&mut context).is_ready());
/// ```
#[derive(Debug)]
#[doc(alias = "RepoRootForImportPath")]
pub struct Discovery {
    path: String,
    settings: DiscoverySettings,
    is_insecure: bool,
    /// The tag of the path's own page.
    tag: Option<GoImport>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The path's own page is needed.
    Page(Fetch),
    /// The page of the path that the tag is about is needed.
    Prefix(Fetch),
    /// A scheme is looked for.
    Ping {
        ping: Ping,
        rest: VecDeque<&'static str>,
        root: String,
        repo: String,
    },
    /// After the search failed, a file at launchpad.net decides which of two paths is the root there.
    Series {
        fetch: Fetch,
        root: String,
        project: String,
        error: DiscoveryError,
    },
    Done(Result<RepoRoot, DiscoveryError>),
}

/// What a [`Discovery`] needs next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must be able to do all of it")]
pub enum DiscoveryStep<'a> {
    /// Make this request and give what comes of it to [`Discovery::answer_page`].
    Fetch(&'a PageRequest),
    /// Ask whether there is this repository, and tell [`Discovery::answer_ping`].
    Ping(&'a Ping),
    /// Nothing: [`Discovery::into_result`] has the answer.
    Done,
}

/// A repository that may or may not be there: git answers with `git ls-remote`, hg with `hg identify`, svn and bzr with
/// their `info`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Ping {
    /// The system.
    pub vcs: Vcs,
    /// Where it is looked for.
    pub url: RepoUrl,
}

impl Discovery {
    /// Begins the search for the repository of a module.
    pub fn new(path: &ModulePath, settings: DiscoverySettings) -> Self {
        let path = path.as_str().to_owned();
        let is_insecure = settings.is_insecure(&path);
        let state = State::Page(Fetch::new(page_of(&path), is_insecure));
        let mut discovery = Self { path, settings, is_insecure, tag: None, state };
        match hosts::named(&discovery.path) {
            Ok(None) => {}
            Ok(Some(named)) => discovery.state = discovery.named(named),
            Err(e) => discovery.state = discovery.failed(DiscoveryReason::Host(e)),
        }
        discovery
    }

    /// What is needed next.
    pub fn step(&self) -> DiscoveryStep<'_> {
        match &self.state {
            State::Page(fetch) | State::Prefix(fetch) | State::Series { fetch, .. } => {
                DiscoveryStep::Fetch(fetch.request())
            }
            State::Ping { ping, .. } => DiscoveryStep::Ping(ping),
            State::Done(_) => DiscoveryStep::Done,
        }
    }

    /// Takes what came of the request that [`step`](Self::step) names. Without one, nothing happens.
    pub fn answer_page(&mut self, answer: PageAnswer) {
        let (State::Page(fetch) | State::Prefix(fetch) | State::Series { fetch, .. }) = &mut self.state
        else {
            return;
        };
        let answer = match fetch.answer(answer) {
            Fetched::Asking => return,
            Fetched::Page(page) => Ok(page),
            Fetched::Failed(source) => Err(DiscoveryReason::Fetch { url: fetch.url(), source }),
        };
        let between = self.unfinished();
        self.state = match mem::replace(&mut self.state, between) {
            State::Page(fetch) => self.own_page(&fetch.url(), answer),
            State::Prefix(fetch) => self.prefix_page(&fetch.url(), answer),
            State::Series { root, project, error, .. } => {
                let is_series = answer.is_ok_and(|page| page.status == 200);
                self.launchpad(if is_series { root } else { project }, error)
            }
            other => other,
        };
    }

    /// Takes whether the repository that [`step`](Self::step) names answers. Without one, nothing happens.
    pub fn answer_ping(&mut self, is_there: bool) {
        if !matches!(self.state, State::Ping { .. }) {
            return;
        }
        let between = self.unfinished();
        let State::Ping { ping, rest, root, repo } = mem::replace(&mut self.state, between) else {
            return;
        };
        self.state = if is_there {
            self.found(RepoRoot { root, vcs: ping.vcs, url: ping.url, subdir: String::new() })
        } else {
            self.ping(ping.vcs, root, repo, rest)
        };
    }

    /// The repository.
    ///
    /// # Errors
    /// [`DiscoveryError`] if there is none, and while something is needed still.
    pub fn into_result(self) -> Result<RepoRoot, DiscoveryError> {
        match self.state {
            State::Done(result) => result,
            _ => Err(DiscoveryError { path: self.path, reason: DiscoveryReason::Unfinished }),
        }
    }

    /// The tag of the path's page that was chosen, also where it was refused afterwards.
    pub fn tag(&self) -> Option<&GoImport> {
        self.tag.as_ref()
    }

    /// The repository; `fetch` makes requests, and `ping` says whether a repository answers.
    ///
    /// ```
    /// use gomod_vcs::{Discovery, DiscoverySettings};
    ///
    /// let discovery = Discovery::new(&"example.com/team/repo.git/sub".parse()?, DiscoverySettings::new());
    /// let root = discovery.run(|_| unreachable!("no page is needed"), |ping| ping.url.as_str().starts_with("ssh"))?;
    /// assert_eq!(root.root, "example.com/team/repo.git");
    /// assert_eq!(root.url.as_str(), "ssh://example.com/team/repo");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DiscoveryError`] if there is none.
    pub fn run(
        mut self,
        mut fetch: impl FnMut(&PageRequest) -> PageAnswer,
        mut ping: impl FnMut(&Ping) -> bool,
    ) -> Result<RepoRoot, DiscoveryError> {
        loop {
            match self.step() {
                DiscoveryStep::Fetch(request) => {
                    let answer = fetch(request);
                    self.answer_page(answer);
                }
                DiscoveryStep::Ping(wanted) => {
                    let is_there = ping(wanted);
                    self.answer_ping(is_there);
                }
                DiscoveryStep::Done => return self.into_result(),
            }
        }
    }

    /// The same where asking is asynchronous: one question after the other.
    ///
    /// # Errors
    /// [`DiscoveryError`] if there is none.
    pub async fn run_async<F, P>(
        mut self,
        mut fetch: impl FnMut(PageRequest) -> F,
        mut ping: impl FnMut(Ping) -> P,
    ) -> Result<RepoRoot, DiscoveryError>
    where
        F: Future<Output = PageAnswer>,
        P: Future<Output = bool>,
    {
        loop {
            match self.step() {
                DiscoveryStep::Fetch(request) => {
                    let answer = fetch(request.clone()).await;
                    self.answer_page(answer);
                }
                DiscoveryStep::Ping(wanted) => {
                    let is_there = ping(wanted.clone()).await;
                    self.answer_ping(is_there);
                }
                DiscoveryStep::Done => return self.into_result(),
            }
        }
    }

    fn own_page(&mut self, url: &str, answer: Result<Page, DiscoveryReason>) -> State {
        let chosen = answer.and_then(|page| tags_of(&page, url)).and_then(|tags| {
            let no_match = |source| DiscoveryReason::NoMatch { url: url.to_owned(), source };
            matching(&tags, &self.path).cloned().map_err(no_match)
        });
        let tag = match chosen {
            Ok(tag) => self.tag.insert(tag),
            Err(reason) => return self.failed(reason),
        };
        if tag.prefix == self.path {
            return self.chosen();
        }
        State::Prefix(Fetch::new(page_of(&tag.prefix), self.is_insecure))
    }

    fn prefix_page(&mut self, prefix_url: &str, answer: Result<Page, DiscoveryReason>) -> State {
        let tags = match answer.and_then(|page| tags_of(&page, prefix_url)) {
            Ok(tags) => tags,
            Err(reason) => return self.failed(reason),
        };
        if self.tag.is_some() && matching(&tags, &self.path).ok() == self.tag.as_ref() {
            return self.chosen();
        }
        self.failed(DiscoveryReason::Disagree {
            url: Fetch::new(page_of(&self.path), self.is_insecure).url(),
            prefix_url: prefix_url.to_owned(),
            prefix: self.tag.as_ref().map_or_else(String::new, |tag| tag.prefix.clone()),
        })
    }

    /// What the chosen tag leads to.
    fn chosen(&self) -> State {
        let Some(tag) = &self.tag else { return self.unfinished() };
        match self.checked(tag) {
            Ok(root) => self.found(root),
            Err(reason) => self.failed(reason),
        }
    }

    fn checked(&self, tag: &GoImport) -> Result<RepoRoot, DiscoveryReason> {
        let GoImport { prefix, repo, subdir, .. } = tag;
        check_subdir(subdir).map_err(|source| DiscoveryReason::Subdir { subdir: subdir.clone(), source })?;
        let url = RepoUrl::new(repo, self.is_insecure)
            .map_err(|source| DiscoveryReason::RepoUrl { url: redacted(repo), source })?;
        let vcs = Vcs::from_name(&tag.vcs).ok_or_else(|| DiscoveryReason::UnknownVcs(tag.vcs.clone()))?;
        self.check_govcs(vcs, prefix)?;
        Ok(RepoRoot { root: prefix.clone(), vcs, url, subdir: subdir.clone() })
    }

    fn check_govcs(&self, vcs: Vcs, root: &str) -> Result<(), DiscoveryReason> {
        if vcs == Vcs::Mod {
            return Ok(());
        }
        let is_private = self.settings.is_private(root);
        let rules = self.settings.govcs_rules().map_err(DiscoveryReason::GoVcs)?;
        if rules.allows(root, is_private, vcs) {
            return Ok(());
        }
        Err(DiscoveryReason::Disallowed { vcs, root: root.to_owned(), is_private })
    }

    fn named(&self, named: Named) -> State {
        let Named { root, vcs, url } = named;
        if let Err(reason) = self.check_govcs(vcs, &root) {
            return self.failed(reason);
        }
        let repo = match url {
            Url::Complete(url) => {
                return self.found(RepoRoot { root, vcs, url: RepoUrl::known(url), subdir: String::new() });
            }
            Url::Schemeless(repo) => repo,
        };
        let schemes = self.settings.schemes(vcs, self.is_insecure);
        if vcs == Vcs::Fossil
            && let Some(scheme) = schemes.first()
        {
            // It has no way to ask.
            let url = RepoUrl::known(format!("{scheme}://{repo}"));
            return self.found(RepoRoot { root, vcs, url, subdir: String::new() });
        }
        self.ping(vcs, root, repo, schemes.into())
    }

    fn ping(&self, vcs: Vcs, root: String, repo: String, mut rest: VecDeque<&'static str>) -> State {
        match rest.pop_front() {
            Some(scheme) => {
                let url = RepoUrl::known(format!("{scheme}://{repo}"));
                State::Ping { ping: Ping { vcs, url }, rest, root, repo }
            }
            None => self.failed(DiscoveryReason::NoProtocol { repo, secure_only: !self.is_insecure }),
        }
    }

    fn found(&self, root: RepoRoot) -> State {
        if self.path.contains("...") && root.root.contains("...") {
            return State::Done(Err(DiscoveryError {
                path: self.path.clone(),
                reason: DiscoveryReason::Pattern,
            }));
        }
        State::Done(Ok(root))
    }

    /// The end of the search, except at launchpad.net, whose repositories are known where no page says otherwise.
    fn failed(&self, reason: DiscoveryReason) -> State {
        let error = DiscoveryError { path: self.path.clone(), reason };
        match hosts::launchpad(&self.path) {
            None => State::Done(Err(error)),
            Some((root, None)) => self.launchpad(root, error),
            Some((root, Some(series))) => State::Series {
                fetch: Fetch::new(series.branch, false),
                root,
                project: series.project,
                error,
            },
        }
    }

    fn launchpad(&self, root: String, error: DiscoveryError) -> State {
        if self.check_govcs(Vcs::Bzr, &root).is_err() {
            return State::Done(Err(error));
        }
        let url = RepoUrl::known(format!("https://{root}"));
        self.found(RepoRoot { root, vcs: Vcs::Bzr, url, subdir: String::new() })
    }

    fn unfinished(&self) -> State {
        State::Done(Err(DiscoveryError { path: self.path.clone(), reason: DiscoveryReason::Unfinished }))
    }
}

/// Host, path and query of the page that says which repository a path has.
fn page_of(path: &str) -> String {
    let slash = if path.contains('/') { "" } else { "/" };
    format!("{path}{slash}?go-get=1")
}

/// The tags of a page; what its status is counts only where there are none.
fn tags_of(page: &Page, url: &str) -> Result<Vec<GoImport>, DiscoveryReason> {
    let tags = go_imports(&page.body);
    if page.status != 200 && tags.as_ref().map_or(true, Vec::is_empty) {
        let text = page.detail();
        return Err(DiscoveryReason::Status { url: url.to_owned(), status: page.status, text });
    }
    tags.map_err(|source| DiscoveryReason::Page { url: url.to_owned(), source })
}
