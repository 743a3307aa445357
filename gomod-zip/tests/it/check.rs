//! The rules one by one, where the corpus does not show which one spoke.

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_testkit::ModuleZip;
use gomod_zip::{CheckError, CheckedFiles, FileReason, MAX_DIRECTORIES, check_prefix, check_zip, module_of};

fn check(zip: &ModuleZip) -> CheckedFiles {
    let archive = Archive::open(zip.build(), &Limits::default()).unwrap();
    check_zip(&archive, &ModuleVersion::parse("x.y/m", "v1.0.0").unwrap())
}

fn zip(names: &[&str]) -> ModuleZip {
    names.iter().fold(ModuleZip::new("x.y/m", "v1.0.0"), |zip, name| zip.file(name, *b"data"))
}

fn reasons(names: &[&str]) -> Vec<String> {
    check(&zip(names)).invalid.iter().map(ToString::to_string).collect()
}

#[test]
fn every_file_below_a_directory_in_another_spelling_is_reported() {
    assert_eq!(
        reasons(&["A/x", "a/b/y", "a/b/z", "A/b/w", "a/c"]),
        [
            r#"x.y/m@v1.0.0/a/b/y: case-insensitive file name collision: "A" and "a""#,
            r#"x.y/m@v1.0.0/a/b/z: case-insensitive file name collision: "A" and "a""#,
            r#"x.y/m@v1.0.0/A/b/w: case-insensitive file name collision: "a/b" and "A/b""#,
            r#"x.y/m@v1.0.0/a/c: case-insensitive file name collision: "A" and "a""#,
        ]
    );
}

#[test]
fn the_lowest_conflict_is_reported() {
    assert_eq!(
        reasons(&["a/B/x", "A/b/x", "A/b/y", "f", "f/g/h", "F/g/i"]),
        [
            r#"x.y/m@v1.0.0/A/b/x: case-insensitive file name collision: "a/B/x" and "A/b/x""#,
            r#"x.y/m@v1.0.0/A/b/y: case-insensitive file name collision: "a/B" and "A/b""#,
            r#"x.y/m@v1.0.0/f/g/h: entry "f" is both a file and a directory"#,
            r#"x.y/m@v1.0.0/F/g/i: case-insensitive file name collision: "f/g" and "F/g""#,
        ]
    );
}

#[test]
fn directory_entries_collide_but_may_be_repeated() {
    let names = ["d/", "d/", "d/x", "D/", "x/", "x", "y", "y/"];
    assert_eq!(
        reasons(&names),
        [
            r#"x.y/m@v1.0.0/D/: case-insensitive file name collision: "d" and "D""#,
            r#"x.y/m@v1.0.0/x: entry "x" is both a file and a directory"#,
            r#"x.y/m@v1.0.0/y/: entry "y" is both a file and a directory"#,
        ]
    );
    assert_eq!(check(&zip(&names)).valid, ["x.y/m@v1.0.0/d/x", "x.y/m@v1.0.0/y"]);
}

#[test]
fn unclean_paths_and_impossible_ones_are_told_apart() {
    assert_eq!(
        reasons(&["x/../y", "./x", "x//y", "/", "x/.", "../x", "/x"]),
        [
            "x.y/m@v1.0.0/x/../y: file path is not clean",
            "x.y/m@v1.0.0/./x: file path is not clean",
            "x.y/m@v1.0.0/x//y: file path is not clean",
            "x.y/m@v1.0.0//: file path is not clean",
            "x.y/m@v1.0.0/x/.: file path is not clean",
            r#"x.y/m@v1.0.0/../x: malformed file path "../x": invalid path element "..""#,
            r#"x.y/m@v1.0.0//x: malformed file path "/x": empty path element"#,
        ]
    );
}

#[test]
fn names_need_not_be_text() {
    let zip =
        ModuleZip::new("x.y/m", "v1.0.0").raw_name(*b"x.y/m@v1.0.0/\xff", *b"").raw_name(*b"\xfe", *b"");
    let checked = check(&zip);
    assert_eq!(checked.invalid[0].path, b"x.y/m@v1.0.0/\xff");
    assert!(matches!(checked.invalid[0].reason, FileReason::Path(_)));
    assert_eq!(checked.invalid[1].path, b"\xfe");
    let Err(CheckError::Files(errors)) = checked.into_result() else { panic!("it is valid") };
    assert_eq!(errors.to_string().lines().count(), 2);
    assert_eq!(errors.as_slice().len(), 2);

    let archive = Archive::open(zip.build(), &Limits::default()).unwrap();
    let error = check_prefix(&archive, &ModuleVersion::parse("x.y/m", "v1.0.0").unwrap()).unwrap_err();
    assert_eq!(error.name, b"\xfe");
    assert_eq!(error.to_string(), "zip for x.y/m@v1.0.0 has unexpected file \\xfe");
}

/// Walking from each name up to its root, and hashing every path on the way, would be 10^12 steps here.
#[test]
fn deep_names_cost_no_more_than_their_length() {
    let deep = "a/".repeat(32_000);
    let zip =
        (0..100).fold(ModuleZip::new("x.y/m", "v1.0.0"), |zip, i| zip.file(&format!("{deep}{i}"), *b""));
    let checked = check(&zip);
    assert!(checked.is_valid());
    assert_eq!(checked.valid.len(), 100);
}

#[test]
fn directories_have_a_limit() {
    let deep = "/a".repeat(32_000);
    let zip = (0..40).fold(ModuleZip::new("x.y/m", "v1.0.0"), |zip, i| zip.file(&format!("{i}{deep}"), *b""));
    let checked = check(&zip);
    let fit = MAX_DIRECTORIES / 32_000;
    assert_eq!(checked.valid.len(), fit);
    assert!(checked.invalid.iter().all(|error| error.reason == FileReason::TooManyDirectories));
    assert_eq!(checked.invalid.len(), 40 - fit);
}

#[test]
fn the_names_tell_the_module() {
    let of = |zip: ModuleZip| {
        let archive = Archive::open(zip.build(), &Limits::default()).unwrap();
        module_of(&archive).ok().map(|module| module.to_string())
    };
    let module = "example.com/M/v2@v2.0.0-pre";
    assert_eq!(of(ModuleZip::new("example.com/M/v2", "v2.0.0-pre").file("a@b/c", "")), Some(module.into()));
    assert_eq!(of(ModuleZip::new("example.com/M/v2", "v2.0.0-pre")), None);
    assert_eq!(of(ModuleZip::new("example.com/M/v2", "v1.0.0").file("x", "")), None);
}
