use gomod_module::{GoEnv, PrefixPatterns};

use super::govcs::{GoVcs, GoVcsError};
use super::vcs::Vcs;

/// What the Go environment says about looking for repositories. The default is that of a machine where nothing is set.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    goprivate: PrefixPatterns,
    goinsecure: PrefixPatterns,
    /// Like the go command, only what needs it fails where it cannot be read.
    govcs: Result<GoVcs, GoVcsError>,
    git_allow_protocol: Option<String>,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            goprivate: PrefixPatterns::default(),
            goinsecure: PrefixPatterns::default(),
            govcs: Ok(GoVcs::default()),
            git_allow_protocol: None,
        }
    }
}

impl DiscoverySettings {
    /// Returns the default.
    pub fn new() -> Self {
        Self::default()
    }

    /// GOPRIVATE, GOINSECURE and GOVCS of a Go environment. `GIT_ALLOW_PROTOCOL` is not one of its variables: see
    /// [`git_allow_protocol`](Self::git_allow_protocol).
    ///
    /// ```
    /// use gomod_module::GoEnv;
    /// use gomod_vcs::DiscoverySettings;
    ///
    /// let env = GoEnv::resolve("linux", &|name| (name == "GOPRIVATE").then(|| "corp.example".into()), None, None);
    /// # let _ =
    /// DiscoverySettings::from_env(&env);
    /// ```
    pub fn from_env(env: &GoEnv) -> Self {
        Self::new()
            .goprivate(PrefixPatterns::parse(env.goprivate()))
            .goinsecure(PrefixPatterns::parse(env.goinsecure()))
            .govcs(GoVcs::parse(env.govcs()))
    }

    /// Sets GOPRIVATE, which says which paths GOVCS takes for private.
    #[must_use]
    pub fn goprivate(mut self, patterns: PrefixPatterns) -> Self {
        self.goprivate = patterns;
        self
    }

    /// Sets GOINSECURE: for module paths that match, certificates are not checked and schemes without encryption are
    /// allowed.
    #[must_use]
    pub fn goinsecure(mut self, patterns: PrefixPatterns) -> Self {
        self.goinsecure = patterns;
        self
    }

    /// Sets GOVCS. With an error, what needs it fails with that error.
    #[must_use]
    pub fn govcs(mut self, govcs: Result<GoVcs, GoVcsError>) -> Self {
        self.govcs = govcs;
        self
    }

    /// Sets git's variable `GIT_ALLOW_PROTOCOL`, a list with colons: where it is set, these are the schemes under which a
    /// git repository without one (`example.com/m.git`) is looked for.
    #[must_use]
    pub fn git_allow_protocol(mut self, protocols: Option<String>) -> Self {
        self.git_allow_protocol = protocols.filter(|list| !list.is_empty());
        self
    }

    pub(super) fn is_insecure(&self, path: &str) -> bool {
        self.goinsecure.matches(path)
    }

    pub(super) fn is_private(&self, root: &str) -> bool {
        self.goprivate.matches(root)
    }

    pub(super) fn govcs_rules(&self) -> Result<&GoVcs, GoVcsError> {
        self.govcs.as_ref().map_err(Clone::clone)
    }

    /// The schemes under which a repository is looked for, in order.
    pub(super) fn schemes(&self, vcs: Vcs, is_insecure: bool) -> Vec<&'static str> {
        let is_secure = |scheme: &str| match (&self.git_allow_protocol, vcs) {
            (Some(allowed), Vcs::Git) => allowed.split(':').any(|word| word == scheme),
            _ => matches!(scheme, "https" | "git+ssh" | "bzr+ssh" | "svn+ssh" | "ssh"),
        };
        let schemes = vcs.schemes().iter().copied();
        schemes.filter(|scheme| is_insecure || is_secure(scheme)).collect()
    }
}
