//! What is wrong with a page.

use gomod_module::text::Printable;
use thiserror::Error;

/// Where a page stops being one that Go reads.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("XML syntax error on line {line}: {reason}")]
#[non_exhaustive]
pub struct PageSyntaxError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: PageReason,
}

/// What is wrong with a page, in the words of Go's `encoding/xml`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PageReason {
    /// It ends inside a tag, a comment or another construct.
    #[error("unexpected EOF")]
    UnexpectedEnd,
    /// No name, or one with two colons; after what or where.
    #[error("expected {0}")]
    ExpectedName(&'static str),
    /// A name with a character that names do not have.
    #[error("invalid XML name: {}", Printable::name(.0))]
    InvalidName(String),
    /// A slash in a tag without `>` after it.
    #[error("expected /> in element")]
    ExpectedTagEnd,
    /// Something after the name in an end tag.
    #[error("invalid characters between </ and >")]
    EndTag,
    /// `<` in a quoted value.
    #[error("unescaped < inside quoted string")]
    UnescapedLess,
    /// `]]>` in text.
    #[error("unescaped ]]> not in CDATA section")]
    UnescapedCdataEnd,
    /// `--` in a comment.
    #[error("invalid sequence \"--\" not allowed in comments")]
    DashesInComment,
    /// `<!-` or `<![` that begin no comment and no CDATA section.
    #[error("invalid <! sequence")]
    Declaration,
    /// Text that is not UTF-8.
    #[error("invalid UTF-8")]
    NotUtf8,
    /// A character that XML does not have.
    #[error("illegal character code U+{0:04X}")]
    IllegalCharacter(u32),
    /// An XML declaration with another version than 1.0.
    #[error("unsupported XML version {:?}", Printable::name(.0))]
    Version(String),
    /// An XML declaration with another encoding than UTF-8 and ASCII.
    #[error("unsupported encoding {:?}", Printable::name(.0))]
    Encoding(String),
}
