//! What this crate answers to the vectors, and to the zips of the corpus.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use gomod_archive::{Archive, Limits};
use gomod_module::{H1, ModuleVersion};
use gomod_testkit::vectors::{Answer, Operation, ZipCase, ZipOperation, bytes, json_bytes, text};
use gomod_zip::{
    CheckedFiles, CreateError, Created, FileError, FileKind, FileStat, Options, SourceFile, check_dir,
    check_files, check_prefix, check_zip, create, create_from_dir, unzip,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The operations on lists of files and on directories. Of a new zip only `h1` and `names` are answered: its bytes
/// depend on the encoder.
pub const OPERATIONS: &[Operation] = &[
    ("check_files", |i| report(check_files(&listed_files(&i["files"])))),
    ("create_zip", |i| answer_create(i, |zip, m| create(zip, m, &listed_files(&i["files"])))),
    ("tree_check_dir", |i| check_dir(laid_out(&i["tree"]).path()).map_or_else(Answer::error, report)),
    ("tree_create_zip", |i| answer_create(i, |zip, m| create_from_dir(zip, m, laid_out(&i["tree"]).path()))),
];

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

/// A file of a list, with what its vector says of it.
struct ListedFile<'a> {
    path: Vec<u8>,
    data: Vec<u8>,
    file: &'a Value,
}

fn listed_files(files: &Value) -> Vec<ListedFile<'_>> {
    let files = files.as_array().expect("a list of files").iter();
    files.map(|file| ListedFile { path: bytes(&file["path"]), data: data(file), file }).collect()
}

fn data(file: &Value) -> Vec<u8> {
    file.get("data").map(bytes).unwrap_or_default()
}

impl SourceFile for ListedFile<'_> {
    fn path(&self) -> &[u8] {
        &self.path
    }

    fn stat(&self) -> io::Result<FileStat> {
        if self.file.get("lstat_error").is_some() {
            return Err(io::Error::other("lstat failed"));
        }
        let kind = match self.file.get("type").and_then(Value::as_str) {
            None => FileKind::Regular,
            Some("dir") => FileKind::Directory,
            Some("symlink") => FileKind::Symlink,
            Some(_) => FileKind::Irregular,
        };
        // A negative size is one of at least 2^63.
        let size = self.file.get("size").and_then(Value::as_i64).map(i64::cast_unsigned);
        Ok(FileStat::new(kind, size.unwrap_or(self.data.len() as u64)))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.data.as_slice()))
    }
}

/// A temporary directory with these files in it.
fn laid_out(tree: &Value) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for file in tree.as_array().expect("a list of files") {
        let path = dir.path().join(local_path(&file["path"]));
        let above = path.parent().expect("a path in the directory");
        fs::create_dir_all(above).expect("a directory");
        match file.get("type").and_then(Value::as_str) {
            None => fs::write(path, data(file)),
            Some("dir") => fs::create_dir_all(path),
            Some("symlink") => symlink(&local_path(&file["target"]), &path),
            Some(other) => panic!("unknown type {other}"),
        }
        .expect("a new file");
    }
    dir
}

#[cfg(unix)]
fn local_path(path: &Value) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(bytes(path)).into()
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn local_path(path: &Value) -> PathBuf {
    text(path).expect("a path in UTF-8").into()
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn report(checked: CheckedFiles) -> Answer {
    let mut value = json!({
        "valid": checked.valid.clone(),
        "omitted": reasons(&checked.omitted),
        "invalid": reasons(&checked.invalid),
    });
    if let Some(error) = checked.size_error {
        value["size_error"] = error.to_string().into();
    }
    match checked.into_result() {
        Ok(_) => Answer::value(value),
        Err(error) => Answer::partial(value, error),
    }
}

fn answer_create(
    input: &Value,
    create: impl FnOnce(&mut Vec<u8>, &ModuleVersion) -> Result<Created, CreateError>,
) -> Answer {
    let created = || -> Result<Value, Box<dyn std::error::Error>> {
        let field = |name: &str| text(&input[name]).ok_or_else(|| format!("{name} is not UTF-8"));
        let m = ModuleVersion::parse(&field("path")?, &field("version")?)?;
        let mut zip = Vec::new();
        create(&mut zip, &m)?;
        let archive = Archive::open(zip, &Limits::default())?;
        let mut lines = Vec::new();
        for entry in archive.entries() {
            lines.push((entry.name(), sha256(&archive.read_to_vec(entry, u64::MAX)?)));
        }
        let names: Value = lines.iter().map(|(name, _)| json_bytes(name)).collect();
        lines.sort();
        let mut summary = Sha256::new();
        for (name, hash) in lines {
            summary.update([hash.as_bytes(), b"  ", name, b"\n"].concat());
        }
        Ok(json!({"h1": H1::from_digest(summary.finalize().into()).to_string(), "names": names}))
    };
    created().map_or_else(|error| Answer::caused(&*error), Answer::value)
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
        Err(error) => return Answer::caused(&*error),
    };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let options = Options::new().threads(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    if let Err(error) = unzip(&archive, &m, dir.path(), &options) {
        return Answer::caused(&error);
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
