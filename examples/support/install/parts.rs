//! Single parts of a module, and into another cache: what a repair needs.

use gomod_cache::Entry;
use gomod_cache::ModCache;
use gomod_module::ModuleVersion;
use gomod_sum::Kind;

use super::Installer;
use crate::failure::{Failure, Problem};
use crate::installed::Installed;

impl Installer {
    /// The same for another cache, of which nothing is believed that can be hashed.
    #[must_use]
    pub fn in_cache(&self, cache: ModCache) -> Self {
        let (client, sums) = (self.client.clone(), self.sums.clone());
        let other = Self::new(client, cache, sums, self.workers.clone(), self.progress.clone()).rehash(true);
        Self { rejected: self.rejected.clone(), ..other }
    }

    /// Whether nothing says which bytes are right, and the environment that nothing need.
    pub fn is_waived(&self, module: &ModuleVersion, kind: Kind) -> bool {
        self.sums.is_waived(module, kind)
    }

    /// The `.info` of a module and nothing else.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn info_alone(&self, module: &ModuleVersion) -> Result<(), Failure> {
        let mut attempts = Vec::new();
        let found = match self.read(module, Entry::read_info).await {
            Ok((entry, cached)) => self.find_info(&entry, cached, &mut attempts).await,
            Err(error) => Err(error.into()),
        };
        found.map(|_| ()).map_err(|problem| Failure::new(module, problem, attempts))
    }

    /// The zip of a module and its extracted tree, and neither `.info` nor `.mod`.
    pub async fn zip_alone(&self, module: &ModuleVersion) -> Installed {
        let mut installed = Installed::new(module.clone());
        let result = self.try_zip(&mut installed).await;
        self.ended(installed, result).await
    }

    async fn try_zip(&self, installed: &mut Installed) -> Result<(), Problem> {
        let module = installed.module.clone();
        let expected = self.expected(&module, Kind::Zip, &mut installed.attempts).await?;
        let (entry, state) = self.read(&module, Entry::state).await?;
        self.zip_and_tree(&entry, &state, expected, installed).await
    }
}
