//! The two hashes as text.

use gomod_module::H1;

use super::kind::FindingKind;
use crate::go_sum::verify::Mismatch;
use crate::hash::file_hash::FileHash;

pub(super) fn look(mismatch: &Mismatch, kinds: &mut Vec<FindingKind>) {
    let (recorded, found) = (mismatch.recorded.as_str(), mismatch.found.to_string());
    if is_other_spelling(recorded, &mismatch.found) {
        kinds.push(FindingKind::OtherSpelling);
    } else if let Some(position) = edited_character(recorded.as_bytes(), found.as_bytes()) {
        kinds.push(FindingKind::OneCharacter { position });
    } else if recorded.eq_ignore_ascii_case(&found) {
        kinds.push(FindingKind::LetterCase);
    } else if let Some(position) = transposed_characters(recorded.as_bytes(), found.as_bytes()) {
        kinds.push(FindingKind::Transposed { position });
    } else if recorded.len() >= ALIKE && found.starts_with(recorded) {
        kinds.push(FindingKind::Truncated { length: recorded.len() });
    } else if let Some(position) = edited_between(recorded.as_bytes(), found.as_bytes()) {
        kinds.push(FindingKind::Edited { position });
    } else if recorded.parse::<H1>().is_err() {
        kinds.push(FindingKind::NotAHash);
    }
}

/// How many characters two hashes of different contents never have in common at their ends, `h1:` included: 96 bits.
const ALIKE: usize = 19;

/// The position, from 1, of the first of two characters that have changed places.
fn transposed_characters(recorded: &[u8], found: &[u8]) -> Option<usize> {
    let mut differences =
        recorded.iter().zip(found).enumerate().filter(|(_, (a, b))| a != b).map(|(at, (a, b))| (at, *a, *b));
    let (Some((first, a, b)), Some((_, c, d)), None) =
        (differences.next(), differences.next(), differences.next())
    else {
        return None;
    };
    (recorded.len() == found.len() && a == d && b == c).then_some(first + 1)
}

/// The position, from 1, of the first difference between two hashes that begin and end too much alike to be those of
/// different contents.
fn edited_between(recorded: &[u8], found: &[u8]) -> Option<usize> {
    let common = |a: &mut dyn Iterator<Item = (&u8, &u8)>| a.take_while(|(a, b)| a == b).count();
    let start = common(&mut recorded.iter().zip(found));
    let end = common(&mut recorded.iter().rev().zip(found.iter().rev()));
    // `h1:` at the start and `=` at the end are those of every hash.
    (start.max(3) - 3 + end.saturating_sub(1) >= ALIKE - 3).then_some(start + 1)
}

/// Whether `recorded` names the digest of `found` in another way than as `h1:` hashes do.
fn is_other_spelling(recorded: &str, found: &H1) -> bool {
    let digest = recorded.strip_prefix("h1:").unwrap_or(recorded);
    let base64 = digest.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let found_base64 = found.to_string();
    let hex = FileHash::from_digest(*found.digest()).to_string();
    digest.eq_ignore_ascii_case(&hex)
        || Some(base64.as_str()) == found_base64.strip_prefix("h1:").map(|text| text.trim_end_matches('='))
}

/// The position, from 1, of the one character of `recorded` that was replaced, put in, or in front of which one was left
/// out; `None` if the two are further apart.
fn edited_character(recorded: &[u8], found: &[u8]) -> Option<usize> {
    let common = recorded.iter().zip(found).take_while(|(a, b)| a == b).count();
    let rest = |text: &'_ [u8], skip: usize| text.get(common + skip..).map(<[u8]>::to_vec);
    let same = |a: Option<Vec<u8>>, b: Option<Vec<u8>>| a.is_some() && a == b;
    let edited = same(rest(recorded, 1), rest(found, 1))
        || same(rest(recorded, 1), rest(found, 0))
        || same(rest(recorded, 0), rest(found, 1));
    edited.then_some(common + 1)
}
