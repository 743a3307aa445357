//! The fields of a go.sum line.

use std::ops::Range;

/// Calls `each` with the place of every field of `line`: what runs of Unicode white space separate, as Go's
/// `strings.Fields` sees it.
///
/// Bytes that are not UTF-8 belong to the field they stand in.
pub(crate) fn each_field(line: &[u8], mut each: impl FnMut(Range<usize>)) {
    let mut start = None;
    let mut at = 0;
    for chunk in line.utf8_chunks() {
        for (i, c) in chunk.valid().char_indices() {
            if !c.is_whitespace() {
                start.get_or_insert(at + i);
            } else if let Some(start) = start.take() {
                each(start..at + i);
            }
        }
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            start.get_or_insert(at);
        }
        at += chunk.invalid().len();
    }
    if let Some(start) = start {
        each(start..at);
    }
}

#[cfg(test)]
mod tests {
    use super::each_field;

    fn texts(line: &[u8]) -> Vec<&[u8]> {
        let mut texts = Vec::new();
        each_field(line, |range| texts.push(&line[range]));
        texts
    }

    #[test]
    fn unicode_white_space_separates() {
        assert_eq!(texts("\u{a0}a\u{2028}b\u{85}\u{3000}c\r".as_bytes()), [b"a", b"b", b"c"]);
        assert_eq!(texts("\u{feff}a\u{200b}b".as_bytes()), ["\u{feff}a\u{200b}b".as_bytes()]);
        assert!(texts(b" \t\x0b\x0c\r").is_empty());
    }

    #[test]
    fn broken_utf8_does_not_separate() {
        // The first two bytes of U+2028, the byte 0x85 alone, and a complete U+0085.
        assert_eq!(texts(b"a\xe2\x80b \x85 c\xc2\x85d"), [b"a\xe2\x80b".as_slice(), b"\x85", b"c", b"d"]);
        assert_eq!(texts(b"\xff \xff"), [b"\xff", b"\xff"]);
    }
}
