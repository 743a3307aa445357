//! Whether a pseudo-version is that of its commit.

use gomod_module::version::pseudo_version;
use gomod_module::{PseudoVersion, Timestamp, semver};

use super::error::{LookupReason, PseudoReason};
use super::repository::ModuleRepository;
use crate::git::revision::Revision;

impl ModuleRepository {
    /// Checks that a pseudo-version says what its commit is, and that the version it follows is a tag before the commit
    /// (`validatePseudoVersion` of the go command, <https://go.dev/ref/mod#pseudo-versions>).
    pub(super) fn check_pseudo(&mut self, version: &str, revision: &Revision) -> Result<(), LookupReason> {
        let wrong = |reason| Err(LookupReason::Pseudo(reason));
        let form = |e| LookupReason::Pseudo(PseudoReason::Form(e));
        let pseudo = PseudoVersion::parse(version).map_err(form)?;
        let short = revision.short();
        match pseudo.revision() {
            same if same == short => {}
            longer if longer.starts_with(short) => return wrong(PseudoReason::Longer(short.to_owned())),
            shorter if short.starts_with(shorter) => return wrong(PseudoReason::Shorter(short.to_owned())),
            _ => return wrong(PseudoReason::OtherRevision(short.to_owned())),
        }
        let time = pseudo.time().map_err(form)?;
        if time.unix_seconds() != revision.time.unix_seconds() {
            return wrong(PseudoReason::OtherTime(digits(revision.time)));
        }
        let plain = version.strip_suffix("+incompatible").unwrap_or(version);
        let Some(base) = PseudoVersion::parse(plain).and_then(|pseudo| pseudo.base()).map_err(form)? else {
            let is_v1 = self.pseudo_major().is_empty() && semver::major(version) == "v1";
            return if is_v1 { wrong(PseudoReason::Major) } else { Ok(()) };
        };
        let prefix = self.tag_prefix();
        let of_version = |tag: &str| tag.strip_prefix(&*prefix).unwrap_or(tag).to_owned();
        if let Some(tag) = revision.tags.iter().find(|tag| of_version(tag) == base) {
            return wrong(PseudoReason::Tagged(tag.clone()));
        }
        let tags = self.revisions.repository.tags(&format!("{prefix}{base}"))?;
        let same: Vec<_> =
            tags.names.into_iter().filter(|tag| semver::compare(&of_version(tag), &base).is_eq()).collect();
        for tag in &same {
            if self.revisions.repository.descends_from(&revision.hash, tag)? {
                return Ok(());
            }
        }
        wrong(match same.last() {
            None => PseudoReason::NoTag(base),
            Some(tag) => PseudoReason::NotDescendant(tag.clone()),
        })
    }
}

/// The time as a pseudo-version has it.
fn digits(time: Timestamp) -> String {
    let version = pseudo_version("", "", time, "x");
    version.split('-').nth(1).unwrap_or_default().to_owned()
}
