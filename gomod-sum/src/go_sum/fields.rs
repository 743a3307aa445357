//! The fields of a go.sum line.

use std::ops::Range;

/// Returns the number of fields of `line` and the places of the first three: what runs of Unicode white space separate,
/// as Go's `strings.Fields` sees it.
///
/// Bytes that are not UTF-8 belong to the field they stand in.
pub(crate) fn fields(line: &[u8]) -> (usize, [Range<usize>; 3]) {
    let mut fields = Fields::default();
    if line.is_ascii() {
        for (at, &byte) in line.iter().enumerate() {
            // As a `char` has it: with the vertical tab, which `is_ascii_whitespace` does not know.
            fields.see(at, matches!(byte, b' ' | b'\t'..=b'\r'));
        }
    } else {
        let mut at = 0;
        for chunk in line.utf8_chunks() {
            for (i, c) in chunk.valid().char_indices() {
                fields.see(at + i, c.is_whitespace());
            }
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                fields.see(at, false);
            }
            at += chunk.invalid().len();
        }
    }
    fields.see(line.len(), true);
    (fields.count, fields.places)
}

#[derive(Default)]
struct Fields {
    count: usize,
    places: [Range<usize>; 3],
    /// Where the field starts that has not ended.
    start: Option<usize>,
}

impl Fields {
    fn see(&mut self, at: usize, is_blank: bool) {
        if !is_blank {
            self.start.get_or_insert(at);
        } else if let Some(start) = self.start.take() {
            if let Some(place) = self.places.get_mut(self.count) {
                *place = start..at;
            }
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    fn texts(line: &[u8]) -> Vec<&[u8]> {
        let (count, places) = fields(line);
        places.into_iter().take(count).map(|place| &line[place]).collect()
    }

    #[test]
    fn unicode_white_space_separates() {
        assert_eq!(texts("\u{a0}a\u{2028}b\u{85}\u{3000}c\r".as_bytes()), [b"a", b"b", b"c"]);
        assert_eq!(texts("\u{feff}a\u{200b}b".as_bytes()), ["\u{feff}a\u{200b}b".as_bytes()]);
        assert!(texts(b" \t\x0b\x0c\r").is_empty());
    }

    #[test]
    fn ascii_separates_as_all_of_unicode_does() {
        for byte in 0..128_u8 {
            let expected = if char::from(byte).is_whitespace() { 2 } else { 1 };
            assert_eq!(fields(&[b'a', byte, b'b']).0, expected);
            assert_eq!(fields(&[b'a', byte, b'b', 0xff]).0, expected);
        }
    }

    #[test]
    fn broken_utf8_does_not_separate() {
        // The first two bytes of U+2028, the byte 0x85 alone, and a complete U+0085.
        assert_eq!(texts(b"a\xe2\x80b \x85 c\xc2\x85d"), [b"a\xe2\x80b".as_slice(), b"\x85", b"c"]);
        assert_eq!(fields(b"a\xe2\x80b \x85 c\xc2\x85d").0, 4);
        assert_eq!(texts(b"\xff \xff"), [b"\xff", b"\xff"]);
    }
}
