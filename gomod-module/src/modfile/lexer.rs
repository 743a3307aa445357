//! The words, newlines and comments of a go.mod or go.work file.
//!
//! Source: [Lexical elements](https://go.dev/ref/mod#go-mod-file-lexical) and what `modfile/read.go` makes of them.

use super::ProblemReason;
use super::error::Problem;
use crate::text::unicode::is_print;

/// A place in the file; lines and columns count from 1, columns are code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Eof,
    Newline,
    /// A comment on a line of its own, with its newline.
    WholeLineComment,
    /// A comment after something, with its newline.
    SuffixComment,
    Open,
    Close,
    /// Everything else: a bare word, a quoted string, or one of `[`, `]`, `{`, `}`, `,`.
    Word,
}

impl Kind {
    pub(super) fn ends_line(self) -> bool {
        matches!(self, Self::Eof | Self::Newline | Self::SuffixComment)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// A comment's text has no newline.
    pub(super) text: &'a [u8],
    pub(super) start: Position,
    pub(super) end: Position,
}

#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a [u8],
    position: Position,
    /// Whether only blanks were met on this line.
    blank_line: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, position: Position { line: 1, column: 1 }, blank_line: true }
    }

    pub(super) fn problem(&self, reason: ProblemReason) -> Problem {
        Problem::new(self.position.line, self.position.column, reason)
    }

    /// The next token; at the end of the file, `Eof` again and again.
    pub(super) fn next(&mut self) -> Result<Token<'a>, Problem> {
        while let [b' ' | b'\t' | b'\r', ..] = self.rest {
            self.bump();
        }
        let (from, start) = (self.rest, self.position);
        let kind = match from {
            [] => Kind::Eof,
            [b'/', b'/', ..] => return Ok(self.comment()),
            [b'\n', ..] => self.single(Kind::Newline),
            [b'(', ..] => self.single(Kind::Open),
            [b')', ..] => self.single(Kind::Close),
            [b'[' | b']' | b'{' | b'}' | b',', ..] => self.single(Kind::Word),
            [quote @ (b'"' | b'`'), ..] => self.string(*quote)?,
            _ => self.bare_word()?,
        };
        self.blank_line = kind == Kind::Newline;
        let text = from.get(..from.len() - self.rest.len()).unwrap_or_default();
        Ok(Token { kind, text, start, end: self.position })
    }

    fn comment(&mut self) -> Token<'a> {
        let start = self.position;
        let kind = if self.blank_line { Kind::WholeLineComment } else { Kind::SuffixComment };
        let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') else {
            let text = self.rest;
            while !self.rest.is_empty() {
                self.bump();
            }
            return Token { kind, text, start, end: self.position };
        };
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        self.bump();
        self.blank_line = true;
        Token { kind, text: text.strip_suffix(b"\r").unwrap_or(text), start, end: self.position }
    }

    fn single(&mut self, kind: Kind) -> Kind {
        self.bump();
        kind
    }

    fn string(&mut self, quote: u8) -> Result<Kind, Problem> {
        let start = self.position;
        let unterminated = Problem::new(start.line, start.column, ProblemReason::UnterminatedString);
        self.bump();
        loop {
            match self.rest {
                [] => return Err(unterminated),
                [b'\n', ..] => return Err(self.problem(ProblemReason::NewlineInString)),
                [byte, ..] if *byte == quote => break,
                // A newline behind a backslash does not end the string here; reading the string refuses it later.
                [b'\\', after @ ..] if quote == b'"' => {
                    if after.is_empty() {
                        return Err(unterminated);
                    }
                    self.bump();
                    self.bump();
                }
                _ => self.bump(),
            }
        }
        self.bump();
        Ok(Kind::Word)
    }

    fn bare_word(&mut self) -> Result<Kind, Problem> {
        let (first, _) = decode(self.rest);
        if self.rest.starts_with(b"/*") || is_word(first) {
            loop {
                match self.rest {
                    [] | [b'/', b'/', ..] => return Ok(Kind::Word),
                    [b'/', b'*', ..] => {
                        return Err(self.problem(ProblemReason::BlockComment));
                    }
                    rest if is_word(decode(rest).0) => self.bump(),
                    _ => return Ok(Kind::Word),
                }
            }
        }
        Err(self.problem(ProblemReason::UnexpectedChar(first)))
    }

    /// Goes over one code point, or one byte that is not UTF-8.
    fn bump(&mut self) {
        let (c, length) = decode(self.rest);
        self.rest = self.rest.get(length..).unwrap_or_default();
        if c == '\n' {
            self.position.line = self.position.line.saturating_add(1);
            self.position.column = 1;
        } else {
            self.position.column = self.position.column.saturating_add(1);
        }
    }
}

/// The first code point and its length; U+FFFD of one byte for what is not UTF-8.
fn decode(bytes: &[u8]) -> (char, usize) {
    match bytes {
        [] => ('\0', 0),
        [byte @ ..=0x7f, ..] => (char::from(*byte), 1),
        _ => {
            let head = bytes.get(..4).unwrap_or(bytes);
            let valid = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            valid.chars().next().map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8()))
        }
    }
}

fn is_word(c: char) -> bool {
    !matches!(c, ' ' | '(' | ')' | '[' | ']' | '{' | '}' | ',') && is_print(c)
}
