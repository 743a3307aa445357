//! What a mismatch shows about its reason, class by class.

use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_module::{H1, ModuleVersion};
use gomod_sum::explain::{FindingKind, LeftOut, LooksLike, Rewriting, Which};
use gomod_sum::go_sum::ConflictSide;
use gomod_sum::{Evidence, Finding, GoSum, Kind, Mismatch, hash_go_mod, hash_zip};
use gomod_testkit::ModuleZip;

const RIGHT: &str = "h1:ltfFIgLHGcW6pkmvxWyQ5+pjala3/w7K3TODaFHz7XM=";
const EMPTY_TREE: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn module() -> ModuleVersion {
    "x.y/m@v1.0.0".parse().unwrap()
}

fn h1(text: &str) -> H1 {
    text.parse().unwrap()
}

fn mismatch(kind: Kind, recorded: &str, found: H1) -> Mismatch {
    let line = format!("x.y/m v1.0.0{} {recorded}\n", kind.suffix());
    GoSum::parse(line.as_bytes()).unwrap().lookup(&module(), kind, &found).unwrap_err()
}

fn kinds(findings: Vec<Finding>) -> Vec<FindingKind> {
    for finding in &findings {
        assert!(!finding.to_string().is_empty() && !finding.next_step.is_empty());
        assert!(!finding.sentence.ends_with('.') && !finding.next_step.ends_with('.'));
    }
    findings.into_iter().map(|finding| finding.kind).collect()
}

fn without_evidence(recorded: &str, found: &str) -> Vec<FindingKind> {
    kinds(mismatch(Kind::Zip, recorded, h1(found)).explain(&Evidence::new()))
}

/// The findings with a go.sum in which `R` and `F` stand for the recorded and the found hash.
fn with_lines(kind: Kind, text: &str) -> Vec<FindingKind> {
    let found = hash_go_mod(b"found");
    let text = text.replace(" R", &format!(" {RIGHT}")).replace(" F", &format!(" {found}"));
    let sum = GoSum::parse_lax(text.as_bytes());
    let mismatch = sum.lookup(&module(), kind, &found).unwrap_err();
    kinds(mismatch.explain(&Evidence::new().go_sum(&sum)))
}

fn with_go_mod(recorded: &[u8], found: &[u8]) -> Vec<FindingKind> {
    let mismatch = mismatch(Kind::GoMod, &hash_go_mod(recorded).to_string(), hash_go_mod(found));
    kinds(mismatch.explain(&Evidence::new().go_mod(found)))
}

fn zip_hash(zip: &ModuleZip) -> H1 {
    hash_zip(&Archive::open(zip.build(), &Limits::default()).unwrap(), NonZeroUsize::MIN).unwrap()
}

/// The findings about the second zip, where the first was recorded.
fn with_zip(recorded: &ModuleZip, found: &ModuleZip) -> Vec<FindingKind> {
    let mismatch = mismatch(Kind::Zip, &zip_hash(recorded).to_string(), zip_hash(found));
    let archive = Archive::open(found.build(), &Limits::default()).unwrap();
    let two = NonZeroUsize::MIN.saturating_add(1);
    kinds(mismatch.explain(&Evidence::new().archive(&archive).threads(two)))
}

fn zip() -> ModuleZip {
    ModuleZip::new("x.y/m", "v1.0.0").file("go.mod", "module x.y/m\n").file("a.go", "package a\n\n\n")
}

#[test]
fn nothing_is_claimed_without_a_reason() {
    assert_eq!(without_evidence(RIGHT, &hash_go_mod(b"other").to_string()), []);
    assert_eq!(with_lines(Kind::Zip, "x.y/m v1.0.0 R\nx.y/n v1.0.0 h1:x\nx.y/m v1.1.0 h1:y\n"), []);
    assert_eq!(with_go_mod(b"module x.y/m\n\ngo 1.20\n", b"module x.y/m\n\ngo 1.21\n"), []);
    assert_eq!(with_zip(&zip().file("b.go", "1"), &zip().file("b.go", "2")), []);
}

#[test]
fn empty_content_is_known_by_its_hash() {
    let empty = hash_go_mod(b"");
    assert_eq!(empty.to_string(), "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=");
    let findings = kinds(mismatch(Kind::GoMod, EMPTY_TREE, empty).explain(&Evidence::new()));
    assert_eq!(
        findings,
        [FindingKind::EmptyTree { which: Which::Recorded }, FindingKind::EmptyGoMod { which: Which::Found }]
    );
    // `RIGHT` is the hash of `module x.y/m`, which is made up where there is no go.mod file.
    let other = hash_go_mod(b"module x.y/m\n\ngo 1.21\n").to_string();
    let made_up = |recorded: &str, found: &str| {
        kinds(mismatch(Kind::GoMod, recorded, h1(found)).explain(&Evidence::new()))
    };
    assert_eq!(made_up(RIGHT, &other), [FindingKind::MadeUpGoMod { which: Which::Recorded }]);
    assert_eq!(made_up(&other, RIGHT), [FindingKind::MadeUpGoMod { which: Which::Found }]);
}

#[test]
fn an_edited_line_is_known_by_its_text() {
    let found = &hash_go_mod(b"found").to_string();
    for position in 3..found.len() {
        let (before, after) = found.split_at(position);
        let one = [FindingKind::OneCharacter { position: position + 1 }];
        let other = if after.starts_with('x') { "y" } else { "x" };
        assert_eq!(without_evidence(&format!("{before}{other}{}", &after[1..]), found), one);
        let longer = without_evidence(&format!("{before}%{after}"), found);
        assert_eq!(longer, one);
        let shorter = without_evidence(&format!("{before}{}", &after[1..]), found);
        assert!(
            matches!(shorter[..], [FindingKind::OneCharacter { .. } | FindingKind::OtherSpelling]),
            "{shorter:?}"
        );
    }
    assert_eq!(
        without_evidence(&format!("h1:{}", found[3..].to_lowercase()), found),
        [FindingKind::LetterCase]
    );
    assert_eq!(without_evidence(&found[..10], found), [FindingKind::NotAHash]);
    assert_eq!(without_evidence("h1:", found), [FindingKind::NotAHash]);
}

/// Other edits than that of one character.
#[test]
fn an_edited_line_is_known_by_what_is_left_of_the_hash() {
    let found = &hash_go_mod(b"found").to_string();
    let swapped = |a: usize, b: usize| {
        let mut bytes = found.clone().into_bytes();
        bytes.swap(a, b);
        String::from_utf8(bytes).unwrap()
    };
    for (a, b) in [(3, 4), (10, 11), (44, 45), (5, 30)] {
        if found.as_bytes()[a] != found.as_bytes()[b] {
            assert_eq!(
                without_evidence(&swapped(a, b), found),
                [FindingKind::Transposed { position: a + 1 }]
            );
        }
    }
    for length in [20, 30, 44] {
        assert_eq!(without_evidence(&found[..length], found), [FindingKind::Truncated { length }]);
    }
    let edited = format!("{}xxxx{}", &found[..20], &found[24..]);
    assert_eq!(without_evidence(&edited, found), [FindingKind::Edited { position: 21 }]);
    let gap = format!("{}{}", &found[..12], &found[20..]);
    assert_eq!(without_evidence(&gap, found), [FindingKind::Edited { position: 13 }]);
    for kind in [&without_evidence(&edited, found)[0], &without_evidence(&found[..20], found)[0]] {
        assert!(kind.blames_line());
    }
    // Two hashes that have no more in common than any two.
    assert_eq!(without_evidence(RIGHT, found), []);
}

/// One version packed with and without git-lfs: the pointer names the SHA-256 of the file, so that one zip at hand tells.
#[test]
fn pointers_of_git_lfs_are_proven_by_their_sha256() {
    let picture: Vec<u8> = (0..=255).cycle().take(5120).collect();
    let pointer = |content: &[u8]| {
        let sha256 = *gomod_sum::FileHash::of(content).digest();
        gomod_module::LfsPointer { sha256, size: content.len() as u64 }.to_text()
    };
    let attributes = "*.png filter=lfs diff=lfs merge=lfs -text\n";
    let with = |logo: Vec<u8>, other: Vec<u8>| {
        zip().file(".gitattributes", attributes).file("assets/logo.png", logo).file("b.png", other)
    };
    let files = with(picture.clone(), b"other".to_vec());
    let pointers = with(pointer(&picture).into_bytes(), pointer(b"other").into_bytes());
    let lfs = |which| FindingKind::LfsPointers { which, count: 2, name: "assets/logo.png".into() };
    assert_eq!(with_zip(&files, &pointers), [lfs(Which::Found)]);
    assert_eq!(with_zip(&pointers, &files), [lfs(Which::Recorded)]);
    // Where another file differs as well, nothing is claimed.
    assert_eq!(with_zip(&files.file("c.go", "1"), &pointers.file("c.go", "2")), []);
}

#[test]
fn one_file_with_other_line_endings_is_named() {
    let unix = zip().file("b.txt", "1\n2\n").file("c.txt", "3\r\n");
    let windows = zip().file("b.txt", "1\r\n2\r\n").file("c.txt", "3\r\n");
    let one = |how| [FindingKind::RewrittenFile { name: "b.txt".into(), how }];
    assert_eq!(with_zip(&unix, &windows), one(Rewriting::CrlfToLf));
    assert_eq!(with_zip(&windows, &unix), one(Rewriting::LfToCrlf));
}

#[test]
fn files_with_export_subst_are_named_where_nothing_else_explains() {
    let packed =
        |text: &str| zip().file(".gitattributes", "version.txt export-subst\n").file("version.txt", text);
    let expected = FindingKind::ExportSubst { count: 1, name: "version.txt".into() };
    assert_eq!(with_zip(&packed("$Format:%H$\n"), &packed("0123abc\n")), [expected]);
    let windows = packed("$Format:%H$\r\n");
    assert!(
        !with_zip(&packed("$Format:%H$\n"), &windows)
            .iter()
            .any(|kind| matches!(kind, FindingKind::ExportSubst { .. }))
    );
}

#[test]
fn one_digest_may_be_spelt_in_many_ways() {
    let url_safe = RIGHT.replace('+', "-").replace('/', "_");
    let hex = "h1:96d7c52202c719c5baa649afc56c90e7ea636a56b7ff0ecadd33836851f3ed73";
    for spelling in [&url_safe, RIGHT.trim_end_matches('='), hex, &hex.to_uppercase().replace("H1", "h1")] {
        let findings = kinds(mismatch(Kind::Zip, spelling, h1(RIGHT)).explain(&Evidence::new()));
        assert_eq!(findings, [FindingKind::OtherSpelling], "{spelling}");
    }
}

#[test]
fn other_lines_show_whose_hash_it_is() {
    use FindingKind::{LaterLine, OtherKind, OtherModule, OtherVersion};
    let (recorded, found) = (Which::Recorded, Which::Found);
    for (kind, text, expected) in [
        (Kind::Zip, "x.y/m v1.0.0 R\nx.y/m v1.0.0 F\n", LaterLine { line: 2 }),
        (Kind::Zip, "x.y/m v1.0.0 R\nx.y/m v1.0.0/go.mod R\n", OtherKind { which: recorded, line: Some(2) }),
        (Kind::Zip, "x.y/m v1.0.0 R\nx.y/m v1.0.0/go.mod F\n", OtherKind { which: found, line: Some(2) }),
        (Kind::GoMod, "x.y/m v1.0.0/go.mod R\nx.y/m v1.0.0 F\n", OtherKind { which: found, line: Some(2) }),
        (
            Kind::Zip,
            "x.y/m v1.0.0 R\nx.y/m v1.1.0 R\n",
            OtherVersion { which: recorded, version: "v1.1.0".into(), line: 2 },
        ),
        (
            Kind::GoMod,
            "x.y/m v0.9.0/go.mod F\nx.y/m v1.0.0/go.mod R\nx.y/m v0.9.1/go.mod F\nx.y/m v0.9.2/go.mod R\n",
            OtherVersion { which: found, version: "v0.9.0".into(), line: 1 },
        ),
        (
            Kind::Zip,
            "x.y/m v1.0.0 R\nx.y/fork v1.0.0 F\n",
            OtherModule { which: found, path: "x.y/fork".into(), version: "v1.0.0".into(), line: 2 },
        ),
    ] {
        let findings = with_lines(kind, text);
        let findings: Vec<_> =
            findings.into_iter().filter(|kind| !matches!(kind, FindingKind::MadeUpGoMod { .. })).collect();
        assert_eq!(findings, [expected], "{text}");
    }
}

#[test]
fn a_line_in_a_conflict_is_named_with_its_side() {
    let side = |text: &str| {
        with_lines(Kind::Zip, text).into_iter().find_map(|kind| match kind {
            FindingKind::Conflict { side, start } => Some((side, start)),
            _ => None,
        })
    };
    let r = "x.y/m v1.0.0 R\n";
    assert_eq!(
        side(&format!("a b c\n<<<<<<< HEAD\n{r}=======\n>>>>>>> b\n")),
        Some((Some(ConflictSide::Ours), 2))
    );
    assert_eq!(
        side(&format!("<<<<<<< HEAD\n=======\n{r}>>>>>>> b\n")),
        Some((Some(ConflictSide::Theirs), 1))
    );
    assert_eq!(side(&format!("<<<<<<< a\n||||||| b\n{r}=======\n>>>>>>> b\n")), Some((None, 1)));
    assert_eq!(side(&format!("<<<<<<< a\n=======\n>>>>>>> b\n{r}")), None);
}

#[test]
fn a_rewritten_go_mod_file_is_hashed_again() {
    let text = b"module x.y/m\n\ngo 1.21\n";
    for (how, found) in [
        (Rewriting::CrlfToLf, &b"module x.y/m\r\n\r\ngo 1.21\r\n"[..]),
        (Rewriting::FinalNewlineAdded, b"module x.y/m\n\ngo 1.21"),
        (Rewriting::ByteOrderMarkRemoved, b"\xef\xbb\xbfmodule x.y/m\n\ngo 1.21\n"),
    ] {
        assert_eq!(with_go_mod(text, found), [FindingKind::Rewritten { how, text_only: false }]);
    }
    for (how, recorded) in [
        (Rewriting::LfToCrlf, &b"module x.y/m\r\n\r\ngo 1.21\r\n"[..]),
        (Rewriting::FinalNewlineRemoved, b"module x.y/m\n\ngo 1.21"),
        (Rewriting::ByteOrderMarkAdded, b"\xef\xbb\xbfmodule x.y/m\n\ngo 1.21\n"),
    ] {
        assert_eq!(with_go_mod(recorded, text), [FindingKind::Rewritten { how, text_only: false }]);
    }
}

#[test]
fn what_is_no_go_mod_file_is_named() {
    let right = b"module x.y/m\n\ngo 1.21\n";
    for (looks_like, found) in [
        (LooksLike::Html, &b"\n<!DOCTYPE html>"[..]),
        (LooksLike::Gzip, b"\x1f\x8b\x08"),
        (LooksLike::Zip, b"PK\x03\x04"),
        (LooksLike::Json, b"{\"errors\":[]}"),
        (LooksLike::LfsPointer, b"version https://git-lfs.github.com/spec/v1\n"),
    ] {
        assert_eq!(with_go_mod(right, found), [FindingKind::NotAGoMod { looks_like }]);
    }
}

#[test]
fn content_at_hand_may_be_other_content() {
    let right = b"module x.y/m\n\ngo 1.21\n";
    let recorded = hash_go_mod(right).to_string();
    let mismatch = mismatch(Kind::GoMod, &recorded, hash_go_mod(b"gone"));
    let explain = |go_mod: &[u8]| kinds(mismatch.explain(&Evidence::new().go_mod(go_mod)));
    assert_eq!(explain(right), [FindingKind::AtHandIsRight]);
    assert_eq!(explain(b"{}"), [FindingKind::AtHandIsOther]);
}

#[test]
fn converted_line_endings_in_a_zip_are_found() {
    let binary = b"\x00\r\n\n".as_slice();
    let unix = zip().file("b.bin", binary);
    let windows = ModuleZip::new("x.y/m", "v1.0.0")
        .file("go.mod", "module x.y/m\r\n")
        .file("a.go", "package a\r\n\r\n\r\n")
        .file("b.bin", binary);
    let rewritten = |how, text_only| [FindingKind::Rewritten { how, text_only }];
    assert_eq!(with_zip(&unix, &windows), rewritten(Rewriting::CrlfToLf, true));
    assert_eq!(with_zip(&windows, &unix), rewritten(Rewriting::LfToCrlf, true));
    let all = zip().file("b.bin", b"\x00\n\n".as_slice());
    assert_eq!(with_zip(&all, &windows), rewritten(Rewriting::CrlfToLf, false));
}

#[test]
fn zips_made_by_other_rules_are_found() {
    for (what, name) in [
        (LeftOut::Vendored, "sub/vendor/x.go"),
        (LeftOut::Vendored, "vendor/x.y/n/n.go"),
        (LeftOut::VersionControl, ".git/config"),
        (LeftOut::License, "LICENSE"),
    ] {
        assert_eq!(
            with_zip(&zip(), &zip().file(name, "1")),
            [FindingKind::LeftOut { what, count: 1 }],
            "{name}"
        );
    }
    assert_eq!(
        with_zip(&zip(), &zip().directory("sub").directory("sub/a")),
        [FindingKind::LeftOut { what: LeftOut::Directories, count: 2 }]
    );
    let beside =
        |zip: ModuleZip| ["sub", "sub.go", "sub0/a.go"].iter().fold(zip, |zip, name| zip.file(name, "1"));
    let nested = ["sub/go.mod", "sub/a/a.go", "sub/b/go.mod", "sub/z", "t/go.mod"];
    let all = nested.iter().fold(zip(), |zip, name| zip.file(name, "1"));
    assert_eq!(
        with_zip(&beside(zip()), &beside(all)),
        [FindingKind::LeftOut { what: LeftOut::NestedModules, count: 5 }]
    );
    let without = ModuleZip::new("x.y/m", "v1.0.0").file("a.go", "package a\n\n\n");
    assert_eq!(with_zip(&without, &zip()), [FindingKind::LeftOut { what: LeftOut::GoMod, count: 1 }]);
}

#[test]
fn names_with_another_start_are_found() {
    let raw = |prefix: &str| {
        ModuleZip::new("x.y/m", "v1.0.0")
            .raw_name(format!("{prefix}a.go"), "1")
            .raw_name(format!("{prefix}b.go"), "2")
    };
    let right = raw("x.y/m@v1.0.0/");
    let other = |prefix: &str| [FindingKind::OtherPrefix { prefix: prefix.into() }];
    assert_eq!(with_zip(&right, &raw("x.y/m@v1.1.0/")), other("x.y/m@v1.0.0"));
    assert_eq!(with_zip(&raw("x.y/m/"), &right), other("x.y/m"));
    assert_eq!(with_zip(&raw(""), &right), other(""));
}

#[test]
fn a_zip_helps_with_a_go_mod_file_too() {
    let right = zip();
    let inside = hash_go_mod(b"module x.y/m\n").to_string();
    let archive = Archive::open(right.build(), &Limits::default()).unwrap();
    let other = hash_go_mod(b"module x.y/m\n\ngo 1.21\n");
    let explain = |mismatch: Mismatch| kinds(mismatch.explain(&Evidence::new().archive(&archive)));
    assert!(
        explain(mismatch(Kind::GoMod, &inside, other))
            .contains(&FindingKind::GoModOfZip { which: Which::Recorded })
    );
    assert!(
        explain(mismatch(Kind::GoMod, &other.to_string(), h1(&inside)))
            .contains(&FindingKind::GoModOfZip { which: Which::Found })
    );
    assert_eq!(
        explain(mismatch(Kind::GoMod, &zip_hash(&right).to_string(), other)),
        [FindingKind::OtherKind { which: Which::Recorded, line: None }]
    );
    let findings = mismatch(Kind::Zip, &other.to_string(), zip_hash(&right))
        .explain(&Evidence::new().go_mod(b"module x.y/m\n\ngo 1.21\n"));
    assert_eq!(kinds(findings), [FindingKind::OtherKind { which: Which::Recorded, line: None }]);
}

#[test]
fn a_broken_zip_is_unreadable() {
    let mut bytes = zip().stored().build();
    let at = bytes.windows(9).position(|window| window == b"package a").unwrap();
    bytes[at] ^= 1;
    let archive = Archive::open(bytes, &Limits::default()).unwrap();
    let findings =
        mismatch(Kind::Zip, EMPTY_TREE, hash_go_mod(b"1")).explain(&Evidence::new().archive(&archive));
    assert_eq!(kinds(findings)[1..], [FindingKind::Unreadable]);
}

#[test]
fn witnesses_are_heard() {
    let found = hash_go_mod(b"found");
    let third = hash_go_mod(b"third");
    let mismatch = mismatch(Kind::Zip, RIGHT, found);
    for (hash, agrees_with) in
        [(h1(RIGHT), Some(Which::Recorded)), (found, Some(Which::Found)), (third, None)]
    {
        let findings = kinds(mismatch.explain(&Evidence::new().database(hash)));
        assert_eq!(findings.last(), Some(&FindingKind::Database { agrees_with }));
    }
    let evidence =
        Evidence::new().source("a", found).source("b", h1(RIGHT)).source("c", third).source("d", found);
    let findings = mismatch.explain(&evidence);
    assert_eq!(
        findings.last().unwrap().to_string(),
        "the recorded hash is that of b, the hash found that of a, d, another that of c"
    );
}
