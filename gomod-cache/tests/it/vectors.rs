//! The same answers as the go command, input by input.

use std::path::Path;

use gomod_testkit::vectors::{self, Wording};

use crate::operations::OPERATIONS;

/// The go command has words of its own for a version that is none here.
const WORDINGS: &[Wording] = &[("cache_path", is_version_error), ("download_dir", is_version_error)];

fn is_version_error(theirs: &str, ours: &str) -> bool {
    let is = |go: &str, here: &str| {
        let version = theirs.strip_prefix(go);
        version.is_some_and(|version| ours.starts_with(&format!("version {version} invalid: {here}")))
    };
    is("non-semver module version ", "not a semantic version")
        || is("non-canonical module version ", "not in canonical form, which is ")
}

#[test]
fn vectors_agree() {
    vectors::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), OPERATIONS, WORDINGS);
}
