//! Inputs that are nearly the same as others, from a seed: the same seed gives the same inputs on every machine.

use gomod_testkit::vectors::{bytes, json_bytes};
use serde_json::Value;

/// `SplitMix64`.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A part of `text`, at most `most` long.
    fn part(&mut self, text: &[u8], most: usize) -> std::ops::Range<usize> {
        let from = self.below(text.len() + 1);
        from..(from + self.below(most + 1)).min(text.len())
    }
}

const TOKENS: &[&[u8]] = &[
    b"/",
    b"//",
    b".",
    b"..",
    b"-",
    b"+",
    b"v",
    b"v1",
    b"v2",
    b"/v2",
    b"/v0",
    b".v1",
    b".v2-unstable",
    b"gopkg.in/",
    b"+incompatible",
    b"-0.",
    b"-pre",
    b".0",
    b"0",
    b"00",
    b"9",
    b"99999999999999999999",
    b"20191109021931",
    b"-abcdefabcdef",
    b"-00010101000000-000000000000",
    b"!",
    b"!a",
    b"~1",
    b"~",
    b"con",
    b"Com9",
    b"LPT0",
    b"@",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\x7f",
    b"\xff",
    b"\xe2\x80",
    "é".as_bytes(),
    "ſ".as_bytes(),
    "\u{212a}".as_bytes(),
    "\u{345}".as_bytes(),
    "\u{2167}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{fffd}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{10ffff}".as_bytes(),
    b"//",
    b"/*",
    b"// indirect",
    b"// indirect; x",
    b"// Deprecated: x\n",
    b"\"",
    b"\"\"",
    b"`",
    b"'",
    b"\\",
    b"\\x41",
    b"\\u00e9",
    b"\\\n",
    b"(",
    b")",
    b" (\n",
    b")\n",
    b"[",
    b"]",
    b"[^",
    b"a-z",
    b"{",
    b"}",
    b",",
    b"=",
    b" => ",
    b" => ../x",
    b"C:\\x",
    b"*",
    b"?",
    b"require ",
    b"exclude ",
    b"replace ",
    b"retract ",
    b"module ",
    b"go 1.24\n",
    b"go 1.21rc1\n",
    b"toolchain go1.21.0\n",
    b"tool ",
    b"ignore ",
    b"godebug x=y\n",
    b"use ./x\n",
    b"module example.com/m\n",
    b"require a.b/c v1.0.0\n",
];

/// Changes a text in one to four places, rather in few; `other` is one to take parts of.
pub(crate) fn mutate(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(4).min(random.below(4)) {
        let at = random.below(text.len() + 1);
        match random.below(11) {
            0 if at < text.len() => text[at] ^= 1 << random.below(8),
            1 if at < text.len() => text[at] = u8::try_from(random.below(256)).unwrap(),
            2 if at < text.len() => text[at] = text[at].wrapping_add(1),
            3 if at < text.len() && text[at].is_ascii_alphabetic() => text[at] ^= 0x20,
            4 => drop(text.drain(random.part(text, 8))),
            5 => {
                let part = text[random.part(text, 40)].to_vec();
                text.splice(at..at, part);
            }
            6 => {
                let part = &other[random.part(other, 40)];
                text.splice(at..at, part.iter().copied());
            }
            7 => text.truncate(at),
            8 => {
                let plane = *random.pick(&[0x250, 0x3000, 0x1_0000, 0x11_0000]);
                let code = u32::try_from(random.below(plane)).unwrap();
                let c = char::from_u32(code).unwrap_or('\u{fffd}');
                text.splice(at..at, c.encode_utf8(&mut [0; 4]).bytes());
            }
            _ => drop(text.splice(at..at, random.pick(TOKENS).iter().copied())),
        }
    }
}

/// The strings of an input, whose form is that of the vector files.
pub(crate) fn strings<'a>(input: &'a mut Value, out: &mut Vec<&'a mut Value>) {
    if input.is_string() || input.get("b64").is_some() {
        return out.push(input);
    }
    match input {
        Value::Array(list) => list.iter_mut().for_each(|item| strings(item, out)),
        Value::Object(map) => {
            // A time stays: the texts that are times are another matter than versions. So do the keys of a note: they have an
            // operation of their own.
            map.iter_mut()
                .filter(|(name, _)| !matches!(name.as_str(), "time" | "verifiers"))
                .for_each(|(_, item)| strings(item, out));
        }
        _ => {}
    }
}

/// An input of the same operation as these inputs.
pub(crate) fn input(like: &[Value], random: &mut Random) -> Value {
    let (mut input, mut other) = (random.pick(like).clone(), random.pick(like).clone());
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    strings(&mut input, &mut texts);
    strings(&mut other, &mut others);
    for text in texts {
        let Some(other) = (!others.is_empty()).then(|| random.pick(&others)) else { continue };
        match random.below(8) {
            0 => {}
            1 => text.clone_from(other),
            _ => {
                let mut changed = bytes(text);
                mutate(&mut changed, &bytes(other), random);
                *text = json_bytes(&changed);
            }
        }
    }
    input
}
