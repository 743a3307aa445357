//! One finding of the linter.

use std::fmt;

use gomod_module::ModuleError;

/// Something in a go.sum file that is not as the go command writes it: [`GoSum::lint`](crate::GoSum::lint).
///
/// Its `Display` names the place without the file: `line 2, column 7: …`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LintProblem {
    /// The number of the line, starting at 1.
    pub line: usize,
    /// Where in the line, in bytes, starting at 1.
    pub column: usize,
    /// What it is.
    pub kind: LintProblemKind,
}

/// How much a [`LintProblem`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Severity {
    /// May well be as it should.
    Note,
    /// The go command reads it as meant, and writes it otherwise.
    Warning,
    /// The go command stops, or the line proves nothing.
    Error,
}

/// What a [`LintProblem`] is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LintProblemKind {
    /// The mark of a merge conflict. See [`ConflictedGoSum`](crate::go_sum::ConflictedGoSum).
    ConflictMark,
    /// Neither three fields nor none: every go command but `go mod tidy` stops here.
    Fields {
        /// Their number.
        count: usize,
    },
    /// The file starts with a byte order mark, which is read as part of the first path.
    ByteOrderMark,
    /// The file is UTF-16, as some shells of Windows redirect output: the go command finds none of its lines, and nothing else
    /// is said of them.
    Utf16 {
        /// Whether the low byte of each unit comes first.
        little_endian: bool,
    },
    /// The file ends in zeros, as a crash leaves them, which the go command takes for a field of a line.
    ZerosAtEnd {
        /// Their number.
        count: usize,
    },
    /// A field holds a character that cannot be seen, so that it is not what it looks like: no build asks for such a line,
    /// and no content has such a hash.
    Invisible {
        /// The first one of the field.
        character: char,
    },
    /// The version lacks the `v` at its start: no build ever asks for the line.
    NoV,
    /// The first two fields name no module version: no build ever asks for the line.
    Module(
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::go_sum::serial::display"))] ModuleError,
    ),
    /// The first two fields are not UTF-8.
    NotUtf8,
    /// The algorithm is not `h1:`, so the line counts as missing.
    UnknownAlgorithm,
    /// What follows `h1:` is not 44 characters of canonical standard base64 of 32 bytes: no content has this hash.
    NotAHash,
    /// The hash is cut off: no content has it.
    Truncated {
        /// How many of its 47 characters are there.
        length: usize,
    },
    /// The hash of an empty go.mod file: the go command drops the line.
    EmptyGoMod,
    /// An earlier line records another `h1:` hash of the same, and decides.
    Contradiction {
        /// The number of the first such line.
        first: usize,
    },
    /// An earlier line has the same three fields.
    Duplicate {
        /// The number of the first such line.
        first: usize,
    },
    /// The go command would write the line further up.
    Unsorted {
        /// The number of the line before which it would.
        before: usize,
    },
    /// The line ends in `\r\n`.
    CarriageReturn,
    /// The fields are separated, preceded or followed by something other than single spaces.
    Blanks,
    /// The line is blank.
    BlankLine,
    /// The last line has no newline.
    NoNewline,
    /// There is a line for the module's zip and none for its go.mod file. The go command, which reads a module's go.mod
    /// file before it asks for its zip, never leaves such a file behind.
    NoGoModLine,
}

impl LintProblem {
    /// Returns how much it matters.
    pub fn severity(&self) -> Severity {
        match self.kind {
            LintProblemKind::ConflictMark
            | LintProblemKind::Fields { .. }
            | LintProblemKind::ByteOrderMark
            | LintProblemKind::Utf16 { .. }
            | LintProblemKind::ZerosAtEnd { .. }
            | LintProblemKind::Invisible { .. }
            | LintProblemKind::NoV
            | LintProblemKind::Truncated { .. }
            | LintProblemKind::Module(_)
            | LintProblemKind::NotUtf8
            | LintProblemKind::UnknownAlgorithm
            | LintProblemKind::NotAHash
            | LintProblemKind::EmptyGoMod
            | LintProblemKind::Contradiction { .. } => Severity::Error,
            LintProblemKind::Duplicate { .. }
            | LintProblemKind::Unsorted { .. }
            | LintProblemKind::CarriageReturn
            | LintProblemKind::Blanks
            | LintProblemKind::BlankLine
            | LintProblemKind::NoNewline => Severity::Warning,
            LintProblemKind::NoGoModLine => Severity::Note,
        }
    }
}

impl fmt::Display for LintProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.kind)
    }
}

impl fmt::Display for LintProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConflictMark => f.write_str("mark of a merge conflict"),
            Self::Fields { count } => write!(f, "wrong number of fields {count}"),
            Self::ByteOrderMark => f.write_str("byte order mark, which becomes part of the path"),
            Self::Utf16 { little_endian } => {
                let order = if *little_endian { "little-endian" } else { "big-endian" };
                write!(f, "the file is UTF-16, {order}, and go.sum files are UTF-8: no line of it is found")
            }
            Self::ZerosAtEnd { count: 1 } => f.write_str("a zero byte at the end of the file"),
            Self::ZerosAtEnd { count } => write!(f, "{count} zero bytes at the end of the file"),
            Self::Invisible { character } => {
                write!(
                    f,
                    "hidden or combining character U+{:04X}: the line proves nothing",
                    u32::from(*character)
                )
            }
            Self::NoV => f.write_str("version without its v: the line proves nothing"),
            Self::Truncated { length } => {
                write!(f, "hash cut off after {length} of 47 characters: no content has it")
            }
            Self::Module(error) => write!(f, "{error}"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::UnknownAlgorithm => f.write_str("unknown hash algorithm: the line counts as missing"),
            Self::NotAHash => f.write_str("not a SHA-256 in standard base64 after h1:"),
            Self::EmptyGoMod => f.write_str("hash of an empty go.mod file: the go command drops the line"),
            Self::Contradiction { first } => write!(f, "another hash than in line {first}, which decides"),
            Self::Duplicate { first } => write!(f, "the same as line {first}"),
            Self::Unsorted { before } => {
                write!(f, "the go command would write this line before line {before}")
            }
            Self::CarriageReturn => f.write_str("line ends in a carriage return and a newline"),
            Self::Blanks => f.write_str("fields not separated by single spaces"),
            Self::BlankLine => f.write_str("blank line"),
            Self::NoNewline => f.write_str("no newline at the end of the file"),
            Self::NoGoModLine => f.write_str("a line for the zip and none for the go.mod file"),
        }
    }
}
