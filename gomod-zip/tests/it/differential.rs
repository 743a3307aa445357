//! Laws that need Go's own code, from golang.org/x/mod, on the other side:
//!
//! - the reports on any list of files and on any directory are the same, with the same reasons in the same order;
//! - a zip can be made of the same lists and directories, and has the same `h1:`;
//! - Go accepts and extracts our zips, and we Go's, as the same trees.

use std::fs;
use std::path::{Path, PathBuf};

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_module::text::Printable;
use gomod_testkit::{GoCommand, ModuleTree};
use gomod_zip::{
    CheckedFiles, DataFile, Options, SourceFile as _, check_dir, check_files, create, create_from_dir, unzip,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::{Node, OddFile, cases, odd_files, odd_tree, plain_files};
use crate::go_side::{GoSide, hex, unhex};
use crate::tree::tree;

fn module() -> ModuleVersion {
    ModuleVersion::parse("x.y/m", "v1.0.0").unwrap()
}

fn go_module() -> Value {
    json!({"Path": "x.y/m", "Version": "v1.0.0"})
}

fn report(checked: &CheckedFiles) -> Value {
    let list = |errors: &[gomod_zip::FileError]| -> Value {
        errors
            .iter()
            .map(|error| json!([hex(&error.path), Printable::display(&error.reason).to_string()]))
            .collect()
    };
    json!({
        "valid": checked.valid.iter().map(|path| hex(path.as_bytes())).collect::<Vec<_>>(),
        "omitted": list(&checked.omitted),
        "invalid": list(&checked.invalid),
        "size_error": checked.size_error.map(|error| error.to_string()).unwrap_or_default(),
    })
}

/// The text of an error of Go, of which what no terminal should obey is shown as our own errors show it.
fn error_text(answer: &Value) -> Option<String> {
    answer["error"].as_str().map(|error| Printable::new(&unhex(error)).to_string())
}

/// The same for one of ours, which has lines: those of Go's names are not told from them.
fn our_text(error: &dyn std::fmt::Display) -> String {
    Printable::display(error).to_string()
}

/// A report of Go, with the names in its reasons as ours show them.
fn go_report(report: &Value) -> Value {
    let mut report = report.clone();
    for list in ["omitted", "invalid"] {
        for file in report[list].as_array_mut().into_iter().flatten() {
            file[1] = Printable::new(file[1].as_str().unwrap_or_default()).to_string().into();
        }
    }
    report
}

fn wire(files: &[OddFile]) -> Value {
    let file = |file: &OddFile| {
        json!({
            "path": hex(file.path()), "data": hex(&file.data), "kind": format!("{:?}", file.kind),
            "size": file.size.cast_signed(), "fails": file.fails,
        })
    };
    files.iter().map(file).collect()
}

/// Lays a tree out, as far as its nodes go together.
#[cfg(unix)]
fn lay_out(nodes: &[(Vec<u8>, Node)], dir: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    for (path, node) in nodes {
        let path: PathBuf = dir.join(std::ffi::OsStr::from_bytes(path));
        let _ = fs::create_dir_all(path.parent().unwrap());
        if fs::symlink_metadata(&path).is_ok() {
            continue;
        }
        let _ = match node {
            Node::File(data) => fs::write(path, data),
            Node::Directory => fs::create_dir(path),
            Node::Link(target) => std::os::unix::fs::symlink(target, path),
            Node::Socket => std::os::unix::net::UnixListener::bind(path).map(drop),
        };
    }
}

/// What Go says of a zip of ours: its `h1:`, which is also that of the tree that it extracts.
fn accepted_by_go(zip: &Path, dir: &Path) -> Result<String, TestCaseError> {
    let request = json!({"op": "accept", "module": go_module(), "zip": zip, "dir": dir});
    let answer = GoSide::ask(&request).unwrap();
    prop_assert_eq!(&answer["error"], &Value::Null);
    prop_assert_eq!(&answer["h1"], &answer["dir_h1"]);
    Ok(answer["h1"].as_str().unwrap().to_owned())
}

/// Holds our zip and Go's of the same files against each other.
fn same_zips(ours: &[u8], theirs: &Path, h1: &Value, root: &Path) -> Result<(), TestCaseError> {
    let zip = root.join("ours.zip");
    fs::write(&zip, ours).unwrap();
    let dir = root.join("extracted-by-go");
    prop_assert_eq!(&Value::from(accepted_by_go(&zip, &dir)?), h1);
    let dir_of_ours = root.join("extracted-by-us");
    let archive = Archive::open(fs::File::open(theirs).unwrap(), &Limits::default()).unwrap();
    unzip(&archive, &module(), &dir_of_ours, &Options::new()).unwrap();
    prop_assert_eq!(tree(&dir), tree(&dir_of_ours));
    Ok(())
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn lists_get_the_report_of_go(files in odd_files()) {
        let Some(theirs) = GoSide::ask(&json!({"op": "check_files", "files": wire(&files)})) else { return Ok(()) };
        let ours = check_files(&files);
        prop_assert_eq!(report(&ours), go_report(&theirs["report"]));
        prop_assert_eq!(ours.is_valid(), theirs["error"].is_null());
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn lists_make_the_zip_of_go(files in plain_files(), odd in odd_files(), is_odd in prop::bool::weighted(0.3)) {
        let root = tempfile::tempdir().unwrap();
        let plain = files.into_iter().map(|(path, data)| OddFile {
            path, size: data.len() as u64, data, kind: gomod_zip::FileKind::Regular, fails: false,
        });
        let files = if is_odd { odd } else { plain.collect() };
        let theirs = root.path().join("theirs.zip");
        let request = json!({"op": "create", "module": go_module(), "files": wire(&files), "out": theirs});
        let Some(answer) = GoSide::ask(&request) else { return Ok(()) };
        let mut ours = Vec::new();
        match create(&mut ours, &module(), &files) {
            Ok(_) => same_zips(&ours, &theirs, &answer["h1"], root.path())?,
            Err(error) => prop_assert_eq!(error_text(&answer), Some(our_text(&format_args!("create zip: {error}")))),
        }
    }

    #[cfg(unix)]
    #[test]
    fn directories_get_the_report_and_the_zip_of_go(nodes in odd_tree()) {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("d");
        fs::create_dir(&dir).unwrap();
        lay_out(&nodes, &dir);
        let Some(answer) = GoSide::ask(&json!({"op": "check_dir", "dir": dir})) else { return Ok(()) };
        prop_assert_eq!(report(&check_dir(&dir).unwrap()), go_report(&answer["report"]));

        let theirs = root.path().join("theirs.zip");
        let request = json!({"op": "create_from_dir", "module": go_module(), "dir": dir, "out": theirs});
        let answer = GoSide::ask(&request).unwrap();
        let mut ours = Vec::new();
        match create_from_dir(&mut ours, &module(), &dir) {
            Ok(_) => same_zips(&ours, &theirs, &answer["h1"], root.path())?,
            Err(error) => {
                let prefix = format!("create zip {}: ", dir.display());
                prop_assert_eq!(error_text(&answer), Some(our_text(&format_args!("{prefix}{error}"))));
            }
        }
    }
}

/// More entries than 16 bits can count.
#[test]
fn go_reads_a_zip_of_many_files() {
    let root = tempfile::tempdir().unwrap();
    for count in [65_534, 65_535, 70_000] {
        let files: Vec<_> = (0..count).map(|i| DataFile::new(format!("{i}"), "")).collect();
        let mut zip = Vec::new();
        let created = create(&mut zip, &module(), &files).unwrap();
        assert_eq!(created.zip_size, zip.len() as u64);
        let archive = Archive::open(zip.as_slice(), &Limits::default()).unwrap();
        assert_eq!(archive.entries().len(), count);
        let path = root.path().join("many.zip");
        fs::write(&path, &zip).unwrap();
        let request = json!({"op": "check_zip", "module": go_module(), "zip": path});
        let Some(answer) = GoSide::ask(&request) else { return };
        assert_eq!(answer["error"], Value::Null);
        assert_eq!(answer["report"]["valid"].as_array().unwrap().len(), count);
    }
}

#[test]
fn the_go_command_downloads_a_zip_of_ours() {
    let Some(go) = GoCommand::find("the go command downloads a zip of ours") else { return };
    let root = tempfile::tempdir().unwrap();
    let go_mod = "module x.y/m\n\ngo 1.24\n";
    let files = [
        ("go.mod", go_mod.as_bytes()),
        ("LICENSE", b"Do as you like.\n"),
        ("m.go", b"package m\n"),
        ("testdata/été.bin", &[7; 10_000]),
        ("vendor/modules.txt", b"left out\n"),
        ("nested/go.mod", b"module x.y/m/nested\n"),
    ]
    .map(|(path, data)| DataFile::new(path, data));
    let mut zip = Vec::new();
    create(&mut zip, &module(), &files).unwrap();
    let proxy = root.path().join("proxy");
    ModuleTree::new().version("x.y/m", "v1.0.0", go_mod.as_bytes(), &zip).write_to(&proxy);
    let run = go.command(&["mod", "download", "-json", "x.y/m@v1.0.0"], root.path());
    let output = run.proxy(&format!("file://{}", proxy.display())).run().expect_success();
    let answer: Value = serde_json::from_str(&output.stdout).unwrap();
    let found = tree(Path::new(answer["Dir"].as_str().unwrap()));
    let names: Vec<_> =
        found.iter().filter(|(_, data)| data.is_some()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["LICENSE", "go.mod", "m.go", "testdata/été.bin"]);
    let path = root.path().join("m.zip");
    fs::write(&path, &zip).unwrap();
    if let Some(go_side) = GoSide::ask(
        &json!({"op": "accept", "module": go_module(), "zip": path, "dir": root.path().join("extracted")}),
    ) {
        assert_eq!(go_side["h1"], answer["Sum"]);
    }
}
