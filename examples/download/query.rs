//! `PATH@QUERY`, and the version that it leads to.

use gomod_module::{GoMod, ModulePath, ModuleVersion, Query, Version};
use gomod_proxy_client::auth::PrivacyWarning;
use gomod_proxy_client::client::Resolved;
use gomod_proxy_client::{Fetched, ProxyClient, QueryOptions, Rejection};
use gomod_sum::{Kind, hash_go_mod};
use support::failure::Failure;
use support::sums::Sums;

/// A module and what is asked about its versions.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Its path.
    pub(crate) path: ModulePath,
    /// The query.
    pub(crate) query: Query,
    /// What the main modules say about it.
    pub(crate) options: QueryOptions,
}

impl Asked {
    /// The question outside any project.
    pub(crate) fn new(path: ModulePath, query: Query) -> Self {
        Self { path, query, options: QueryOptions::new() }
    }

    /// The question in a project: what it requires is the current version, what it excludes does not count.
    #[must_use]
    pub(crate) fn within(mut self, go_mods: &[&GoMod]) -> Self {
        let path = self.path.as_str();
        let required = go_mods.iter().flat_map(|go_mod| &go_mod.require);
        let required = required.filter(|require| require.path.as_str() == path);
        let current = required.filter_map(|require| Version::new(&*require.version).ok()).max();
        let excluded: Vec<_> = go_mods.iter().flat_map(|go_mod| go_mod.excluded(&self.path)).collect();
        self.options = self.options.current(current).excluded(excluded);
        self
    }

    /// The version that it leads to. The go.mod file that says what is retracted must have its known hash, if there is
    /// one; what is downloaded in the end needs one in any case.
    ///
    /// # Errors
    /// Where no source knows one.
    pub(crate) async fn resolve(
        &self,
        client: &ProxyClient,
        sums: &Sums,
    ) -> Result<Fetched<Resolved>, Failure> {
        let check = |module: &ModuleVersion, data: &[u8]| match sums.recorded(module, Kind::GoMod) {
            Some(recorded) => recorded.check(&hash_go_mod(data)).map(drop).map_err(Rejection::mismatch),
            None => Ok(()),
        };
        let found = client.resolve(&self.path, &self.query, &self.options, check).await;
        found.map_err(|error| Failure::new(&format_args!("{}@{}", self.path, self.query), error, Vec::new()))
    }
}

/// The paths that look private and that a public source is told, one for each host.
pub(crate) fn privacy_warnings<'a>(
    client: &ProxyClient,
    paths: impl IntoIterator<Item = &'a str>,
) -> Vec<PrivacyWarning> {
    let mut warnings: Vec<PrivacyWarning> = Vec::new();
    for path in paths {
        let Ok(path) = ModulePath::new(path) else { continue };
        let warning = client.privacy_warning(&path);
        warnings.extend(warning.filter(|new| warnings.iter().all(|warning| warning.host != new.host)));
    }
    warnings
}
