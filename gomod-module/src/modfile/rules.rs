//! What the words of each directive mean. Errors are Go's messages.
//!
//! Source: `modfile/rule.go`.

use std::borrow::Cow;
use std::path::MAIN_SEPARATOR;

use super::syntax::Directive;
use super::unquote;
use super::{Exclude, Go, Godebug, Ignore, Module, Replace, Require, Retract, Tool, Toolchain, Use};
use crate::quote::quote;
use crate::{GoString, canonical_version, check_path_major, split_path_version};

type Rule<T> = Result<T, String>;

impl Directive<'_, '_> {
    fn verb_text(&self) -> String {
        String::from_utf8_lossy(self.verb).into_owned()
    }

    pub(super) fn unknown(&self) -> String {
        format!("unknown directive: {}", self.verb_text())
    }

    /// The `go` line; `lax` corrects what old files hold, such as `v1.21.x`.
    pub(super) fn go(&self, lax: bool) -> Rule<Go> {
        let [arg] = self.args else {
            return Err("go directive expects exactly one argument".into());
        };
        let version = String::from_utf8_lossy(arg);
        let version = match language_prefix(&version) {
            Some((language, rest)) if is_release_suffix(rest) && !version.starts_with('v') => {
                format!("{language}{rest}")
            }
            Some((language, rest)) if lax && !rest.is_empty() => language.to_owned(),
            _ => return Err(format!("invalid go version '{version}': must match format 1.23.0")),
        };
        Ok(Go { version, line: self.line_number() })
    }

    pub(super) fn toolchain(&self) -> Rule<Toolchain> {
        let [name] = self.args else {
            return Err("toolchain directive expects exactly one argument".into());
        };
        if !(*name == b"default" || *name == b"go1" || name.starts_with(b"go1.")) {
            let name = String::from_utf8_lossy(name);
            return Err(format!("invalid toolchain version '{name}': must match format go1.23.0 or default"));
        }
        Ok(Toolchain { name: GoString::from(*name), line: self.line_number() })
    }

    pub(super) fn module(&self) -> Rule<Module> {
        let [path] = self.args else {
            return Err("usage: module module/path".into());
        };
        let deprecated = deprecation(&self.comment()).map(GoString::from);
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
            return Err("usage: godebug key=value".into());
        };
        Ok(Godebug { key: key.into(), value: value.into(), line: self.line_number() })
    }

    pub(super) fn require(&self) -> Rule<Require> {
        let (path, version) = self.path_and_version()?;
        let indirect = self.suffix().is_some_and(is_indirect);
        Ok(Require { path, version, indirect, line: self.line_number() })
    }

    pub(super) fn exclude(&self) -> Rule<Exclude> {
        let (path, version) = self.path_and_version()?;
        Ok(Exclude { path, version, line: self.line_number() })
    }

    fn path_and_version(&self) -> Rule<(GoString, String)> {
        let [path, version] = self.args else {
            return Err(format!("usage: {} module/path v1.2.3", self.verb_text()));
        };
        let path = string(path)?;
        let version = self.canonical(&path, version)?;
        self.check_major(path_major(&path)?, &path, &version)?;
        Ok((path, version))
    }

    pub(super) fn replace(&self) -> Rule<Replace> {
        let verb = self.verb_text();
        let (old_path, old_version, new_path, new_version) = match self.args {
            [old, b"=>", new] => (old, None, new, None),
            [old, b"=>", new, version] => (old, None, new, Some(version)),
            [old, version, b"=>", new] => (old, Some(version), new, None),
            [old, version, b"=>", new, new_version] if *version != b"=>" => {
                (old, Some(version), new, Some(new_version))
            }
            _ => {
                return Err(format!(
                    "usage: {verb} module/path [v1.2.3] => other/module v1.4\n\t \
                     or {verb} module/path [v1.2.3] => ../local/directory"
                ));
            }
        };
        let old_path = string(old_path)?;
        let major = path_major(&old_path).map_err(|message| self.about(&old_path, &message))?;
        let old_version = match old_version {
            Some(version) => {
                let version = self.canonical(&old_path, version)?;
                self.check_major(major, &old_path, &version)?;
                Some(version)
            }
            None => None,
        };
        let new_path = string(new_path)?;
        let new_version = if let Some(version) = new_version {
            let version = self.canonical(&new_path, version)?;
            if is_directory(new_path.as_bytes()) {
                let path = quote(new_path.as_bytes());
                return Err(format!("replacement module directory path {path} cannot have version"));
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
            Err(e) => Err(self.about_version(&GoString::default(), word, e.as_str())),
        };
        let (low, high, rest) = match self.args {
            [] | [b"(", ..] => return Err("expected '[' or version".into()),
            [b"["] => return Err("expected version after '['".into()),
            [b"[", low, rest @ ..] => {
                let low = bound(low)?;
                let [b",", rest @ ..] = rest else { return Err("expected ',' after version".into()) };
                let [high, rest @ ..] = rest else { return Err("expected version after ','".into()) };
                let high = bound(high)?;
                let [b"]", rest @ ..] = rest else { return Err("expected ']' after version".into()) };
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
            return Err(format!("unexpected token after version: {}", quote(word)));
        }
        Ok(Retract { low, high, rationale: self.comment().into(), line: self.line_number() })
    }

    pub(super) fn tool(&self) -> Rule<Tool> {
        let [path] = self.args else {
            return Err("tool directive expects exactly one argument".into());
        };
        Ok(Tool { path: string(path)?, line: self.line_number() })
    }

    pub(super) fn ignore(&self) -> Rule<Ignore> {
        let [path] = self.args else {
            return Err("ignore directive expects exactly one argument".into());
        };
        Ok(Ignore { path: string(path)?, line: self.line_number() })
    }

    pub(super) fn use_module(&self) -> Rule<Use> {
        let [path] = self.args else {
            return Err(format!("usage: {} local/dir", self.verb_text()));
        };
        Ok(Use { path: string(path)?, line: self.line_number() })
    }

    /// The canonical form of a version, which must be one already but for a missing minor or patch number.
    fn canonical(&self, path: &GoString, word: &[u8]) -> Rule<String> {
        let text = unquote::word(word).map_err(|e| self.about_version(path, word, e.as_str()))?;
        std::str::from_utf8(&text)
            .ok()
            .and_then(canonical_version)
            .map(Cow::into_owned)
            .ok_or_else(|| self.about_version(path, &text, "must be of the form v1.2.3"))
    }

    fn check_major(&self, major: &str, path: &GoString, version: &str) -> Rule<()> {
        check_path_major(version, major).map_err(|e| self.about(path, &e.to_string()))
    }

    fn about_version(&self, path: &GoString, version: &[u8], message: &str) -> String {
        self.about(path, &format!("version {} invalid: {message}", quote(version)))
    }

    fn about(&self, path: &GoString, message: &str) -> String {
        let verb = self.verb_text();
        if path.as_bytes().is_empty() {
            format!("{verb}: {message}")
        } else {
            format!("{verb} {path}: {message}")
        }
    }
}

fn string(word: &[u8]) -> Rule<GoString> {
    match unquote::word(word) {
        Ok(text) => Ok(text.into()),
        Err(e) => Err(format!("invalid quoted string: {}", e.as_str())),
    }
}

fn path_major(path: &str) -> Rule<&str> {
    split_path_version(path).map(|(_, major)| major).ok_or_else(|| "invalid module path".into())
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
    let message = if !is_directory(path) {
        if path.contains(&b'@') {
            "replacement module must match format 'path version', not 'path@version'"
        } else {
            "replacement module without version must be directory path (rooted or starting with . or ..)"
        }
    } else if MAIN_SEPARATOR == '/' && path.contains(&b'\\') {
        "replacement directory appears to be Windows path (on a non-windows system)"
    } else {
        return Ok(());
    };
    Err(message.into())
}
