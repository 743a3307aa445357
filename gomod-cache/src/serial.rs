//! How reports are serialised where their fields have no form of their own.

use std::path::Path;
use std::time::SystemTime;

use gomod_module::{ErrorChain, Timestamp};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::entry::Entry;
use crate::error::CacheError;
use crate::ziphash::ZipHash;

/// A path as text; what is not UTF-8 in it is replaced.
pub(crate) fn path<S: Serializer>(path: &impl AsRef<Path>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.as_ref().to_string_lossy())
}

/// A time by the clock of the file system, as RFC 3339 has it; `null` where there is none, or none that can be written so.
pub(crate) fn time<S: Serializer>(
    time: &(impl Copy + Into<Option<SystemTime>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*time).into().and_then(Timestamp::from_system_time).serialize(serializer)
}

/// An entry is its module version.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.module().serialize(serializer)
    }
}

/// The path, and the error with its causes in one line.
impl Serialize for CacheError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("CacheError", 2)?;
        fields.serialize_field("path", &self.path().to_string_lossy())?;
        fields.serialize_field("error", &ErrorChain::new(self).to_string())?;
        fields.end()
    }
}

/// The recorded text, or `null` where there is none: `"h1:…"`, `""` for what never ended.
impl Serialize for ZipHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Invalid => serializer.serialize_some(""),
            Self::H1(hash) => serializer.serialize_some(hash),
            Self::Foreign(text) => serializer.serialize_some(&String::from_utf8_lossy(text)),
        }
    }
}
