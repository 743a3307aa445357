//! Text in quotes as Go's `%q` writes it, which is how names appear in Go's error messages.

use std::fmt::Write as _;

use crate::text::unicode::is_print;

/// `bytes` in double quotes, as `strconv.Quote` writes them.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut out, c, '"');
        }
        for byte in chunk.invalid() {
            push_hex(&mut out, 'x', u32::from(*byte), 2);
        }
    }
    out.push('"');
    out
}

/// `c` in single quotes, as `strconv.QuoteRune` writes it.
pub(crate) fn quote_char(c: char) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, c, '\'');
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        _ if c == quote => out.extend(['\\', c]),
        _ if is_print(c) => out.push(c),
        _ => escape_into(out, c),
    }
}

/// `c` as a Go string's escape, whatever it is.
pub(crate) fn escape_into(out: &mut String, c: char) {
    let code = u32::from(c);
    match c {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if code < 0x80 => push_hex(out, 'x', code, 2),
        _ if code < 0x1_0000 => push_hex(out, 'u', code, 4),
        _ => push_hex(out, 'U', code, 8),
    }
}

fn push_hex(out: &mut String, kind: char, code: u32, width: usize) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\{kind}{code:0width$x}");
}

#[cfg(test)]
mod tests {
    use super::{quote, quote_char};

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(quote(b"a b"), "\"a b\"");
        assert_eq!(quote("é\u{a0}\u{fffd}世\"\\'".as_bytes()), "\"é\\u00a0\u{fffd}世\\\"\\\\'\"");
        assert_eq!(quote(b"\x00\x07\x7f\xff\n"), "\"\\x00\\a\\x7f\\xff\\n\"");
        assert_eq!(quote("\u{10ffff}".as_bytes()), "\"\\U0010ffff\"");
        assert_eq!(quote_char('\u{feff}'), "'\\ufeff'");
        assert_eq!(quote_char('\u{85}'), "'\\u0085'");
        assert_eq!(quote_char('\''), "'\\''");
    }
}
