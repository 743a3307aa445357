use std::fmt::{self, Debug, Display, Formatter};

use thiserror::Error;

use gomod_module::url::percent::{Part, unescape};
use gomod_module::url::{GoUrl, UrlReason};

/// The URL of a repository or, for [`Vcs::Mod`](crate::Vcs::Mod), of a module proxy. What it shows is without user name
/// and password.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RepoUrl(String);

/// Why a URL is not taken for a repository's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RepoUrlError {
    /// It is no URL.
    #[error(transparent)]
    Syntax(UrlReason),
    /// It has no scheme.
    #[error("no scheme")]
    NoScheme,
    /// It names a file.
    #[error("file scheme disallowed")]
    File,
    /// User, host or path begins with `-`, which programs could take for an option. Go takes such URLs.
    #[error("{0} begins with a hyphen")]
    Hyphen(&'static str),
    /// An escape stands for a control character, which could end a line of a protocol. Go takes such URLs.
    #[error("escaped control character")]
    EscapedControl,
    /// What would be sent can be read and changed on the way, and GOINSECURE does not match. Go takes such URLs.
    #[error("the scheme {0} is not secure, and GOINSECURE does not match")]
    Insecure(String),
}

/// Schemes without encryption.
const INSECURE: [&str; 5] = ["http", "git", "ftp", "svn", "bzr"];

impl RepoUrl {
    /// Takes a URL such as that of a `go-import` tag; one without encryption only where GOINSECURE allows it.
    ///
    /// ```
    /// use gomod_vcs::RepoUrl;
    ///
    /// let url = RepoUrl::new("https://token@git.example/m", false)?;
    /// assert_eq!(url.to_string(), "https://xxxxx@git.example/m");
    /// assert!(RepoUrl::new("http://git.example/m", false).is_err());
    /// # Ok::<(), gomod_vcs::RepoUrlError>(())
    /// ```
    ///
    /// # Errors
    /// [`RepoUrlError`].
    pub fn new(url: &str, is_insecure_allowed: bool) -> Result<Self, RepoUrlError> {
        let parts = GoUrl::parse(url).map_err(RepoUrlError::Syntax)?;
        if parts.scheme.is_empty() {
            return Err(RepoUrlError::NoScheme);
        }
        if parts.has_scheme("file") {
            return Err(RepoUrlError::File);
        }
        // What follows a scheme without a slash is looked at as a path is.
        let path = parts.opaque.unwrap_or(parts.path);
        let path = path.strip_prefix('/').unwrap_or(path);
        let named = [("user", parts.user_info), ("host", parts.host), ("path", Some(path))];
        for (name, part) in named {
            let part = part.unwrap_or_default();
            let part = unescape(part, Part::Other).unwrap_or_else(|_| part.into());
            if part.starts_with(b"-") {
                return Err(RepoUrlError::Hyphen(name));
            }
            if part.iter().any(u8::is_ascii_control) {
                return Err(RepoUrlError::EscapedControl);
            }
        }
        if !is_insecure_allowed && INSECURE.iter().any(|scheme| parts.has_scheme(scheme)) {
            return Err(RepoUrlError::Insecure(parts.scheme.to_ascii_lowercase()));
        }
        Ok(Self(url.to_owned()))
    }

    /// Takes a URL that was made of parts known to be good.
    pub(crate) fn known(url: String) -> Self {
        Self(url)
    }

    /// The URL, with user name and password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `url` with `xxxxx` in place of everything before the last `@` of what follows the scheme.
pub(crate) fn redacted(url: &str) -> String {
    let Some((hidden, shown)) = url.rsplit_once('@') else { return url.to_owned() };
    match hidden.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://xxxxx@{shown}"),
        None => format!("xxxxx@{shown}"),
    }
}

impl Display for RepoUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&redacted(&self.0))
    }
}

impl Debug for RepoUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "RepoUrl({:?})", redacted(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{RepoUrl, redacted};

    #[test]
    fn nobody_reads_a_password() {
        for (url, shown) in [
            ("https://r.test/x", "https://r.test/x"),
            ("https://u:p@r.test/x", "https://xxxxx@r.test/x"),
            ("https://token@r.test/x", "https://xxxxx@r.test/x"),
            ("https://u:p@w@r.test", "https://xxxxx@r.test"),
            ("u:p@r.test:x", "xxxxx@r.test:x"),
        ] {
            assert_eq!(redacted(url), shown);
        }
        let url = RepoUrl::new("https://u:p@r.test/x", false).unwrap();
        assert_eq!(format!("{url} {url:?}"), "https://xxxxx@r.test/x RepoUrl(\"https://xxxxx@r.test/x\")");
    }
}
