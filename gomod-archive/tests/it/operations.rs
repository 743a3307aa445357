//! What this crate answers to the vector files: the table is shared with the `conformance` tool.

use std::fmt::Write as _;
use std::fs::File;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Entry, Limits, ReadError, Sink};
use gomod_testkit::vectors::{Answer, ZipCase, ZipOperation, json_bytes};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The operations on zip files.
pub const ZIP_OPERATIONS: &[ZipOperation] = &[("list", list)];

/// Lists of more entries show the first three and their number.
const LONG_LIST: usize = 40;
/// Longer comments show their length.
const LONG_COMMENT: usize = 200;

struct Hash(Sha256);

impl Sink for Hash {
    type Error = ReadError;
    type Out = Result<String, ReadError>;

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.0.update(bytes);
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result.map(|()| {
            self.0.finalize().iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        })
    }
}

/// archive/zip: what the directory says and what reading each entry gives.
fn list(case: &ZipCase) -> Answer {
    let file = match File::open(&case.file) {
        Ok(file) => file,
        Err(error) => return Answer::error(error),
    };
    let archive = match Archive::open(file, &Limits::default()) {
        Ok(archive) => archive,
        Err(error) => return Answer::error(error),
    };
    let total = archive.entries().len();
    let shown = if total > LONG_LIST { 3 } else { total };
    let contents =
        archive.read_all(NonZeroUsize::MIN, |index, _| (index < shown).then(|| Hash(Sha256::new())));
    let entries: Vec<Value> =
        archive.entries().iter().zip(contents).filter_map(|(e, read)| Some(describe(e, read?))).collect();

    let mut value = json!({ "entries": entries });
    if archive.comment().len() > LONG_COMMENT {
        value["comment_len"] = archive.comment().len().into();
    } else {
        value["comment"] = json_bytes(archive.comment());
    }
    if total > LONG_LIST {
        value["entries_total"] = total.into();
    }
    Answer::value(value)
}

fn describe(entry: &Entry, read: Result<String, ReadError>) -> Value {
    let mut map = Map::new();
    map.insert("name".into(), json_bytes(entry.name()));
    map.insert("method".into(), entry.method().into());
    map.insert("flags".into(), entry.flags().into());
    map.insert("crc32".into(), entry.crc32().into());
    map.insert("csize".into(), entry.compressed_size().into());
    map.insert("usize".into(), entry.size().into());
    map.insert("mode".into(), entry.mode().to_string().into());
    match read {
        Ok(sha256) => map.insert("sha256".into(), sha256.into()),
        Err(error) => map.insert("error".into(), error.to_string().into()),
    };
    Value::Object(map)
}
