use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use gomod_module::{Info, ModulePath, ModuleVersion, canonical_version, check_module, quote, semver};

use crate::client_builder::ProxyClientBuilder;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::fallback::Answer;
use crate::goproxy::{Entry, GoProxy};
use crate::pending::Pending;
use crate::rejection::Rejection;
use crate::resume::Partial;
use crate::shared::{Failed, Shared};
use crate::source_state::SourceAttempt;
use crate::sumdb::{InvalidSumDbUrl, SumDbClient};
use crate::trace::{Exchange, Trace};
use crate::version_list::{newest, versions};
use crate::walk::{Walk, judged};
use crate::zip_fetch::ZipFetch;

/// A client for the GOPROXY protocol over a list of sources.
///
/// Each file walks the list from its start ([GOPROXY protocol](https://go.dev/ref/mod#goproxy-protocol)). Clones
/// share connections, on each runtime those that were opened there, so that one client serves several. What it remembers
/// of sources and contents it forgets after a while: it can live as long as its program. It needs a tokio runtime with time and I/O enabled; it starts none, starts no thread (files of
/// `file://` sources are read on the runtime's blocking threads) and reads no environment. Dropping a future ends its
/// request.
#[derive(Clone)]
pub struct ProxyClient {
    pub(crate) shared: Arc<Shared>,
}

/// An answer, and how it was obtained.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fetched<T> {
    /// The answer.
    pub value: T,
    /// All requests that were made; the last one gave the answer.
    pub trace: Trace,
}

impl ProxyClient {
    /// The builder of a client for a list of sources.
    pub fn builder(list: GoProxy) -> ProxyClientBuilder {
        ProxyClientBuilder::new(list)
    }

    /// The list of sources.
    pub fn list(&self) -> &GoProxy {
        &self.shared.list
    }

    /// The requests of this client and of its clones whose source has the turn: whom they wait for, and how long, the
    /// longest wait first. Not among them are files.
    pub fn pending(&self) -> Vec<Pending> {
        self.shared.http.pending()
    }

    /// The metadata of a version: `$module/@v/$version.info`.
    ///
    /// A source whose answer is no `.info` file, or that of another version, has failed: that stops a `,` list and
    /// passes `|`.
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn info(&self, module: &ModuleVersion) -> Result<Fetched<Info>, Error> {
        let endpoint = Endpoint::info(module);
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        let version = module.version().as_str();
        walk.read(&endpoint, "info", self.shared.limits.info, |source, body| {
            parse_info(&self.shared, source, body, Some(version))
        })
        .await
    }

    /// The go.mod file of a version: `$module/@v/$version.mod`, with what `check` says of its bytes. Where there is
    /// nothing to check, pass `|_| Ok(())`; nobody else has looked at them.
    ///
    /// # Errors
    /// [`Error`] where no source has it, or none that the check accepts.
    pub async fn go_mod(
        &self,
        module: &ModuleVersion,
        mut check: impl FnMut(&[u8]) -> Result<(), Rejection>,
    ) -> Result<Fetched<Bytes>, Error> {
        let endpoint = Endpoint::go_mod(module);
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        walk.read(&endpoint, "mod", self.shared.limits.go_mod, |source, body| match check(body) {
            Ok(()) => Ok(body.clone()),
            Err(rejection) => Err(self.shared.rejected(source, &endpoint, rejection)),
        })
        .await
    }

    /// The known versions of a module: `$module/@v/list`, read as [`protocol::versions`](crate::protocol::versions)
    /// does. Empty for a module without tagged versions.
    ///
    /// # Errors
    /// [`Error`] where no source has a list.
    pub async fn versions(&self, module: &ModulePath) -> Result<Fetched<Vec<String>>, Error> {
        let endpoint = Endpoint::list(module);
        let walk = Walk::of_module(&self.shared, module.as_str(), module.to_string());
        walk.read(&endpoint, "list", self.shared.limits.list, |_, body| {
            Ok(self.shared.without_secrets(versions(body, "")))
        })
        .await
    }

    /// The version to take where [`versions`](ProxyClient::versions) names none: `$module/@latest` or, where a source
    /// does not have that, the version with the newest time in its list (`proxyRepo.Latest` in cmd/go).
    ///
    /// The go command's `@latest` looks at the versions first, and at `.mod` files for retractions. The version is a
    /// text that nobody has checked.
    ///
    /// # Errors
    /// [`Error`] where no source knows one.
    pub async fn latest(&self, module: &ModulePath) -> Result<Fetched<Info>, Error> {
        let mut walk = Walk::of_module(&self.shared, module.as_str(), module.to_string());
        loop {
            let entry = walk.source().await?;
            let answer = self.latest_of(module, &entry, &mut walk).await;
            if let Some(fetched) = walk.take(answer)? {
                return Ok(fetched);
            }
        }
    }

    async fn latest_of(
        &self,
        module: &ModulePath,
        entry: &SourceAttempt,
        walk: &mut Walk,
    ) -> Result<(Exchange, Info), Failed> {
        let limits = self.shared.limits;
        let latest = self.shared.read(entry, &Endpoint::latest(module), "info", limits.info).await;
        match latest {
            Err(failed) if failed.1.answer() == Answer::NotFound => {
                walk.same_source(failed.0, Some(&failed.1));
            }
            other => return judged(other, |body| parse_info(&self.shared, entry, body, None)),
        }
        let list = self.shared.read(entry, &Endpoint::list(module), "list", limits.list).await;
        let (exchange, (version, endpoint)) = judged(list, |body| {
            let version = newest(body).ok_or(Failure::NoCommits)?;
            let endpoint = Endpoint::revision(module, &version)
                .map_err(|source| Failure::UnusableVersion { proxy: entry.to_string(), source })?;
            Ok((version, endpoint))
        })?;
        walk.same_source(exchange, None);
        let exact = canonical_version(&version).is_some_and(|canonical| canonical == version)
            && check_module(module.as_str(), &version).is_ok();
        let answer = self.shared.read(entry, &endpoint, "info", limits.info).await;
        judged(answer, |body| parse_info(&self.shared, entry, body, exact.then_some(version.as_str())))
    }

    /// The files of a version: `$module/@v/$version.zip`, from the first source that answers with content. See
    /// [`ZipFetch`].
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn zip(&self, module: &ModuleVersion) -> Result<ZipFetch, Error> {
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        ZipFetch::open(walk, Endpoint::zip(module), None).await
    }

    /// The same for a zip of which an earlier fetch, perhaps of an earlier run, left the beginning. The first event is
    /// [`Event::Resume`](crate::Event::Resume) where that is good, else [`Event::Restart`](crate::Event::Restart).
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn zip_from(&self, module: &ModuleVersion, partial: Partial) -> Result<ZipFetch, Error> {
        let walk = Walk::of_module(&self.shared, module.path().as_str(), module.to_string());
        ZipFetch::open(walk, Endpoint::zip(module), Some(partial)).await
    }
}

impl ProxyClient {
    /// A text that came from a server, a repository's URL in an `.info` file for instance, without the credentials of this
    /// client that it may quote, in whatever encoding. The texts of errors and traces have gone through it.
    ///
    /// ```
    /// use gomod_proxy_client::{GoProxy, ProxyClient};
    ///
    /// let client = ProxyClient::builder(GoProxy::parse("https://ci:s3cr3t@goproxy.example")?).build()?;
    /// assert_eq!(client.redacted("git+https://%73%33CR3T@git.example"), "git+https://xxxxx@git.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.shared.secrets.hide(text)
    }

    /// A reader of the checksum database of this name: at `url` where GOSUMDB names one, else as [`SumDbClient`] finds it
    /// through this client's list. It touches no network.
    ///
    /// # Errors
    /// [`InvalidSumDbUrl`].
    pub fn sum_db(&self, name: &str, url: Option<&str>) -> Result<SumDbClient, InvalidSumDbUrl> {
        SumDbClient::new(&self.shared, name, url)
    }
}

impl fmt::Debug for ProxyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyClient").field("list", &self.shared.list).finish_non_exhaustive()
    }
}

impl<T> Fetched<T> {
    /// The answer alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

pub(crate) fn parse_info(
    shared: &Shared,
    entry: &Entry,
    body: &[u8],
    version: Option<&str>,
) -> Result<Info, Failure> {
    let info = Info::parse(body).map_err(|source| Failure::Info { proxy: entry.to_string(), source })?;
    // The version that was asked for tells nothing.
    if version != Some(info.version.as_str()) && shared.secrets.are_told_by(&info.version) {
        let text = "proxy returned info for a version that quotes credentials".to_owned();
        return Err(Failure::Told { kind: ErrorKind::Malformed, text });
    }
    match version {
        Some(version) if version != info.version => {
            // What is no version may hold what plays tricks on a terminal.
            let shown =
                if semver::is_valid(&info.version) { info.version } else { quote(info.version.as_bytes()) };
            Err(Failure::WrongVersion { version: shown })
        }
        _ => Ok(info),
    }
}
