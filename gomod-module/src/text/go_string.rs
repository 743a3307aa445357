use std::fmt;
use std::ops::Deref;

/// A Go string as it stands in a file or in the environment: bytes, which are nearly always UTF-8.
///
/// It reads as a `&str` through `Deref`. Where the bytes are not UTF-8, the `&str` shows U+FFFD in their place, which
/// no module path and no version may contain; [`as_bytes`](Self::as_bytes) has the exact bytes.
///
/// ```
/// use gomod_module::text::GoString;
///
/// let path = GoString::from(b"caf\xe9".as_slice());
/// assert_eq!((&*path, path.as_bytes(), path.is_utf8()), ("caf\u{fffd}", &b"caf\xe9"[..], false));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GoString {
    text: String,
    /// The exact bytes, where `text` is not.
    bytes: Option<Box<[u8]>>,
}

impl GoString {
    /// The text, with U+FFFD in place of what is not UTF-8.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the text is the exact bytes.
    pub fn is_utf8(&self) -> bool {
        self.bytes.is_none()
    }

    /// The exact bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.text.as_bytes())
    }
}

impl From<Vec<u8>> for GoString {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, bytes: None },
            Err(e) => {
                let text = String::from_utf8_lossy(e.as_bytes()).into_owned();
                Self { text, bytes: Some(e.into_bytes().into_boxed_slice()) }
            }
        }
    }
}

impl From<&[u8]> for GoString {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl From<String> for GoString {
    fn from(text: String) -> Self {
        Self { text, bytes: None }
    }
}

impl From<&str> for GoString {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl Deref for GoString {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for GoString {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl PartialEq<str> for GoString {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for GoString {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Display for GoString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for GoString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::text::quote::quote(self.as_bytes()))
    }
}
