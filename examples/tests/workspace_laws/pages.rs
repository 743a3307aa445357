//! The pages that others copy: each composes the crates in few lines, without the support of the tools.

use std::fs;
use std::path::Path;

/// The file, and how many lines of code it may have, without blanks and comments.
const PAGES: [(&str, usize); 3] = [("outdated.rs", 50), ("sumcheck.rs", 45), ("fetch.rs", 120)];

#[test]
fn they_are_short_and_stand_alone() {
    for (page, most) in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = fs::read_to_string(path).expect("a source file");
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
        let lines: Vec<_> = lines.collect();
        assert!(lines.len() <= most, "{page} has {} lines of code, more than {most}", lines.len());
        assert!(!lines.iter().any(|line| line.contains("support::")), "{page} uses the support of the tools");
    }
}
