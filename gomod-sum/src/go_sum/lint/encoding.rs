//! Bytes that no editor shows.

use gomod_module::text::Printable;

use super::problem::{LintProblem, LintProblemKind};

/// How much of a file is looked at for UTF-16 without its mark, in bytes.
const START: usize = 64;

/// Whether the file is UTF-16, so that nothing more can be said of its lines.
pub(in crate::go_sum) fn utf16(text: &[u8]) -> Option<LintProblem> {
    let start = text.get(..START.min(text.len())).unwrap_or_default();
    // Every path, version and hash is ASCII: in UTF-16 each second byte of them is zero.
    let zeros = |first: usize| start.len() >= 8 && start.iter().skip(first).step_by(2).all(|&byte| byte == 0);
    let little_endian = match start {
        [0xff, 0xfe, ..] => true,
        [0xfe, 0xff, ..] => false,
        _ if zeros(1) && !zeros(0) => true,
        _ if zeros(0) && !zeros(1) => false,
        _ => return None,
    };
    Some(LintProblem { line: 1, column: 1, kind: LintProblemKind::Utf16 { little_endian } })
}

/// The file without the zeros at its end, as a crash leaves them, and what there is to say of them.
pub(super) fn without_zeros(text: &[u8]) -> (&[u8], Option<LintProblem>) {
    let rest = text.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let (content, zeros) = text.split_at(rest);
    if zeros.is_empty() {
        return (text, None);
    }
    let line_start = content.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = content.split(|&byte| byte == b'\n').count();
    let kind = LintProblemKind::ZerosAtEnd { count: zeros.len() };
    (content, Some(LintProblem { line, column: rest - line_start + 1, kind }))
}

/// The first character of a field that is not seen as it is, and where in the field it is, in bytes: one that [`Printable`] would
/// escape. Nothing of the kind is in the name of a module, and white space has its own rules.
pub(super) fn invisible(field: &[u8]) -> Option<(usize, char)> {
    let mut at = 0;
    for chunk in field.utf8_chunks() {
        if let Some((place, c)) = chunk.valid().char_indices().find(|&(_, c)| !Printable::is_plain(c)) {
            return Some((at + place, c));
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    None
}
