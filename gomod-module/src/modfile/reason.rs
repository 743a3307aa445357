use std::fmt::{self, Display, Formatter};

use crate::modfile::MAX_GO_MOD;
use crate::text::GoString;
use crate::text::quote::{quote, quote_char};
use crate::version::InvalidVersionError;

/// Why a go.mod or go.work file is refused. `Display` has Go's words, with U+FFFD in place of bytes that are not
/// UTF-8.
///
/// A `directive` is the word that a statement begins with, such as `require`.
///
/// Source: [go.mod files](https://go.dev/ref/mod#go-mod-file-grammar), `modfile/read.go` and `modfile/rule.go` of
/// x/mod.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemReason {
    /// The file has this many bytes, more than [`MAX_GO_MOD`].
    #[error("file is {0} bytes, more than {MAX_GO_MOD}")]
    TooLarge(u64),

    /// A character that stands in no word; U+FFFD for a byte that is not UTF-8.
    #[error("unexpected input character {}", quote_char(*.0))]
    UnexpectedChar(char),
    /// A string goes on beyond its line.
    #[error("unexpected newline in string")]
    NewlineInString,
    /// A string goes on to the end of the file.
    #[error("unexpected EOF in string")]
    UnterminatedString,
    /// A comment begins with `/*`.
    #[error("mod files must use // comments (not /* */ comments)")]
    BlockComment,
    /// A block goes on to the end of the file.
    #[error("syntax error (unterminated block started at line {line}, column {column})")]
    UnterminatedBlock {
        /// The line where the block begins, counted from 1.
        line: usize,
        /// The column where the block begins, counted from 1.
        column: usize,
    },
    /// Something follows the parenthesis that closes a block.
    #[error("syntax error (expected newline after closing paren)")]
    AfterBlock,

    /// A statement begins with a word that is no directive of this kind of file.
    #[error("unknown directive: {0}")]
    UnknownDirective(GoString),
    /// A block begins with these words, which are no directive that can have one.
    #[error("unknown block type: {0}")]
    UnknownBlock(GoString),
    /// A directive that may stand in a file once stands there again.
    #[error("repeated {0} statement")]
    Repeated(&'static str),
    /// The words behind this directive are too few, too many, or not of its form.
    #[error("{}", Usage(.0))]
    Arguments(&'static str),
    /// The version of a `go` line.
    #[error("invalid go version '{0}': must match format 1.23.0")]
    GoVersion(GoString),
    /// The name of a `toolchain` line.
    #[error("invalid toolchain version '{0}': must match format go1.23.0 or default")]
    ToolchainName(GoString),
    /// A word that should be a path.
    #[error("invalid quoted string: {0}")]
    Word(InvalidWord),
    /// A module path that ends in what looks like a major version and is none.
    #[error("invalid module path")]
    ModulePath,
    /// As [`ModulePath`](Self::ModulePath), of the module path, given here, that a `replace` line replaces.
    #[error("replace {0}: invalid module path")]
    ReplacedPath(GoString),
    /// A text that is no version. The path is empty for a `retract` line.
    #[error("{}: version {} invalid: {reason}", About(directive, path), quote(version.as_bytes()))]
    Version {
        /// The directive.
        directive: &'static str,
        /// The module path.
        path: GoString,
        /// The version.
        version: GoString,
        /// What is wrong with it.
        reason: VersionProblem,
    },
    /// A version whose major version is not that of the module path.
    #[error("{}: {invalid}", About(directive, path))]
    Major {
        /// The directive.
        directive: &'static str,
        /// The module path.
        path: GoString,
        /// The version and what it should be.
        invalid: Box<InvalidVersionError>,
    },
    /// A `replace` line has a version behind a directory, given here.
    #[error("replacement module directory path {} cannot have version", quote(.0.as_bytes()))]
    DirectoryVersion(GoString),
    /// A `replace` line joins path and version with an `@`.
    #[error("replacement module must match format 'path version', not 'path@version'")]
    ReplacementAt,
    /// A `replace` line has no version behind what is no directory.
    #[error("replacement module without version must be directory path (rooted or starting with . or ..)")]
    NoDirectory,
    /// The directory of a `replace` line has backslashes, and this is not Windows.
    #[error("replacement directory appears to be Windows path (on a non-windows system)")]
    WindowsPath,
    /// What should come next in the interval of a `retract` line.
    #[error("expected {0}")]
    Interval(&'static str),
    /// The first word behind the interval of a `retract` line.
    #[error("unexpected token after version: {}", quote(.0.as_bytes()))]
    AfterInterval(GoString),
}

/// Why a word, which may stand in double quotes, is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWord {
    /// It begins with a double quote and is no string of Go.
    #[error("invalid syntax")]
    Syntax,
    /// It holds quotes, but not around it.
    #[error("unquoted string cannot contain quote")]
    Quote,
}

/// Why a version in a go.mod or go.work file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionProblem {
    /// The word is none.
    #[error(transparent)]
    Word(#[from] InvalidWord),
    /// It is no semantic version, but perhaps a branch.
    #[error("must be of the form v1.2.3")]
    NotSemantic,
}

struct Usage<'a>(&'a str);

impl Display for Usage<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let directive = self.0;
        match directive {
            "module" => f.write_str("usage: module module/path"),
            "godebug" => f.write_str("usage: godebug key=value"),
            "use" => f.write_str("usage: use local/dir"),
            "require" | "exclude" => write!(f, "usage: {directive} module/path v1.2.3"),
            "replace" => f.write_str(
                "usage: replace module/path [v1.2.3] => other/module v1.4\n\t \
                 or replace module/path [v1.2.3] => ../local/directory",
            ),
            _ => write!(f, "{directive} directive expects exactly one argument"),
        }
    }
}

struct About<'a>(&'a str, &'a GoString);

impl Display for About<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(directive, path) = self;
        f.write_str(directive)?;
        if path.as_bytes().is_empty() { Ok(()) } else { write!(f, " {path}") }
    }
}
