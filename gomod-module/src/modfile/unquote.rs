//! Words in double quotes, read as `strconv.Unquote` reads them.

use super::InvalidWord;

/// The text of a word, which may stand in double quotes and otherwise holds no quote.
pub(super) fn word(word: &[u8]) -> Result<Vec<u8>, InvalidWord> {
    match word {
        [b'"', inner @ .., b'"'] => unescape(inner).ok_or(InvalidWord::Syntax),
        [b'"', ..] => Err(InvalidWord::Syntax),
        _ if word.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`')) => Err(InvalidWord::Quote),
        _ => Ok(word.to_vec()),
    }
}

fn unescape(inner: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    loop {
        let plain = rest.iter().position(|byte| matches!(byte, b'\\' | b'"' | b'\n')).unwrap_or(rest.len());
        let (head, tail) = rest.split_at_checked(plain)?;
        push_text(&mut out, head);
        let [b'\\', kind, after @ ..] = tail else {
            return tail.is_empty().then_some(out);
        };
        rest = push_escape(&mut out, *kind, after)?;
    }
}

/// A byte that is not UTF-8 becomes U+FFFD: Go copies code points.
fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Adds what the escape `kind` stands for and returns what follows it.
fn push_escape<'a>(out: &mut Vec<u8>, kind: u8, after: &'a [u8]) -> Option<&'a [u8]> {
    let byte = match kind {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' | b'"' => kind,
        b'0'..=b'7' => {
            let (value, after) = digits(after, 2, 8)?;
            out.push(u8::try_from(u32::from(kind - b'0') * 64 + value).ok()?);
            return Some(after);
        }
        b'x' => {
            let (value, after) = digits(after, 2, 16)?;
            out.push(u8::try_from(value).ok()?);
            return Some(after);
        }
        b'u' | b'U' => {
            let (value, after) = digits(after, if kind == b'u' { 4 } else { 8 }, 16)?;
            out.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(after);
        }
        _ => return None,
    };
    out.push(byte);
    Some(after)
}

fn digits(text: &[u8], count: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (head, tail) = text.split_at_checked(count)?;
    let value = head.iter().try_fold(0_u32, |value, byte| {
        let digit = char::from(*byte).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })?;
    Some((value, tail))
}

#[cfg(test)]
mod tests {
    use super::{InvalidWord, word};

    #[test]
    fn reads_as_go_does() {
        for (text, wanted) in [
            (&b"a\\b"[..], Ok(&b"a\\b"[..])),
            (b"\"a b\"", Ok(b"a b")),
            (b"\"\"", Ok(b"")),
            (br#""\x41\u00e9\U0001f600\101\"\\""#, Ok("A\u{e9}\u{1f600}A\"\\".as_bytes())),
            (br#""\xff""#, Ok(b"\xff")),
            (b"\"\xe2\x80\"", Ok("\u{fffd}\u{fffd}".as_bytes())),
            (b"\"", Err(InvalidWord::Syntax)),
            (br#""\'""#, Err(InvalidWord::Syntax)),
            (br#""\400""#, Err(InvalidWord::Syntax)),
            (br#""\ud800""#, Err(InvalidWord::Syntax)),
            (b"\"\\\n\"", Err(InvalidWord::Syntax)),
            (b"`a`", Err(InvalidWord::Quote)),
            (b"a'b", Err(InvalidWord::Quote)),
        ] {
            assert_eq!(word(text).as_deref(), wanted.as_ref().copied(), "{}", String::from_utf8_lossy(text));
        }
    }
}
