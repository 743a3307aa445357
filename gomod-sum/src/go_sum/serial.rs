//! How reports are serialised where their fields have no form of their own.

use std::fmt::Display;

use serde::Serializer;

/// Bytes as text; what is not UTF-8 is replaced.
pub(super) fn lossy<S: Serializer>(bytes: &impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes.as_ref()))
}

/// What a value shows to people.
pub(crate) fn display<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
