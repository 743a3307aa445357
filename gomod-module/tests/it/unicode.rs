//! Laws of characters: letters, cases and printable characters are those of the Unicode version that Go 1.26 has, and
//! the test says when Go moves on.

use std::fs;
use std::path::Path;

use gomod_module::path::check_file_path;
use gomod_module::text::{UNICODE_VERSION, fold_key};
use gomod_testkit::GoCommand;

#[test]
fn tables_are_those_of_this_go() {
    let Some(go) = GoCommand::find("tables_are_those_of_this_go") else { return };
    let home = tempfile::tempdir().unwrap();
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = crate_dir.join("tables/main.go");
    let run = go.command(&["run".as_ref(), program.as_os_str()], home.path());
    // The first run compiles Go's standard library, the next ones need not.
    let run = run.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("gocache"));
    let output = run.run().expect_success();
    let ours = fs::read_to_string(crate_dir.join("src/text/unicode/tables.rs")).unwrap();
    assert!(
        output.stdout == ours,
        "Go has moved on from Unicode {UNICODE_VERSION}, or src/text/unicode/tables.rs was edited. Names valid in one Unicode \
         version may not be in another, so decide first; then: go run tables/main.go >src/text/unicode/tables.rs",
    );
}

/// The number of letters of Unicode 15.0 beyond ASCII.
#[test]
fn letters_are_those_of_go() {
    let is_letter = |c: char| check_file_path(c.to_string().as_bytes()).is_ok();
    let count = ('\u{80}'..=char::MAX).filter(|&c| is_letter(c)).count();
    assert_eq!(count, 136_104 - 52);
    for (c, letter) in [('é', true), ('ª', true), ('²', false), ('\u{2167}', false), ('\u{345}', false)] {
        assert_eq!(is_letter(c), letter, "{c}");
    }
    assert!(!is_letter('\u{a7cb}'), "assigned in Unicode 16");
}

#[test]
fn folds_as_go_does() {
    let folded = ('\0'..=char::MAX).filter(|&c| fold_key(&c.to_string()) != c.to_string()).count();
    assert_eq!(folded, 1454);
    for (name, key) in [
        ("README", "readme"),
        ("\u{212a}ſ", "ks"),
        ("é", "É"),
        ("ß\u{1e9e}", "ßß"),
        ("σςΣ", "ΣΣΣ"),
        ("İı", "İı"),
        ("ꭰ", "Ꭰ"),
        ("𐐨", "𐐀"),
    ] {
        assert_eq!(fold_key(name), key, "{name}");
    }
}
