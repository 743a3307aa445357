//! The grammar of a GOPROXY value.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::protocol::base_url::BaseUrl;
use crate::protocol::base_url::redacted::redacted_text;
use gomod_module::url::UrlReason;

/// A GOPROXY value: the list of sources to ask, in order.
///
/// Equal to what the go command reads from the same text
/// ([Module proxies](https://go.dev/ref/mod#module-proxy), `proxyList` in cmd/go): entries end in `,` or `|`, white space around
/// them and empty entries are dropped, nothing behind the first `direct` or `off` is looked at, `https://` is added
/// where a host stands alone, and one bad entry makes the whole value invalid.
///
/// `Display` and `Debug` replace passwords, lone user names and query strings by `xxxxx`.
///
/// ```
/// use gomod_proxy_client::protocol::Separator;
/// use gomod_proxy_client::GoProxy;
///
/// let list = GoProxy::parse("https://user:secret@goproxy.example | proxy.golang.org,direct")?;
/// assert_eq!(list.to_string(), "https://user:xxxxx@goproxy.example|https://proxy.golang.org,direct");
/// assert_eq!(list.entries()[0].separator(), Separator::Pipe);
/// # Ok::<(), gomod_proxy_client::protocol::GoProxyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct GoProxy {
    entries: Arc<[Entry]>,
    only_direct: bool,
}

/// One entry of a [`GoProxy`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    text: String,
    kind: EntryKind,
    pub(crate) url: Option<BaseUrl>,
    separator: Separator,
}

/// What an entry of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// An `http`, `https` or `file` URL.
    Url,
    /// `direct`: ask the version control system.
    Direct,
    /// `off`: no source is asked.
    Off,
}

/// What stands behind an entry and says when the next one is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the grammar has two")]
pub enum Separator {
    /// `,`: only where the entry answers "not found".
    Comma,
    /// `|`: after any error.
    Pipe,
}

impl Separator {
    /// `,` or `|`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Pipe => "|",
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no GOPROXY value. Credentials in it are redacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoProxyError {
    /// Nothing but separators and white space, or nothing at all.
    ///
    /// An unset GOPROXY means a default list; that is `GoEnv`'s to know. An empty text reaches the go command from
    /// a `GOPROXY=` line of `go env -w` alone, and fails there too.
    #[error("GOPROXY list is not the empty string, but contains no entries")]
    NoEntries,
    /// An entry is no URL.
    #[error("parse {entry:?}: {reason}")]
    #[non_exhaustive]
    Url {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        reason: UrlReason,
    },
    /// A word that is neither `direct` nor `off`, or an absolute path.
    #[error("invalid proxy URL missing scheme: {entry}")]
    #[non_exhaustive]
    MissingScheme {
        /// The entry.
        entry: String,
    },
    /// A scheme other than `https`, `http` and `file`.
    #[error("invalid proxy URL scheme (must be https, http, file): {entry}")]
    #[non_exhaustive]
    Scheme {
        /// The entry.
        entry: String,
    },
    /// A `file` URL with a host, a query, a fragment or credentials, or without `//`.
    #[error("invalid file:// proxy URL with non-path elements: {entry}")]
    #[non_exhaustive]
    NonPathElements {
        /// The entry.
        entry: String,
    },
}

impl GoProxy {
    /// The list that a text means.
    ///
    /// # Errors
    /// [`GoProxyError`] where the go command fails every lookup with this value.
    pub fn parse(text: &str) -> Result<Self, GoProxyError> {
        let mut entries = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (item, separator) = match rest.find([',', '|']).and_then(|at| rest.split_at_checked(at)) {
                Some((item, tail)) => {
                    rest = tail.get(1..).unwrap_or_default();
                    (item, if tail.starts_with('|') { Separator::Pipe } else { Separator::Comma })
                }
                None => (std::mem::take(&mut rest), Separator::Comma),
            };
            match item.trim() {
                "" => {}
                word @ ("off" | "direct") => {
                    entries.push(Entry::word(word));
                    break;
                }
                item => entries.push(Entry::parse(item, separator)?),
            }
        }
        if entries.is_empty() {
            return Err(GoProxyError::NoEntries);
        }
        Ok(Self { entries: entries.into(), only_direct: text == "direct" })
    }

    /// The list of one source.
    #[cfg(feature = "client")]
    pub(crate) fn of(entry: Entry) -> Self {
        Self { entries: [entry].into(), only_direct: false }
    }

    /// The entries, at least one.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether the text is `direct` and nothing else: GONOPROXY means nothing then.
    pub(crate) fn is_only_direct(&self) -> bool {
        self.only_direct
    }
}

impl FromStr for GoProxy {
    type Err = GoProxyError;

    fn from_str(text: &str) -> Result<Self, GoProxyError> {
        Self::parse(text)
    }
}

impl fmt::Display for GoProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.entries.iter().enumerate() {
            let last = index + 1 == self.entries.len();
            write!(f, "{entry}")?;
            if !last || entry.separator == Separator::Pipe {
                write!(f, "{}", entry.separator)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for GoProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoProxy({self})")
    }
}

impl Entry {
    /// `direct`.
    #[cfg(feature = "client")]
    pub(crate) fn direct() -> Self {
        Self::word("direct")
    }

    fn word(word: &str) -> Self {
        let kind = if word == "off" { EntryKind::Off } else { EntryKind::Direct };
        Self { text: word.to_owned(), kind, url: None, separator: Separator::Comma }
    }

    pub(crate) fn parse(item: &str, separator: Separator) -> Result<Self, GoProxyError> {
        let is_path = item.starts_with('/') || std::path::Path::new(item).is_absolute();
        let text = if item.contains(['.', ':', '/']) && !item.contains(":/") && !is_path {
            format!("https://{item}")
        } else {
            item.to_owned()
        };
        let url = BaseUrl::parse(&text).map_err(|reason| {
            let entry = redacted_text(&text);
            GoProxyError::Url { reason: reason.redacted_as(&entry), entry }
        })?;
        match url.scheme.as_str() {
            "http" | "https" => {}
            "file" if url.is_plain_file() => {}
            "file" => return Err(GoProxyError::NonPathElements { entry: url.to_string() }),
            "" => return Err(GoProxyError::MissingScheme { entry: redacted_text(&text) }),
            _ => return Err(GoProxyError::Scheme { entry: url.to_string() }),
        }
        Ok(Self { text, kind: EntryKind::Url, url: Some(url), separator })
    }

    /// The text as written, `https://` added where the grammar adds it. **It may hold credentials**; `Display`
    /// does not.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub fn kind(&self) -> EntryKind {
        self.kind
    }

    /// What stands behind it; a comma at the end of the list and after `direct` and `off`.
    pub fn separator(&self) -> Separator {
        self.separator
    }
}

/// Redacted.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.url {
            Some(url) => url.fmt(f),
            None => f.write_str(&self.text),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({self}{})", self.separator)
    }
}
