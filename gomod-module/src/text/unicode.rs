//! Letters and case folding as Go 1.26 knows them.

mod tables;

pub use tables::UNICODE_VERSION;

/// Whether Go takes `c` for a letter (`unicode.IsLetter`).
pub(crate) fn is_letter(c: char) -> bool {
    has_changed(&tables::LETTER_CHANGES, c)
}

/// Whether Go prints `c` as it is (`unicode.IsPrint`).
pub(crate) fn is_print(c: char) -> bool {
    match c {
        '\0'..='\x7f' => matches!(c, ' '..='~'),
        _ => has_changed(&tables::PRINT_CHANGES, c),
    }
}

/// Whether Go prints `c` as it is, and a reader sees it: no mark that combines with another character, and none without a
/// picture of its own.
pub(crate) fn has_picture(c: char) -> bool {
    is_print(c) && (c.is_ascii() || !has_changed(&tables::HIDDEN_CHANGES, c))
}

/// Whether the answer is yes at `c`, having changed at each of these code points.
fn has_changed(changes: &[u32], c: char) -> bool {
    let code = u32::from(c);
    changes.partition_point(|&change| change <= code) % 2 == 1
}

/// The key that two file names share exactly if they differ in letter case alone (`strToFold` of x/mod/zip): a module
/// zip may not hold two such files.
///
/// ```
/// use gomod_module::text::fold_key;
///
/// assert_eq!(fold_key("README.md"), fold_key("readme.MD"));
/// assert_eq!(fold_key("Straſſe"), fold_key("STRASSE"));
/// assert_ne!(fold_key("straße"), fold_key("strasse"));
/// ```
#[doc(alias = "strToFold")]
pub fn fold_key(name: &str) -> String {
    name.chars().map(fold).collect()
}

/// The smallest character of those that differ from `c` in case alone, but a lower-case letter for ASCII.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = u32::from(c);
    let next = tables::FOLDS.partition_point(|&(first, ..)| first <= code);
    match next.checked_sub(1).and_then(|index| tables::FOLDS.get(index)) {
        Some(&(first, last, step, delta)) if code <= last && (code - first) % step == 0 => {
            code.checked_add_signed(delta).and_then(char::from_u32).unwrap_or(c)
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::is_print;

    #[test]
    fn prints_as_go_does() {
        assert!(
            is_print(' ') && is_print('~') && is_print('é') && is_print('\u{fffd}') && is_print('\u{a1}')
        );
        assert!(!is_print('\x7f') && !is_print('\u{a0}') && !is_print('\u{200b}') && !is_print('\u{2028}'));
        // Unassigned in Unicode 15.0, assigned later.
        assert!(!is_print('\u{2ffc}'));
    }
}
