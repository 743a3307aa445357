//! Patterns of module path prefixes, as in GOPRIVATE.

use thiserror::Error;

mod packages;
mod problem;

pub use packages::match_packages;
pub use problem::{PatternProblem, PatternProblemKind};

/// A list of patterns as GOPRIVATE, GONOPROXY, GONOSUMDB and GOINSECURE hold it
/// (<https://go.dev/ref/mod#environment-variables>, `module.MatchPrefixPatterns`): separated by commas, each matched
/// against as many leading elements of a path as it has itself.
///
/// ```
/// use gomod_module::PrefixPatterns;
///
/// let private = PrefixPatterns::parse("*.corp.example.com,rsc.io/private");
/// assert!(private.matches("git.corp.example.com/team/repo"));
/// assert!(private.matches("rsc.io/private/quux"));
/// assert!(!private.matches("rsc.io/privateer"));
/// ```
#[doc(alias = "MatchPrefixPatterns")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrefixPatterns {
    is_set: bool,
    patterns: Vec<(usize, Pattern)>,
}

impl PrefixPatterns {
    /// Reads a list. A malformed pattern matches nothing and does not disturb the others; spaces are not trimmed.
    pub fn parse(list: impl AsRef<[u8]>) -> Self {
        let list = list.as_ref();
        let patterns = list
            .split(|&b| b == b',')
            .map(|pattern| pattern.strip_suffix(b"/").unwrap_or(pattern))
            .filter(|pattern| !pattern.is_empty())
            .filter_map(|pattern| Some((count_slashes(pattern), Pattern::parse(pattern).ok()?)))
            .collect();
        Self { is_set: !list.is_empty(), patterns }
    }

    /// Whether a pattern matches a prefix of `path`, element by element.
    pub fn matches(&self, path: impl AsRef<[u8]>) -> bool {
        let path = path.as_ref();
        self.patterns
            .iter()
            .any(|(slashes, pattern)| prefix(path, *slashes).is_some_and(|prefix| pattern.matches(prefix)))
    }

    /// Whether the list was the empty text, which is how Go tells that there is none.
    pub fn is_empty(&self) -> bool {
        !self.is_set
    }
}

fn count_slashes(text: &[u8]) -> usize {
    text.split(|&b| b == b'/').skip(1).count()
}

/// The elements of `path` up to the slash after that many slashes, if it has as many.
fn prefix(path: &[u8], slashes: usize) -> Option<&[u8]> {
    let mut ends = path.iter().enumerate().filter(|&(_, &b)| b == b'/').map(|(end, _)| end);
    match ends.nth(slashes) {
        Some(end) => path.get(..end),
        None => (count_slashes(path) == slashes).then_some(path),
    }
}

/// A pattern that [`path_match`] cannot read.
#[doc(alias = "ErrBadPattern")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("syntax error in pattern")]
#[non_exhaustive]
pub struct BadPatternError;

/// Whether `pattern` matches all of `name` (Go's [`path.Match`](https://pkg.go.dev/path#Match)).
///
/// `*` is any text without a slash, `?` one character other than a slash, `[a-z]` and `[^a-z]` one character in or
/// not in the ranges; `\` takes the meaning from what follows.
///
/// ```
/// use gomod_module::pattern::path_match;
///
/// assert!(path_match("v1.[0-9].?", "v1.2.3")?);
/// assert!(!path_match("*", "a/b")?);
/// # Ok::<(), gomod_module::pattern::BadPatternError>(())
/// ```
///
/// # Errors
/// [`BadPatternError`] if the pattern is malformed, whatever the name is.
#[doc(alias = "Match")]
pub fn path_match(pattern: impl AsRef<[u8]>, name: impl AsRef<[u8]>) -> Result<bool, BadPatternError> {
    Pattern::parse(pattern.as_ref()).map(|pattern| pattern.matches(name.as_ref()))
}

/// Runs of operators, each after a star except perhaps the first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern(Vec<Chunk>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Chunk {
    after_star: bool,
    operators: Vec<Operator>,
}

/// What matches one byte or character.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Operator {
    Byte(u8),
    NoSlash,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    fn parse(mut pattern: &[u8]) -> Result<Self, BadPatternError> {
        let mut chunks = Vec::new();
        let mut chunk = Chunk::default();
        while let Some((&first, rest)) = pattern.split_first() {
            pattern = rest;
            chunk.operators.push(match first {
                b'*' => {
                    if !chunk.operators.is_empty() {
                        chunks.push(std::mem::take(&mut chunk));
                    }
                    chunk.after_star = true;
                    continue;
                }
                b'?' => Operator::NoSlash,
                b'[' => parse_class(&mut pattern)?,
                b'\\' => {
                    let (&escaped, rest) = pattern.split_first().ok_or(BadPatternError)?;
                    pattern = rest;
                    Operator::Byte(escaped)
                }
                byte => Operator::Byte(byte),
            });
        }
        if chunk != Chunk::default() {
            chunks.push(chunk);
        }
        Ok(Self(chunks))
    }

    /// Lets each chunk match where it first can, except that the last must reach the end.
    fn matches(&self, mut name: &[u8]) -> bool {
        let mut chunks = self.0.iter();
        while let Some(chunk) = chunks.next() {
            let is_last = chunks.len() == 0;
            if chunk.after_star && chunk.operators.is_empty() {
                return !name.contains(&b'/');
            }
            let starts = if chunk.after_star {
                // A star crosses bytes, not characters, and no slash.
                1 + name.iter().position(|&b| b == b'/').unwrap_or(name.len())
            } else {
                1
            };
            let rest = (0..starts)
                .filter_map(|start| chunk.match_prefix(name.get(start..)?))
                .find(|rest| rest.is_empty() || !is_last);
            match rest {
                Some(rest) => name = rest,
                None => return false,
            }
        }
        name.is_empty()
    }
}

impl Chunk {
    /// What follows in `name` after this chunk.
    fn match_prefix<'a>(&self, mut name: &'a [u8]) -> Option<&'a [u8]> {
        for operator in &self.operators {
            let (&byte, after_byte) = name.split_first()?;
            let (c, after_char) = split_char(name);
            name = match operator {
                Operator::Byte(wanted) if byte == *wanted => after_byte,
                Operator::NoSlash if byte != b'/' => after_char,
                Operator::Class { negated, ranges }
                    if ranges.iter().any(|(low, high)| (low..=high).contains(&&c)) != *negated =>
                {
                    after_char
                }
                _ => return None,
            };
        }
        Some(name)
    }
}

/// Reads a class up to its `]`, after its `[`.
fn parse_class(pattern: &mut &[u8]) -> Result<Operator, BadPatternError> {
    let negated = pattern.starts_with(b"^");
    *pattern = pattern.strip_prefix(b"^").unwrap_or(pattern);
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty()
            && let Some(rest) = pattern.strip_prefix(b"]")
        {
            *pattern = rest;
            return Ok(Operator::Class { negated, ranges });
        }
        let low = parse_class_char(pattern)?;
        let high = match pattern.strip_prefix(b"-") {
            Some(rest) => {
                *pattern = rest;
                parse_class_char(pattern)?
            }
            None => low,
        };
        ranges.push((low, high));
    }
}

fn parse_class_char(pattern: &mut &[u8]) -> Result<char, BadPatternError> {
    if matches!(pattern.first(), None | Some(b'-' | b']')) {
        return Err(BadPatternError);
    }
    let escaped = pattern.strip_prefix(b"\\").unwrap_or(pattern);
    let (c, rest) = split_char(escaped);
    let is_invalid = c == char::REPLACEMENT_CHARACTER && escaped.len() - rest.len() == 1;
    if is_invalid || rest.is_empty() {
        return Err(BadPatternError);
    }
    *pattern = rest;
    Ok(c)
}

/// The first character and what follows it; a byte that belongs to none counts as U+FFFD.
fn split_char(text: &[u8]) -> (char, &[u8]) {
    let valid = (1..=4).find_map(|width| {
        let (first, rest) = text.split_at_checked(width)?;
        Some((std::str::from_utf8(first).ok()?.chars().next()?, rest))
    });
    valid.unwrap_or((char::REPLACEMENT_CHARACTER, text.get(1..).unwrap_or_default()))
}
