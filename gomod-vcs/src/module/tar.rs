//! Archives as `git archive --format=tar` writes them: ustar, with pax headers for what is too long.

use std::ops::Range;

const BLOCK: usize = 512;

/// An entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    /// How much of the name is not of the module.
    pub(super) skip: usize,
    pub(super) kind: Kind,
    /// Where its content lies in the archive.
    pub(super) content: Range<usize>,
    /// The target of a link.
    pub(super) target: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Symlink,
}

/// What a pax header says about the entry after it.
#[derive(Debug, Default)]
struct Extended {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<usize>,
}

/// The entries of an archive; `None` if it is not one that git writes.
pub(super) fn entries(archive: &[u8]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut extended = Extended::default();
    let mut at = 0;
    while let Some(header) = archive.get(at..at + BLOCK) {
        if header.iter().all(|&b| b == 0) {
            return Some(entries);
        }
        let declared = number(header.get(124..136)?)?;
        let size = extended.size.unwrap_or(declared);
        let start = at + BLOCK;
        let content = start..start.checked_add(size)?;
        let data = archive.get(content.clone())?;
        at = start.checked_add(size.checked_next_multiple_of(BLOCK)?)?;
        let kind = match header.get(156)? {
            b'0' | 0 => Kind::File,
            b'5' => Kind::Directory,
            b'2' => Kind::Symlink,
            // The commit's hash, for those who want to know.
            b'g' => continue,
            b'x' => {
                extended = read_extended(data)?;
                continue;
            }
            _ => return None,
        };
        let said = std::mem::take(&mut extended);
        let name = said.path.unwrap_or_else(|| {
            let (prefix, name) = (text(header, 345..500), text(header, 0..100));
            if prefix.is_empty() { name } else { [prefix, b"/".to_vec(), name].concat() }
        });
        let target = said.target.unwrap_or_else(|| text(header, 157..257));
        entries.push(Entry { name, skip: 0, kind, content, target });
    }
    // An archive ends with an empty block, unless it is empty itself.
    archive.is_empty().then_some(entries)
}

/// A field up to its first zero.
fn text(header: &[u8], field: Range<usize>) -> Vec<u8> {
    let field = header.get(field).unwrap_or_default();
    field.split(|&b| b == 0).next().unwrap_or_default().to_vec()
}

fn number(field: &[u8]) -> Option<usize> {
    let digits = str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    usize::from_str_radix(digits, 8).ok()
}

/// Lines of `LENGTH NAME=VALUE`, each as long as it says.
fn read_extended(mut data: &[u8]) -> Option<Extended> {
    let mut extended = Extended::default();
    while !data.is_empty() {
        let space = data.iter().position(|&b| b == b' ')?;
        let length: usize = str::from_utf8(data.get(..space)?).ok()?.parse().ok()?;
        let record = data.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|&b| b == b'=')?;
        let value = record.get(equals + 1..)?;
        match record.get(..equals)? {
            b"path" => extended.path = Some(value.to_vec()),
            b"linkpath" => extended.target = Some(value.to_vec()),
            b"size" => extended.size = Some(str::from_utf8(value).ok()?.parse().ok()?),
            _ => {}
        }
        data = data.get(length..)?;
    }
    Some(extended)
}

#[cfg(test)]
mod tests {
    use super::{Kind, entries};

    fn header(name: &[u8], kind: u8, size: usize) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name);
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        block[156] = kind;
        block
    }

    #[test]
    fn long_names_stand_before_their_entry() {
        let name = [b"prefix/", &[b'x'; 300][..]].concat();
        let record = [b"317 path=", &name[..], b"\n"].concat();
        let mut padded = record.clone();
        padded.resize(512, 0);
        let mut archive = [header(b"h", b'x', record.len()), padded, header(b"y", b'0', 3)].concat();
        archive.extend([b"abc".to_vec(), vec![0; 509], vec![0; 1024]].concat());
        let found = entries(&archive).unwrap();
        assert_eq!((found.len(), found[0].kind), (1, Kind::File));
        assert_eq!((&found[0].name, &archive[found[0].content.clone()]), (&name, &b"abc"[..]));
    }

    #[test]
    fn what_is_no_archive_is_none() {
        assert_eq!(entries(b""), Some(Vec::new()));
        for archive in [&header(b"x", b'0', 9)[..], &header(b"x", b'9', 0), &[1; 512], &[1; 100]] {
            assert_eq!(entries(archive), None);
        }
    }
}
