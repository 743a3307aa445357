use std::io::{self, Write as _};

/// Says on standard error what a test does not test on this machine, and why.
pub fn skip(reason: &str) {
    // Not `eprintln!`, which the test runner swallows where a test passes.
    let _ = writeln!(io::stderr(), "SKIP: {reason}");
}
