//! Pages as Go's `encoding/xml` takes them apart when it is not strict. That is no HTML: tags inside scripts count, and
//! `a < b` in one is an error.

use super::page_error::{PageReason, PageSyntaxError};
use super::xml_name::is_name;

/// What a page consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    Start(StartTag),
    End {
        name: String,
    },
    /// Text, a comment, an instruction or a declaration.
    Other,
}

/// A start tag; its name without a prefix, and the values of the first attributes with these names.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct StartTag {
    pub(super) element: String,
    pub(super) name: Option<String>,
    pub(super) content: Option<String>,
}

/// Reads a page, token by token.
pub(super) struct Tokens<'a> {
    page: &'a [u8],
    at: usize,
    /// The name of the element `<x/>` that was read, whose end comes next.
    ends_next: Option<String>,
}

/// What a text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Page,
    Quotes(u8),
    Cdata,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(page: &'a [u8]) -> Self {
        Self { page, at: 0, ends_next: None }
    }

    /// The next token; `None` at the end of the page.
    pub(super) fn next(&mut self) -> Result<Option<Token>, PageSyntaxError> {
        self.token().map_err(|reason| {
            let read = self.page.get(..self.at).unwrap_or(self.page);
            PageSyntaxError { line: read.split(|&b| b == b'\n').count(), reason }
        })
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.page.len()
    }

    fn token(&mut self) -> Result<Option<Token>, PageReason> {
        if let Some(name) = self.ends_next.take() {
            return Ok(Some(Token::End { name }));
        }
        match self.peek() {
            None => return Ok(None),
            Some(b'<') => self.at += 1,
            Some(_) => return self.text(Place::Page).map(|_| Some(Token::Other)),
        }
        match self.peek().ok_or(PageReason::UnexpectedEnd)? {
            b'/' => {
                self.at += 1;
                let name = self.local_name("element name after </")?;
                self.skip_space();
                if self.byte()? != b'>' {
                    return Err(PageReason::EndTag);
                }
                return Ok(Some(Token::End { name }));
            }
            b'?' => {
                self.at += 1;
                self.instruction()?;
            }
            b'!' => {
                self.at += 1;
                self.declaration()?;
            }
            _ => return self.start_tag().map(|tag| Some(Token::Start(tag))),
        }
        Ok(Some(Token::Other))
    }

    fn start_tag(&mut self) -> Result<StartTag, PageReason> {
        let mut tag = StartTag { element: self.local_name("element name after <")?, ..StartTag::default() };
        loop {
            self.skip_space();
            match self.byte()? {
                b'>' => return Ok(tag),
                b'/' => {
                    if self.byte()? != b'>' {
                        return Err(PageReason::ExpectedTagEnd);
                    }
                    self.ends_next = Some(tag.element.clone());
                    return Ok(tag);
                }
                _ => self.at -= 1,
            }
            let name = self.local_name("attribute name in element")?;
            self.skip_space();
            let value = if self.byte()? == b'=' {
                self.skip_space();
                self.attribute_value()?
            } else {
                self.at -= 1;
                name.clone()
            };
            for (wanted, place) in [("name", &mut tag.name), ("content", &mut tag.content)] {
                if name.eq_ignore_ascii_case(wanted) && place.is_none() {
                    *place = Some(value.clone());
                }
            }
        }
    }

    fn attribute_value(&mut self) -> Result<String, PageReason> {
        let first = self.byte()?;
        if matches!(first, b'"' | b'\'') {
            return self.text(Place::Quotes(first));
        }
        self.at -= 1;
        let start = self.at;
        while self.byte_if(|b| b.is_ascii_alphanumeric() || b"_:-".contains(&b))?.is_some() {}
        Ok(String::from_utf8_lossy(&self.page[start..self.at]).into_owned())
    }

    /// Text up to what ends it, with its entities replaced; what Go does not know as one stays as it is.
    fn text(&mut self, place: Place) -> Result<String, PageReason> {
        let mut text = Vec::new();
        // Where `]]` may begin: an entity ends what came before it.
        let mut run = self.at;
        while let Some(b) = self.peek() {
            let after_brackets = self.page[run..self.at].ends_with(b"]]");
            match b {
                b'>' if after_brackets && place == Place::Cdata => {
                    self.at += 1;
                    text.truncate(text.len() - 2);
                    return checked(text);
                }
                b'>' if after_brackets && place == Place::Page => {
                    self.at += 1;
                    return Err(PageReason::UnescapedCdataEnd);
                }
                b'<' if place == Place::Page => return checked(text),
                b'<' if place != Place::Cdata => {
                    self.at += 1;
                    return Err(PageReason::UnescapedLess);
                }
                b'&' if place != Place::Cdata => {
                    let start = self.at;
                    self.at += 1;
                    match self.entity()? {
                        Some(c) => text.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        None => text.extend(&self.page[start..self.at]),
                    }
                    run = self.at;
                }
                _ => {
                    self.at += 1;
                    if place == Place::Quotes(b) {
                        return checked(text);
                    }
                    text.push(b);
                }
            }
        }
        if place == Place::Cdata { Err(PageReason::UnexpectedEnd) } else { checked(text) }
    }

    /// The character that is written behind an `&`, if it is one that Go knows.
    fn entity(&mut self) -> Result<Option<char>, PageReason> {
        if self.byte()? == b'#' {
            let radix = if self.byte_if(|b| b == b'x')?.is_some() { 16 } else { 10 };
            let start = self.at;
            while self.byte_if(|b| char::from(b).is_digit(radix))?.is_some() {}
            let digits = String::from_utf8_lossy(&self.page[start..self.at]);
            let is_complete = self.byte_if(|b| b == b';')?.is_some();
            let code = u64::from_str_radix(&digits, radix).ok().filter(|code| *code <= 0x10_ffff);
            let code = code.filter(|_| is_complete).and_then(|code| u32::try_from(code).ok());
            return Ok(code.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        self.at -= 1;
        let name = self.name_bytes()?;
        let is_complete = self.byte_if(|b| b == b';')?.is_some();
        Ok(match name {
            _ if !is_complete => None,
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"amp" => Some('&'),
            b"apos" => Some('\''),
            b"quot" => Some('"'),
            _ => None,
        })
    }

    /// `<?target …?>`, of which only the one with the target `xml` says something.
    fn instruction(&mut self) -> Result<(), PageReason> {
        let target = self.name("target name after <?")?;
        self.skip_space();
        let start = self.at;
        self.skip_to(b"?>")?;
        let data = String::from_utf8_lossy(&self.page[start..self.at - 2]);
        if target != "xml" {
            return Ok(());
        }
        let version = quoted_after("version=", &data);
        if !matches!(version, "" | "1.0") {
            return Err(PageReason::Version(version.to_owned()));
        }
        let encoding = quoted_after("encoding=", &data);
        let is_known = ["", "utf-8", "ascii"].iter().any(|known| encoding.eq_ignore_ascii_case(known));
        if is_known { Ok(()) } else { Err(PageReason::Encoding(encoding.to_owned())) }
    }

    /// `<!-- … -->`, `<![CDATA[ … ]]>` or `<!…>`, after the exclamation mark.
    fn declaration(&mut self) -> Result<(), PageReason> {
        // The first byte is not looked at again: `<!>` goes on.
        match self.byte()? {
            b'-' => {
                if self.byte()? != b'-' {
                    return Err(PageReason::Declaration);
                }
                self.skip_to(b"--")?;
                return if self.byte()? == b'>' { Ok(()) } else { Err(PageReason::DashesInComment) };
            }
            b'[' => {
                for &wanted in b"CDATA[" {
                    if self.byte()? != wanted {
                        return Err(PageReason::Declaration);
                    }
                }
                return self.text(Place::Cdata).map(|_| ());
            }
            _ => {}
        }
        let (mut quote, mut depth) = (None, 0_usize);
        loop {
            let b = self.byte()?;
            match (b, quote) {
                (_, Some(open)) => quote = Some(open).filter(|open| b != *open),
                (b'\'' | b'"', None) => quote = Some(b),
                (b'>', None) if depth == 0 => return Ok(()),
                (b'>', None) => depth -= 1,
                (b'<', None) if self.rest().starts_with(b"!--") => {
                    self.at += 3;
                    self.skip_to(b"-->")?;
                }
                (b'<', None) => depth += 1,
                _ => {}
            }
        }
    }

    /// A name without its prefix; `expected` says what is missing where there is none.
    fn local_name(&mut self, expected: &'static str) -> Result<String, PageReason> {
        let name = self.name(expected)?;
        match name.split_once(':') {
            Some((_, rest)) if rest.contains(':') => Err(PageReason::ExpectedName(expected)),
            Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => Ok(local.to_owned()),
            _ => Ok(name),
        }
    }

    fn name(&mut self, expected: &'static str) -> Result<String, PageReason> {
        let bytes = self.name_bytes()?;
        if bytes.is_empty() {
            return Err(PageReason::ExpectedName(expected));
        }
        match str::from_utf8(bytes) {
            Ok(name) if is_name(name) => Ok(name.to_owned()),
            _ => Err(PageReason::InvalidName(String::from_utf8_lossy(bytes).into_owned())),
        }
    }

    fn name_bytes(&mut self) -> Result<&'a [u8], PageReason> {
        let start = self.at;
        while self.byte_if(|b| b.is_ascii_alphanumeric() || b"_:.-".contains(&b) || !b.is_ascii())?.is_some()
        {
        }
        Ok(&self.page[start..self.at])
    }

    fn rest(&self) -> &'a [u8] {
        self.page.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.page.get(self.at).copied()
    }

    fn byte(&mut self) -> Result<u8, PageReason> {
        let byte = self.peek().ok_or(PageReason::UnexpectedEnd)?;
        self.at += 1;
        Ok(byte)
    }

    /// The next byte, if it is of a kind; the page must not end here.
    fn byte_if(&mut self, is_wanted: impl Fn(u8) -> bool) -> Result<Option<u8>, PageReason> {
        let byte = self.byte()?;
        if is_wanted(byte) {
            return Ok(Some(byte));
        }
        self.at -= 1;
        Ok(None)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn skip_to(&mut self, end: &[u8]) -> Result<(), PageReason> {
        let found = self.rest().windows(end.len()).position(|window| window == end);
        self.at = found.map_or(self.page.len(), |found| self.at + found + end.len());
        found.map(|_| ()).ok_or(PageReason::UnexpectedEnd)
    }
}

/// The text, if it is one of XML's characters.
fn checked(text: Vec<u8>) -> Result<String, PageReason> {
    // What is wrong first counts.
    let (valid, is_cut) = match str::from_utf8(&text) {
        Ok(valid) => (valid, false),
        Err(e) => (str::from_utf8(&text[..e.valid_up_to()]).unwrap_or_default(), true),
    };
    let is_legal = |c: &char| match c {
        '\t' | '\n' | '\r' => true,
        c => *c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'),
    };
    if let Some(c) = valid.chars().find(|c| !is_legal(c)) {
        return Err(PageReason::IllegalCharacter(c.into()));
    }
    if is_cut {
        return Err(PageReason::NotUtf8);
    }
    String::from_utf8(text).map_err(|_| PageReason::NotUtf8)
}

/// The quoted text after the first `name` that a quotation mark follows; empty where there is none.
fn quoted_after<'a>(name: &str, data: &'a str) -> &'a str {
    let mut rest = data;
    while let Some((_, after)) = rest.split_once(name) {
        if let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            return after[1..].split_once(quote).map_or("", |(value, _)| value);
        }
        let mut chars = after.chars();
        chars.next();
        rest = chars.as_str();
    }
    ""
}
