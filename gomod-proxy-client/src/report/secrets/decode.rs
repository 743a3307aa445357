//! One layer of encoding taken off a text, with the place of each byte in the text kept.

use gomod_module::text::Printable;

/// A byte, and which bytes of the text it was written with.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) byte: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Unit {
    /// The bytes of a text. What has no picture, such as a soft hyphen, is left out.
    pub(super) fn of(text: &str) -> Vec<Self> {
        let shown = text.char_indices().filter(|(_, c)| Printable::is_plain(*c) || c.is_whitespace());
        shown
            .flat_map(|(at, c)| {
                let bytes = text.as_bytes().get(at..at + c.len_utf8()).unwrap_or_default();
                bytes.iter().enumerate().map(move |(i, byte)| Self {
                    byte: *byte,
                    start: at + i,
                    end: at + i + 1,
                })
            })
            .collect()
    }

    pub(super) fn lower(&self) -> Self {
        Self { byte: self.byte.to_ascii_lowercase(), ..*self }
    }

    pub(super) fn is_shown(&self) -> bool {
        !self.byte.is_ascii_control()
    }
}

/// Which escapes are decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    All,
    /// `%41`
    Percent,
    /// `&#65;`
    Entities,
    /// `\x41`, `\u0041`, `\101`
    Backslash,
    /// `=41`
    Equals,
}

impl Escapes {
    pub(super) const ALL: [Self; 5] =
        [Self::All, Self::Percent, Self::Entities, Self::Backslash, Self::Equals];
}

/// The text with one layer of escapes decoded, or `None` where there is none.
pub(super) fn decoded(units: &[Unit], escapes: Escapes) -> Option<Vec<Unit>> {
    let has = |other| escapes == Escapes::All || escapes == other;
    let mut out = Vec::with_capacity(units.len());
    let mut rest = units;
    let mut any = false;
    while let Some((first, tail)) = rest.split_first() {
        let found = match first.byte {
            b'%' if has(Escapes::Percent) => {
                number(tail, 16, 2..=2).map(|(code, length)| (Escaped::Byte(code), length))
            }
            b'=' if has(Escapes::Equals) => {
                number(tail, 16, 2..=2).map(|(code, length)| (Escaped::Byte(code), length))
            }
            b'\\' if has(Escapes::Backslash) => backslash(tail),
            b'&' if has(Escapes::Entities) => entity(tail),
            _ => None,
        };
        let Some((what, length)) = found else {
            out.push(*first);
            rest = tail;
            continue;
        };
        any = true;
        let end = tail.get(..length).and_then(<[Unit]>::last).map_or(first.end, |unit| unit.end);
        let mut push = |byte| out.push(Unit { byte, start: first.start, end });
        match what {
            Escaped::Byte(code) => push(u8::try_from(code).unwrap_or(b'?')),
            Escaped::Char(code) => {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                c.encode_utf8(&mut [0; 4]).bytes().for_each(push);
            }
        }
        rest = tail.get(length..).unwrap_or_default();
    }
    any.then_some(out)
}

enum Escaped {
    Byte(u32),
    Char(u32),
}

/// What stands behind a backslash, and how long it is.
fn backslash(rest: &[Unit]) -> Option<(Escaped, usize)> {
    let behind = |length| rest.get(length..).unwrap_or_default();
    let first = rest.first()?.byte;
    let numbered = match first {
        b'x' => number(behind(1), 16, 2..=2).map(|(code, length)| (Escaped::Byte(code), 1 + length)),
        b'u' if rest.get(1).is_some_and(|unit| unit.byte == b'{') => {
            number(behind(2), 16, 1..=6).map(|(code, length)| (Escaped::Char(code), 3 + length))
        }
        b'u' => number(behind(1), 16, 4..=4).map(|(code, length)| (Escaped::Char(code), 1 + length)),
        b'U' => number(behind(1), 16, 8..=8).map(|(code, length)| (Escaped::Char(code), 1 + length)),
        b'0'..=b'7' => number(rest, 8, 1..=3).map(|(code, length)| (Escaped::Byte(code & 0xff), length)),
        _ => None,
    };
    numbered.or(Some((Escaped::Byte(u32::from(first)), 1)))
}

/// What stands behind an ampersand, and how long it is.
fn entity(rest: &[Unit]) -> Option<(Escaped, usize)> {
    let byte = |at: usize| rest.get(at).map(|unit| unit.byte);
    if byte(0) == Some(b'#') {
        let (digits, base, most, before) = match byte(1) {
            Some(b'x' | b'X') => (rest.get(2..)?, 16, 8, 2),
            _ => (rest.get(1..)?, 10, 8, 1),
        };
        let (code, length) = number(digits, base, 1..=most)?;
        let semicolon = usize::from(byte(before + length) == Some(b';'));
        return Some((Escaped::Char(code), before + length + semicolon));
    }
    let name: Vec<u8> = rest.iter().take(12).map(|unit| unit.byte).take_while(|byte| *byte != b';').collect();
    let found = NAMED.iter().find(|(named, _)| named.as_bytes().eq_ignore_ascii_case(&name))?;
    (byte(name.len()) == Some(b';')).then(|| (Escaped::Char(u32::from(found.1)), name.len() + 1))
}

/// The entities of HTML for what is in ASCII, and the blank.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("commat", '@'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("semi", ';'),
    ("period", '.'),
    ("comma", ','),
    ("excl", '!'),
    ("quest", '?'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("plus", '+'),
    ("equals", '='),
    ("ast", '*'),
    ("lpar", '('),
    ("rpar", ')'),
    ("lsqb", '['),
    ("rsqb", ']'),
    ("lbrack", '['),
    ("rbrack", ']'),
    ("lcub", '{'),
    ("rcub", '}'),
    ("lbrace", '{'),
    ("rbrace", '}'),
    ("verbar", '|'),
    ("vert", '|'),
    ("lowbar", '_'),
    ("hat", '^'),
    ("grave", '`'),
];

/// A number at the beginning, with as many digits as there are up to the most, and how many.
fn number(units: &[Unit], base: u32, digits: std::ops::RangeInclusive<usize>) -> Option<(u32, usize)> {
    let digit = |unit: &Unit| char::from(unit.byte).to_digit(base);
    let found: Vec<u32> = units.iter().take(*digits.end()).map_while(digit).collect();
    let code = found.iter().fold(0_u32, |code, digit| code.wrapping_mul(base).wrapping_add(*digit));
    (found.len() >= *digits.start()).then_some((code, found.len()))
}

/// A text with one layer of HTML's entities decoded.
pub(crate) fn without_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let head = Unit::bytes(behind.as_bytes().get(..behind.len().min(16)).unwrap_or_default());
        match entity(&head) {
            Some((Escaped::Char(code) | Escaped::Byte(code), length)) => {
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = behind.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

impl Unit {
    fn bytes(bytes: &[u8]) -> Vec<Self> {
        bytes.iter().enumerate().map(|(at, byte)| Self { byte: *byte, start: at, end: at + 1 }).collect()
    }
}
