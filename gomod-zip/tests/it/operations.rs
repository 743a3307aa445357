//! What this crate answers to the inputs of the zip corpus.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_testkit::vectors::{Answer, ZipCase, ZipOperation, json_bytes};
use gomod_zip::{FileError, Options, check_prefix, check_zip, unzip};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The operations on zips.
pub const ZIP_OPERATIONS: &[ZipOperation] =
    &[("check_zip", answer_check_zip), ("unzip", answer_unzip), ("go_download_prefix", answer_prefix)];

/// Longer lists of files are given by their number and a hash.
const MAX_LISTED: usize = 60;

type Opened = (Archive<File>, ModuleVersion);

fn open(case: &ZipCase) -> Result<Opened, Box<dyn std::error::Error>> {
    let m = ModuleVersion::parse(&case.path, &case.version)?;
    Ok((Archive::open(File::open(&case.file)?, &Limits::default())?, m))
}

fn answer_check_zip(case: &ZipCase) -> Answer {
    let (archive, m) = match open(case) {
        Ok(opened) => opened,
        Err(error) => return Answer::partial(json!({"valid": [], "omitted": [], "invalid": []}), error),
    };
    let checked = check_zip(&archive, &m);
    let mut value = json!({"omitted": reasons(&checked.omitted), "invalid": reasons(&checked.invalid)});
    if checked.valid.len() > MAX_LISTED {
        value["valid_count"] = checked.valid.len().into();
        value["valid_sha256"] = sha256((checked.valid.join("\n") + "\n").as_bytes()).into();
        value["size_error"] = "".into();
    } else {
        value["valid"] = checked.valid.clone().into();
    }
    if let Some(error) = checked.size_error {
        value["size_error"] = error.to_string().into();
    }
    match checked.into_result() {
        Ok(_) => Answer::value(value),
        Err(error) => Answer::partial(value, error),
    }
}

fn reasons(errors: &[FileError]) -> Value {
    errors.iter().map(|e| json!({"path": json_bytes(&e.path), "error": e.reason.to_string()})).collect()
}

fn answer_unzip(case: &ZipCase) -> Answer {
    let (archive, m) = match open(case) {
        Ok(opened) => opened,
        Err(error) => return Answer::error(error),
    };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let options = Options::new().threads(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    if let Err(error) = unzip(&archive, &m, dir.path(), &options) {
        return Answer::error(error);
    }
    let mut files = BTreeMap::new();
    list(dir.path(), "", &mut files);
    if files.len() > MAX_LISTED {
        let lines: Vec<_> = files.iter().map(|(path, (_, hash))| format!("{hash}  {path}\n")).collect();
        return Answer::value(
            json!({"count": files.len(), "listing_sha256": sha256(lines.concat().as_bytes())}),
        );
    }
    let files = files.iter().map(|(path, (size, hash))| json!({"path": path, "size": size, "sha256": hash}));
    Answer::value(files.collect::<Value>())
}

fn list(dir: &Path, prefix: &str, files: &mut BTreeMap<String, (usize, String)>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("a directory entry");
        let name = entry.file_name().into_string().expect("a UTF-8 name");
        if entry.file_type().expect("a file type").is_dir() {
            list(&entry.path(), &format!("{prefix}{name}/"), files);
        } else {
            let data = fs::read(entry.path()).expect("a readable file");
            files.insert(format!("{prefix}{name}"), (data.len(), sha256(&data)));
        }
    }
}

fn sha256(data: &[u8]) -> String {
    let hash = Sha256::digest(data);
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn answer_prefix(case: &ZipCase) -> Answer {
    open(case).map_or_else(Answer::error, |(archive, m)| Answer::check(check_prefix(&archive, &m)))
}
