//! The same answers as the go command, input by input.

use std::path::Path;

use gomod_testkit::vectors;

use crate::operations::OPERATIONS;

#[test]
fn vectors_agree() {
    vectors::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), OPERATIONS);
}
