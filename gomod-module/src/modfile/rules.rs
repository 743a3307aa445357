//! What the words of each directive mean.
//!
//! Source: `modfile/rule.go`.

use std::borrow::Cow;
use std::path::MAIN_SEPARATOR;

use super::syntax::Directive;
use super::unquote;
use super::{
    Exclude, Go, Godebug, Ignore, Module, ProblemReason, Replace, Require, Retract, Tool, Toolchain, Use,
    VersionProblem,
};
use crate::path::{check_path_major, split_path_version};
use crate::text::GoString;
use crate::version::canonical_version;

type Rule<T> = Result<T, ProblemReason>;

impl Directive<'_, '_> {
    pub(super) fn unknown(&self) -> ProblemReason {
        ProblemReason::UnknownDirective(self.verb.into())
    }

    /// The `go` line; `lax` corrects what old files hold, such as `v1.21.x`.
    pub(super) fn go(&self, lax: bool) -> Rule<Go> {
        let [arg] = self.args else {
            return Err(ProblemReason::Arguments("go"));
        };
        let version = String::from_utf8_lossy(arg);
        let version = match language_prefix(&version) {
            Some((language, rest)) if is_release_suffix(rest) && !version.starts_with('v') => {
                format!("{language}{rest}")
            }
            Some((language, rest)) if lax && !rest.is_empty() => language.to_owned(),
            _ => return Err(ProblemReason::GoVersion((*arg).into())),
        };
        Ok(Go { version, line: self.line_number() })
    }

    pub(super) fn toolchain(&self) -> Rule<Toolchain> {
        let [name] = self.args else {
            return Err(ProblemReason::Arguments("toolchain"));
        };
        if !(*name == b"default" || *name == b"go1" || name.starts_with(b"go1.")) {
            return Err(ProblemReason::ToolchainName((*name).into()));
        }
        Ok(Toolchain { name: GoString::from(*name), line: self.line_number() })
    }

    pub(super) fn module(&self) -> Rule<Module> {
        let [path] = self.args else {
            return Err(ProblemReason::Arguments("module"));
        };
        let deprecated = deprecation(self.comment().as_bytes()).map(GoString::from);
        Ok(Module { path: string(path)?, deprecated, line: self.line_number() })
    }

    pub(super) fn godebug(&self) -> Rule<Godebug> {
        let cut = match self.args {
            [arg] if !arg.iter().any(|byte| matches!(byte, b'"' | b'`' | b'\'' | b',')) => {
                arg.iter().position(|byte| *byte == b'=').and_then(|at| arg.split_at_checked(at))
            }
            _ => None,
        };
        let Some((key, [_, value @ ..])) = cut else {
            return Err(ProblemReason::Arguments("godebug"));
        };
        Ok(Godebug { key: key.into(), value: value.into(), line: self.line_number() })
    }

    /// Whether an argument is a version in another form than the canonical one.
    pub(super) fn shortens_a_version(&self) -> bool {
        self.args.iter().any(|word| {
            let text = unquote::word(word).unwrap_or_default();
            std::str::from_utf8(&text)
                .is_ok_and(|text| canonical_version(text).is_some_and(|version| version != text))
        })
    }

    pub(super) fn require(&self) -> Rule<Require> {
        let (path, version) = self.path_and_version("require")?;
        let indirect = self.suffix().is_some_and(is_indirect);
        Ok(Require { path, version, indirect, line: self.line_number() })
    }

    pub(super) fn exclude(&self) -> Rule<Exclude> {
        let (path, version) = self.path_and_version("exclude")?;
        Ok(Exclude { path, version, line: self.line_number() })
    }

    fn path_and_version(&self, directive: &'static str) -> Rule<(GoString, String)> {
        let [path, version] = self.args else {
            return Err(ProblemReason::Arguments(directive));
        };
        let path = string(path)?;
        let version = canonical(directive, &path, version)?;
        let major = path_major(&path).ok_or(ProblemReason::ModulePath)?;
        check_major(directive, &path, major, &version)?;
        Ok((path, version))
    }

    pub(super) fn replace(&self) -> Rule<Replace> {
        const DIRECTIVE: &str = "replace";
        let (old_path, old_version, new_path, new_version) = match self.args {
            [old, b"=>", new] => (old, None, new, None),
            [old, b"=>", new, version] => (old, None, new, Some(version)),
            [old, version, b"=>", new] => (old, Some(version), new, None),
            [old, version, b"=>", new, new_version] if *version != b"=>" => {
                (old, Some(version), new, Some(new_version))
            }
            _ => return Err(ProblemReason::Arguments(DIRECTIVE)),
        };
        let old_path = string(old_path)?;
        let major = path_major(&old_path).ok_or_else(|| ProblemReason::ReplacedPath(old_path.clone()))?;
        let old_version = match old_version {
            Some(version) => {
                let version = canonical(DIRECTIVE, &old_path, version)?;
                check_major(DIRECTIVE, &old_path, major, &version)?;
                Some(version)
            }
            None => None,
        };
        let new_path = string(new_path)?;
        let new_version = if let Some(version) = new_version {
            let version = canonical(DIRECTIVE, &new_path, version)?;
            if is_directory(new_path.as_bytes()) {
                return Err(ProblemReason::DirectoryVersion(new_path));
            }
            Some(version)
        } else {
            check_directory(new_path.as_bytes())?;
            None
        };
        Ok(Replace { old_path, old_version, new_path, new_version, line: self.line_number() })
    }

    /// The interval of a `retract` line; `lax` allows words behind it.
    pub(super) fn retract(&self, lax: bool) -> Rule<Retract> {
        let bound = |word: &[u8]| match unquote::word(word) {
            Ok(text) => Ok(GoString::from(text)),
            Err(invalid) => Err(invalid_version("retract", &GoString::default(), word, invalid)),
        };
        let (low, high, rest) = match self.args {
            [] | [b"(", ..] => return Err(ProblemReason::Interval("'[' or version")),
            [b"["] => return Err(ProblemReason::Interval("version after '['")),
            [b"[", low, rest @ ..] => {
                let low = bound(low)?;
                let [b",", rest @ ..] = rest else {
                    return Err(ProblemReason::Interval("',' after version"));
                };
                let [high, rest @ ..] = rest else {
                    return Err(ProblemReason::Interval("version after ','"));
                };
                let high = bound(high)?;
                let [b"]", rest @ ..] = rest else {
                    return Err(ProblemReason::Interval("']' after version"));
                };
                (low, high, rest)
            }
            [version, rest @ ..] => {
                let version = bound(version)?;
                (version.clone(), version, rest)
            }
        };
        if let [word, ..] = rest
            && !lax
        {
            return Err(ProblemReason::AfterInterval((*word).into()));
        }
        Ok(Retract { low, high, rationale: self.comment(), line: self.line_number() })
    }

    pub(super) fn tool(&self) -> Rule<Tool> {
        let [path] = self.args else {
            return Err(ProblemReason::Arguments("tool"));
        };
        Ok(Tool { path: string(path)?, line: self.line_number() })
    }

    pub(super) fn ignore(&self) -> Rule<Ignore> {
        let [path] = self.args else {
            return Err(ProblemReason::Arguments("ignore"));
        };
        Ok(Ignore { path: string(path)?, line: self.line_number() })
    }

    pub(super) fn use_module(&self) -> Rule<Use> {
        let [path] = self.args else {
            return Err(ProblemReason::Arguments("use"));
        };
        Ok(Use { path: string(path)?, line: self.line_number() })
    }
}

/// The canonical form of a version, which must be one already but for a missing minor or patch number.
fn canonical(directive: &'static str, path: &GoString, word: &[u8]) -> Rule<String> {
    let text = unquote::word(word).map_err(|invalid| invalid_version(directive, path, word, invalid))?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(canonical_version)
        .map(Cow::into_owned)
        .ok_or_else(|| invalid_version(directive, path, &text, VersionProblem::NotSemantic))
}

fn invalid_version(
    directive: &'static str,
    path: &GoString,
    version: &[u8],
    reason: impl Into<VersionProblem>,
) -> ProblemReason {
    let (path, version, reason) = (path.clone(), version.into(), reason.into());
    ProblemReason::Version { directive, path, version, reason }
}

fn check_major(directive: &'static str, path: &GoString, major: &str, version: &str) -> Rule<()> {
    check_path_major(version, major).map_err(|invalid| ProblemReason::Major {
        directive,
        path: path.clone(),
        invalid: Box::new(invalid),
    })
}

fn string(word: &[u8]) -> Rule<GoString> {
    unquote::word(word).map(GoString::from).map_err(ProblemReason::Word)
}

fn path_major(path: &str) -> Option<&str> {
    split_path_version(path).map(|(_, major)| major)
}

/// `major.minor` at the beginning of a version, behind an optional `v`, and what follows it, which is no digit.
fn language_prefix(version: &str) -> Option<(&str, &str)> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let major = number(version).filter(|major| *major != "0")?;
    let minor = number(version.get(major.len()..)?.strip_prefix('.')?)?;
    let (language, rest) = version.split_at_checked(major.len() + 1 + minor.len())?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((language, rest))
}

/// Whether `rest` may follow `major.minor`: a patch number, a pre-release, both, or nothing.
fn is_release_suffix(rest: &str) -> bool {
    let rest = match rest.strip_prefix('.') {
        Some(rest) => match number(rest) {
            Some(patch) => rest.get(patch.len()..).unwrap_or_default(),
            None => return false,
        },
        None => rest,
    };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
    rest.is_empty()
        || digits.len() < rest.len() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The decimal number at the beginning of `text`; a zero ends it.
fn number(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let digits = if text.starts_with('0') { 1 } else { digits };
    text.get(..digits).filter(|number| !number.is_empty())
}

/// Whether a comment is `// indirect` or begins with `// indirect;` and goes on.
fn is_indirect(comment: &[u8]) -> bool {
    let comment = String::from_utf8_lossy(comment.strip_prefix(b"//").unwrap_or(comment));
    let mut words = comment.split_whitespace();
    match (words.next(), words.next()) {
        (Some("indirect"), None) => true,
        (Some("indirect;"), more) => more.is_some(),
        _ => false,
    }
}

/// What follows `Deprecated:` in the first paragraph that begins so, to the end of the paragraph.
fn deprecation(comment: &[u8]) -> Option<&[u8]> {
    const MARK: &[u8] = b"\n\nDeprecated:";
    let text = match MARK.strip_prefix(b"\n\n").and_then(|mark| comment.strip_prefix(mark)) {
        Some(text) => text,
        None => comment.get(find(comment, MARK)? + MARK.len()..)?,
    };
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    let text = text.get(spaces..)?;
    let end = find(text, b"\n\n").unwrap_or(text.len());
    text.get(..end).filter(|text| !text.is_empty())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Whether the target of a replacement is a directory on any system (x/mod's `IsDirectoryPath`).
fn is_directory(path: &[u8]) -> bool {
    match path {
        [drive, b':', ..] if drive.is_ascii_alphabetic() => true,
        [] => false,
        _ => {
            let first = path.split(|byte| matches!(byte, b'/' | b'\\')).next();
            matches!(first, Some(b"" | b"." | b".."))
        }
    }
}

fn check_directory(path: &[u8]) -> Rule<()> {
    if !is_directory(path) {
        let at = path.contains(&b'@');
        return Err(if at { ProblemReason::ReplacementAt } else { ProblemReason::NoDirectory });
    }
    if MAIN_SEPARATOR == '/' && path.contains(&b'\\') {
        return Err(ProblemReason::WindowsPath);
    }
    Ok(())
}
