//! What a commit is called.

use gomod_module::path::check_path_major;
use gomod_module::version::{canonical_version, is_pseudo_version, pseudo_version};
use gomod_module::{Origin, Version, semver};

use super::error::{LookupError, LookupReason};
use super::repository::{ModuleRepository, Resolved};
use super::retractions::Retractions;
use crate::git::error::RepoError;
use crate::git::repository::GitRepository;
use crate::git::revision::Revision;

/// What decides whether a version may be `+incompatible` in one commit.
#[derive(Debug, Clone)]
struct Incompatible {
    hash: String,
    /// Whether neither directory nor path rule it out.
    is_possible: bool,
    /// Whether the question names such a version, which for Go's earlier answers' sake is obeyed.
    is_asked: bool,
}

impl Incompatible {
    fn allows(&self, repository: &mut GitRepository, version: &str) -> Result<bool, RepoError> {
        if !self.is_possible || repository.read_file(&self.hash, "go.mod")?.is_some() {
            return Ok(false);
        }
        if self.is_asked || version.is_empty() {
            return Ok(true);
        }
        let file = format!("{}/go.mod", semver::major(version));
        Ok(repository.read_file(&self.hash, &file)?.is_none())
    }
}

/// The version of a tag and whether it is that version exactly; `None` for tags of other directories, pseudo-versions and
/// whatever is no complete version.
fn version_of(tag: &str, prefix: &str) -> Option<(String, bool)> {
    let rest = tag.strip_prefix(prefix)?;
    let version = semver::canonical(rest).filter(|version| rest.starts_with(&**version))?;
    (!is_pseudo_version(tag)).then(|| (version.to_string(), version == rest))
}

impl ModuleRepository {
    /// The version that a query for one revision means: a version, a branch, a tag or a hash.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn stat(&mut self, query: &str) -> Result<Resolved, LookupError> {
        if let Some(known) = self.known.get(query) {
            return Ok(known.clone());
        }
        if query.starts_with(['-', '/']) {
            return Err(self.error(query, None, LookupReason::Query(query.to_owned())));
        }
        let name = self.revision_name(query);
        let revision = match self.revisions.find(&name) {
            Ok(revision) => revision,
            Err(e) => return Err(self.error(query, None, e.into())),
        };
        let resolved = self.resolved(&revision, query)?;
        self.known.insert(query.to_owned(), resolved.clone());
        Ok(resolved)
    }

    /// A commit under its version, with where it comes from (`convert` of the go command). `query` is empty where none asked
    /// for this very commit.
    pub(super) fn resolved(&mut self, revision: &Revision, query: &str) -> Result<Resolved, LookupError> {
        let mut origin = revision.origin.clone();
        origin.subdir.clone_from(&self.code_dir);
        let version = match self.version_of_revision(revision, query) {
            Ok(version) => version,
            Err(reason) => return Err(self.error(query, Some(origin), reason)),
        };
        if is_pseudo_version(&version) && (version != query || !version.starts_with("v0.0.0-")) {
            self.add_tags(&mut origin).map_err(|e| self.error(query, None, e.into()))?;
        }
        match Version::new(version.as_str()) {
            Ok(version) => Ok(Resolved { version, time: revision.time, origin: Some(origin) }),
            // Its year has more than four digits.
            Err(e) => {
                let reason = LookupReason::Pseudo(super::error::PseudoReason::Form(e));
                Err(self.error(query, Some(origin), reason))
            }
        }
    }

    /// On which tags a pseudo-version depends.
    fn add_tags(&self, origin: &mut Origin) -> Result<(), RepoError> {
        let mut prefix = self.tag_prefix();
        if let Some(major) = self.major_suffix().get(1..) {
            prefix = format!("{prefix}{major}.");
        }
        origin.tag_sum = self.revisions.repository.tags(&prefix)?.sum;
        origin.tag_prefix = prefix;
        Ok(())
    }

    fn version_of_revision(&mut self, revision: &Revision, query: &str) -> Result<String, LookupReason> {
        let incompatible = Incompatible {
            hash: revision.hash.clone(),
            is_possible: self.code_dir.is_empty() && self.major_suffix().is_empty(),
            is_asked: query.ends_with("+incompatible"),
        };
        if is_pseudo_version(query) {
            let version = self.checked(query, query, &incompatible)?;
            self.check_pseudo(query, revision)?;
            return Ok(version);
        }
        let prefix = self.tag_prefix();
        let retracted = self.retracted();
        if let Some((version, true)) = version_of(&revision.name, &prefix) {
            match self.checked(&version, query, &incompatible) {
                Ok(version) => return Ok(version),
                // The repository failed, not the version.
                Err(LookupReason::Repo(e)) => return Err(e.into()),
                Err(_) => {}
            }
        }
        let mut base = String::new();
        let mut highest = String::new();
        for tag in &revision.tags {
            let Some((version, is_exact)) = version_of(tag, &prefix) else { continue };
            if !query.is_empty() && semver::compare(&version, query).is_eq() {
                if is_exact {
                    return self.checked(&version, query, &incompatible);
                }
                base.clone_from(&version);
            }
            if is_exact
                && semver::compare(&highest, &version).is_lt()
                && !retracted.contain(&version)
                && self.fits(&version, &incompatible)?
            {
                highest = version;
            }
        }
        if !highest.is_empty() {
            return self.checked(&highest, query, &incompatible);
        }
        if base.is_empty() {
            base = self.recent(revision, &prefix, &retracted, &incompatible)?.unwrap_or_default();
        }
        let version = pseudo_version(self.pseudo_major(), &base, revision.time, revision.short());
        self.checked(&version, query, &incompatible)
    }

    /// The version of the highest tag before a commit.
    fn recent(
        &mut self,
        revision: &Revision,
        prefix: &str,
        retracted: &Retractions,
        incompatible: &Incompatible,
    ) -> Result<Option<String>, LookupReason> {
        let major = self.major_suffix().to_owned();
        let mut failed = None;
        let tag = self.revisions.repository.recent_tag(&revision.hash, prefix, |repository, tag| {
            let Some((version, _)) = version_of(tag, prefix) else { return false };
            let fits = check_path_major(&version, &major).is_ok() || {
                incompatible.allows(repository, &version).unwrap_or_else(|e| {
                    failed = Some(e);
                    false
                })
            };
            fits && !retracted.contain(&version)
        })?;
        match failed {
            Some(e) => Err(e.into()),
            None => Ok(tag.and_then(|tag| version_of(&tag, prefix)).map(|(version, _)| version)),
        }
    }

    fn fits(&mut self, version: &str, incompatible: &Incompatible) -> Result<bool, LookupReason> {
        if check_path_major(version, self.major_suffix()).is_ok() {
            return Ok(true);
        }
        Ok(incompatible.allows(&mut self.revisions.repository, version)?)
    }

    /// A canonical version, with `+incompatible` if that must be, when the module has it (`checkCanonical` of the go
    /// command).
    fn checked(
        &mut self,
        version: &str,
        query: &str,
        incompatible: &Incompatible,
    ) -> Result<String, LookupReason> {
        self.place(version)?;
        let plain = |version: &str| version.strip_suffix("+incompatible").unwrap_or(version).to_owned();
        let mut version = if version == plain(query) { query } else { version }.to_owned();
        let base = plain(&version);
        let mut refused = None;
        if check_path_major(&base, self.major_suffix()).is_err() {
            if incompatible.allows(&mut self.revisions.repository, &base)? {
                version = format!("{base}+incompatible");
            } else if self.major_suffix().is_empty() {
                let path = format!("{}/{}", self.path_prefix, semver::major(&version));
                refused = Some(LookupReason::NeedsSuffix { version: version.clone(), path });
            } else {
                refused = Some(LookupReason::OtherMajor(version.clone()));
            }
        } else if version.ends_with("+incompatible") {
            refused = Some(LookupReason::Compatible(version.clone()));
        }
        let is_canonical = canonical_version(query).is_some_and(|canonical| canonical == query);
        if is_canonical && plain(query) != base {
            return Err(LookupReason::NotTag { version });
        }
        match refused {
            Some(reason) => Err(reason),
            None => Ok(version),
        }
    }
}
