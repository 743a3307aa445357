//! The URL of a repository, with and without what is secret.

use super::error::RepoError;
use crate::discovery::repo_url::RepoUrl;
use gomod_module::url::GoUrl;
use gomod_module::url::percent::{Part, unescape};

/// A repository on a server.
#[derive(Clone)]
pub(super) struct Remote {
    /// What git is given.
    url: String,
    /// The URL without what is secret: what is written down, in the cache and in Origin.
    pub(super) name: String,
    /// What nothing may show.
    pub(super) secrets: Vec<String>,
}

/// The name that a repository in the cache has for the server.
const ORIGIN: &str = "origin";

impl Remote {
    pub(super) fn new(url: &RepoUrl) -> Result<Self, RepoError> {
        let not_url = || RepoError::NotUrl(url.to_string());
        let parts = GoUrl::parse(url.as_str()).map_err(|_| not_url())?;
        if !url.as_str().contains("://") || parts.host.is_none() {
            return Err(not_url());
        }
        let full = url.as_str().to_owned();
        let Some(user_info) = parts.user_info.filter(|info| !info.is_empty()) else {
            return Ok(Self { name: full.clone(), url: full, secrets: Vec::new() });
        };
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        // A user name is what ssh asks for; elsewhere it may be a token.
        let is_ssh = parts.scheme.to_ascii_lowercase().contains("ssh");
        let kept = if is_ssh { user } else { "" };
        let with_at = |text: &str| if text.is_empty() { String::new() } else { format!("{text}@") };
        let name = full.replacen(&with_at(user_info), &with_at(kept), 1);
        let hidden = if is_ssh { vec![password] } else { vec![user_info, password, user] };
        let decoded = |text: &str| unescape(text, Part::Other).unwrap_or_default();
        let mut secrets: Vec<_> = hidden
            .into_iter()
            .flat_map(|text| [text.to_owned(), String::from_utf8_lossy(&decoded(text)).into_owned()])
            .filter(|text| !text.is_empty())
            .collect();
        // The longest first, so that no part of one is left.
        secrets.sort_by_key(|text| std::cmp::Reverse(text.len()));
        secrets.dedup();
        Ok(Self { url: full, name, secrets })
    }

    /// What git is told in a repository that knows the server.
    pub(super) fn in_repository(&self) -> &str {
        if self.secrets.is_empty() { ORIGIN } else { &self.url }
    }

    /// What git is told elsewhere.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Remote").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Remote, RepoUrl};

    #[test]
    fn only_names_are_written_down() {
        for (url, name, hidden) in [
            ("https://r.test/x", "https://r.test/x", &[][..]),
            ("https://u:p%21@r.test/u", "https://r.test/u", &["u:p%21", "u:p!", "p%21", "p!", "u"]),
            ("https://token@r.test/x", "https://r.test/x", &["token"]),
            ("ssh://git@r.test/x", "ssh://git@r.test/x", &[]),
            ("git+ssh://git:p@r.test/x", "git+ssh://git@r.test/x", &["p"]),
        ] {
            let remote = Remote::new(&RepoUrl::known(url.to_owned())).unwrap();
            assert_eq!((remote.name.as_str(), remote.url()), (name, url));
            assert_eq!(remote.secrets, hidden, "{url}");
            assert_eq!(remote.in_repository() == "origin", hidden.is_empty());
        }
        for url in ["ext::sh", "a:b", "https:x", "r.test:x", "x"] {
            assert!(Remote::new(&RepoUrl::known(url.to_owned())).is_err(), "{url}");
        }
    }
}
