//! What a server says beside a status, whatever its form, as far as it can be shown.

use std::borrow::Cow;

use gomod_module::text::Printable;

use crate::report::secrets::Secrets;

mod json;
mod markup;

pub(crate) use markup::is_page;

const MAX_LINES: usize = 8;
/// Go's bound, which counts bytes.
const MAX_CHARS: usize = MAX_LINES * 81;

/// So much of it is looked through for secrets; far less is shown.
const MAX_SAID: usize = 8 << 10;

/// What a body says in the words that are meant for people: the text, the messages in JSON, the title of a page. `None`
/// where it is empty or no text. `cut` says that the body goes on.
///
/// As in Go, a text ends at its first blank line, after 8 lines, or when it is too long.
pub(crate) fn text(body: &[u8], cut: bool, secrets: &Secrets) -> Option<String> {
    let text = decoded(body, cut)?;
    let said = match text.trim_start().chars().next()? {
        '{' | '[' | '"' => json::messages(&text).unwrap_or(text),
        '<' => markup::message(&text).map_or(text, Cow::Owned),
        _ => text,
    };
    // No secret is longer than what is left of the rest.
    let end = said.char_indices().nth(MAX_SAID).map_or(said.len(), |(end, _)| end);
    shown(&secrets.hide(said.get(..end)?))
}

/// The first lines of a text.
fn shown(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut left = MAX_CHARS;
    let lines = text.lines().skip_while(|line| line.trim().is_empty());
    for (index, line) in lines.take_while(|line| !line.trim().is_empty()).enumerate() {
        if index >= MAX_LINES {
            shown.push_str("\n[Truncated: too many lines.]");
            break;
        }
        if left == 0 {
            shown.push_str("\n[Truncated: too long.]");
            break;
        }
        if index > 0 {
            shown.push('\n');
        }
        let line = line.trim_end().replace('\t', " ");
        let line = Printable::new(&line).max_chars(left).to_string();
        left -= line.chars().count().min(left);
        shown.push_str(&line);
    }
    (!shown.is_empty()).then_some(shown)
}

/// The body as text, or `None` where it is none.
fn decoded(body: &[u8], cut: bool) -> Option<Cow<'_, str>> {
    let utf16 = |body: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match body {
        [0xff, 0xfe, rest @ ..] => return Some(utf16(rest, u16::from_le_bytes).into()),
        [0xfe, 0xff, rest @ ..] => return Some(utf16(rest, u16::from_be_bytes).into()),
        _ => {}
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.contains(&0) {
        return None;
    }
    // A character cut in two.
    let end = match std::str::from_utf8(body) {
        Err(e) if cut && e.error_len().is_none() => e.valid_up_to(),
        _ => body.len(),
    };
    body.get(..end).map(String::from_utf8_lossy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(body: impl AsRef<[u8]>) -> String {
        text(body.as_ref(), false, &Secrets::default()).unwrap_or_default()
    }

    #[test]
    fn texts_are_cut_as_in_go() {
        assert_eq!(say("not found: bad\n\nmore"), "not found: bad");
        assert_eq!((say(""), say("\n \n"), say("\0\x01")), Default::default());
        assert_eq!(say("\n\nlate"), "late");
        let many = say("line\n".repeat(20));
        assert_eq!(many.lines().count(), 9);
        assert!(many.ends_with("\n[Truncated: too many lines.]"));
        assert_eq!(say("x".repeat(648)).len(), 648);
        assert_eq!(say("x".repeat(649)), format!("{}…", "x".repeat(647)));
        assert!(say(format!("{}\ny", "x".repeat(648))).ends_with("\n[Truncated: too long.]"));
        assert_eq!(text(&"é".as_bytes()[..1], true, &Secrets::default()), None);
        assert_eq!(text(&"aé".as_bytes()[..2], true, &Secrets::default()).as_deref(), Some("a"));
    }

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        assert_eq!(say("\x1b[31mred\ttab\r\nnext"), "\\x1b[31mred tab\nnext");
        assert_eq!(say("a\u{202e}b\u{200b}\u{301}\u{e0001}"), r"a\u202eb\u200b\u0301\U000e0001");
        assert_eq!(say("\u{feff}text"), "text");
        assert_eq!(say(b"caf\xe9"), "caf\u{fffd}");
        assert_eq!(say(b"\xff\xfeh\0i\0"), "hi");
    }

    #[test]
    fn each_form_says_what_it_means() {
        for (body, said) in [
            (r#"{"errors":[{"status":403,"message":"blocked by policy"}]}"#, "blocked by policy"),
            (r#"{"message":"403 Forbidden"}"#, "403 Forbidden"),
            (
                r#"{"error":"insufficient_scope","error_description":"needs read_api"}"#,
                "insufficient_scope\nneeds read_api",
            ),
            (r#"{"error":{"code":403,"message":"denied","status":"PERMISSION_DENIED"}}"#, "denied"),
            (
                r#"{"type":"about:blank","title":"Forbidden","detail":"quarantined","status":403}"#,
                "Forbidden\nquarantined",
            ),
            (r#"{"Message":"case","REASON":"counts not"}"#, "case\ncounts not"),
            (r#"{"message":{"base":["not","allowed"]}}"#, "not\nallowed"),
            (r#"{"detail":[{"loc":["path"],"msg":"field required"}]}"#, "field required"),
            (r#"[{"errors":[{"detail":"in a list"}]}]"#, "in a list"),
            (r#""only a text""#, "only a text"),
            (r#"{"message":"two\nlines\n\nmore"}"#, "two\nlines\nmore"),
            (r#"{"message":"a\u202eb\u001b[2J"}"#, r"a\u202eb\x1b[2J"),
            (r#"{"status":403,"message":""}"#, r#"{"status":403,"message":""}"#),
            (r#"{"cut":"#, r#"{"cut":"#),
            ("[warn] no JSON", "[warn] no JSON"),
            (
                "<html><head><title>Sign in\n &middot; &#71;it&amp;Lab</title></head><body>x",
                "web page: Sign in &middot; Git&Lab",
            ),
            ("<!DOCTYPE html>\n<h1>403 <b>Forbidden</b></h1><p>no", "web page: 403 Forbidden"),
            ("<p>no</p>", "web page: no"),
            ("<html><script>var a;</script><style>b{}</style></html>", "web page without a title"),
            (
                "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
                "AccessDenied: Request has expired",
            ),
        ] {
            assert_eq!(say(body), said, "{body}");
        }
        // A hundred thousand levels are no reason to fail.
        assert!(say("[".repeat(100_000)).starts_with("[["));
        assert!(say("{\"message\":".repeat(10_000)).starts_with("{\"message\""));
    }
}
