//! The files of the zip at hand.

use gomod_archive::Threads;
use gomod_module::LfsPointer;

use super::attributes::{Attributes, GitAttributes};
use super::file_hashes::{FileHashes, Files};
use super::kind::{FindingKind, Which};
use super::known::which;
use super::left_out::{LeftOut, NestedModules};
use super::rewriting::Rewriting;
use crate::go_sum::entry::Kind;
use crate::go_sum::verify::Mismatch;
use crate::hash::file_hash::FileHash;
use crate::hash::summary::HashBuilder;

pub(super) fn look(
    mismatch: &Mismatch,
    archive: &dyn Files,
    threads: &Threads,
    kinds: &mut Vec<FindingKind>,
) {
    let Ok(files) = archive.hashes(threads) else { return kinds.push(FindingKind::Unreadable) };
    let tree = Tree { files };
    let prefix = format!("{}/", mismatch.module);
    let at_hand = tree.hash(|_| true, |_, file| file.plain).and_then(|hash| which(mismatch, &hash));
    if mismatch.kind == Kind::GoMod {
        kinds.extend(at_hand.map(|which| FindingKind::OtherKind { which, line: None }));
        let go_mod =
            |name: &[u8]| (name == [prefix.as_bytes(), b"go.mod"].concat()).then(|| b"go.mod".to_vec());
        let hash = tree.renamed(go_mod, |file| file.plain).and_then(|hash| which(mismatch, &hash));
        kinds.extend(hash.map(|which| FindingKind::GoModOfZip { which }));
        return;
    }
    match at_hand {
        Some(Which::Recorded) => return kinds.push(FindingKind::AtHandIsRight),
        Some(Which::Found) => {}
        None => kinds.push(FindingKind::AtHandIsOther),
    }
    let before = kinds.len();
    let is_recorded = |hash: Option<String>| hash.as_ref() == Some(&mismatch.recorded);
    for (how, text_only) in [
        (Rewriting::CrlfToLf, true),
        (Rewriting::CrlfToLf, false),
        (Rewriting::LfToCrlf, true),
        (Rewriting::LfToCrlf, false),
    ] {
        if is_recorded(tree.hash(|_| true, |_, file| file.converted(how, text_only))) {
            kinds.push(FindingKind::Rewritten { how, text_only });
            break;
        }
    }
    let inner = |name: &[u8]| name.strip_prefix(prefix.as_bytes()).unwrap_or(name).to_vec();
    let names: Vec<_> = tree.files.iter().map(|(name, _)| inner(name)).collect();
    let nested = NestedModules::of(&names);
    for what in LeftOut::ALL {
        let count = names.iter().filter(|name| what.has(name, &nested)).count();
        if count > 0 && is_recorded(tree.hash(|name| !what.has(&inner(name), &nested), |_, file| file.plain))
        {
            kinds.push(FindingKind::LeftOut { what, count });
        }
    }
    kinds.extend(other_prefix(mismatch, &tree, &prefix));
    let attributes = tree
        .files
        .iter()
        .zip(&names)
        .filter_map(|((_, file), name)| Some((name.as_slice(), file.attributes.as_deref()?)));
    let attributes = GitAttributes::of(attributes).of_files(&names);
    kinds.extend(lfs_pointers(mismatch, &tree, &names, &attributes));
    if at_hand == Some(Which::Found) && kinds.len() == before {
        kinds.extend(one_rewritten_file(mismatch, &tree, &names));
    }
    if at_hand == Some(Which::Found) && kinds.len() == before {
        kinds.extend(export_subst(&names, &attributes));
    }
}

/// The most file hashes that are put together to find one file whose line endings were converted.
const MOST_LINES: usize = 500_000;

/// The file whose line endings alone make the difference.
fn one_rewritten_file(mismatch: &Mismatch, tree: &Tree, names: &[Vec<u8>]) -> Option<FindingKind> {
    let mut lines = 0;
    for how in [Rewriting::CrlfToLf, Rewriting::LfToCrlf] {
        for ((candidate, _), name) in tree.files.iter().zip(names).filter(|((_, file), _)| file.changes(how))
        {
            lines += tree.files.len();
            if lines > MOST_LINES {
                return None;
            }
            let convert = |name: &[u8], file: &FileHashes| {
                if name == candidate { file.converted(how, true) } else { file.plain }
            };
            if tree.hash(|_| true, convert).as_ref() == Some(&mismatch.recorded) {
                return Some(FindingKind::RewrittenFile { name: shown(name), how });
            }
        }
    }
    None
}

/// Whether one zip has git-lfs pointers and the other the files that they stand for.
fn lfs_pointers(
    mismatch: &Mismatch,
    tree: &Tree,
    names: &[Vec<u8>],
    attributes: &[Attributes],
) -> Option<FindingKind> {
    let replaced = |which, other: &dyn Fn(&FileHashes, Attributes) -> Option<FileHash>| {
        let mut hashes = HashBuilder::new();
        let (mut count, mut first) = (0, None);
        for (((name, file), attributes), inner) in tree.files.iter().zip(attributes).zip(names) {
            let other = other(file, *attributes);
            if other.is_some() {
                count += 1;
                first.get_or_insert(inner);
            }
            hashes.push(name, other.unwrap_or(file.plain)).ok()?;
        }
        let name = shown(first?);
        (hashes.finish().to_string() == mismatch.recorded).then_some(FindingKind::LfsPointers {
            which,
            count,
            name,
        })
    };
    let file_of = |file: &FileHashes, _| Some(FileHash::from_digest(file.pointer?.sha256));
    let pointer_to = |file: &FileHashes, attributes: Attributes| {
        let pointer = LfsPointer { sha256: *file.plain.digest(), size: file.size };
        attributes.lfs.then(|| FileHash::of(pointer.to_text().as_bytes()))
    };
    replaced(Which::Found, &file_of).or_else(|| replaced(Which::Recorded, &pointer_to))
}

fn export_subst(names: &[Vec<u8>], attributes: &[Attributes]) -> Option<FindingKind> {
    let mut marked = names.iter().zip(attributes).filter(|(_, attributes)| attributes.export_subst);
    let name = shown(marked.next()?.0);
    Some(FindingKind::ExportSubst { count: marked.count() + 1, name })
}

/// A name that may hold what it likes.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).escape_debug().to_string()
}

/// The start of names with which the zip has the recorded hash.
fn other_prefix(mismatch: &Mismatch, tree: &Tree, prefix: &str) -> Option<FindingKind> {
    let (path, version) = (mismatch.module.path(), mismatch.module.version());
    let first = tree.files.first().map(|(name, _)| name.as_slice()).unwrap_or_default();
    let at = first.iter().position(|&byte| byte == b'@').unwrap_or_default();
    let end = first.iter().skip(at).position(|&byte| byte == b'/').map_or(0, |slash| at + slash + 1);
    let present = if at > 0 { &first[..end] } else { b"" };
    if !tree.files.iter().all(|(name, _)| name.starts_with(present)) {
        return None;
    }
    [
        prefix.into(),
        format!("{}@{}/", path.to_escaped(), version.to_escaped()),
        format!("{path}/"),
        String::new(),
    ]
    .into_iter()
    .filter(|other| other.as_bytes() != present)
    .find(|other| {
        let rename = |name: &[u8]| name.strip_prefix(present).map(|inner| [other.as_bytes(), inner].concat());
        tree.renamed(rename, |file| file.plain).as_ref() == Some(&mismatch.recorded)
    })
    .map(|other| FindingKind::OtherPrefix { prefix: other.trim_end_matches('/').into() })
}

/// The entries of an archive with the hashes of their contents.
struct Tree {
    files: Vec<(Vec<u8>, FileHashes)>,
}

impl Tree {
    fn hash(
        &self,
        keep: impl Fn(&[u8]) -> bool,
        content: impl Fn(&[u8], &FileHashes) -> FileHash,
    ) -> Option<String> {
        let mut hashes = HashBuilder::new();
        for (name, file) in self.files.iter().filter(|(name, _)| keep(name)) {
            hashes.push(name, content(name, file)).ok()?;
        }
        Some(hashes.finish().to_string())
    }

    /// The hash of the files that have a new name, under that.
    fn renamed(
        &self,
        rename: impl Fn(&[u8]) -> Option<Vec<u8>>,
        content: impl Fn(&FileHashes) -> FileHash,
    ) -> Option<String> {
        let files: Vec<_> =
            self.files.iter().filter_map(|(name, file)| Some((rename(name)?, file.clone()))).collect();
        Self { files }.hash(|_| true, |_, file| content(file))
    }
}
