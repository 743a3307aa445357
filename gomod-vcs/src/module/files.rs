use gomod_module::Version;

use super::error::LookupError;
use super::repository::ModuleRepository;
use super::tar::{self, Entry, Kind};

/// The files of a version, as git writes them into an archive. They are in memory, 512 MiB at most
/// ([`GitLimits::output`](crate::GitLimits::output)).
#[derive(Debug)]
pub struct RevisionFiles {
    archive: Vec<u8>,
    entries: Vec<Entry>,
    /// The licence of the repository, where the module's directory has none.
    licence: Option<Vec<u8>>,
}

/// One file of a version. Nothing of it is checked: its name may be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevisionFile<'a> {
    /// Its path in the module, with slashes.
    pub name: &'a [u8],
    /// Whether it is a symbolic link, which module zips leave out.
    pub is_symlink: bool,
    /// Its content, or the target of the link.
    pub content: &'a [u8],
}

impl RevisionFiles {
    /// The files, in the order of the archive. The zip that is made of them has the `h1:` hash of the go command's.
    pub fn iter(&self) -> impl Iterator<Item = RevisionFile<'_>> {
        let files = self.entries.iter().map(|entry| RevisionFile {
            name: entry.name.get(entry.skip..).unwrap_or_default(),
            is_symlink: entry.kind == Kind::Symlink,
            content: match entry.kind {
                Kind::Symlink => &entry.target,
                _ => self.archive.get(entry.content.clone()).unwrap_or_default(),
            },
        });
        let licence = self.licence.as_deref();
        let licence = licence.map(|content| RevisionFile { name: LICENCE, is_symlink: false, content });
        files.chain(licence)
    }
}

const LICENCE: &[u8] = b"LICENSE";

/// What git is told to put before every name.
const PREFIX: &str = "prefix/";

impl ModuleRepository {
    /// The files of a version: those of the module's directory, and the repository's LICENSE where that directory has none
    /// (`Zip` of the go command). Which of them belong into the module zip, the rules of module zips say.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn files(&mut self, version: &Version) -> Result<RevisionFiles, LookupError> {
        let place = self.place_of(version)?;
        let failed = |repository: &Self, e: crate::git::error::RepoError| {
            repository.error(version.as_str(), None, e.into())
        };
        let archive = self.revisions.repository.archive(&place.hash, &place.dir);
        let archive = archive.map_err(|e| failed(self, e))?.unwrap_or_default();
        let Some(mut entries) = tar::entries(&archive) else {
            let e = self.revisions.repository.unexpected_archive();
            return Err(failed(self, e));
        };
        let slash = if place.dir.is_empty() { "" } else { "/" };
        let above = format!("{PREFIX}{}{slash}", place.dir).into_bytes();
        entries.retain(|entry| {
            let below = entry.name.strip_prefix(&*above);
            below.is_some_and(|name| !name.is_empty() && !name.ends_with(b"/"))
                && entry.kind != Kind::Directory
        });
        for entry in &mut entries {
            entry.skip = above.len();
        }
        let mut files = RevisionFiles { archive, entries, licence: None };
        if !place.dir.is_empty() && !files.iter().any(|file| file.name == LICENCE) {
            let licence = self.revisions.repository.read_file(&place.hash, "LICENSE");
            files.licence = licence.map_err(|e| failed(self, e))?;
        }
        Ok(files)
    }
}
