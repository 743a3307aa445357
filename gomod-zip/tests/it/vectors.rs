//! The vectors and the zip corpus, case by case: the same verdicts as Go, with the same reasons.

use gomod_testkit::vectors::{unescaped, zip_cases, zip_index};

use crate::operations::ZIP_OPERATIONS;

/// Where the words are not those of Go: names in errors hold no character that a terminal obeys, the caller says what it was
/// doing, and a module is looked at before a version.
#[cfg(target_os = "linux")]
const WORDINGS: &[gomod_testkit::vectors::Wording] = &[
    ("check_files", |theirs, ours| unescaped(theirs) == unescaped(ours)),
    ("tree_check_dir", |theirs, ours| unescaped(theirs) == unescaped(ours)),
    ("create_zip", |theirs, ours| is_said_alike(theirs.strip_prefix("create zip: "), ours)),
    ("tree_create_zip", |theirs, ours| is_said_alike(theirs.strip_prefix("create zip $DIR: "), ours)),
];

fn is_said_alike(theirs: Option<&str>, ours: &str) -> bool {
    let theirs = theirs.unwrap_or_default();
    let is_version = theirs.starts_with("version ") && theirs.contains(" is not canonical (should be ");
    let of_version =
        [": invalid version: not a semantic version", ": invalid version: not in canonical form, which is "];
    let ours_is =
        ours.starts_with("malformed module path ") || of_version.iter().any(|text| ours.contains(text));
    unescaped(theirs) == unescaped(ours) || is_version && ours_is
}

/// What Go says of a zip. How the streams in it are refused is compared in gomod-archive, and the system's words are its own.
fn is_corpus_error(operation: &str, theirs: &str, ours: &str) -> bool {
    let bare = theirs.strip_prefix("unzip $ZIP: ").unwrap_or(theirs);
    let bare = bare.strip_prefix("zip: ").unwrap_or(bare);
    let is_file = bare.starts_with("open $DIR/") && ours.starts_with("cannot create file ");
    is_said_alike(Some(bare), ours)
        || (bare, ours) == ("EOF", "unexpected EOF")
        || operation == "unzip" && (is_file || ours.starts_with("cannot unzip "))
}

/// Other systems cannot hold all of the trees.
#[cfg(target_os = "linux")]
#[test]
fn the_vectors_get_the_answers_of_go() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    gomod_testkit::vectors::check(&data, crate::operations::OPERATIONS, WORDINGS);
}

/// Go tests the prefix before it looks at the module; here only a valid module has a prefix.
const REFUSED: &[(&str, &str)] = &[
    ("go_download_prefix", "mod_v2_mismatch_a.zip"),
    ("go_download_prefix", "mod_v2_mismatch2_a.zip"),
    ("go_download_prefix", "mod_short_a.zip"),
    ("go_download_prefix", "mod_emptypath_a.zip"),
    ("go_download_prefix", "mod_version_slash_a.zip"),
    ("go_download_prefix", "xmod_unzip_bad_mod_path_version_suffix_a.zip"),
    ("go_download_prefix", "xmod_unzip_bad_version_a.zip"),
    ("go_download_prefix", "xmod_unzip_invalid_utf8_mod_path_a.zip"),
];

#[test]
fn the_corpus_gets_the_answers_of_go() {
    let mut refused = Vec::new();
    let mut differences = Vec::new();
    let cases = zip_cases(&zip_index());
    assert!(cases.len() > 400);
    for case in &cases {
        let file = case.line["file"].as_str().unwrap();
        for (operation, run) in ZIP_OPERATIONS {
            let (ours, theirs) = (run(case), &case.line[operation]);
            let text = theirs["error"].as_str().unwrap_or_default();
            let is_said_alike = is_corpus_error(operation, text, ours.error.as_deref().unwrap_or_default());
            // What is not UTF-8 is no text in the index, or another one.
            let is_text = !theirs["error"].is_object() && !case.path.contains(char::REPLACEMENT_CHARACTER);
            let is_said_alike = is_said_alike || !is_text;
            if ours.ok == theirs["ok"] && ours.value.as_ref() == theirs.get("value") && is_said_alike {
                continue;
            }
            if !ours.ok && theirs["ok"] == true {
                refused.push((*operation, file));
            }
            if !REFUSED.contains(&(operation, file)) {
                differences.push(format!("{operation} {file}\n  want {theirs}\n  ours {}", ours.to_json()));
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert_eq!(refused, REFUSED);
}
