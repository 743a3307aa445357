//! The versions that tags make, and which of them are taken back.

use gomod_module::path::check_path_major;
use gomod_module::version::is_pseudo_version;
use gomod_module::{Origin, semver};

use super::error::LookupReason;
use super::repository::ModuleRepository;
use super::retractions::Retractions;

impl ModuleRepository {
    /// The versions with a tag that begin with `prefix`, sorted, with those that are `+incompatible` at the end; and on what the
    /// list depends (`Versions` of the go command).
    pub(super) fn listed(&mut self, prefix: &str) -> Result<(Vec<String>, Option<Origin>), LookupReason> {
        let path = self.path.as_str();
        if path.starts_with("gopkg.in/") && path.ends_with("-unstable") {
            // Its tags are those of the stable module.
            return Ok((Vec::new(), None));
        }
        let before = self.tag_prefix();
        let tags = self.revisions.repository.tags(&format!("{before}{prefix}"))?;
        let mut origin = self.revisions.repository.origin();
        origin.subdir.clone_from(&self.code_dir);
        origin.tag_prefix = format!("{before}{prefix}");
        origin.tag_sum = tags.sum;
        let versions = tags.names.iter().filter_map(|tag| tag.strip_prefix(&*before));
        let is_canonical =
            |version: &&str| semver::canonical(version).is_some_and(|canonical| canonical == *version);
        let versions = versions.filter(is_canonical).filter(|version| !is_pseudo_version(version));
        let major = self.major_suffix().to_owned();
        let (mut list, others): (Vec<_>, Vec<_>) =
            versions.map(str::to_owned).partition(|version| check_path_major(version, &major).is_ok());
        let may_be_incompatible = self.code_dir.is_empty() && major.is_empty();
        let mut incompatible: Vec<_> = others
            .into_iter()
            .filter(|version| may_be_incompatible && semver::major(version) > "v1")
            .collect();
        for versions in [&mut list, &mut incompatible] {
            versions.sort_by(|a, b| semver::compare_total(a.as_bytes(), b.as_bytes()));
        }
        if let Some(last) = list.last().filter(|_| !incompatible.is_empty()).cloned()
            && self.has_root_go_mod(&last)?
        {
            // The author has gone over to modules.
            return Ok((list, Some(origin)));
        }
        for of_major in incompatible.chunk_by(|a, b| semver::major(a) == semver::major(b)) {
            let has_go_mod = match of_major.last() {
                Some(newest) => self.has_root_go_mod(newest)?,
                None => true,
            };
            if !has_go_mod {
                list.extend(of_major.iter().map(|version| format!("{version}+incompatible")));
            }
        }
        Ok((list, Some(origin)))
    }

    /// Whether a tag's commit has a go.mod file at the root.
    fn has_root_go_mod(&mut self, tag: &str) -> Result<bool, LookupReason> {
        let hash = self.revisions.find(tag)?.hash;
        Ok(self.revisions.repository.read_file(&hash, "go.mod")?.is_some())
    }

    /// What counts where a commit gets its name: the retractions of the highest release, or else pre-release; none, where
    /// they cannot be read (`retractedVersions` of the go command).
    pub(super) fn retracted(&mut self) -> Retractions {
        if let Some(known) = &self.retractions {
            return known.clone();
        }
        let found = self.highest_retractions().unwrap_or_default();
        self.retractions = Some(found.clone());
        found
    }

    fn highest_retractions(&mut self) -> Result<Retractions, LookupReason> {
        let versions = self.listed("")?.0;
        let compatible = versions.iter().take_while(|version| !version.ends_with("+incompatible"));
        let versions: Vec<_> = compatible.collect();
        let release = versions.iter().rev().find(|version| semver::prerelease(version).is_empty());
        match release.or(versions.last()) {
            None => Ok(Retractions::default()),
            Some(highest) => match self.place(highest)?.go_mod {
                Some(go_mod) => Retractions::of(&go_mod),
                None => Ok(Retractions::default()),
            },
        }
    }
}
