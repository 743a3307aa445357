//! The statements of a file: lines of words, and blocks of such lines, with the comments that belong to them.
//!
//! Source: [Grammar](https://go.dev/ref/mod#go-mod-file-grammar) and `modfile/read.go`.

use std::cell::OnceCell;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::ProblemReason;
use super::error::Problem;
use super::lexer::{Kind, Lexer, Position, Token};
use crate::text::GoString;

/// A part of one of the lists of [`Syntax`]; files are shorter than 4 GiB.
type Span = Range<u32>;

/// A line of words, or what stands before the parenthesis of a block.
#[derive(Debug)]
pub(super) struct Line {
    words: Span,
    pub(super) start: Position,
    before: Span,
    suffix: Span,
}

#[derive(Debug)]
enum Statement {
    Line(Line),
    Block(Block),
}

#[derive(Debug)]
struct Block {
    head: Line,
    lines: Span,
    /// The text of the head's comments, made when the first line asks for it and shared by all: as many copies as lines
    /// would make gigabytes of a small file.
    comment: OnceCell<Arc<GoString>>,
}

/// A file without its meaning. The lists are flat, so that a hostile file costs little more than its size.
#[derive(Debug, Default)]
pub(super) struct Syntax<'a> {
    statements: Vec<Statement>,
    /// The lines of all blocks.
    lines: Vec<Line>,
    words: Vec<&'a [u8]>,
    /// Comments on lines of their own above a line; an empty one is a blank line.
    before: Vec<&'a [u8]>,
    /// Comments at the end of a line.
    suffix: Vec<&'a [u8]>,
}

/// A line with its first word, which may stand at the head of its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directive<'s, 'a> {
    syntax: &'s Syntax<'a>,
    line: &'s Line,
    block: Option<&'s Block>,
    pub(super) verb: &'a [u8],
    pub(super) args: &'s [&'a [u8]],
}

impl<'a> Syntax<'a> {
    /// The statements of a file.
    pub(super) fn parse(data: &'a [u8]) -> Result<Self, Problem> {
        let mut lexer = Lexer::new(data);
        let peeked = lexer.next()?;
        let mut parser = Parser { lexer, peeked, syntax: Self::default(), last: Last::Other };
        parser.file()?;
        Ok(parser.syntax)
    }

    /// Calls `visit` with the directives in the order of the file, until it breaks. A block whose verb `is_block` does
    /// not know is a problem.
    pub(super) fn visit<'s>(
        &'s self,
        is_block: fn(&[u8]) -> bool,
        mut visit: impl FnMut(Result<Directive<'s, 'a>, Problem>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for statement in &self.statements {
            match statement {
                Statement::Line(line) => {
                    if let [verb, args @ ..] = slice(&self.words, &line.words) {
                        visit(Ok(Directive { syntax: self, line, block: None, verb, args }))?;
                    }
                }
                Statement::Block(block) => match slice(&self.words, &block.head.words) {
                    [verb] if is_block(verb) => {
                        for line in slice(&self.lines, &block.lines) {
                            let args = slice(&self.words, &line.words);
                            visit(Ok(Directive { syntax: self, line, block: Some(block), verb, args }))?;
                        }
                    }
                    words => {
                        let words = words.join(&b' ');
                        visit(Err(block.head.problem(ProblemReason::UnknownBlock(words.into()))))?;
                    }
                },
            }
        }
        ControlFlow::Continue(())
    }
}

impl Line {
    pub(super) fn problem(&self, reason: ProblemReason) -> Problem {
        Problem::new(self.start.line, self.start.column, reason)
    }
}

impl<'a> Directive<'_, 'a> {
    pub(super) fn line_number(&self) -> usize {
        self.line.start.line as usize
    }

    pub(super) fn problem(&self, reason: ProblemReason) -> Problem {
        self.line.problem(reason)
    }

    /// The first comment at the end of the line, with its `//`.
    pub(super) fn suffix(&self) -> Option<&'a [u8]> {
        slice(&self.syntax.suffix, &self.line.suffix).first().copied()
    }

    /// The comments above and behind the line, or else the block, without `//` and surrounding blanks.
    pub(super) fn comment(&self) -> Arc<GoString> {
        let line = self.line;
        match self.block {
            Some(Block { head, comment, .. }) if line.before.is_empty() && line.suffix.is_empty() => {
                Arc::clone(comment.get_or_init(|| Arc::new(self.comment_of(head))))
            }
            _ => Arc::new(self.comment_of(line)),
        }
    }

    fn comment_of(&self, line: &Line) -> GoString {
        let before = slice(&self.syntax.before, &line.before);
        let lines: Vec<_> = before
            .iter()
            .chain(slice(&self.syntax.suffix, &line.suffix))
            .filter_map(|comment| comment.strip_prefix(b"//"))
            .map(trim_space)
            .collect();
        lines.join(&b'\n').into()
    }
}

/// What a comment at the end of a line belongs to: the last part that stands on one line.
#[derive(Debug, Clone, Copy)]
enum Last {
    Statement(usize),
    LineOfBlock(usize),
    /// A parenthesis, a comment, the beginning of the file.
    Other,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    peeked: Token<'a>,
    syntax: Syntax<'a>,
    last: Last,
}

impl<'a> Parser<'a> {
    fn take(&mut self) -> Result<Token<'a>, Problem> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.peeked, next))
    }

    /// Takes the end of a line; a comment there belongs to `last`.
    fn take_end(&mut self) -> Result<(), Problem> {
        let token = self.take()?;
        if token.kind == Kind::SuffixComment {
            let owner = match self.last {
                Last::Statement(i) => self.syntax.statements.get_mut(i).map(Statement::line_mut),
                Last::LineOfBlock(i) => self.syntax.lines.get_mut(i),
                Last::Other => None,
            };
            if let Some(line) = owner {
                if line.suffix.is_empty() {
                    line.suffix.start = length(&self.syntax.suffix);
                }
                self.syntax.suffix.push(token.text);
                line.suffix.end = length(&self.syntax.suffix);
            }
        }
        Ok(())
    }

    fn file(&mut self) -> Result<(), Problem> {
        let mut comments = length(&self.syntax.before);
        loop {
            match self.peeked.kind {
                Kind::Eof => return Ok(()),
                Kind::Newline => {
                    if comments < length(&self.syntax.before) {
                        self.last = Last::Other;
                    }
                    comments = length(&self.syntax.before);
                    self.take()?;
                }
                Kind::WholeLineComment => {
                    let token = self.take()?;
                    self.syntax.before.push(token.text);
                }
                _ => {
                    let before = comments..length(&self.syntax.before);
                    self.statement(before)?;
                    comments = length(&self.syntax.before);
                }
            }
        }
    }

    fn statement(&mut self, before: Span) -> Result<(), Problem> {
        let first = self.take()?;
        let mut end = first.end;
        let mut head = self.line(first, before);
        loop {
            if self.peeked.kind.ends_line() {
                head.words.end = length(&self.syntax.words);
                self.set_last(Last::Statement(self.syntax.statements.len()), first.start, end);
                self.syntax.statements.push(Statement::Line(head));
                return self.take_end();
            }
            let token = self.take()?;
            if token.kind == Kind::Open {
                let words = length(&self.syntax.words);
                if self.peeked.kind.ends_line() {
                    head.words.end = words;
                    return self.block(head);
                }
                self.syntax.words.push(token.text);
                if self.peeked.kind == Kind::Close {
                    let close = self.take()?;
                    if self.peeked.kind.ends_line() {
                        self.syntax.words.truncate(words as usize);
                        head.words.end = words;
                        let lines = length(&self.syntax.lines);
                        self.last = Last::Other;
                        self.set_last(Last::Statement(self.syntax.statements.len()), first.start, close.end);
                        self.syntax.statements.push(Statement::block(head, lines..lines));
                        return self.take_end();
                    }
                    self.syntax.words.push(close.text);
                }
            } else {
                self.syntax.words.push(token.text);
                end = token.end;
            }
        }
    }

    fn block(&mut self, head: Line) -> Result<(), Problem> {
        self.last = Last::Other;
        let from = length(&self.syntax.lines);
        let mut comments = length(&self.syntax.before);
        loop {
            match self.peeked.kind {
                Kind::SuffixComment => self.take_end()?,
                Kind::Newline => {
                    self.take()?;
                    let pending = self.syntax.before.get(comments as usize..).unwrap_or_default();
                    let wanted = match pending.last() {
                        Some(comment) => !comment.is_empty(),
                        None => from < length(&self.syntax.lines),
                    };
                    if wanted {
                        self.syntax.before.push(b"");
                    }
                }
                Kind::WholeLineComment => {
                    let token = self.take()?;
                    self.syntax.before.push(token.text);
                }
                Kind::Eof => {
                    let Position { line, column } = head.start;
                    let (line, column) = (line as usize, column as usize);
                    return Err(self.lexer.problem(ProblemReason::UnterminatedBlock { line, column }));
                }
                Kind::Close => {
                    self.take()?;
                    if !self.peeked.kind.ends_line() {
                        return Err(self.lexer.problem(ProblemReason::AfterBlock));
                    }
                    let lines = from..length(&self.syntax.lines);
                    self.syntax.statements.push(Statement::block(head, lines));
                    self.last = Last::Other;
                    return self.take_end();
                }
                _ => {
                    let before = comments..length(&self.syntax.before);
                    self.line_of_block(before)?;
                    comments = length(&self.syntax.before);
                }
            }
        }
    }

    fn line_of_block(&mut self, before: Span) -> Result<(), Problem> {
        let first = self.take()?;
        let mut end = first.end;
        let mut line = self.line(first, before);
        while !self.peeked.kind.ends_line() {
            let token = self.take()?;
            self.syntax.words.push(token.text);
            end = token.end;
        }
        line.words.end = length(&self.syntax.words);
        self.set_last(Last::LineOfBlock(self.syntax.lines.len()), first.start, end);
        self.syntax.lines.push(line);
        self.take_end()
    }

    /// A line that begins with `first`.
    fn line(&mut self, first: Token<'a>, before: Span) -> Line {
        let words = length(&self.syntax.words);
        self.syntax.words.push(first.text);
        Line { words: words..words, start: first.start, before, suffix: 0..0 }
    }

    fn set_last(&mut self, last: Last, start: Position, end: Position) {
        if start.line == end.line {
            self.last = last;
        }
    }
}

impl Statement {
    fn block(head: Line, lines: Span) -> Self {
        Self::Block(Block { head, lines, comment: OnceCell::new() })
    }

    fn line_mut(&mut self) -> &mut Line {
        match self {
            Self::Line(line) | Self::Block(Block { head: line, .. }) => line,
        }
    }
}

fn length<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

fn slice<'s, T>(list: &'s [T], span: &Span) -> &'s [T] {
    list.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// As Go's `TrimSpace`: white space by Unicode, and a byte that is not UTF-8 is none.
fn trim_space(mut text: &[u8]) -> &[u8] {
    let mut chunks = text.utf8_chunks();
    let Some(first) = chunks.next() else { return text };
    let leading = first.valid().len() - first.valid().trim_start().len();
    let last = chunks.last().unwrap_or(first);
    let trailing =
        if last.invalid().is_empty() { last.valid().len() - last.valid().trim_end().len() } else { 0 };
    text = text.get(..text.len() - trailing).unwrap_or_default();
    text.get(leading..).unwrap_or_default()
}
