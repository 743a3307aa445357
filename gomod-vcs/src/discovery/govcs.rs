use std::collections::HashMap;

use gomod_module::PrefixPatterns;
use gomod_module::text::Printable;
use thiserror::Error;

use super::vcs::Vcs;

/// Which version control systems may be used for which paths: a GOVCS value, and Go's own rules after it
/// (<https://go.dev/ref/mod#vcs-govcs>).
///
/// ```
/// use gomod_vcs::{GoVcs, Vcs};
///
/// let rules = GoVcs::parse("github.com:git,*.corp.example:all")?;
/// assert!(rules.allows("svn.corp.example/x", false, Vcs::Svn));
/// // What no rule of the value is about: private paths any, public ones git and hg.
/// assert!(rules.allows("example.com/x", false, Vcs::Hg));
/// assert!(!rules.allows("example.com/x", false, Vcs::Svn));
/// # Ok::<(), gomod_vcs::GoVcsError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct GoVcs {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    paths: Paths,
    allowed: Vec<String>,
}

#[derive(Debug, Clone)]
enum Paths {
    Private,
    Public,
    Pattern(PrefixPatterns),
}

/// A GOVCS value that cannot be read. Each holds the entry or pattern at fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GoVcsError {
    /// Nothing between two commas.
    #[error("empty entry in GOVCS")]
    EmptyEntry,
    /// No colon.
    #[error("malformed entry in GOVCS (missing colon): {:?}", Printable::name(.0))]
    MissingColon(String),
    /// Nothing before the colon.
    #[error("empty pattern in GOVCS: {:?}", Printable::name(.0))]
    EmptyPattern(String),
    /// Nothing after the colon.
    #[error("empty VCS list in GOVCS: {:?}", Printable::name(.0))]
    EmptyList(String),
    /// Nothing between two bars.
    #[error("empty VCS name in GOVCS: {:?}", Printable::name(.0))]
    EmptyName(String),
    /// A pattern such as `./x`.
    #[error("relative pattern not allowed in GOVCS: {:?}", Printable::name(.0))]
    RelativePattern(String),
    /// The pattern stood there before.
    #[error(
        "unreachable pattern in GOVCS: {:?} after {:?}",
        Printable::name(entry),
        Printable::name(earlier)
    )]
    Unreachable {
        /// The entry that no path reaches.
        entry: String,
        /// The entry with the same pattern.
        earlier: String,
    },
}

impl GoVcs {
    /// Reads a GOVCS value: `pattern:vcs|vcs` with commas between, spaces around each part ignored.
    ///
    /// A malformed pattern matches nothing, and a word that names no system allows none.
    ///
    /// # Errors
    /// [`GoVcsError`].
    pub fn parse(value: &str) -> Result<Self, GoVcsError> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(Self::default());
        }
        let mut rules = Vec::new();
        let mut seen = HashMap::new();
        for text in value.split(',').map(str::trim) {
            if text.is_empty() {
                return Err(GoVcsError::EmptyEntry);
            }
            let entry = || text.to_owned();
            let (pattern, list) = text.split_once(':').ok_or_else(|| GoVcsError::MissingColon(entry()))?;
            let (pattern, list) = (pattern.trim(), list.trim());
            if pattern.is_empty() {
                return Err(GoVcsError::EmptyPattern(entry()));
            }
            if list.is_empty() {
                return Err(GoVcsError::EmptyList(entry()));
            }
            if pattern == "." || pattern == ".." || pattern.starts_with("./") || pattern.starts_with("../") {
                return Err(GoVcsError::RelativePattern(pattern.to_owned()));
            }
            if let Some(earlier) = seen.insert(pattern.to_owned(), entry()) {
                return Err(GoVcsError::Unreachable { entry: entry(), earlier });
            }
            let allowed: Vec<_> = list.split('|').map(|name| name.trim().to_owned()).collect();
            if allowed.iter().any(String::is_empty) {
                return Err(GoVcsError::EmptyName(entry()));
            }
            let paths = match pattern {
                "private" => Paths::Private,
                "public" => Paths::Public,
                _ => Paths::Pattern(PrefixPatterns::parse(pattern)),
            };
            rules.push(Rule { paths, allowed });
        }
        Ok(Self { rules })
    }

    /// Whether a repository with this root path, private or not, may be read with `vcs`: the first rule about the path
    /// decides. A module proxy ([`Vcs::Mod`]) always may.
    pub fn allows(&self, root: &str, is_private: bool, vcs: Vcs) -> bool {
        let is_about = |rule: &&Rule| match &rule.paths {
            Paths::Private => is_private,
            Paths::Public => !is_private,
            Paths::Pattern(pattern) => pattern.matches(root),
        };
        vcs == Vcs::Mod
            || match self.rules.iter().find(is_about) {
                Some(rule) => rule.allowed.iter().any(|word| word == "all" || word == vcs.as_str()),
                None => is_private || matches!(vcs, Vcs::Git | Vcs::Hg),
            }
    }
}
