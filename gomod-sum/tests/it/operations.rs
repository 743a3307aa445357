//! What this crate answers to the inputs of the vector files.

use std::fmt::Display;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::Path;

use gomod_archive::{Archive, Limits};
use gomod_module::H1;
use gomod_sum::go_sum::{Check, Recorded};
use gomod_sum::{
    FileHash, GoSum, HashBuilder, HashZipError, MalformedGoSumError, hash_dir, hash_go_mod, hash_zip,
    hash_zip_file,
};
use gomod_testkit::vectors::{Answer, Operation, ZipOperation, bytes, json_bytes, text};
use serde_json::{Value, json};

/// By the names of the vector files.
pub const OPERATIONS: &[Operation] = &[
    ("gosum_parse", gosum_parse),
    ("gosum_format", gosum_format),
    ("gosum_have", gosum_have),
    ("hash_go_mod", |input| Answer::value(hash_go_mod(&bytes(&input["data"])).to_string())),
    ("hash1", hash1),
    ("tree_hash_dir", tree_hash_dir),
];

/// By the names of the fields of the zip index.
pub const ZIP_OPERATIONS: &[ZipOperation] = &[("hash_zip", |case| hash(hash_zip_of(&case.file)))];

const THREADS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// One zip of the corpus holds 512 MiB, which Go hashes and then refuses.
const LIMIT: u64 = 1 << 30;

fn hash_zip_of(path: &Path) -> Result<H1, HashZipError> {
    match hash_zip_file(path, THREADS) {
        Err(HashZipError::ContentTooLarge(error)) => {
            let file = File::open(path).map_err(|_| error)?;
            let limits = Limits::new().max_content_bytes(LIMIT);
            hash_zip(&Archive::open(file, &limits).map_err(|_| error)?, THREADS)
        }
        result => result,
    }
}

fn hash<E: Display>(result: Result<impl Display, E>) -> Answer {
    Answer::result(result.map(|h1| h1.to_string()))
}

fn go_sum(input: &Value) -> Result<GoSum, MalformedGoSumError> {
    let data = bytes(&input["data"]);
    if input["lax"] == true { Ok(GoSum::parse_lax(&data)) } else { GoSum::parse(&data) }
}

fn gosum_parse(input: &Value) -> Answer {
    Answer::result(go_sum(input).map(|sum| {
        let mut seen: Vec<(&[u8], &[u8])> = Vec::new();
        let mut keys = Vec::new();
        for entry in sum.entries() {
            if seen.contains(&(entry.path, entry.version)) {
                continue;
            }
            seen.push((entry.path, entry.version));
            let hashes: Vec<_> =
                sum.lines(entry.path, entry.version).map(|line| json_bytes(line.hash)).collect();
            keys.push(json!({
                "path": json_bytes(entry.path),
                "version": json_bytes(entry.version),
                "hashes": hashes,
            }));
        }
        keys
    }))
}

fn gosum_format(input: &Value) -> Answer {
    Answer::result(go_sum(input).map(|sum| json_bytes(&sum.to_go_text())))
}

fn gosum_have(input: &Value) -> Answer {
    let [path, version, hash] = ["path", "version", "hash"].map(|name| bytes(&input[name]));
    Answer::result(go_sum(input).map(|sum| {
        let (check, against) = match sum.check(&path, &version, &hash) {
            Check::Match(_) => ("match", &b""[..]),
            Check::Mismatch(entry) => ("mismatch", entry.hash),
            Check::UnknownAlgorithm => ("unknown_hashes_only", &b""[..]),
            Check::Absent => ("absent", &b""[..]),
        };
        let recorded = sum.recorded(&path, &version);
        let (recorded_sum, ok) = match recorded {
            Recorded::None => (&b""[..], true),
            Recorded::One(entry) => (entry.hash, true),
            Recorded::Conflict(..) => (&b""[..], false),
        };
        json!({
            "check": check,
            "against": json_bytes(against),
            "have_sum": recorded != Recorded::None,
            "recorded": { "sum": json_bytes(recorded_sum), "ok": ok },
        })
    }))
}

fn hash1(input: &Value) -> Answer {
    let mut files = HashBuilder::new();
    for file in input["files"].as_array().into_iter().flatten() {
        if let Err(error) = files.push(bytes(&file["path"]), FileHash::of(&data(file))) {
            return Answer::error(error);
        }
    }
    Answer::value(files.finish().to_string())
}

fn tree_hash_dir(input: &Value) -> Answer {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for file in input["tree"].as_array().into_iter().flatten() {
        lay_out(dir.path(), file);
    }
    hash(hash_dir(dir.path(), &text(&input["prefix"]).expect("a prefix"), THREADS))
}

fn lay_out(root: &Path, file: &Value) {
    let path = root.join(text(&file["path"]).expect("a path"));
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    match file["type"].as_str() {
        Some("dir") => fs::create_dir_all(path).expect("a directory"),
        #[cfg(unix)]
        Some("symlink") => {
            std::os::unix::fs::symlink(text(&file["target"]).expect("a target"), path).expect("a link");
        }
        Some(other) => panic!("type {other}"),
        None => fs::write(path, data(file)).expect("a file"),
    }
}

fn data(file: &Value) -> Vec<u8> {
    file.get("data").map(bytes).unwrap_or_default()
}
