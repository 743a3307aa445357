use std::fmt::{self, Display, Formatter};

/// A version control system, as the second field of a `go-import` tag names it
/// (<https://go.dev/ref/mod#vcs-find>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "those that Go knows")]
pub enum Vcs {
    /// Git.
    Git,
    /// Mercurial.
    Hg,
    /// Subversion.
    Svn,
    /// Bazaar.
    Bzr,
    /// Fossil.
    Fossil,
    /// No version control system: a module proxy.
    Mod,
}

impl Vcs {
    const ALL: [Self; 6] = [Self::Git, Self::Hg, Self::Svn, Self::Bzr, Self::Fossil, Self::Mod];

    /// The system with this name, in these letters.
    ///
    /// ```
    /// use gomod_vcs::Vcs;
    ///
    /// assert_eq!(Vcs::from_name("hg"), Some(Vcs::Hg));
    /// assert_eq!(Vcs::from_name("Git"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|vcs| vcs.as_str() == name)
    }

    /// The name: that of its program, or `mod`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Hg => "hg",
            Self::Svn => "svn",
            Self::Bzr => "bzr",
            Self::Fossil => "fossil",
            Self::Mod => "mod",
        }
    }

    /// The schemes under which a repository without one is looked for, in order.
    pub(super) fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Git => &["git", "https", "http", "git+ssh", "ssh"],
            Self::Hg => &["https", "http", "ssh"],
            Self::Svn => &["https", "http", "svn", "svn+ssh"],
            Self::Bzr => &["https", "http", "bzr", "bzr+ssh"],
            Self::Fossil => &["https", "http"],
            Self::Mod => &[],
        }
    }
}

impl Display for Vcs {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
