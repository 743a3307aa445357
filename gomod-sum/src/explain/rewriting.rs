//! Changes that programs make to texts on their way.

/// A change that editors, git or mail programs make to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Rewriting {
    /// Every `\r\n` becomes `\n`.
    CrlfToLf,
    /// Every `\n` without `\r` before it becomes `\r\n`.
    LfToCrlf,
    /// A `\n` is put at the end.
    FinalNewlineAdded,
    /// The `\n` at the end is taken away.
    FinalNewlineRemoved,
    /// A UTF-8 byte order mark is put at the start.
    ByteOrderMarkAdded,
    /// The UTF-8 byte order mark at the start is taken away.
    ByteOrderMarkRemoved,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Rewriting {
    pub(super) const ALL: [Self; 6] = [
        Self::CrlfToLf,
        Self::LfToCrlf,
        Self::FinalNewlineAdded,
        Self::FinalNewlineRemoved,
        Self::ByteOrderMarkAdded,
        Self::ByteOrderMarkRemoved,
    ];

    /// The whole text rewritten.
    pub(super) fn apply(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::CrlfToLf | Self::LfToCrlf => {
                let mut converted = Vec::new();
                let mut conversion = Conversion::new(self);
                conversion.push(text, &mut converted);
                conversion.finish(&mut converted);
                converted
            }
            Self::FinalNewlineAdded => [text, b"\n"].concat(),
            Self::FinalNewlineRemoved => text.strip_suffix(b"\n").unwrap_or(text).into(),
            Self::ByteOrderMarkAdded => [BYTE_ORDER_MARK, text].concat(),
            Self::ByteOrderMarkRemoved => text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).into(),
        }
    }
}

/// Line endings converted piece by piece.
pub(super) struct Conversion {
    to_crlf: bool,
    /// Whether the last byte was a `\r`; towards `\n` it is held back.
    after_return: bool,
}

impl Conversion {
    pub(super) fn new(how: Rewriting) -> Self {
        Self { to_crlf: how == Rewriting::LfToCrlf, after_return: false }
    }

    pub(super) fn push(&mut self, piece: &[u8], converted: &mut Vec<u8>) {
        for &byte in piece {
            if self.to_crlf {
                if byte == b'\n' && !self.after_return {
                    converted.push(b'\r');
                }
                converted.push(byte);
            } else {
                if self.after_return && byte != b'\n' {
                    converted.push(b'\r');
                }
                if byte != b'\r' {
                    converted.push(byte);
                }
            }
            self.after_return = byte == b'\r';
        }
    }

    pub(super) fn finish(self, converted: &mut Vec<u8>) {
        if self.after_return && !self.to_crlf {
            converted.push(b'\r');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Conversion, Rewriting};

    #[test]
    fn pieces_make_no_difference() {
        let text = b"a\r\nb\n\r\r\nc\r\n\n\rd\r";
        for (how, expected) in [
            (Rewriting::CrlfToLf, &b"a\nb\n\r\nc\n\n\rd\r"[..]),
            (Rewriting::LfToCrlf, b"a\r\nb\r\n\r\r\nc\r\n\r\n\rd\r"),
        ] {
            for size in 1..=text.len() {
                let (mut conversion, mut converted) = (Conversion::new(how), Vec::new());
                text.chunks(size).for_each(|piece| conversion.push(piece, &mut converted));
                conversion.finish(&mut converted);
                assert_eq!(converted.escape_ascii().to_string(), expected.escape_ascii().to_string());
            }
        }
    }
}
