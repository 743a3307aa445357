//! Laws, for any names and any damage:
//!
//! - the collisions that `check_zip` reports are those of a search through all names before, in Go's order;
//! - `unzip` writes into its target only, the bytes that the archive holds, or nothing at all;
//! - the number of threads changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_module::{ModuleVersion, fold_key};
use gomod_testkit::ModuleZip;
use gomod_zip::{FileReason, Options, check_zip, unzip};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::tree::{Tree, tree};

const PREFIX: &str = "x.y/m@v1.0.0/";

fn module() -> ModuleVersion {
    ModuleVersion::parse("x.y/m", "v1.0.0").unwrap()
}

/// Valid paths of which many collide; a slash at the end makes a directory.
fn colliding_paths() -> impl Strategy<Value = Vec<String>> {
    let element =
        select(vec!["a", "A", "b", "B", "s", "S", "ſ", "k", "K", "é", "É", "ß", "go.mod", "Go.mod"]);
    let path = (vec(element, 1..5), prop::bool::weighted(0.2))
        .prop_map(|(elements, is_dir)| elements.join("/") + if is_dir { "/" } else { "" });
    vec(path, 0..12)
}

/// Names of every kind: traversal, absolute, other separators, not text.
fn odd_names() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let element = prop_oneof![
        4 => select(vec!["a", "b", "c", "d.go", "é"]).prop_map(|s| s.as_bytes().to_vec()),
        1 => select(vec!["..", ".", "", "~", "-", "C:", "nul", "a.", "a\\b", "..\\x", "\\", "a\0b", "a\nb", " ", "../.."])
            .prop_map(|s| s.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ];
    let prefix = prop_oneof![
        12 => Just(PREFIX),
        1 => select(vec!["", "/", "x.y/m@v1.0.0", "X.y/m@v1.0.0/", "../", "x.y/m@v1.0.0/../"]),
    ];
    let name = (prefix, vec(element, 0..4))
        .prop_map(|(prefix, elements)| [prefix.as_bytes(), &elements.join(b"/".as_slice())].concat());
    vec(name, 0..5)
}

/// The rule as Go states it: the path, then each directory above, against everything that came before.
fn collisions(paths: &[String]) -> Vec<Option<FileReason>> {
    let mut seen: Vec<(String, String, bool)> = Vec::new();
    let mut reasons = Vec::new();
    for path in paths {
        let mut reason = None;
        let mut next = Some((path.trim_end_matches('/'), path.ends_with('/')));
        while let Some((path, is_dir)) = next {
            let other = seen.iter().find(|(folded, ..)| *folded == fold_key(path));
            match other {
                None => seen.push((fold_key(path), path.to_owned(), is_dir)),
                Some((_, first, _)) if first != path => {
                    reason = Some(FileReason::Collision { first: first.clone(), second: path.to_owned() });
                }
                Some((.., was_dir)) if *was_dir != is_dir => {
                    reason = Some(FileReason::FileAndDirectory { path: path.to_owned() });
                }
                Some(_) if !is_dir => reason = Some(FileReason::MultipleEntries { path: path.to_owned() }),
                Some(_) => {}
            }
            next = if reason.is_some() { None } else { path.rsplit_once('/').map(|(dir, _)| (dir, true)) };
        }
        reasons.push(reason);
    }
    reasons
}

/// What the next rule says of a path without a collision.
fn misplaced_go_mod(path: &str) -> Option<FileReason> {
    let (dir, base) = path.rsplit_once('/').unwrap_or(("", path));
    match base {
        "go.mod" | "Go.mod" if !dir.is_empty() => Some(FileReason::GoModNotInRoot),
        "Go.mod" => Some(FileReason::GoModCase),
        _ => None,
    }
}

/// The tree that extracting leaves, with its directories, and what `unzip` says.
fn extract(zip: &[u8], threads: usize) -> (Tree, Result<usize, String>) {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("outside"), "untouched").unwrap();
    let target = root.path().join("target");
    let archive = Archive::open(zip, &Limits::default()).unwrap();
    let options = Options::new().threads(NonZeroUsize::new(threads).unwrap());
    let result = unzip(&archive, &module(), &target, &options);
    assert_eq!(target.exists(), result.is_ok());

    let found = if result.is_ok() { tree(&target) } else { Tree::new() };
    let mut outside = tree(root.path());
    outside.retain(|name, _| name != "target" && !name.starts_with("target/"));
    assert_eq!(outside, BTreeMap::from([("outside".to_owned(), Some(b"untouched".to_vec()))]));

    let files = found.values().filter(|content| content.is_some()).count();
    match result {
        Ok(unzipped) => {
            assert_eq!(unzipped.files, files);
            let bytes: usize = found.values().flatten().map(Vec::len).sum();
            assert_eq!(unzipped.bytes, bytes as u64);
            (found, Ok(files))
        }
        Err(error) => (found, Err(format!("{error:?}").replace(root.path().to_str().unwrap(), "ROOT"))),
    }
}

proptest! {
    #[test]
    fn collisions_are_those_of_a_full_search(paths in colliding_paths()) {
        let zip = paths.iter().fold(ModuleZip::new("x.y/m", "v1.0.0"), |zip, path| zip.file(path, *b"")).build();
        let checked = check_zip(&Archive::open(zip, &Limits::default()).unwrap(), &module());
        let reported: Vec<_> = checked.invalid.into_iter().map(|error| (error.path, error.reason)).collect();
        let expected: Vec<_> = paths.iter().zip(collisions(&paths)).filter_map(|(path, collision)| {
            let reason = collision.or_else(|| misplaced_go_mod(path))?;
            Some((format!("{PREFIX}{path}").into_bytes(), reason))
        }).collect();
        prop_assert_eq!(reported, expected);
    }

    #[test]
    fn nothing_is_written_outside_the_target(names in odd_names(), flips in vec(any::<prop::sample::Index>(), 0..2)) {
        let mut zip = names.iter().zip(0_u32..).fold(ModuleZip::new("x.y/m", "v1.0.0"), |zip, (name, i)| {
            zip.raw_name(name.clone(), i.to_string().repeat(50))
        }).build();
        // Where the damage hits the directory, there may be no archive any more.
        for flip in flips {
            let at = flip.index(zip.len());
            zip[at] ^= 0x10;
        }
        if let Ok(archive) = Archive::open(zip.as_slice(), &Limits::default()) {
            let (found, result) = extract(&zip, 1);
            for threads in [2, 5] {
                prop_assert_eq!(&(found.clone(), result.clone()), &extract(&zip, threads));
            }
            if result.is_ok() {
                prop_assert!(check_zip(&archive, &module()).is_valid());
                for entry in archive.entries().iter().filter(|entry| !entry.is_dir()) {
                    let path = std::str::from_utf8(entry.name()).unwrap().strip_prefix(PREFIX).unwrap();
                    let bytes = archive.read_to_vec(entry, u64::MAX).unwrap();
                    prop_assert_eq!(found.get(path), Some(&Some(bytes)));
                }
            }
        }
    }
}
