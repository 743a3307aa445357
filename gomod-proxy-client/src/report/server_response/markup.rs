//! Pages for browsers, and errors in XML.

use crate::report::secrets::without_entities;

/// What browsers take for the beginning of a page (<https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type>),
/// where no binary file is likely to begin so.
const PAGES: [&str; 12] = [
    "<!doctype",
    "<html",
    "<head",
    "<body",
    "<title",
    "<script",
    "<style",
    "<iframe",
    "<table",
    "<meta",
    "<?xml",
    "<!--",
];

/// Of elements without a text so many are passed over.
const MAX_ELEMENTS: usize = 8;

/// Whether a file that begins so is a page; `None` where more must be seen. `text` says that the file is a text or a zip,
/// of which none begins with `<`.
pub(crate) fn is_page(start: &[u8], text: bool) -> Option<bool> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let (first, rest) = start.split_first()?;
    if *first != b'<' {
        return Some(false);
    }
    if text {
        return rest.first().map(|second| second.is_ascii_alphabetic() || matches!(second, b'!' | b'?'));
    }
    let begins = |page: &&str| {
        start.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page.as_bytes()))
    };
    Some(PAGES.iter().any(begins))
}

/// What a page or an error in XML says; `None` where it is neither.
pub(super) fn message(text: &str) -> Option<String> {
    let error = ["message", "detail", "faultstring", "description", "reason"]
        .iter()
        .find_map(|name| element(text, name));
    if let Some(message) = error {
        let code = element(text, "code").or_else(|| element(text, "title"));
        return Some(code.map_or(message.clone(), |code| format!("{code}: {message}")));
    }
    match is_page(text.as_bytes(), true) {
        Some(true) => Some(match title(text).or_else(|| non_empty(stripped(text))) {
            Some(title) => format!("web page: {title}"),
            None => "web page without a title".to_owned(),
        }),
        _ => None,
    }
}

/// The title of a page, or its first heading.
pub(crate) fn title(text: &str) -> Option<String> {
    ["title", "h1", "h2"].iter().find_map(|name| element(text, name))
}

/// The text of the first element of this name that has some.
fn element(text: &str, name: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let end = format!("</{name}");
    let mut at = 0;
    for _ in 0..MAX_ELEMENTS {
        let found = lower.get(at..)?.find(&format!("<{name}"))?;
        let open = at + found + 1 + name.len();
        at = open;
        if !lower.get(open..)?.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()) {
            continue;
        }
        let start = open + lower.get(open..)?.find('>')? + 1;
        let length = lower.get(start..)?.find(&end).unwrap_or_else(|| text.len() - start);
        if let Some(content) = text.get(start..start + length).map(stripped).and_then(non_empty) {
            return Some(content);
        }
    }
    None
}

/// The text without tags, scripts and styles, in one line.
fn stripped(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::new();
    let mut at = 0;
    while let Some(open) = lower.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        out.push_str(text.get(at..open).unwrap_or_default());
        let rest = lower.get(open..).unwrap_or_default();
        let hidden =
            ["script", "style"].iter().find(|name| rest.get(1..).is_some_and(|rest| rest.starts_with(*name)));
        let end = match hidden {
            Some(name) => rest.find(&format!("</{name}")).map(|at| at + 2 + name.len()),
            None => Some(0),
        };
        let close = end.and_then(|end| rest.get(end..)?.find('>').map(|at| end + at));
        at = close.map_or(text.len(), |close| open + close + 1);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    without_entities(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_by_how_they_begin() {
        for page in
            ["<!DOCTYPE html>", "\u{feff}\n <html lang=en>", "<!-- x --><html>", "<?xml ?>", "<title>x"]
        {
            assert_eq!(
                (is_page(page.as_bytes(), true), is_page(page.as_bytes(), false)),
                (Some(true), Some(true)),
                "{page}"
            );
        }
        // Hashes of a tile are any bytes.
        assert_eq!((is_page(b"<p>", true), is_page(b"<p>", false)), (Some(true), Some(false)));
        for file in ["module m\n", "{\"Version\":\"v1\"}", "PK\x03\x04", "v1.0.0\n", "< 5", "<\x01"] {
            assert_eq!(is_page(file.as_bytes(), true), Some(false), "{file}");
        }
        for little in ["", " \n", "\u{feff}", "<"] {
            assert_eq!(is_page(little.as_bytes(), true), None, "{little:?}");
        }
    }

    #[test]
    fn any_text_has_a_title_or_none() {
        for text in [
            "<title",
            "<title>",
            "<titles>a</titles><title x='>'>b</title>",
            "<script",
            "<h1><h1>x",
            "é<title>ü<",
        ] {
            let _ = (title(text), message(text));
        }
        assert_eq!(title("<title></title><h1>two</h1>").as_deref(), Some("two"));
    }
}
