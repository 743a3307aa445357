//! What a tool says on standard output: lines of text for people, or of JSON for programs.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use gomod_module::text::Printable;
use serde::Serialize;

/// The longest text in the JSON of a tool, in characters: what a zip can give for a name, so that names stay whole. What servers
/// and files say in sentences has [tighter bounds](crate::failure::chain).
pub const MAX_TEXT: usize = u16::MAX as usize;

/// To whom a tool speaks.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    schema: u32,
}

impl Output {
    /// To programs where `json` says so. `schema` stands in each object: it changes when a field changes its meaning or goes
    /// away.
    pub fn new(json: bool, schema: u32) -> Self {
        Self { json, schema }
    }

    /// Whether programs read it.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people, and the object that says the same to programs.
    ///
    /// # Errors
    /// What the system says.
    pub fn line(self, text: impl FnOnce() -> String, object: impl Serialize) -> io::Result<()> {
        if self.json { self.object(object) } else { self.text(&text()) }
    }

    /// A line for people only.
    ///
    /// # Errors
    /// What the system says.
    pub fn text(self, text: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(io::stdout(), "{}", printable(&text)) }
    }

    /// An object for programs only.
    ///
    /// # Errors
    /// What the system says.
    pub fn object(self, object: impl Serialize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut object = serde_json::to_value(object)?;
        object["schema"] = self.schema.into();
        writeln!(io::stdout(), "{}", json_line(&object))
    }
}

/// Prints a line on standard error, in one piece: not mixed with those of other processes, and not a character at a time.
pub fn tell(line: &dyn fmt::Display) {
    let line = format!("{}\n", printable(line));
    // A standard error that is closed is no reason to stop.
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Text of the tools' own, in which names, answers of servers and files may stand: no terminal obeys it.
pub fn printable(text: &dyn fmt::Display) -> Printable<'_> {
    Printable::display(text).lines()
}

/// A JSON text in which the characters that [`Printable`] would escape stand as JSON's own escapes: programs read what was
/// there, and a terminal does not obey it. Of a longer text than [`MAX_TEXT`] the rest is `…`.
pub fn json_line(json: &dyn fmt::Display) -> String {
    let json = json.to_string();
    let mut line = String::with_capacity(json.len());
    let mut rest = &*json;
    // How much there was of a text; between texts, nothing.
    let mut length = None;
    while let Some(c) = rest.chars().next() {
        let piece = match c {
            '\\' if rest[1..].starts_with('u') => 6,
            '\\' => 2,
            c => c.len_utf8(),
        };
        let (piece, behind) = rest.split_at_checked(piece).unwrap_or((rest, ""));
        rest = behind;
        length = match (c, length) {
            ('"', None) => Some(0),
            ('"', Some(_)) => None,
            (_, length) => length.map(|length: usize| length.saturating_add(1)),
        };
        match length {
            Some(length) if length > MAX_TEXT + 1 => {}
            Some(length) if length > MAX_TEXT => escape(&mut line, "…"),
            _ => escape(&mut line, piece),
        }
    }
    line
}

fn escape(line: &mut String, piece: &str) {
    for c in piece.chars() {
        if Printable::is_plain(c) {
            line.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_and_steers_nothing() {
        let value = serde_json::json!({"a\u{202e}": "\u{1b}\u{9b}\u{301}\u{e0001}\u{feff}\n\"\\é", "b": ["\u{200b}"]});
        let line = json_line(&value);
        assert!(line.chars().all(Printable::is_plain), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
        assert!(line.contains(r"\u202e") && line.contains(r"\udb40\udc01"), "{line}");
    }

    #[test]
    fn no_text_is_longer_than_a_name_can_be() {
        let name = "\u{7}\"é\\".repeat(MAX_TEXT / 4);
        let (whole, long) = (format!("{name}abc"), format!("{name}abcd"));
        assert_eq!(whole.chars().count(), MAX_TEXT);
        let line = json_line(&serde_json::json!({"whole": whole, &long: [long, "a"], "number": 1}));
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        let cut = format!("{whole}…");
        assert!(read == serde_json::json!({"whole": whole, &cut: [cut, "a"], "number": 1}));
    }
}
