//! Text in quotes as Go's `%q` writes it, which is how names appear in Go's error messages.

use crate::unicode::has_picture;

/// Longer than the name of any file that is not meant to annoy.
pub(crate) const MAX_NAME: usize = 500;

/// `bytes` in double quotes, as `strconv.Quote` writes them, but as [`Printable::name`](crate::Printable::name) shows them: what
/// that would escape is escaped (marks that combine with the character before them, for instance), and of more than 500
/// characters the rest is `…`.
///
/// ```
/// use gomod_module::quote;
///
/// assert_eq!(quote(b"a\"b\xff"), r#""a\"b\xff""#);
/// assert_eq!(quote("e\u{301}".as_bytes()), r#""e\u0301""#);
/// assert_eq!(quote(&[b'a'; 1000]).chars().count(), 502);
/// ```
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    // Where the rest is left out, if anything follows what there is room for.
    let (mut chars, mut end) = (0, None);
    for piece in pieces(bytes) {
        chars += piece.chars().count();
        if chars >= MAX_NAME {
            let end = *end.get_or_insert(out.len());
            if chars > MAX_NAME {
                out.truncate(end);
                out.push('…');
                break;
            }
        }
        out.push_str(&piece);
    }
    out.push('"');
    out
}

/// What each character becomes, and each byte that belongs to none.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let text = chunk.valid().chars().map(|c| escaped(c, '"'));
        text.chain(chunk.invalid().iter().map(|byte| hex('x', u32::from(*byte), 2)))
    })
}

/// `c` in single quotes, as `strconv.QuoteRune` writes it, with the same exception.
pub(crate) fn quote_char(c: char) -> String {
    format!("'{}'", escaped(c, '\''))
}

fn escaped(c: char, quote: char) -> String {
    match c {
        '\\' => "\\\\".to_owned(),
        _ if c == quote => format!("\\{c}"),
        _ if has_picture(c) => c.to_string(),
        _ => {
            let mut out = String::new();
            escape_into(&mut out, c);
            out
        }
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
        _ if code < 0x80 => out.push_str(&hex('x', code, 2)),
        _ if code < 0x1_0000 => out.push_str(&hex('u', code, 4)),
        _ => out.push_str(&hex('U', code, 8)),
    }
}

fn hex(kind: char, code: u32, width: usize) -> String {
    format!("\\{kind}{code:0width$x}")
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

    #[test]
    fn what_has_no_picture_is_escaped_and_the_rest_is_left_out() {
        assert_eq!(quote("e\u{301}\u{fe0f}\u{3164}".as_bytes()), r#""e\u0301\ufe0f\u3164""#);
        assert_eq!(quote_char('\u{301}'), r"'\u0301'");
        let shown = |text: &str| quote(text.as_bytes()).chars().count() - 2;
        assert_eq!([499, 500, 501, 1 << 20].map(|n| shown(&"é".repeat(n))), [499, 500, 500, 500]);
        // No escape is cut in two.
        assert_eq!(quote("\u{301}".repeat(1000).as_bytes()), format!("\"{}…\"", "\\u0301".repeat(83)));
    }
}
