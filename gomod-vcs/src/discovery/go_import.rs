use gomod_module::text::Printable;
use thiserror::Error;

use super::page::{Token, Tokens};
use super::page_error::PageSyntaxError;
use super::vcs::Vcs;

/// The longest page that is read, in bytes. Go has no limit.
pub const MAX_PAGE: usize = 16 << 20;

/// The most `go-import` tags that a page may have. Go has no limit.
const MAX_TAGS: usize = 10_000;

/// A `go-import` tag: `<meta name="go-import" content="prefix vcs repo subdir">`
/// (<https://go.dev/ref/mod#vcs-find>). Nothing of it is checked.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GoImport {
    /// The path at the repository's root.
    pub prefix: String,
    /// The version control system.
    pub vcs: String,
    /// The repository's URL, with its credentials, if it has any.
    pub repo: String,
    /// The modules' directory in the repository; empty for its root.
    pub subdir: String,
}

impl std::fmt::Debug for GoImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GoImport")
            .field("prefix", &self.prefix)
            .field("vcs", &self.vcs)
            .field("repo", &super::repo_url::redacted(&self.repo))
            .field("subdir", &self.subdir)
            .finish()
    }
}

impl GoImport {
    /// The tag with this content, if it has three or four words.
    fn from_content(content: &str) -> Option<Self> {
        let words: Vec<_> = content.split_whitespace().take(5).collect();
        let (prefix, vcs, repo, subdir) = match words[..] {
            [prefix, vcs, repo] => (prefix, vcs, repo, ""),
            [prefix, vcs, repo, subdir] => (prefix, vcs, repo, subdir),
            _ => return None,
        };
        let [prefix, vcs, repo, subdir] = [prefix, vcs, repo, subdir].map(str::to_owned);
        Some(Self { prefix, vcs, repo, subdir })
    }

    fn is_mod(&self) -> bool {
        self.vcs == Vcs::Mod.as_str()
    }
}

/// A page whose tags cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PageError {
    /// The page breaks off or is malformed before its first tag.
    #[error(transparent)]
    Syntax(PageSyntaxError),
    /// The head of the page does not end within [`MAX_PAGE`] bytes.
    #[error("the head of the page is longer than {MAX_PAGE} bytes")]
    TooLong,
    /// More tags than any server has.
    #[error("more than {MAX_TAGS} go-import tags")]
    TooManyTags,
}

/// The `go-import` tags of a page, those for module proxies first, without those that one of these replaces
/// (`parseMetaGoImports` of the go command).
///
/// The page is read as the go command reads it: by Go's `encoding/xml`, up to the end of its head or the beginning of its
/// body, whatever its status, type and encoding are said to be. An error counts only before the first tag. Of a page
/// longer than [`MAX_PAGE`] give at least one byte more than that.
///
/// ```
/// let page = br#"<head><meta name="go-import" content="example.com/m git https://git.example/m"></head>"#;
/// let tags = gomod_vcs::go_imports(page)?;
/// assert_eq!(tags[0].repo, "https://git.example/m");
///
/// let error = gomod_vcs::go_imports(b"<script>if (a < b) {}</script>").unwrap_err();
/// assert_eq!(error.to_string(), "XML syntax error on line 1: expected element name after <");
/// # Ok::<(), gomod_vcs::PageError>(())
/// ```
///
/// # Errors
/// [`PageError`].
pub fn go_imports(page: &[u8]) -> Result<Vec<GoImport>, PageError> {
    let mut tokens = Tokens::new(page.get(..MAX_PAGE).unwrap_or(page));
    let is_cut = page.len() > MAX_PAGE;
    let mut tags = Vec::new();
    loop {
        let tag = match tokens.next() {
            Ok(Some(Token::Start(tag))) if tag.element.eq_ignore_ascii_case("body") => break,
            Ok(Some(Token::End { name })) if name.eq_ignore_ascii_case("head") => break,
            Ok(Some(Token::Start(tag))) => tag,
            Ok(Some(_)) => continue,
            // What follows could hold another tag.
            Ok(None) if is_cut => return Err(PageError::TooLong),
            Err(_) if is_cut && tokens.is_at_end() => return Err(PageError::TooLong),
            Err(e) if tags.is_empty() => return Err(PageError::Syntax(e)),
            Ok(None) | Err(_) => break,
        };
        let is_import = tag.element.eq_ignore_ascii_case("meta") && tag.name.as_deref() == Some("go-import");
        if let Some(tag) =
            tag.content.filter(|_| is_import).and_then(|content| GoImport::from_content(&content))
        {
            if tags.len() == MAX_TAGS {
                return Err(PageError::TooManyTags);
            }
            tags.push(tag);
        }
    }
    let (mods, others): (Vec<_>, Vec<_>) = tags.into_iter().partition(GoImport::is_mod);
    let replaced: std::collections::HashSet<_> = mods.iter().map(|tag| tag.prefix.clone()).collect();
    let others = others.into_iter().filter(|tag| !replaced.contains(&tag.prefix));
    Ok(mods.into_iter().chain(others).collect())
}

/// Why none of a page's tags is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoMatchError {
    /// No tag is about the path.
    #[error("no go-import tag is about {path}{}", Others(prefixes))]
    None {
        /// The import path.
        path: String,
        /// The paths that the tags are about.
        prefixes: Vec<String>,
    },
    /// Two are, and neither is for a module proxy alone.
    #[error("multiple go-import tags match {path}")]
    Multiple {
        /// The import path.
        path: String,
    },
}

/// The first prefixes of a list, as far as a message can name them.
struct Others<'a>(&'a [String]);

impl std::fmt::Display for Others<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 5;
        for (index, prefix) in self.0.iter().take(SHOWN).enumerate() {
            let before = if index == 0 { ", only about " } else { ", " };
            write!(f, "{before}{}", Printable::name(prefix))?;
        }
        if self.0.len() > SHOWN { write!(f, " and {} more", self.0.len() - SHOWN) } else { Ok(()) }
    }
}

/// The tag of a page that is about `path` (`matchGoImport` of the go command).
pub(super) fn matching<'a>(tags: &'a [GoImport], path: &str) -> Result<&'a GoImport, NoMatchError> {
    let is_about = |tag: &&GoImport| is_prefix(&tag.prefix, path);
    let mut found = tags.iter().filter(is_about);
    match (found.next(), found.next()) {
        (None, _) => Err(NoMatchError::None {
            path: path.to_owned(),
            prefixes: tags.iter().map(|tag| tag.prefix.clone()).collect(),
        }),
        (Some(first), Some(second)) if !first.is_mod() || second.is_mod() => {
            Err(NoMatchError::Multiple { path: path.to_owned() })
        }
        (Some(first), _) => Ok(first),
    }
}

/// Whether `path` is `prefix` or goes on after a slash (`str.HasPathPrefix` of the go command).
pub(crate) fn is_prefix(prefix: &str, path: &str) -> bool {
    match path.strip_prefix(prefix) {
        Some(rest) => rest.is_empty() || prefix.is_empty() || prefix.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}
