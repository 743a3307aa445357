//! The two hashes as text.

use gomod_module::H1;

use super::FindingKind;
use crate::{FileHash, Mismatch};

pub(super) fn look(mismatch: &Mismatch, kinds: &mut Vec<FindingKind>) {
    let (recorded, found) = (mismatch.recorded.as_str(), mismatch.found.to_string());
    if is_other_spelling(recorded, &mismatch.found) {
        kinds.push(FindingKind::OtherSpelling);
    } else if let Some(position) = edited_character(recorded.as_bytes(), found.as_bytes()) {
        kinds.push(FindingKind::OneCharacter { position });
    } else if recorded.eq_ignore_ascii_case(&found) {
        kinds.push(FindingKind::LetterCase);
    } else if recorded.parse::<H1>().is_err() {
        kinds.push(FindingKind::NotAHash);
    }
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
