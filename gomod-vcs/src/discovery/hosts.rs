//! Paths that say where their repository is.

use thiserror::Error;

use super::go_import::is_prefix;
use super::vcs::Vcs;

/// A path that belongs to a host with a form of its own, and does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// The form is another.
    #[error("invalid {0} import path")]
    Form(&'static str),
    /// The repository's name ends as `.git` does.
    #[error("invalid version control suffix in {0}/ path")]
    Suffix(&'static str),
    /// A path that the go command never looks for.
    #[error("no modules there")]
    NoModules,
    /// An element that ends as `.git` does belongs to a host in the middle of the path.
    #[error("the repository is not at the beginning of the path")]
    Middle,
}

/// A repository that a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) root: String,
    pub(super) vcs: Vcs,
    /// Its URL; without a scheme where that must be found out.
    pub(super) url: Url,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Url {
    Complete(String),
    Schemeless(String),
}

/// An element of a path's form.
type Element = fn(&str) -> bool;

/// A host, with further elements where only those belong to it.
struct Host {
    prefix: &'static str,
    /// What follows in the root.
    root: &'static [Element],
    vcs: Vcs,
    may_have_suffix: bool,
    /// Whether modules may lie below the root.
    has_below: bool,
}

const HOSTS: [Host; 6] = [
    Host {
        prefix: "github.com",
        root: &[is_word, is_word],
        vcs: Vcs::Git,
        may_have_suffix: false,
        has_below: true,
    },
    Host {
        prefix: "bitbucket.org",
        root: &[is_word, is_word],
        vcs: Vcs::Git,
        may_have_suffix: false,
        has_below: true,
    },
    Host {
        prefix: "hub.jazz.net/git",
        root: &[|text| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), is_word],
        vcs: Vcs::Git,
        may_have_suffix: false,
        has_below: true,
    },
    Host {
        prefix: "git.apache.org",
        root: &[is_apache],
        vcs: Vcs::Git,
        may_have_suffix: true,
        has_below: true,
    },
    Host {
        prefix: "git.openstack.org",
        root: &[is_word, is_word],
        vcs: Vcs::Git,
        may_have_suffix: true,
        has_below: true,
    },
    Host {
        prefix: "chiselapp.com",
        root: &[
            |text| text == "user",
            |text| text.bytes().all(|b| b.is_ascii_alphanumeric()),
            |text| text == "repository",
            is_word,
        ],
        vcs: Vcs::Fossil,
        may_have_suffix: true,
        has_below: false,
    },
];

/// The suffixes by which a path can say what its repository is.
const SUFFIXES: [(&str, Vcs); 5] =
    [(".bzr", Vcs::Bzr), (".fossil", Vcs::Fossil), (".git", Vcs::Git), (".hg", Vcs::Hg), (".svn", Vcs::Svn)];

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

fn is_apache(text: &str) -> bool {
    let is_lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
    text.len() > ".git".len() && text.as_bytes().ends_with(b".git") && text.bytes().all(is_lower)
}

/// The repository that `path` names by its host or by a suffix; `None` where only a page can tell
/// (`vcsPaths` of the go command).
pub(super) fn named(path: &str) -> Result<Option<Named>, HostError> {
    if is_prefix("example.net", path) || path == "rsc.io" {
        return Err(HostError::NoModules);
    }
    match HOSTS.iter().find(|host| is_prefix(host.prefix, path)) {
        Some(host) => at_host(host, path).map(Some),
        None => by_suffix(path),
    }
}

fn at_host(host: &Host, path: &str) -> Result<Named, HostError> {
    let below = path.get(host.prefix.len() + 1..).unwrap_or_default();
    let elements: Vec<_> = below.split('/').collect();
    let Some((in_root, rest)) = elements.split_at_checked(host.root.len()) else {
        return Err(HostError::Form(host.prefix));
    };
    let has_form = in_root.iter().zip(host.root).all(|(element, fits)| !element.is_empty() && fits(element));
    let are_below = rest.is_empty() || host.has_below && rest.iter().all(|element| is_word(element));
    if !has_form || !are_below {
        return Err(HostError::Form(host.prefix));
    }
    let root = format!("{}/{}", host.prefix, in_root.join("/"));
    if !host.may_have_suffix && SUFFIXES.iter().any(|(suffix, _)| root.ends_with(suffix)) {
        return Err(HostError::Suffix(host.prefix));
    }
    Ok(Named { vcs: host.vcs, url: Url::Complete(format!("https://{root}")), root })
}

/// The last element with a suffix ends the root.
fn by_suffix(path: &str) -> Result<Option<Named>, HostError> {
    let elements: Vec<_> = path.split('/').collect();
    let fits = |element: &str| is_word(element.strip_prefix('~').unwrap_or(element));
    let found = elements.iter().enumerate().skip(1).rev().find_map(|(index, element)| {
        let (suffix, vcs) = SUFFIXES.into_iter().find(|(suffix, _)| element.ends_with(suffix))?;
        let stem = element.strip_suffix(suffix).unwrap_or_default();
        (!matches!(stem, "" | "~")).then_some((index, suffix, vcs))
    });
    let Some((index, suffix, vcs)) = found else { return Ok(None) };
    // Go looks for a host, elements and a suffix anywhere in the path, and then finds that the root is no beginning of it.
    let bad = elements.iter().skip(1).rposition(|element| !fits(element)).map(|at| at + 1);
    if let Some(bad) = bad {
        let in_middle = (bad..index).any(|at| elements.get(at).is_some_and(|element| ends_as_host(element)));
        return if in_middle { Err(HostError::Middle) } else { Ok(None) };
    }
    let root = elements.get(..=index).unwrap_or_default().join("/");
    let url = root.strip_suffix(suffix).unwrap_or(&root).to_owned();
    Ok(Some(Named { root, vcs, url: Url::Schemeless(url) }))
}

/// Whether the end of an element could be a host with a dot in it.
fn ends_as_host(element: &str) -> bool {
    let is_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
    let start = element.bytes().rposition(|b| !is_host(b)).map_or(0, |at| at + 1);
    let host = element.as_bytes().get(start..).unwrap_or_default();
    let inner = host.get(1..host.len().max(2) - 1).unwrap_or_default();
    inner.contains(&b'.')
}

/// The repository at launchpad.net that `path` names, which counts where no page said another; and, where the second
/// element may be a series or a directory, the URL that exists for a series and the root for a directory.
pub(super) fn launchpad(path: &str) -> Option<(String, Option<Series>)> {
    const HOST: &str = "launchpad.net";
    let below = path.strip_prefix(HOST)?.strip_prefix('/')?;
    let elements: Vec<_> = below.split('/').collect();
    let (first, rest) = elements.split_first()?;
    if let Some(user) = first.strip_prefix('~') {
        let fits = is_word(user) && rest.len() >= 2 && rest.iter().all(|element| is_word(element));
        let root = elements.get(..3)?.join("/");
        return fits.then(|| (format!("{HOST}/{root}"), None));
    }
    if !elements.iter().all(|element| is_word(element)) {
        return None;
    }
    let project = format!("{HOST}/{first}");
    Some(match rest.first() {
        None => (project, None),
        Some(series) => {
            let branch = format!("code.{project}/{series}/.bzr/branch-format");
            (format!("{project}/{series}"), Some(Series { branch, project }))
        }
    })
}

/// See [`launchpad`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) branch: String,
    pub(super) project: String,
}

#[cfg(test)]
mod tests {
    use super::{HostError, launchpad, named};

    #[test]
    fn a_repository_in_the_middle_of_a_path_is_none() {
        // Go takes `b.c/d.git` for the root here, and fails later.
        assert_eq!(named("h.test/a~b.c/d.git"), Err(HostError::Middle));
        assert_eq!(named("h.test/a~b/d.git"), Ok(None));
        assert_eq!(named("h.test/x.git/a~b.c"), Ok(None));
        assert_eq!(named("h.test/a~b.git"), Ok(None));
        assert!(matches!(named("h.test/~a/b..git/c"), Ok(Some(named)) if named.root == "h.test/~a/b..git"));
    }

    #[test]
    fn forms_of_launchpad() {
        assert!(launchpad("launchpad.net").is_none() && launchpad("launchpad.net/a~b").is_none());
        assert!(launchpad("launchpad.net/~a/b").is_none());
        assert_eq!(launchpad("launchpad.net/~a/b/c/d"), Some(("launchpad.net/~a/b/c".into(), None)));
    }
}
