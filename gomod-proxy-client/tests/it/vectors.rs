use std::path::Path;

use gomod_testkit::vectors::{self, Wording};

use crate::operations::OPERATIONS;

/// A query may hold a secret.
const WORDINGS: &[Wording] = &[("goproxy_list", |theirs, ours| theirs.replace("?y", "?xxxxx") == ours)];

#[test]
fn go_gives_the_same_answers() {
    vectors::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), OPERATIONS, WORDINGS);
}
