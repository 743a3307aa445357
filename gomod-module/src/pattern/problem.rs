use std::fmt;

use super::{BadPatternError, Pattern, PrefixPatterns};
use crate::text::Printable;

/// More problems of one list are not told.
const MAX_PROBLEMS: usize = 100;

/// A pattern of a list ([`PrefixPatterns`]) that no module path matches, whatever it was meant for.
///
/// `Display` is a sentence without a full stop, which names the pattern and, where one can be guessed, a better one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatternProblem {
    /// The pattern as it stands between the commas; what is not UTF-8 is replaced.
    pub pattern: String,
    /// What is wrong with it.
    pub kind: PatternProblemKind,
    /// What was probably meant. It has no such problem.
    pub suggestion: Option<String>,
}

/// Why no module path matches a pattern. Of several reasons the first in this order is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PatternProblemKind {
    /// White space, which is part of the pattern: behind a comma, or in place of one.
    Blank,
    /// Quotation marks, which are part of the pattern.
    Quote,
    /// A semicolon. Commas separate patterns.
    Semicolon,
    /// A scheme such as `https://`. Module paths have none.
    Scheme,
    /// A user name before `@`.
    UserInfo,
    /// A port, or a path, behind a colon.
    Port,
    /// The element `...`, which has its meaning in other lists of the go command. A prefix needs no wildcard at its end.
    Ellipsis,
    /// Two slashes in a row, or one at the beginning.
    EmptyElement,
    /// A host that begins or ends with a dot.
    Dot,
    /// A malformed glob: a `[` without its `]`, or a backslash at the end.
    Malformed,
    /// A capital letter in the host, which in module paths is in small letters.
    Capital,
    /// Another character that no module path has.
    Character(char),
}

impl PrefixPatterns {
    /// The patterns of a list that no module path matches, at most 100: usually typing errors, with which a private path goes
    /// to a public proxy.
    ///
    /// The go command says nothing of them.
    ///
    /// ```
    /// use gomod_module::{PrefixPatterns, pattern::PatternProblemKind};
    ///
    /// let problems = PrefixPatterns::problems("example.org, git.corp.test,https://Git.corp.test:8443/team/");
    /// assert_eq!(problems[0].kind, PatternProblemKind::Blank);
    /// assert_eq!(problems[0].suggestion.as_deref(), Some("git.corp.test"));
    /// assert_eq!(problems[1].kind, PatternProblemKind::Scheme);
    /// assert_eq!(problems[1].suggestion.as_deref(), Some("git.corp.test/team"));
    /// assert_eq!(PrefixPatterns::problems("*.corp.test,rsc.io/private,none"), []);
    /// ```
    pub fn problems(list: impl AsRef<[u8]>) -> Vec<PatternProblem> {
        let patterns = list.as_ref().split(|&b| b == b',').map(String::from_utf8_lossy);
        let problem = |pattern: std::borrow::Cow<'_, str>| {
            let kind = problem_of(&pattern)?;
            Some(PatternProblem { suggestion: suggestion(&pattern), pattern: pattern.into_owned(), kind })
        };
        patterns.filter_map(problem).take(MAX_PROBLEMS).collect()
    }
}

fn problem_of(pattern: &str) -> Option<PatternProblemKind> {
    use PatternProblemKind as Kind;
    let trimmed = pattern.strip_suffix('/').unwrap_or(pattern);
    if trimmed.is_empty() {
        return None;
    }
    let literals = literals(trimmed);
    let has = |found: fn(char) -> bool| literals.iter().flatten().any(|c| found(*c));
    let host = literals.first().map(Vec::as_slice).unwrap_or_default();
    let is_malformed = matches!(Pattern::parse(trimmed.as_bytes()), Err(BadPatternError));
    let elements = || trimmed.split('/');
    Some(if has(char::is_whitespace) {
        Kind::Blank
    } else if has(|c| matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’')) {
        Kind::Quote
    } else if has(|c| c == ';') {
        Kind::Semicolon
    } else if trimmed.contains("://") {
        Kind::Scheme
    } else if host.contains(&'@') {
        Kind::UserInfo
    } else if host.contains(&':') {
        Kind::Port
    } else if elements().any(|element| element == "...") {
        Kind::Ellipsis
    } else if elements().any(str::is_empty) {
        Kind::EmptyElement
    } else if host.first() == Some(&'.') && trimmed.starts_with('.')
        || host.last() == Some(&'.') && elements().next().is_some_and(|host| host.ends_with('.'))
    {
        Kind::Dot
    } else if is_malformed {
        Kind::Malformed
    } else if host.iter().any(char::is_ascii_uppercase) {
        Kind::Capital
    } else {
        let is_of_paths = |c: &char| c.is_ascii_alphanumeric() || "-._~+".contains(*c);
        Kind::Character(*literals.iter().flatten().find(|c| !is_of_paths(c))?)
    })
}

/// The characters of each element that stand for themselves.
fn literals(pattern: &str) -> Vec<Vec<char>> {
    let mut elements = vec![Vec::new()];
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            ']' if in_class => in_class = false,
            '\\' if in_class => drop(chars.next()),
            _ if in_class => {}
            '[' => in_class = true,
            '*' | '?' => {}
            '/' => elements.push(Vec::new()),
            c => {
                let literal = if c == '\\' { chars.next() } else { Some(c) };
                elements.last_mut().into_iter().for_each(|element| element.extend(literal));
            }
        }
    }
    elements
}

/// The pattern, or the list, that was probably meant.
fn suggestion(pattern: &str) -> Option<String> {
    let unquoted = |part: &str| part.replace(|c: char| "\"'`“”„‘’".contains(c), "");
    let separators = |c: char| c.is_whitespace() || c == ';';
    let better: Vec<String> = pattern.split(separators).map(|part| mended(&unquoted(part))).collect();
    let better = better.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",");
    (!better.is_empty() && better.split(',').all(|part| problem_of(part).is_none())).then_some(better)
}

fn mended(pattern: &str) -> String {
    let rest = pattern.rsplit_once("://").map_or(pattern, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // `host:8443`, or `host:team` as git writes it.
    let (host, behind) = host.split_once(':').unwrap_or((host, ""));
    let behind = if behind.bytes().all(|b| b.is_ascii_digit()) { "" } else { behind };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix('.').map_or(host.clone(), |domain| format!("*.{domain}"));
    let elements = [host.as_str(), behind].into_iter().chain(path.split('/'));
    elements.filter(|element| !matches!(*element, "" | "...")).collect::<Vec<_>>().join("/")
}

impl fmt::Display for PatternProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = Printable::name(&self.pattern);
        write!(f, "the pattern \"{pattern}\" matches no module: {}", self.kind)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; \"{}\" is perhaps meant", Printable::name(suggestion)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for PatternProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "the white space is part of it",
            Self::Quote => "the quotation marks are part of it",
            Self::Semicolon => "commas separate patterns, semicolons do not",
            Self::Scheme => "module paths have no scheme",
            Self::UserInfo => "module paths have no user name",
            Self::Port => "module paths have no colon and no port",
            Self::Ellipsis => "\"...\" is no wildcard here, and a prefix needs none",
            Self::EmptyElement => "module paths have no slash at the beginning and no two in a row",
            Self::Dot => "the host begins or ends with a dot",
            Self::Malformed => "it is malformed",
            Self::Capital => "hosts in module paths have small letters",
            Self::Character(c) => {
                let c = c.to_string();
                return write!(f, "module paths have no \"{}\"", Printable::new(&c));
            }
        })
    }
}
