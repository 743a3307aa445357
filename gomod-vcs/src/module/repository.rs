use std::collections::HashMap;
use std::path::Path;

use gomod_module::path::path_major_prefix;
use gomod_module::version::is_pseudo_version;
use gomod_module::{Info, ModulePath, Origin, Timestamp, Version, semver};

use super::error::{LookupError, LookupReason};
use super::retractions::Retractions;
use crate::discovery::root::RepoRoot;
use crate::discovery::vcs::Vcs;
use crate::git::error::RepoError;
use crate::git::program::GitProgram;
use crate::git::repository::GitRepository;
use crate::git::revision::Revisions;

/// The versions of one module in its repository (`codeRepo` of the go command, <https://go.dev/ref/mod#vcs-version>).
///
/// What is missing is fetched when it is needed, as the go command does it and into the same place, so that either goes on
/// where the other stopped.
#[derive(Debug)]
pub struct ModuleRepository {
    pub(super) path: ModulePath,
    /// The path without its major version, unless the repository's root is the whole path.
    pub(super) path_prefix: String,
    root: String,
    /// The module's directory, without that of its major version.
    pub(super) code_dir: String,
    pub(super) revisions: Revisions,
    /// The retractions that count for names of commits, once they were read.
    pub(super) retractions: Option<Retractions>,
    /// What was found out, by what was asked for.
    pub(super) known: HashMap<String, Resolved>,
}

/// A version and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// The version.
    pub version: Version,
    /// When its commit was made.
    pub time: Timestamp,
    /// Where it comes from, and on what the answer depends, as the go command prints it; `None` where that cannot be told.
    pub origin: Option<Origin>,
}

impl Resolved {
    /// The `.info` file for the module cache: without what only the question depended on.
    pub fn to_info(&self) -> Info {
        let mut info = Info::new(self.version.as_str(), self.time);
        info.origin.clone_from(&self.origin);
        if let Some(origin) = &mut info.origin {
            for field in [&mut origin.tag_sum, &mut origin.tag_prefix, &mut origin.repo_sum] {
                field.clear();
            }
            if self.version.is_pseudo() {
                origin.reference.clear();
            }
        }
        info
    }
}

impl ModuleRepository {
    /// The module `path` in the repository that was found for it, in the module cache at `mod_cache`.
    ///
    /// # Errors
    /// [`LookupError`] if the repository cannot be read; [`RepoError::Unsupported`] is why for one that is not git's.
    pub fn open(
        git: &GitProgram,
        mod_cache: &Path,
        root: &RepoRoot,
        path: &ModulePath,
    ) -> Result<Self, LookupError> {
        Self::within(root, path, |failed| {
            GitRepository::open(git, mod_cache, &root.url).map_err(|e| failed(LookupReason::Repo(e)))
        })
    }

    /// Another module, at `path`, in the same repository, whose server is not asked for its references again: `root` is what was
    /// found for it, and has the same URL.
    ///
    /// # Errors
    /// [`LookupError`] where the repository cannot contain it.
    pub fn beside(&self, root: &RepoRoot, path: &ModulePath) -> Result<Self, LookupError> {
        Self::within(root, path, |_| Ok(self.revisions.repository.clone()))
    }

    /// Sets the program that further steps run: one that another run can cancel, or that tells another observer.
    pub fn runs(&mut self, git: &GitProgram) {
        self.revisions.repository.git = git.clone();
    }

    fn within(
        root: &RepoRoot,
        path: &ModulePath,
        open: impl FnOnce(&dyn Fn(LookupReason) -> LookupError) -> Result<GitRepository, LookupError>,
    ) -> Result<Self, LookupError> {
        let failed = |reason| LookupError {
            path: path.as_str().to_owned(),
            query: String::new(),
            origin: None,
            reason: Box::new(reason),
        };
        let (prefix, _) = path.prefix_and_major();
        let is_whole = root.root == path.as_str();
        let above =
            prefix.strip_prefix(&*root.root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !is_whole && !above {
            return Err(failed(LookupReason::Root(root.root.clone())));
        }
        if root.vcs != Vcs::Git {
            return Err(failed(LookupReason::Repo(RepoError::Unsupported(root.vcs))));
        }
        let repository = open(&failed)?;
        Ok(Self {
            path: path.clone(),
            path_prefix: if is_whole { path.as_str() } else { prefix }.to_owned(),
            root: root.root.clone(),
            code_dir: root.code_dir(path),
            revisions: Revisions::new(repository),
            retractions: None,
            known: HashMap::new(),
        })
    }

    /// The major version at the end of the path, with its separator.
    pub(super) fn major_suffix(&self) -> &str {
        self.path.prefix_and_major().1
    }

    /// The directory in which a major version may lie, where the path has one that is no part of the root.
    pub(super) fn major_dir(&self) -> Option<String> {
        let major = self.major_suffix().strip_prefix('/')?;
        (self.root != self.path.as_str()).then(|| major.to_owned())
    }

    /// The major version that a pseudo-version must have, empty for v0 and v1.
    pub(super) fn pseudo_major(&self) -> &str {
        path_major_prefix(self.major_suffix()).unwrap_or_default()
    }

    /// What stands before the version in a tag.
    pub(super) fn tag_prefix(&self) -> String {
        if self.code_dir.is_empty() { String::new() } else { format!("{}/", self.code_dir) }
    }

    /// The revision that a version stands for (`revToRev` of the go command); what is no version stands for itself.
    pub(super) fn revision_name(&self, version: &str) -> String {
        if !semver::is_valid(version) {
            return version.to_owned();
        }
        if is_pseudo_version(version) {
            let pseudo = gomod_module::PseudoVersion::parse(version);
            return pseudo.map_or_else(|_| version.to_owned(), |pseudo| pseudo.revision().to_owned());
        }
        format!("{}{}", self.tag_prefix(), version.strip_suffix("+incompatible").unwrap_or(version))
    }

    pub(super) fn error(&self, query: &str, origin: Option<Origin>, reason: LookupReason) -> LookupError {
        // An unknown revision says itself on what that depends.
        let origin = match &reason {
            LookupReason::Repo(RepoError::UnknownRevision { origin, .. }) => Some(origin.clone()),
            _ => origin.map(Box::new),
        };
        LookupError {
            path: self.path.as_str().to_owned(),
            query: query.to_owned(),
            origin,
            reason: Box::new(reason),
        }
    }

    /// The go.mod file of a version; `module PATH` where the module is from before there were any.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn go_mod(&mut self, version: &Version) -> Result<Vec<u8>, LookupError> {
        self.place_of(version).map(|place| match place.go_mod {
            Some(go_mod) => go_mod,
            None => format!("module {}\n", self.path).into_bytes(),
        })
    }

    /// Where a version lies, after a pseudo-version was checked.
    pub(super) fn place_of(&mut self, version: &Version) -> Result<super::go_mod::Place, LookupError> {
        if version.is_pseudo() {
            self.stat(version.as_str())?;
        }
        self.place(version.as_str()).map_err(|reason| self.error(version.as_str(), None, reason))
    }
}
