//! Laws of texts from outside: what is shown steers nothing and hides nothing, whatever came; it is never longer than its
//! bound; showing it again changes nothing; and what needs no escape has none.

use gomod_module::text::Printable;
use proptest::prelude::*;

/// One text of each kind that could deceive a reader, and what is shown.
const KINDS: &[(&str, &str)] = &[
    // A line feed that begins another line, a carriage return that overwrites this one, a backspace.
    ("a\nerror: b", r"a\nerror: b"),
    ("a\rb", r"a\rb"),
    ("a\x08b\x7f", r"a\bb\x7f"),
    ("\t\0", r"\t\x00"),
    // ESC, and the C1 controls that some terminals take for it.
    ("\x1b[31mred", r"\x1b[31mred"),
    ("\u{9b}31m\u{90}q\u{9c}", r"\u009b31m\u0090q\u009c"),
    // Directions: overrides, embeddings, isolates, marks.
    ("a\u{202e}og.x", r"a\u202eog.x"),
    ("\u{202a}\u{202b}\u{202c}\u{202d}", r"\u202a\u202b\u202c\u202d"),
    ("\u{2066}\u{2067}\u{2068}\u{2069}", r"\u2066\u2067\u2068\u2069"),
    ("\u{200e}\u{200f}\u{61c}", r"\u200e\u200f\u061c"),
    // No width.
    ("a\u{200b}\u{200c}\u{200d}\u{2060}b", r"a\u200b\u200c\u200d\u2060b"),
    ("a\u{ad}b", r"a\u00adb"),
    ("\u{feff}module", r"\ufeffmodule"),
    ("\u{2061}\u{2064}\u{206f}\u{180e}", r"\u2061\u2064\u206f\u180e"),
    // Combining: above, below, enclosing, spacing, the joiner of graphemes.
    ("e\u{301}", r"e\u0301"),
    ("a\u{323}\u{20dd}\u{93e}\u{34f}", r"a\u0323\u20dd\u093e\u034f"),
    // Variation selectors, also those of Mongolian and of plane 14, and the tags.
    ("a\u{fe00}\u{fe0f}\u{180b}", r"a\ufe00\ufe0f\u180b"),
    ("a\u{e0100}\u{e01ef}", r"a\U000e0100\U000e01ef"),
    ("\u{e0001}\u{e0061}\u{e007f}", r"\U000e0001\U000e0061\U000e007f"),
    // Letters and symbols without a picture: fillers of Hangul and Khitan, the empty pattern of Braille, an empty head of a
    // note.
    ("\u{115f}\u{1160}\u{3164}\u{ffa0}", r"\u115f\u1160\u3164\uffa0"),
    ("\u{16fe4}\u{17b4}\u{2800}\u{1d159}", r"\U00016fe4\u17b4\u2800\U0001d159"),
    // White space that is no space, and ends of lines.
    ("\u{a0}\u{2003}\u{3000}\u{202f}", r"\u00a0\u2003\u3000\u202f"),
    ("\u{85}\u{2028}\u{2029}\x0b\x0c", r"\u0085\u2028\u2029\v\f"),
    // Annotations, music, shorthand, private use, what is not assigned and never will be.
    ("\u{fff9}\u{fffb}\u{1d173}\u{1bca0}", r"\ufff9\ufffb\U0001d173\U0001bca0"),
    ("\u{e000}\u{f8ff}\u{10fffd}", r"\ue000\uf8ff\U0010fffd"),
    ("\u{378}\u{fdd0}\u{ffff}\u{e0fff}", r"\u0378\ufdd0\uffff\U000e0fff"),
];

#[test]
fn each_kind_is_escaped() {
    for (text, shown) in KINDS {
        assert_eq!(Printable::new(text).to_string(), *shown);
        assert_eq!(Printable::display(text).to_string(), *shown, "displayed");
        for c in text.chars().filter(|c| !shown.contains(*c)) {
            assert!(!Printable::is_plain(c), "{c:?}");
        }
    }
}

#[test]
fn what_reads_well_stays() {
    for text in ["", "a b", "C:\\x\\y", "\"'<&>", "é 世界 Ελλάδα עברית العربية हद ไทย 🚀", "\u{fffd}"]
    {
        assert_eq!(Printable::new(text).to_string(), text);
    }
}

#[test]
fn bytes_that_are_no_text_are_shown_one_by_one() {
    assert_eq!(Printable::new(b"\xff\xc3(\xe2\x80").to_string(), r"\xff\xc3(\xe2\x80");
    assert_eq!(Printable::new(b"\xed\xa0\x80\xf0\x9f").to_string(), r"\xed\xa0\x80\xf0\x9f");
}

#[test]
fn bounds_are_exact() {
    let shown = |text: &str, max| Printable::new(text).max_chars(max).to_string();
    assert_eq!(
        ["", "…", "a…", "abc", "abc"],
        [0, 1, 2, 3, 4].map(|max| shown("abc", max)).each_ref().map(|s| &**s)
    );
    // An escape fits or it does not.
    assert_eq!(
        ["a…", "a…", "a\\x1b", "a\\x1b"],
        [2, 4, 5, 6].map(|max| shown("a\x1b", max)).each_ref().map(|s| &**s)
    );
    assert_eq!(shown("a\x1bb", 5), "a…");
    // A text whose end has no room tells no less than one that is cut.
    assert_eq!(shown("é世", 2), "é世");
}

/// A value that counts what it was asked for.
struct Endless<'a>(&'a std::cell::Cell<usize>);

impl std::fmt::Display for Endless<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        loop {
            self.0.set(self.0.get() + 1);
            f.write_str("line\n")?;
        }
    }
}

#[test]
fn a_value_without_an_end_is_asked_for_no_more_than_is_shown() {
    let asked = std::cell::Cell::new(0);
    let shown = Printable::display(&Endless(&asked)).max_chars(100).to_string();
    assert_eq!((shown.chars().count() <= 100, shown.ends_with('…')), (true, true));
    assert!(asked.get() <= 20, "{}", asked.get());
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        any::<Vec<char>>().prop_map(|chars| chars.into_iter().collect::<String>().into_bytes()),
        prop::sample::select(KINDS).prop_flat_map(
            |(text, _)| ".{0,9}".prop_map(move |more| format!("{more}{text}{more}").into_bytes())
        ),
    ]
}

proptest! {
    #[test]
    fn nothing_but_pictures_is_shown(bytes in any_bytes()) {
        let shown = Printable::new(&bytes).to_string();
        prop_assert!(shown.chars().all(Printable::is_plain), "{:?}", shown);
        prop_assert_eq!(Printable::new(&shown).to_string(), shown);
        let lines = Printable::new(&bytes).lines().to_string();
        prop_assert!(lines.chars().all(|c| Printable::is_plain(c) || c == '\n' || c == '\t'));
        prop_assert_eq!(Printable::new(&lines).lines().to_string(), lines);
    }

    #[test]
    fn a_bound_cuts_and_changes_nothing_else(bytes in any_bytes(), max in 0_usize..80) {
        let whole = Printable::new(&bytes).to_string();
        let shown = Printable::new(&bytes).max_chars(max).to_string();
        prop_assert!(shown.chars().count() <= max);
        if whole.chars().count() <= max {
            prop_assert_eq!(shown, whole);
        } else if max > 0 {
            let kept = shown.strip_suffix('…').unwrap();
            prop_assert!(whole.starts_with(kept));
            // No room for the longest escape was given away.
            prop_assert!(kept.chars().count() + 10 >= max);
        }
    }

    #[test]
    fn texts_and_what_displays_them_are_shown_alike(text in any::<String>(), max in 0_usize..80) {
        let displayed = Printable::display(&text).max_chars(max).to_string();
        prop_assert_eq!(displayed, Printable::new(&text).max_chars(max).to_string());
    }
}
