//! Law: whatever of these spellings a server chooses, and wherever it puts the secret, nothing of it is shown; and a text
//! without it stays as it is.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn secrets(secret: &str) -> Secrets {
    let encoded = BASE64_STANDARD.encode(format!("bob:{secret}"));
    Secrets::new([secret.as_bytes(), encoded.as_bytes()])
}

/// Percent-encoding of everything, or of what must be.
fn percent(text: &str, all: bool, upper: bool) -> String {
    let escape = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
    let plain = |byte: u8| !all && (byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { escape(byte) }).collect()
}

fn swapped(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// The spellings of a secret.
const SPELLINGS: [fn(&str) -> String; 27] = [
    str::to_owned,
    str::to_ascii_uppercase,
    str::to_ascii_lowercase,
    swapped,
    |text| text.chars().rev().collect(),
    |text| percent(text, false, true),
    |text| percent(text, true, true),
    |text| percent(text, true, false),
    |text| swapped(&percent(text, true, true)),
    |text| percent(&percent(text, true, true), true, false),
    |text| percent(&percent(text, false, true), false, true),
    |text| text.chars().map(|c| format!("&#{};", u32::from(c))).collect::<Vec<_>>().concat(),
    |text| text.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect::<Vec<_>>().concat(),
    |text| text.chars().map(|c| format!("&#0{}", u32::from(c))).collect::<Vec<_>>().concat(),
    |text| text.replace('&', "&amp;").replace('<', "&lt;").replace('@', "&commat;").replace('/', "&sol;"),
    |text| text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat(),
    |text| text.bytes().map(|byte| format!("\\x{byte:02X}")).collect::<Vec<_>>().concat(),
    |text| text.bytes().map(|byte| format!("\\{byte:03o}")).collect::<Vec<_>>().concat(),
    |text| text.bytes().map(|byte| format!("={byte:02X}")).collect::<Vec<_>>().concat(),
    |text| serde_json::to_string(text).unwrap().replace('/', "\\/"),
    |text| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
    |text| text.bytes().map(|byte| format!("{byte:02X}:")).collect::<Vec<_>>().concat(),
    |text| BASE64_STANDARD.encode(format!("bob:{text}")),
    |text| BASE64_URL_SAFE_NO_PAD.encode(format!("anything:{text}:more")),
    |text| BASE64_STANDARD.encode(format!("x{text}")),
    |text| percent(&BASE64_STANDARD.encode(format!("xy{text}")), false, true),
    |text| text.chars().flat_map(|c| [c, '\u{200b}']).collect(),
];

#[test]
fn every_spelling_is_hidden() {
    for secret in ["p@ss/SECRET42", "glpat-Ab_9", "correct horse battery", "a&b<c>\"d", "pässword"] {
        let secrets = secrets(secret);
        for (number, spelling) in SPELLINGS.iter().enumerate() {
            // Letters beyond Latin 1 have no escape of four digits or one byte; those of this secret have.
            let spelt = spelling(secret);
            for text in [
                spelt.clone(),
                format!("bad: {spelt}."),
                format!("/x/{spelt}/y?z"),
                format!("v1.0.0-{spelt}"),
            ] {
                let hidden = secrets.hide(&text);
                assert!(hidden.contains(HIDDEN), "{number}: {text} -> {hidden}");
                assert!(secrets.are_told_by(&text), "{number}: {text}");
                let left = hidden.replace(HIDDEN, "");
                assert!(left.len() <= text.len() - spelt.len() + 24, "{number}: {text} -> {hidden}");
            }
        }
    }
}

#[test]
fn short_ones_are_words_and_numbers_are_no_reason_to_refuse() {
    let short = secrets("no");
    assert_eq!(short.hide("not found: no, nobody"), "not found: xxxxx, nobody");
    let number = secrets("20240123");
    assert_eq!(number.hide("at 20240123"), "at xxxxx");
    assert!(!number.are_told_by("v0.0.0-20240123000000-abcdefabcdef"));
    assert_eq!(Secrets::new([b"".as_slice()]).hide("anything"), "anything");
}

#[test]
fn words_around_stay() {
    let hidden = secrets("S3cr3t/Wörd").hide("user bob: S3cr3t%2FW%c3%b6rd was wrong").into_owned();
    assert_eq!(hidden, "user bob: xxxxx was wrong");
}

proptest! {
    #[test]
    fn nothing_of_a_secret_is_left(
        secret in "[a-zA-Z0-9/@&+%. -]{8,24}",
        number in 0..SPELLINGS.len(),
        before in "[ -~]{0,20}",
        behind in "[ -~é]{0,20}",
    ) {
        prop_assume!(secret.chars().filter(char::is_ascii_alphanumeric).count() >= 8);
        prop_assume!(secret.chars().any(|c| c.is_ascii_alphabetic()));
        let spelt = SPELLINGS[number](&secret);
        let text = format!("{before} {spelt} {behind}");
        let secrets = secrets(&secret);
        let hidden = secrets.hide(&text);
        prop_assert!(!hidden.contains(&spelt), "{} {}", number, hidden);
        prop_assert!(!hidden.to_ascii_lowercase().contains(&secret.to_ascii_lowercase()));
        prop_assert!(hidden.contains(HIDDEN), "{} {:?} {:?}", number, secret, text);
    }

    #[test]
    fn any_text_is_looked_through(text in any::<String>(), secret in any::<Vec<u8>>()) {
        let secrets = Secrets::new([secret.as_slice()]);
        let hidden = secrets.hide(&text);
        prop_assert!(hidden == text || secrets.are_in(&text));
        prop_assert_eq!(Secrets::default().hide(&text), text.clone());
    }
}
