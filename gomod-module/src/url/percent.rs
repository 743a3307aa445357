//! Percent encoding as `net/url` does it.

use std::fmt::Write as _;

use crate::url::reason::UrlReason;

/// Where in a URL a text stands: each place has its own rules for `%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The host: only `%` and what is not ASCII may be escaped.
    Host,
    /// The zone of an IPv6 address.
    Zone,
    /// Any other place.
    Other,
}

/// Returns what a text stands for: `url.PathUnescape`, by the rules of the place where it is.
///
/// ```
/// use gomod_module::url::percent::{Part, escape_segments, unescape};
///
/// assert_eq!(unescape("a%20b", Part::Other)?, b"a b");
/// assert!(unescape("a%20b", Part::Host).is_err());
/// assert_eq!(escape_segments("example.com/!a"), "example.com/%21a");
/// # Ok::<(), gomod_module::url::UrlReason>(())
/// ```
///
/// # Errors
/// [`UrlReason::Escape`], [`UrlReason::HostCharacter`].
pub fn unescape(text: &str, part: Part) -> Result<Vec<u8>, UrlReason> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'%' {
            if part != Part::Other && byte.is_ascii() && !is_host_byte(*byte) {
                return Err(UrlReason::HostCharacter(char::from(*byte).to_string()));
            }
            out.push(*byte);
            continue;
        }
        let escape = || {
            let shown: String = tail.iter().take(2).map(|b| char::from(*b)).collect();
            UrlReason::Escape(format!("%{shown}"))
        };
        let [high, low, tail @ ..] = tail else { return Err(escape()) };
        let (Some(high), Some(low)) = (hex(*high), hex(*low)) else { return Err(escape()) };
        let decoded = high << 4 | low;
        let allowed = match part {
            Part::Host => high >= 8 || decoded == b'%',
            Part::Zone => matches!(decoded, b'%' | b' ') || is_host_byte(decoded),
            Part::Other => true,
        };
        if !allowed {
            return Err(escape());
        }
        out.push(decoded);
        rest = tail;
    }
    Ok(out)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

/// Returns a text in which everything is escaped that is neither unreserved nor `plain`.
pub fn escape_with(bytes: &[u8], plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || plain(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Returns a path in its default encoding: `URL.EscapedPath`.
pub fn escape_path(path: &[u8]) -> String {
    escape_with(path, |b| b"$&+,/:;=@".contains(&b))
}

/// Returns a path each of whose segments is escaped, as `url.PathEscape` does it; `!` becomes `%21`.
pub fn escape_segments(path: &str) -> String {
    escape_with(path.as_bytes(), |b| b"$&+:=@/".contains(&b))
}

/// Whether a path may be sent as it is written.
pub fn is_valid_path(raw: &str) -> bool {
    let valid = |b: u8| b.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@[]%/".contains(&b);
    raw.bytes().all(valid)
}
