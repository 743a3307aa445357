use std::fmt::{self, Formatter, Write as _};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use thiserror::Error;

use crate::Timestamp;
use crate::text::fold_key;

/// How deep Go lets arrays and objects be nested.
const MAX_DEPTH: usize = 10_000;

/// What a proxy's `.info` file and the module cache say of a version (<https://go.dev/ref/mod#goproxy-protocol>).
///
/// ```
/// use gomod_module::Info;
///
/// let info = Info::parse(br#"{"version": "v1.2.3", "Time": "2024-01-23T18:54:04Z", "Name": "old servers"}"#)?;
/// assert_eq!(info.version, "v1.2.3");
/// assert_eq!(info.encode(), r#"{"Version":"v1.2.3","Time":"2024-01-23T18:54:04Z"}"#);
/// # Ok::<(), gomod_module::InfoError>(())
/// ```
#[doc(alias = "RevInfo")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Info {
    /// The version; any text, and empty where the file says nothing.
    pub version: String,
    /// The time of the commit; Go's zero time where the file says nothing.
    pub time: Timestamp,
    /// Where the version came from.
    pub origin: Option<Origin>,
}

/// The repository that a version came from; a field is empty where the file says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Origin {
    /// The version control system, such as `git`.
    pub vcs: String,
    /// The repository.
    pub url: String,
    /// The module's directory in it.
    pub subdir: String,
    /// The commit.
    pub hash: String,
    /// The tags on which the answer depends start with this text.
    pub tag_prefix: String,
    /// A hash of those tags.
    pub tag_sum: String,
    /// The reference that resolved to the commit, such as `refs/tags/v1.2.3`.
    pub reference: String,
    /// A hash of the whole repository's state, where the answer depends on that.
    pub repo_sum: String,
}

/// An `.info` file that is not the JSON that Go expects.
#[derive(Debug, Error)]
#[error("invalid .info file")]
#[non_exhaustive]
pub struct InfoError {
    /// What is wrong, with line and column.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Info {
    /// An `Info` of a version and its time.
    pub fn new(version: impl Into<String>, time: Timestamp) -> Self {
        Self { version: version.into(), time, origin: None }
    }

    /// Reads a file as leniently as Go: names in any letter case, unknown fields, `null` for any value.
    ///
    /// Refused besides what Go refuses are times that are not quite RFC 3339 (`T7:04:05`) and unpaired surrogates in
    /// the text that is read.
    ///
    /// # Errors
    /// [`InfoError`] for malformed JSON, a value of another type, and text after the object.
    pub fn parse(data: &[u8]) -> Result<Self, InfoError> {
        let text = replace_invalid(data);
        if depth(&text) > MAX_DEPTH {
            return Err(InfoError { source: format!("nested more than {MAX_DEPTH} deep").into() });
        }
        let mut info = Self::default();
        let mut json = serde_json::Deserializer::from_str(&text);
        InfoFields(&mut info)
            .deserialize(&mut json)
            .and_then(|()| json.end())
            .map_err(|error| InfoError { source: error.into() })?;
        Ok(info)
    }

    /// The file as Go writes it, without a final newline.
    pub fn encode(&self) -> String {
        let mut out = String::from("{\"Version\":");
        push_string(&mut out, &self.version);
        out.push_str(",\"Time\":");
        push_string(&mut out, &self.time.to_string());
        if let Some(origin) = &self.origin {
            out.push_str(",\"Origin\":{");
            let fields = origin.fields();
            let mut separator = "";
            for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
                out.push_str(separator);
                push_string(&mut out, name);
                out.push(':');
                push_string(&mut out, value);
                separator = ",";
            }
            out.push('}');
        }
        out.push('}');
        out
    }
}

impl Origin {
    /// The fields in the order in which Go writes them.
    fn fields(&self) -> [(&'static str, &str); 8] {
        [
            ("VCS", &self.vcs),
            ("URL", &self.url),
            ("Subdir", &self.subdir),
            ("Hash", &self.hash),
            ("TagPrefix", &self.tag_prefix),
            ("TagSum", &self.tag_sum),
            ("Ref", &self.reference),
            ("RepoSum", &self.repo_sum),
        ]
    }

    fn field_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match fold_key(name).as_str() {
            "vcs" => &mut self.vcs,
            "url" => &mut self.url,
            "subdir" => &mut self.subdir,
            "hash" => &mut self.hash,
            "tagprefix" => &mut self.tag_prefix,
            "tagsum" => &mut self.tag_sum,
            "ref" => &mut self.reference,
            "reposum" => &mut self.repo_sum,
            _ => return None,
        })
    }
}

/// How deep arrays and objects are nested in a JSON text. Skipping a value takes no stack, so that nothing else would
/// limit it.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = text.bytes();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => drop(bytes.next()),
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The text with U+FFFD for each byte that is not UTF-8, as Go reads it.
fn replace_invalid(data: &[u8]) -> String {
    data.utf8_chunks()
        .flat_map(|chunk| {
            let invalid = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
            chunk.valid().chars().chain(invalid)
        })
        .collect()
}

/// A JSON string with the characters escaped that Go escapes, so that HTML may hold it.
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Fills what an object names; a repeated name overwrites, and `null` changes nothing, as in Go.
struct InfoFields<'a>(&'a mut Info);
struct OriginFields<'a>(&'a mut Option<Origin>);
struct Text<'a>(&'a mut String);
struct Time<'a>(&'a mut Timestamp);

macro_rules! deserialize_any {
    ($($seed:ident)*) => {$(
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }
    )*};
}

deserialize_any!(InfoFields OriginFields Text Time);

impl<'de> Visitor<'de> for InfoFields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match fold_key(&name).as_str() {
                "version" => map.next_value_seed(Text(&mut self.0.version))?,
                "time" => map.next_value_seed(Time(&mut self.0.time))?,
                "origin" => map.next_value_seed(OriginFields(&mut self.0.origin))?,
                _ => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for OriginFields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        *self.0 = None;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let origin = self.0.get_or_insert_default();
        while let Some(name) = map.next_key::<String>()? {
            match origin.field_mut(&name) {
                Some(field) => map.next_value_seed(Text(field))?,
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        text.clone_into(self.0);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Time<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a time of RFC 3339 without escapes")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    // Go takes the time from the raw text between the quotes, so a string with escapes is none.
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        *self.0 = text.parse().map_err(E::custom)?;
        Ok(())
    }
}
