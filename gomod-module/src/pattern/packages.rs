//! Patterns with `...`, as arguments of the go command have them.

/// Whether a path matches a pattern in which `...` stands for any text, as in `golang.org/x/...` (`MatchPattern` of cmd/go; see
/// `go help packages`).
///
/// `/...` at the end also stands for nothing. `...` does not stand for an element `vendor` that is not the last one: the
/// pattern has to name it.
///
/// ```
/// use gomod_module::pattern::match_packages;
///
/// assert!(match_packages("golang.org/x/...", "golang.org/x/text"));
/// assert!(match_packages("golang.org/x/...", "golang.org/x"));
/// assert!(match_packages("...text", "golang.org/x/text"));
/// assert!(!match_packages("golang.org/x/...", "golang.org/xerrors"));
/// assert!(!match_packages("x.y/...", "x.y/vendor/z"));
/// ```
#[doc(alias = "MatchPattern")]
pub fn match_packages(pattern: &str, path: &str) -> bool {
    if pattern.contains(VENDOR) || path.contains(VENDOR) {
        return false;
    }
    let path = marked(path);
    let matches = |pattern: &str| is_match(&marked(pattern), &path);
    matches(pattern) || pattern.strip_suffix("/...").is_some_and(matches)
}

/// What stands for an element `vendor` that only itself matches.
const VENDOR: char = '\0';

fn marked(path: &str) -> String {
    let mut elements: Vec<&str> = path.split('/').collect();
    if let Some((_, before)) = elements.split_last_mut() {
        before.iter_mut().filter(|element| **element == "vendor").for_each(|element| *element = "\0");
    }
    elements.join("/")
}

fn is_match(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split("...");
    let Some(rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    // Where the text may go on behind the parts so far.
    let mut ends = vec![false; rest.len() + 1];
    if let Some(start) = ends.first_mut() {
        *start = true;
    }
    for part in parts {
        let mut next = vec![false; ends.len()];
        let mut is_open = false;
        for (at, is_end) in ends.iter().enumerate() {
            is_open |= is_end;
            let Some(from_here) = rest.as_bytes().get(at..) else { continue };
            if is_open
                && from_here.starts_with(part.as_bytes())
                && let Some(end) = next.get_mut(at + part.len())
            {
                *end = true;
            }
            is_open &= from_here.first() != Some(&0);
        }
        ends = next;
    }
    ends.last() == Some(&true)
}
