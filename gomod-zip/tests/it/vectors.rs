//! The vectors and the zip corpus, case by case: the same verdicts as Go, with the same reasons.

use gomod_testkit::vectors::{zip_cases, zip_index};

use crate::operations::ZIP_OPERATIONS;

/// Other systems cannot hold all of the trees.
#[cfg(target_os = "linux")]
#[test]
fn the_vectors_get_the_answers_of_go() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    gomod_testkit::vectors::check(&data, crate::operations::OPERATIONS);
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
            if ours.ok == theirs["ok"] && ours.value.as_ref() == theirs.get("value") {
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
