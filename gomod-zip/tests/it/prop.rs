//! Laws, for any names and any damage:
//!
//! - the collisions that `check_zip` reports are those of a search through all names before, in Go's order;
//! - `unzip` writes into its target only, the bytes that the archive holds, or nothing at all;
//! - the number of threads changes nothing;
//! - what `create` makes of a list of valid files, `check_zip` accepts and `unzip` makes files again; the bytes of the zip
//!   depend on the files only, and those of an entry on nothing but its file;
//! - a zip of a directory is that of the list of its files in lexical order;
//! - `diff` finds what a comparison of two lists finds, and nothing exactly where the hashes are the same;
//! - the largest directories are those of a sum over all files.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_module::text::fold_key;
use gomod_testkit::ModuleZip;
use gomod_zip::{
    DataFile, FileReason, Options, check_dir, check_files, check_zip, create, create_from_dir, diff, unzip,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::files::plain_files;
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

type Files = BTreeMap<String, Vec<u8>>;

/// The valid ones of these files. Without a go.mod that is invalid, other files may be left out than with it.
fn valid(files: &[(Vec<u8>, Vec<u8>)]) -> Files {
    let mut files = files.to_vec();
    loop {
        let data: Vec<_> =
            files.iter().map(|(path, data)| DataFile::new(path.clone(), data.clone())).collect();
        let checked = check_files(&data);
        if checked.valid.len() == files.len() {
            return checked.valid.into_iter().zip(files.into_iter().map(|(_, data)| data)).collect();
        }
        files.retain(|(path, _)| checked.valid.iter().any(|valid| valid.as_bytes() == path));
    }
}

fn zip_of(files: &Files) -> Vec<u8> {
    let files: Vec<_> =
        files.iter().map(|(path, data)| DataFile::new(path.as_str(), data.as_slice())).collect();
    let mut zip = Vec::new();
    let created = create(&mut zip, &module(), &files).unwrap();
    assert_eq!((created.files, created.zip_size), (files.len(), zip.len() as u64));
    zip
}

fn open(zip: Vec<u8>) -> Archive<Vec<u8>> {
    Archive::open(zip, &Limits::default()).unwrap()
}

/// Two lists that have much in common.
fn two_versions() -> impl Strategy<Value = (Files, Files)> {
    let data = select(vec!["", "a", "a\n", "a\r\n", "a\r\nb\n", "a\nb\r\n", "a\r", "\r\r\n", "\r\n", "b"]);
    let file = (select(vec!["a", "b", "c/d", "c/e", "f"]), data)
        .prop_map(|(path, data)| (path.to_owned(), data.as_bytes().to_vec()));
    let files = || vec(file.clone(), 0..6).prop_map(|files| files.into_iter().collect());
    (files(), files())
}

fn without_cr(data: &[u8]) -> Vec<u8> {
    String::from_utf8(data.to_vec()).unwrap().replace("\r\n", "\n").into_bytes()
}

proptest! {
    #[test]
    fn what_is_created_is_valid_and_the_same(files in plain_files(), alone in any::<prop::sample::Index>()) {
        let files = valid(&files);
        let zip = zip_of(&files);
        prop_assert_eq!(&zip, &zip_of(&files));
        let archive = open(zip.clone());
        let checked = check_zip(&archive, &module());
        prop_assert!(checked.is_valid());
        let names: Vec<_> = files.keys().map(|path| format!("{PREFIX}{path}")).collect();
        prop_assert_eq!(checked.valid, names);

        let (found, result) = extract(&zip, 2);
        prop_assert_eq!(result, Ok(files.len()));
        let found: Files = found.into_iter().filter_map(|(path, data)| Some((path, data?))).collect();
        prop_assert_eq!(&found, &files);

        // Without a go.mod, other files may be left out than with it.
        let pick = files.iter().nth(alone.index(files.len().max(1)));
        if let Some((path, data)) = pick.filter(|(path, _)| !path.contains("vendor")) {
            let single = zip_of(&Files::from([(path.clone(), data.clone())]));
            // All but the directory of the zip.
            let entry = &single[..single.len() - 22 - 46 - PREFIX.len() - path.len()];
            prop_assert!(zip.windows(entry.len()).any(|window| window == entry), "{}", path);
        }
    }

    #[test]
    fn a_directory_is_the_list_of_its_files(files in plain_files()) {
        let root = tempfile::tempdir().unwrap();
        let files = valid(&files);
        for (path, data) in &files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, data).unwrap();
        }
        let mut zip = Vec::new();
        create_from_dir(&mut zip, &module(), root.path()).unwrap();
        let checked = check_dir(root.path()).unwrap();
        // The list holds directories of version control, which a walk leaves out.
        let mut files: Vec<_> =
            files.into_iter().filter(|(path, _)| !path.split('/').rev().skip(1).any(|dir| dir == ".git")).collect();
        files.sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
        let paths: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
        prop_assert_eq!(checked.valid, paths);
        let files: Vec<_> = files.into_iter().map(|(path, data)| DataFile::new(path, data)).collect();
        let mut listed = Vec::new();
        create(&mut listed, &module(), &files).unwrap();
        prop_assert_eq!(zip, listed);
    }

    #[test]
    fn a_diff_is_that_of_the_lists((old, new) in two_versions()) {
        let threads = NonZeroUsize::new(2).unwrap();
        let newer = ModuleVersion::parse("x.y/m", "v1.0.1").unwrap();
        let (zip, mut renamed) = (open(zip_of(&old)), Vec::new());
        let files: Vec<_> = new.iter().map(|(path, data)| DataFile::new(path.as_str(), data.as_slice())).collect();
        create(&mut renamed, &newer, &files).unwrap();
        let diff = diff(&zip, &module(), &open(renamed), &newer, threads).unwrap();
        prop_assert_eq!(diff.is_empty(), old == new);
        let only = |a: &Files, b: &Files| -> Vec<_> {
            a.iter().filter(|(path, _)| !b.contains_key(*path))
                .map(|(path, data)| (path.clone().into_bytes(), data.len() as u64)).collect()
        };
        let named = |files: &[gomod_zip::DiffFile]| -> Vec<_> {
            files.iter().map(|file| (file.path.clone(), file.content.size)).collect()
        };
        prop_assert_eq!(named(&diff.removed), only(&old, &new));
        prop_assert_eq!(named(&diff.added), only(&new, &old));
        let changed: Vec<_> = old.iter().filter_map(|(path, a)| {
            let b = new.get(path).filter(|b| *b != a)?;
            Some((path.as_bytes(), a.len() as u64, b.len() as u64, without_cr(a) == without_cr(b)))
        }).collect();
        let found: Vec<_> = diff.changed.iter()
            .map(|file| (file.path.as_slice(), file.old.size, file.new.size, file.line_endings_only)).collect();
        prop_assert_eq!(found, changed);
        let kept = old.len() - diff.removed.len() - diff.changed.len();
        prop_assert_eq!(diff.unchanged, kept);
    }

    #[test]
    fn the_largest_directories_are_those_of_a_sum(files in plain_files(), count in 0_usize..6) {
        let files = valid(&files);
        let mut sums = BTreeMap::<&str, u64>::new();
        for (path, data) in &files {
            for (at, _) in path.match_indices('/') {
                *sums.entry(&path[..at]).or_default() += data.len() as u64;
            }
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(dir, size)| (std::cmp::Reverse(*size), *dir));
        sums.truncate(count);
        let files: Vec<_> = files.iter().rev().map(|(path, data)| DataFile::new(path.as_str(), data.as_slice())).collect();
        let checked = check_files(&files);
        prop_assert_eq!(checked.largest_directories(count), sums);
    }

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
