use gomod_module::{check_file_path, fold_key};

/// The number of letters of Unicode 15.0 beyond ASCII.
#[test]
fn letters_are_those_of_go() {
    let is_letter = |c: char| check_file_path(c.to_string().as_bytes()).is_ok();
    let count = ('\u{80}'..=char::MAX).filter(|&c| is_letter(c)).count();
    assert_eq!(count, 136_104 - 52);
    for (c, letter) in [('é', true), ('ª', true), ('²', false), ('\u{2167}', false), ('\u{345}', false)] {
        assert_eq!(is_letter(c), letter, "{c}");
    }
    assert!(!is_letter('\u{a7cb}'), "assigned in Unicode 16");
}

#[test]
fn folds_as_go_does() {
    let folded = ('\0'..=char::MAX).filter(|&c| fold_key(&c.to_string()) != c.to_string()).count();
    assert_eq!(folded, 1454);
    for (name, key) in [
        ("README", "readme"),
        ("\u{212a}ſ", "ks"),
        ("é", "É"),
        ("ß\u{1e9e}", "ßß"),
        ("σςΣ", "ΣΣΣ"),
        ("İı", "İı"),
        ("ꭰ", "Ꭰ"),
        ("𐐨", "𐐀"),
    ] {
        assert_eq!(fold_key(name), key, "{name}");
    }
}
