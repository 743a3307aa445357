use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use gomod_module::{Info, ModulePath, ModuleVersion};

use crate::auth::privacy::PrivacyWarning;
use crate::client::fetched::Fetched;
use crate::client::info::parse_info;
use crate::client::shared::{Failed, Shared};
use crate::client::source_state::SourceAttempt;
use crate::client::sumdb::{InvalidSumDbUrl, SumDbClient};
use crate::client::walk::{Walk, judged};
use crate::client::zip_fetch::ZipFetch;
use crate::policy::pending_attempt::PendingAttempt;
use crate::protocol::endpoint::Endpoint;
use crate::protocol::fallback::Answer;
use crate::protocol::goproxy::GoProxy;
use crate::protocol::version_list::{latest_from_list, versions};
use crate::report::error::Error;
use crate::report::failure::Failure;
use crate::report::pending::Pending;
use crate::report::rejection::Rejection;
use crate::transport::resume::Partial;

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

impl ProxyClient {
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
        let asked = Some((module.path(), module.version().as_str()));
        walk.read(&endpoint, "info", self.shared.limits.info, |source, body| {
            parse_info(&self.shared, source, body, asked)
        })
        .await
    }

    /// The go.mod file of a version: `$module/@v/$version.mod`, as the first source has it that answers.
    ///
    /// Nothing is proved by that: what comes may be anything, and a module that builds from it, or a list of what its
    /// author retracts, is as good as the source. [`go_mod_checked`](Self::go_mod_checked) holds the bytes against a hash, and
    /// lets another source be asked where they are wrong.
    ///
    /// # Errors
    /// [`Error`] where no source has it.
    pub async fn go_mod(&self, module: &ModuleVersion) -> Result<Fetched<Bytes>, Error> {
        self.go_mod_checked(module, |_| Ok(())).await
    }

    /// The go.mod file of a version, `$module/@v/$version.mod`, that `check` accepts: the caller's verdict on its bytes, by
    /// go.sum or the checksum database.
    ///
    /// # Errors
    /// [`Error`] where no source has it, or none that the check accepts.
    pub async fn go_mod_checked(
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
    /// text that is not checked.
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
    ) -> Result<(PendingAttempt, Info), Failed> {
        let limits = self.shared.limits;
        let latest = self.shared.read(entry, &Endpoint::latest(module), "info", limits.info).await;
        match latest {
            Err(failed) if failed.1.answer() == Answer::NotFound => {
                walk.same_source(failed.0, Some(&failed.1));
            }
            other => return judged(other, |body| parse_info(&self.shared, entry, body, None)),
        }
        let list = self.shared.read(entry, &Endpoint::list(module), "list", limits.list).await;
        let (pending, (version, endpoint)) = judged(list, |body| {
            let version = latest_from_list(body).ok_or(Failure::NoCommits)?;
            let endpoint = Endpoint::revision(module, &version)
                .map_err(|source| Failure::UnusableVersion { proxy: entry.to_string(), source })?;
            Ok((version, endpoint))
        })?;
        walk.same_source(pending, None);
        let answer = self.shared.read(entry, &endpoint, "info", limits.info).await;
        judged(answer, |body| parse_info(&self.shared, entry, body, Some((module, &version))))
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
    /// Whether asking for this module tells a public source a path that looks private. Call it before the first
    /// request; the client does not.
    ///
    /// A source is public unless it is told who asks, or its host is an address, an internal name, one with a port, or
    /// of the same domain as the module's.
    ///
    /// ```
    /// use gomod_module::{ModulePath, PrefixPatterns};
    /// use gomod_proxy_client::auth::PrivacyReason;
    /// use gomod_proxy_client::{GoProxy, ProxyClient};
    ///
    /// let list = GoProxy::parse("https://goproxy.corp.example,https://proxy.golang.org")?;
    /// let path = ModulePath::new("git.corp.internal/team/m")?;
    /// let warning = ProxyClient::builder(list.clone()).build()?.privacy_warning(&path).unwrap();
    /// assert_eq!(warning.reason, PrivacyReason::InternalName);
    /// let private = PrefixPatterns::parse("*.corp.internal");
    /// assert_eq!(ProxyClient::builder(list).gonoproxy(private).build()?.privacy_warning(&path), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn privacy_warning(&self, module: &ModulePath) -> Option<PrivacyWarning> {
        let shared = &self.shared;
        PrivacyWarning::of(module, &shared.list, &shared.gonoproxy, &shared.credentials.given)
    }

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
        self.shared.secrets().hide(text)
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
