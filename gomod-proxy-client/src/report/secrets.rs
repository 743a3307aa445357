//! Passwords and tokens in texts that come back from servers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

mod decode;

pub(crate) use decode::without_entities;
use decode::{Escapes, Unit, decoded};

/// What stands in place of a secret.
const HIDDEN: &str = "xxxxx";
/// So many ways to take layers of encoding off a text are tried: all of two layers, and more of some.
const VIEWS: usize = 32;
/// Shorter ones are found only as words of their own: they are parts of too many words.
const SHORT: usize = 4;
/// From here on a secret is looked for in encodings that a part of another text could resemble.
const LONG: usize = 6;

/// Letters and digits of a secret that are looked for alone, if there are so many in a row.
const PIECE: usize = 8;

/// What must not be shown, in whatever spelling a server sends it back: any letter case; percent-encoded, as an entity of
/// HTML, as an escape of JSON, C or quoted-printable, several times over; in hexadecimal; in base64, alone or as a part of
/// something else; backwards; with other characters in between.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    needles: Arc<Vec<Needle>>,
}

#[derive(Clone)]
struct Needle {
    /// In lower case.
    text: Vec<u8>,
    place: Place,
    /// Whether its secret is no everyday word or number.
    is_telling: bool,
}

/// Where a needle is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// Not within a longer word.
    Word,
    /// In the letters and digits alone.
    Letters,
}

impl Secrets {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut all: Vec<&[u8]> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        all.sort_unstable();
        all.dedup();
        Self { needles: Arc::new(all.into_iter().flat_map(needles).collect()) }
    }

    /// These and others.
    pub(crate) fn and(&self, others: &Self) -> Self {
        if self.needles.is_empty() {
            return others.clone();
        }
        Self { needles: Arc::new(self.needles.iter().chain(&*others.needles).cloned().collect()) }
    }

    /// The text without secrets.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let marked = self.marked(text, |_| true);
        if !marked.contains(&true) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut was_marked = false;
        for (at, c) in text.char_indices() {
            let is_marked = marked.get(at).copied().unwrap_or_default();
            if !is_marked {
                out.push(c);
            } else if !was_marked {
                out.push_str(HIDDEN);
            }
            was_marked = is_marked;
        }
        Cow::Owned(out)
    }

    /// Whether there is one in the text.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        self.marked(text, |_| true).contains(&true)
    }

    /// Whether a text holds one that is no everyday word or number: reason enough not to take the text for a version.
    pub(crate) fn are_told_by(&self, text: &str) -> bool {
        self.marked(text, |needle| needle.is_telling).contains(&true)
    }

    /// Which bytes of the text belong to a secret.
    fn marked(&self, text: &str, counts: impl Fn(&Needle) -> bool) -> Vec<bool> {
        let mut marked = vec![false; text.len()];
        let needles: Vec<&Needle> = self.needles.iter().filter(|needle| counts(needle)).collect();
        if needles.is_empty() {
            return marked;
        }
        // A text may be encoded again and again, and hold what only looks like an escape.
        let mut views = VecDeque::from([Unit::of(text)]);
        for _ in 0..VIEWS {
            let Some(units) = views.pop_front() else { break };
            mark(&needles, &units, &mut marked);
            if views.len() < VIEWS {
                views.extend(Escapes::ALL.into_iter().filter_map(|escapes| decoded(&units, escapes)));
            }
        }
        marked
    }
}

fn mark(needles: &[&Needle], units: &[Unit], marked: &mut [bool]) {
    let lower: Vec<Unit> = units.iter().filter(|unit| unit.is_shown()).map(Unit::lower).collect();
    let letters: Vec<Unit> = lower.iter().filter(|unit| unit.byte.is_ascii_alphanumeric()).copied().collect();
    for needle in needles {
        let units = if needle.place == Place::Letters { &letters } else { &lower };
        for at in found(units, &needle.text) {
            let end = at + needle.text.len();
            let (Some(first), Some(last)) = (units.get(at), units.get(end - 1)) else { continue };
            let joins = |at: Option<usize>| {
                at.and_then(|at| units.get(at)).is_some_and(|unit| unit.byte.is_ascii_alphanumeric())
            };
            if needle.place == Place::Word && (joins(at.checked_sub(1)) || joins(Some(end))) {
                continue;
            }
            if let Some(range) = marked.get_mut(first.start..last.end) {
                range.fill(true);
            }
        }
    }
}

/// Where the needle begins.
fn found<'a>(units: &'a [Unit], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let is_here = |window: &[Unit]| window.iter().map(|unit| unit.byte).eq(needle.iter().copied());
    let windows = units.windows(needle.len().max(1)).enumerate();
    windows.filter(move |(_, window)| is_here(window)).map(|(at, _)| at)
}

/// What a secret looks like, by the places where that is looked for.
fn needles(secret: &[u8]) -> Vec<Needle> {
    let is_long = secret.len() >= LONG;
    let is_telling = is_long && !secret.iter().all(u8::is_ascii_digit);
    let needle = |text: Vec<u8>, place| Needle { text: text.to_ascii_lowercase(), place, is_telling };
    if secret.len() < SHORT {
        return vec![needle(secret.to_vec(), Place::Word)];
    }
    let mut all = vec![needle(secret.to_vec(), Place::Anywhere)];
    if secret.contains(&b' ') {
        all.push(needle(
            secret.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect(),
            Place::Anywhere,
        ));
    }
    let hexadecimal = secret.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
    all.push(needle(hexadecimal, Place::Letters));
    if is_long {
        let backwards = String::from_utf8_lossy(secret).chars().rev().collect::<String>();
        all.push(needle(backwards.into_bytes(), Place::Anywhere));
        let letters = alphanumeric(secret);
        if letters.len() >= LONG && letters.iter().any(u8::is_ascii_alphabetic) {
            all.push(needle(letters, Place::Letters));
        }
    }
    // Where a character may not stand in a version or a host, the rest is still too much.
    let pieces = secret.split(|byte| !byte.is_ascii_alphanumeric()).filter(|piece| {
        piece.len() >= PIECE
            && piece.iter().any(u8::is_ascii_digit)
            && piece.iter().any(u8::is_ascii_alphabetic)
    });
    all.extend(pieces.map(|piece| needle(piece.to_vec(), Place::Anywhere)));
    let parts = (0..3).map(|before| alphanumeric(&part_of_base64(secret, before)));
    all.extend(parts.filter(|part| part.len() >= LONG).map(|part| needle(part, Place::Letters)));
    all
}

/// The characters of base64 that the secret alone decides, where it stands so many bytes behind a multiple of three.
fn part_of_base64(secret: &[u8], before: usize) -> Vec<u8> {
    let encoded = BASE64_STANDARD_NO_PAD.encode([vec![0; before].as_slice(), secret].concat()).into_bytes();
    let (first, last) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
    encoded.get(first..last).unwrap_or_default().to_vec()
}

fn alphanumeric(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().filter(|byte| byte.is_ascii_alphanumeric()).copied().collect()
}

#[cfg(test)]
mod tests;
