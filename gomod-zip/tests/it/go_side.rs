//! The program in `tests/go`, which answers with what Go's own code says.

use gomod_testkit::XMod;
pub(crate) use gomod_testkit::{hex, unhex};
use serde_json::Value;

static X_MOD: XMod = XMod::new(
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/go/main.go"),
    &["internal/lazyregexp", "modfile", "module", "semver", "sumdb/dirhash", "zip"],
    env!("CARGO_TARGET_TMPDIR"),
);

pub(crate) struct GoSide;

impl GoSide {
    /// The answer to a request; `None` where there is no Go.
    pub(crate) fn ask(request: &Value) -> Option<Value> {
        X_MOD.ask(request)
    }
}
