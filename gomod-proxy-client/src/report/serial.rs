//! How reports are serialised where their fields have no form of their own.

use std::time::Duration;

use gomod_module::Info;
use gomod_module::modfile::Retract;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::protocol::fallback::Next;
use crate::report::error::Error;
use crate::report::sent::SentCredentials;

/// A time span in seconds; `null` where there is none.
pub(crate) fn seconds<S: Serializer>(
    span: &(impl Copy + Into<Option<Duration>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*span).into().map(|span| span.as_secs_f64()).serialize(serializer)
}

/// As in an `.info` file, with the names that it has there.
pub(crate) fn info<S: Serializer>(info: &Info, serializer: S) -> Result<S::Ok, S::Error> {
    let object: Value = serde_json::from_str(&info.encode()).map_err(serde::ser::Error::custom)?;
    object.serialize(serializer)
}

/// The lines of a go.mod file; what is not UTF-8 in them is replaced.
pub(crate) fn retracted<S: Serializer>(lines: &[Retract], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Line {
        low: String,
        high: String,
        rationale: String,
    }
    serializer.collect_seq(lines.iter().map(|line| Line {
        low: line.low.to_string(),
        high: line.high.to_string(),
        rationale: line.rationale.to_string(),
    }))
}

/// Its stable name.
impl Serialize for Next {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// As it is displayed.
impl Serialize for SentCredentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a program may want to know of it: `module`, `kind`, `error` (with its causes, in one line), `status`, `limit`,
/// `server_response` and `attempts`.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut fields = serializer.serialize_struct("Error", 7)?;
        fields.serialize_field("module", self.module())?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("error", &self.report().headline())?;
        fields.serialize_field("status", &self.status())?;
        fields.serialize_field("limit", &self.limit())?;
        fields.serialize_field("server_response", &self.server_response())?;
        fields.serialize_field("attempts", self.attempts())?;
        fields.end()
    }
}
