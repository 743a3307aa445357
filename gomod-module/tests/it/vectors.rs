use std::path::Path;

use crate::operations::OPERATIONS;

#[test]
fn answers_are_those_of_go() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    gomod_testkit::vectors::check(&dir, OPERATIONS);
}
