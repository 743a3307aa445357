use std::fmt::{self, Write as _};
use std::path::Path;

use crate::text::quote::escape_into;
use crate::text::unicode::has_picture;

/// Longer than the name of any file that is not meant to annoy.
const MAX_NAME: usize = 500;

/// A text from outside, as it can be shown to people: whatever it holds, it cannot steer a terminal, turn the text around
/// it, or look like something else.
///
/// Escaped, in the notation of Go's `strconv.Quote` (`\n`, `\x1b`, `\u202e`, `\U000e0001`), is what Go does not print
/// (`unicode.IsPrint`: control and format characters, white space other than the ASCII space, private use, what Unicode
/// [15.0](crate::text::UNICODE_VERSION) does not assign), and of the rest the marks that combine with other characters, variation
/// selectors, fillers and other characters without a picture of their own
/// ([UAX #44](https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point)). A byte that belongs to no character of
/// UTF-8 is shown as `\xff`. Everything else stands for itself, the backslash included: what is shown is for reading, and
/// showing it a second time changes nothing.
///
/// ```
/// use gomod_module::text::Printable;
///
/// assert_eq!(Printable::new("a\u{202e}b\x1b[31m.go").to_string(), r"a\u202eb\x1b[31m.go");
/// assert_eq!(Printable::new(b"caf\xe9 caf\xc3\xa9").to_string(), r"caf\xe9 café");
/// assert_eq!(Printable::new("one\ntwo").to_string(), r"one\ntwo");
/// assert_eq!(Printable::new("one\n\ttwo").lines().to_string(), "one\n\ttwo");
/// assert_eq!(Printable::new("0123456789").max_chars(5).to_string(), "0123…");
/// ```
#[derive(Clone, Copy)]
pub struct Printable<'a> {
    text: Text<'a>,
    max_chars: usize,
    lines: bool,
}

#[derive(Clone, Copy)]
enum Text<'a> {
    Bytes(&'a [u8]),
    Shown(&'a dyn fmt::Display),
}

impl<'a> Printable<'a> {
    /// A text, or bytes that are one if they are UTF-8.
    pub fn new<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Self {
        Self { text: Text::Bytes(text.as_ref()), max_chars: usize::MAX, lines: false }
    }

    /// A name that a message quotes, of a file in a zip for instance: at most 500 characters.
    pub fn name<T: AsRef<[u8]> + ?Sized>(name: &'a T) -> Self {
        Self::new(name).max_chars(MAX_NAME)
    }

    /// A path of the file system. Bytes that are no text in the platform's sense are shown one by one.
    pub fn path(path: &'a Path) -> Self {
        Self::new(path.as_os_str().as_encoded_bytes())
    }

    /// What `value` displays. Nothing of it is kept, and it is asked for no more than the bound allows.
    ///
    /// ```
    /// use gomod_module::text::Printable;
    ///
    /// let error = std::io::Error::other("\u{7}".repeat(1 << 20));
    /// assert_eq!(Printable::display(&error).max_chars(7).to_string(), r"\a\a\a…");
    /// ```
    pub fn display(value: &'a dyn fmt::Display) -> Self {
        Self { text: Text::Shown(value), max_chars: usize::MAX, lines: false }
    }

    /// At most so many characters, `…` in place of the rest included. No escape is cut in two.
    #[must_use]
    pub fn max_chars(self, max_chars: usize) -> Self {
        Self { max_chars, ..self }
    }

    /// Leaves line feeds and tabs as they are. Only where the reader can tell the lines from those around them.
    #[must_use]
    pub fn lines(self) -> Self {
        Self { lines: true, ..self }
    }

    /// Whether [`Printable`] shows `c` as it is.
    ///
    /// ```
    /// use gomod_module::text::Printable;
    ///
    /// assert!(Printable::is_plain('é') && !Printable::is_plain('\u{301}') && !Printable::is_plain('\n'));
    /// ```
    pub fn is_plain(c: char) -> bool {
        has_picture(c)
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Bounded { out: f, left: self.max_chars, last: None, lines: self.lines, is_full: false };
        let written = match self.text {
            Text::Bytes(bytes) => out.bytes(bytes),
            Text::Shown(value) => write!(out, "{value}"),
        };
        match written {
            // It stopped where it had to.
            Err(_) if out.is_full => Ok(()),
            Err(e) => Err(e),
            Ok(()) => out.end(),
        }
    }
}

/// As `Display` shows it, in double quotes.
impl fmt::Debug for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Escapes what it is told, up to a number of characters.
struct Bounded<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    /// How many characters may follow.
    left: usize,
    /// What reaches the bound exactly: written if nothing follows.
    last: Option<String>,
    lines: bool,
    is_full: bool,
}

impl Bounded<'_, '_> {
    fn bytes(&mut self, bytes: &[u8]) -> fmt::Result {
        for chunk in bytes.utf8_chunks() {
            self.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                self.piece(&format!("\\x{byte:02x}"), 4)?;
            }
        }
        Ok(())
    }

    /// Writes what one character becomes, or stops.
    fn piece(&mut self, piece: &str, chars: usize) -> fmt::Result {
        if self.last.is_none() && chars < self.left {
            self.left -= chars;
            return self.out.write_str(piece);
        }
        if self.last.is_none() && chars == self.left {
            self.last = Some(piece.to_owned());
            return Ok(());
        }
        self.is_full = true;
        if self.left > 0 {
            self.out.write_char('…')?;
        }
        Err(fmt::Error)
    }

    fn end(&mut self) -> fmt::Result {
        self.last.take().map_or(Ok(()), |last| self.out.write_str(&last))
    }
}

impl fmt::Write for Bounded<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if has_picture(c) || self.lines && matches!(c, '\n' | '\t') {
                self.piece(c.encode_utf8(&mut [0; 4]), 1)?;
            } else {
                let mut escaped = String::new();
                escape_into(&mut escaped, c);
                self.piece(&escaped, escaped.len())?;
            }
        }
        Ok(())
    }
}
