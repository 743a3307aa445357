//! Why a file differs between two zips of one version.

use gomod_module::LfsPointer;

use crate::{Content, Side};

/// Why a file differs between two zips, where the two contents prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case", tag = "kind"))]
#[non_exhaustive]
pub enum ChangeCause {
    /// One zip has a git-lfs pointer, and the other the file with the SHA-256 and the size that it names.
    LfsPointer {
        /// The zip with the pointer.
        pointer: Side,
    },
    /// One zip has the text that the other has once every `$Format:…$` in it is replaced by something: `git archive` does so in
    /// files with the attribute `export-subst`, and the go command does not.
    ExportSubst {
        /// The zip with the placeholders.
        placeholders: Side,
    },
}

/// A file, and its content if that is small.
pub(crate) struct Small {
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) is: Content,
}

impl Small {
    /// The largest content that is looked at, in bytes: 64 KiB.
    pub(crate) const MAX: u64 = 64 << 10;

    fn points_to(&self, other: &Self) -> bool {
        let pointer = self.content.as_deref().and_then(LfsPointer::parse);
        pointer.is_some_and(|pointer| pointer.sha256 == other.is.sha256 && pointer.size == other.is.size)
    }

    fn expands_to(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Some(template), Some(text)) => expands_to(template, text),
            _ => false,
        }
    }
}

impl ChangeCause {
    pub(crate) fn of(old: &Small, new: &Small) -> Option<Self> {
        let sides = [(Side::Old, old, new), (Side::New, new, old)];
        sides.into_iter().find_map(|(side, one, other)| {
            if one.points_to(other) {
                Some(Self::LfsPointer { pointer: side })
            } else {
                one.expands_to(other).then_some(Self::ExportSubst { placeholders: side })
            }
        })
    }
}

/// Whether the text is the template with something else in place of every `$Format:…$`, of which there is at least one.
fn expands_to(template: &[u8], text: &[u8]) -> bool {
    const START: &[u8] = b"$Format:";
    let find = |text: &[u8], part: &[u8]| text.windows(part.len()).position(|window| window == part);
    let (mut template, mut text) = (template, text);
    let mut is_first = true;
    while let Some(start) = find(template, START) {
        let (literal, rest) = template.split_at(start);
        let Some(end) = rest.iter().skip(START.len()).position(|&byte| byte == b'$') else { break };
        // What stands before the first placeholder is at the start; what stands between two may be anywhere behind.
        let place = if is_first {
            text.starts_with(literal).then_some(0)
        } else if literal.is_empty() {
            Some(0)
        } else {
            find(text, literal)
        };
        let Some(place) = place else { return false };
        text = text.get(place + literal.len()..).unwrap_or_default();
        template = rest.get(START.len() + end + 1..).unwrap_or_default();
        is_first = false;
    }
    !is_first && text.ends_with(template)
}

#[cfg(test)]
mod tests {
    use super::expands_to;

    #[test]
    fn only_placeholders_may_differ() {
        for (template, text, expected) in [
            ("v = $Format:%H$\n", "v = 0123abc\n", true),
            ("v = $Format:%H$\n", "v = \n", true),
            ("$Format:%H$", "0123abc", true),
            ("a $Format:%H$ b $Format:%d$ c", "a 1 b 2 c", true),
            ("a $Format:%H$$Format:%d$ c", "a 12 c", true),
            ("a $Format:%H$ b", "a 1 c", false),
            ("a $Format:%H$ b $Format:%d$ c", "a 1 2 c", false),
            ("b $Format:%H$", "a 1", false),
            ("no placeholder", "no placeholder", false),
            ("$Format: without an end", "x", false),
        ] {
            assert_eq!(expands_to(template.as_bytes(), text.as_bytes()), expected, "{template:?} {text:?}");
        }
    }
}
