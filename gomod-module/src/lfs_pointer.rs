//! The pointer files of git-lfs.

use std::fmt::Write as _;

/// The file that git-lfs keeps in a repository in place of a large one: which content it stands for.
///
/// Module zips that were made with and without git-lfs differ in such files, and the pointer itself proves it: it holds the
/// SHA-256 of the other content. Source: [the specification](https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
///
/// ```
/// use gomod_module::LfsPointer;
///
/// let text = b"version https://git-lfs.github.com/spec/v1\n\
///     oid sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\nsize 6\n";
/// let pointer = LfsPointer::parse(text).expect("a pointer");
/// assert_eq!(pointer.size, 6);
/// assert_eq!(pointer.to_text().as_bytes(), text);
/// assert_eq!(LfsPointer::parse(b"hello\n"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "the specification knows these two keys")]
pub struct LfsPointer {
    /// The SHA-256 of the content.
    pub sha256: [u8; 32],
    /// The size of the content in bytes.
    pub size: u64,
}

impl LfsPointer {
    /// The largest pointer, in bytes: what is larger is not one, by the specification.
    pub const MAX: usize = 1024;

    /// Returns the pointer that this content is, or `None` where it is another file.
    pub fn parse(content: &[u8]) -> Option<Self> {
        if content.len() >= Self::MAX {
            return None;
        }
        let rest =
            str::from_utf8(content).ok()?.strip_prefix("version https://git-lfs.github.com/spec/v1")?;
        let (mut sha256, mut size) = (None, None);
        for line in rest.lines() {
            match line.split_once(' ') {
                Some(("oid", oid)) => sha256 = Some(digest(oid.strip_prefix("sha256:")?)?),
                // `parse` would take a sign.
                Some(("size", number)) if !number.starts_with('+') => size = number.parse().ok(),
                _ => {}
            }
        }
        Some(Self { sha256: sha256?, size: size? })
    }

    /// Returns the pointer as git-lfs writes it.
    pub fn to_text(&self) -> String {
        let mut text = String::from("version https://git-lfs.github.com/spec/v1\noid sha256:");
        for byte in self.sha256 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        let _ = writeln!(text, "\nsize {}", self.size);
        text
    }
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::LfsPointer;

    #[test]
    fn what_is_almost_a_pointer_is_none() {
        let pointer = LfsPointer { sha256: [7; 32], size: 9 }.to_text();
        assert!(LfsPointer::parse(pointer.as_bytes()).is_some());
        assert!(LfsPointer::parse(pointer.replace('\n', "\r\n").as_bytes()).is_some());
        for other in [
            pointer.replace("spec/v1", "spec/v2"),
            pointer.replace("sha256:07", "sha256:"),
            pointer.replace("sha256:07", "sha256:+7"),
            pointer.replace("sha256:", "sha1:"),
            pointer.replace("size 9", "size"),
            pointer.replace("size 9", "size -9"),
            pointer.replace("size 9", "size +9"),
            format!("{pointer}{}", "x".repeat(1024)),
        ] {
            assert_eq!(LfsPointer::parse(other.as_bytes()), None, "{other}");
        }
    }
}
