//! Who issued a certificate (RFC 5280, section 4.1): as much of DER as that takes.

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
/// The version, which old certificates do not have.
const VERSION: u8 = 0xA0;
const UTF8: u8 = 0x0C;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
/// The attributes that people know an authority by.
const SHOWN: [([u8; 3], &str); 3] = [([0x55, 4, 3], "CN"), ([0x55, 4, 11], "OU"), ([0x55, 4, 10], "O")];
/// Characters of one attribute that are shown.
const MAX_SHOWN: usize = 100;

/// The issuer's common name, unit and organisation, such as `CN=Example Root, O=Example`, or `None` where the certificate
/// names none or is malformed. What a terminal would not show as text is escaped.
pub(crate) fn issuer(certificate: &[u8]) -> Option<String> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (tbs, _) = element(certificate, SEQUENCE)?;
    let after_version = element(tbs, VERSION).map_or(tbs, |(_, rest)| rest);
    let (_, rest) = element(after_version, INTEGER)?;
    let (_algorithm, rest) = element(rest, SEQUENCE)?;
    let (mut name, _) = element(rest, SEQUENCE)?;
    let mut found: [Option<String>; SHOWN.len()] = Default::default();
    while let Some((set, rest)) = element(name, SET) {
        name = rest;
        let mut set = set;
        while let Some((attribute, rest)) = element(set, SEQUENCE) {
            set = rest;
            let Some((oid, value)) = element(attribute, OID) else { continue };
            let shown = SHOWN.iter().position(|(known, _)| known == oid);
            if let Some(place) = shown.and_then(|index| found.get_mut(index)) {
                *place = place.take().or_else(|| text(value));
            }
        }
    }
    let parts =
        found.iter().zip(SHOWN).filter_map(|(value, (_, key))| Some(format!("{key}={}", value.as_ref()?)));
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn text(value: &[u8]) -> Option<String> {
    let (text, _) = [UTF8, PRINTABLE, TELETEX, IA5].iter().find_map(|tag| element(value, *tag))?;
    let text = String::from_utf8_lossy(text);
    Some(text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect())
}

/// The content of an element with this tag at the beginning, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        // Longer ones are larger than any certificate.
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        // 0x80 is no DER.
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], &content].concat()
    }

    fn attribute(oid: [u8; 3], tag: u8, value: &[u8]) -> Vec<u8> {
        der(SET, &[&der(SEQUENCE, &[&[OID, 3], &oid, &der(tag, &[value])])])
    }

    fn certificate(version: &[u8], name: &[&[u8]]) -> Vec<u8> {
        let tbs = der(
            SEQUENCE,
            &[version, &[INTEGER, 1, 7], &der(SEQUENCE, &[&[OID, 1, 1]]), &der(SEQUENCE, name)],
        );
        der(SEQUENCE, &[&tbs])
    }

    #[test]
    fn the_issuer_is_named_and_cannot_play_tricks() {
        let organisation = attribute([0x55, 4, 10], PRINTABLE, b"Corp");
        let common = attribute([0x55, 4, 3], UTF8, b"Proxy\x1b[31m \"CA\"");
        let country = attribute([0x55, 4, 6], PRINTABLE, b"XX");
        let version = [VERSION, 3, INTEGER, 1, 2];
        let names = [&country[..], &organisation, &common];
        let shown = "CN=Proxy\\u{1b}[31m \\\"CA\\\", O=Corp";
        for version in [&version[..], &[]] {
            assert_eq!(issuer(&certificate(version, &names)).as_deref(), Some(shown));
        }
        assert_eq!(issuer(&certificate(&version, &[&country])), None);
        let long = attribute([0x55, 4, 3], UTF8, &[b'a'; 5000]);
        assert_eq!(issuer(&certificate(&[], &[&long])).map(|text| text.len()), Some(103));
    }

    #[test]
    fn bytes_that_are_no_certificate_have_no_issuer() {
        let whole = certificate(&[], &[&attribute([0x55, 4, 3], UTF8, b"CA")]);
        for end in 0..whole.len() {
            assert_eq!(issuer(&whole[..end]), None, "{end}");
        }
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut odd = whole.clone();
                odd[at] = byte;
                // Whatever it is, it is no panic.
                let _ = issuer(&odd);
            }
        }
        assert_eq!(issuer(&[SEQUENCE, 0x85, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), None);
    }
}
