//! What a server says beside a status, as far as it can be shown.

const MAX_LINES: usize = 8;
const MAX_BYTES: usize = MAX_LINES * 81;

/// Whether the content type is plain text in UTF-8.
pub(crate) fn is_shown(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    if !parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/plain")) {
        return false;
    }
    let charset = parts.filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    matches!(charset.as_deref(), None | Some("" | "utf-8" | "us-ascii"))
}

/// The first lines of a body, or `None` where it is empty or holds what could play tricks on a terminal. `cut` says
/// that the body goes on.
pub(crate) fn text(body: &[u8], cut: bool) -> Option<String> {
    // Nothing behind these lines is looked at.
    let end = body.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(MAX_LINES).map(|(at, _)| at);
    let (seen, cut) = match end.and_then(|end| body.get(..end)) {
        Some(seen) => (seen, false),
        None => (body, cut),
    };
    let seen = match std::str::from_utf8(seen) {
        Ok(seen) => seen,
        // A character cut in two.
        Err(e) if cut && e.error_len().is_none() => std::str::from_utf8(seen.get(..e.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    if seen.chars().any(|c| !c.is_whitespace() && is_invisible(c)) {
        return None;
    }
    let mut shown = String::new();
    for (index, line) in seen.split('\n').enumerate() {
        if line.trim().is_empty() {
            break;
        }
        if index > 0 {
            shown.push('\n');
        }
        if index >= MAX_LINES {
            shown.push_str("[Truncated: too many lines.]");
            break;
        }
        // Go counts the tab that it puts before each further line.
        if shown.len() + index + line.len() > MAX_BYTES {
            shown.push_str("[Truncated: too long.]");
            break;
        }
        shown.push_str(line);
    }
    (!shown.is_empty()).then_some(shown)
}

/// Control characters, format characters (the general category Cf, which turns text around) and private use.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}' | '\u{891}'
            | '\u{8E2}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        for shown in ["text/plain", "Text/Plain; charset=UTF-8", "text/plain;charset=\"us-ascii\""] {
            assert!(is_shown(shown), "{shown}");
        }
        for hidden in ["", "text/html", "text/plain; charset=latin1", "application/json"] {
            assert!(!is_shown(hidden), "{hidden}");
        }
    }

    #[test]
    fn bodies_are_cut_as_in_go() {
        assert_eq!(text(b"not found: bad\n\nmore", false).as_deref(), Some("not found: bad"));
        assert_eq!(text(b"", false), None);
        assert_eq!(text(b"\x1b[31mred", false), None);
        assert_eq!(text("a\u{202E}b".as_bytes(), false), None);
        assert_eq!(text(b"\xff", false), None);
        assert_eq!(text("tab\there \u{e9}".as_bytes(), false).as_deref(), Some("tab\there \u{e9}"));
        let many = text("line\n".repeat(20).as_bytes(), false).unwrap();
        assert_eq!(many.lines().count(), 9);
        assert!(many.ends_with("\n[Truncated: too many lines.]"));
        assert_eq!(text("x".repeat(649).as_bytes(), false).as_deref(), Some("[Truncated: too long.]"));
        assert_eq!(text("x".repeat(648).as_bytes(), false).map(|text| text.len()), Some(648));
        assert_eq!(text(&"é".as_bytes()[..1], true), None);
        assert_eq!(text(&"aé".as_bytes()[..2], true).as_deref(), Some("a"));
    }
}
