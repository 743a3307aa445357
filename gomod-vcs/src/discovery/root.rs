use gomod_module::ModulePath;
use thiserror::Error;

use super::go_import::is_prefix;
use super::repo_url::RepoUrl;
use super::vcs::Vcs;

/// Where a module comes from (`vcs.RepoRoot` of the go command, <https://go.dev/ref/mod#vcs-find>).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RepoRoot {
    /// The path at the repository's root: the module path or one that it begins with.
    pub root: String,
    /// What the repository is, or [`Vcs::Mod`] for a module proxy.
    pub vcs: Vcs,
    /// The repository.
    pub url: RepoUrl,
    /// The fourth field of the `go-import` tag: the directory to which `root` belongs; empty for the repository's root.
    pub subdir: String,
}

impl RepoRoot {
    /// The repository at `url`, whose root has the path `root`.
    pub fn new(root: impl Into<String>, vcs: Vcs, url: RepoUrl) -> Self {
        Self { root: root.into(), vcs, url, subdir: String::new() }
    }

    /// Sets the directory to which `root` belongs.
    ///
    /// # Errors
    /// [`SubdirError`] for what is no directory of a repository.
    pub fn with_subdir(mut self, subdir: impl Into<String>) -> Result<Self, SubdirError> {
        self.subdir = subdir.into();
        check_subdir(&self.subdir).map(|()| self)
    }

    /// The directory of a module in the repository, without its major version suffix; empty for the repository's root
    /// (<https://go.dev/ref/mod#vcs-version>). In Origin it is called `Subdir`.
    ///
    /// The directories of the path come first, then [`subdir`](Self::subdir), as in Go: `example.com/m/x` lies in `x/go`
    /// where the tag for `example.com/m` says `go`.
    ///
    /// ```
    /// use gomod_vcs::{Discovery, DiscoverySettings};
    ///
    /// let path = "github.com/user/repo/sub/v2".parse()?;
    /// let discovery = Discovery::new(&path, DiscoverySettings::new());
    /// let root = discovery.run(|request| panic!("{request:?}"), |ping| panic!("{ping:?}"))?;
    /// assert_eq!(root.code_dir(&path), "sub");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn code_dir(&self, path: &ModulePath) -> String {
        let (prefix, _) = path.prefix_and_major();
        let is_whole = self.root == path.as_str() || !is_prefix(&self.root, prefix);
        let rest = if is_whole { "" } else { prefix.get(self.root.len()..).unwrap_or_default() };
        let elements = rest.split('/').chain(self.subdir.split('/')).filter(|element| !element.is_empty());
        elements.collect::<Vec<_>>().join("/")
    }
}

/// Why the fourth field of a `go-import` tag is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubdirError {
    /// It begins with `/`.
    #[error("leading slash")]
    LeadingSlash,
    /// It begins with `-`.
    #[error("leading hyphen")]
    LeadingHyphen,
    /// A later element begins with `-`, or one is `.` or `..`, or has a backslash or a control character. Go takes these.
    #[error("element {0:?}")]
    Element(String),
}

/// Checks a fourth field.
pub(super) fn check_subdir(subdir: &str) -> Result<(), SubdirError> {
    if subdir.starts_with('/') {
        return Err(SubdirError::LeadingSlash);
    }
    if subdir.starts_with('-') {
        return Err(SubdirError::LeadingHyphen);
    }
    let is_odd = |element: &&str| {
        let has_odd = element.contains(|c: char| c == '\\' || c.is_control());
        matches!(*element, "." | "..") || element.starts_with('-') || has_odd
    };
    match subdir.split('/').find(is_odd) {
        Some(element) => Err(SubdirError::Element(element.to_owned())),
        None => Ok(()),
    }
}
