use std::path::Path;

use gomod_testkit::vectors;

use crate::operations::OPERATIONS;

#[test]
fn go_gives_the_same_answers() {
    vectors::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), OPERATIONS);
}
