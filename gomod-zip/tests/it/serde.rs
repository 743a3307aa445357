//! What is reported, as programs read it.

use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_zip::{DataFile, SizeError, check_files, check_portable, create, diff};
use serde_json::{json, to_value};

fn module() -> ModuleVersion {
    ModuleVersion::parse("example.com/m", "v1.0.0").unwrap()
}

fn zip(files: &[(&str, &str)]) -> Archive<Vec<u8>> {
    let files: Vec<_> = files.iter().map(|(path, data)| DataFile::new(*path, *data)).collect();
    let mut zip = Vec::new();
    create(&mut zip, &module(), &files).unwrap();
    Archive::open(zip, &Limits::default()).unwrap()
}

#[test]
fn what_was_made_and_what_differs() {
    let files = [DataFile::new("m.go", "package m\n")];
    let created = create(&mut Vec::new(), &module(), &files).unwrap();
    let want = json!({"files": 1, "bytes": 10, "zip_size": created.zip_size});
    assert_eq!(to_value(created).unwrap(), want);

    let pointer = "version https://git-lfs.github.com/spec/v1\n\
                   oid sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\nsize 3\n";
    let old = zip(&[("a", "foo"), ("b", "1"), ("same", "")]);
    let new = zip(&[("a", pointer), ("c", "foo"), ("same", "")]);
    let diff = to_value(diff(&old, &module(), &new, &module(), NonZeroUsize::MIN).unwrap()).unwrap();
    let foo =
        json!({"size": 3, "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"});
    assert_eq!(diff["added"], json!([{"path": "c", "content": foo}]));
    assert_eq!(diff["removed"][0]["path"], "b");
    assert_eq!(diff["unchanged"], 1);
    let changed = &diff["changed"][0];
    assert_eq!((&changed["path"], &changed["old"]), (&json!("a"), &foo));
    assert_eq!(changed["line_endings_only"], false);
    assert_eq!(changed["cause"], json!({"kind": "lfs_pointer", "pointer": "new"}));
}

#[test]
fn what_is_wrong_with_files() {
    let files = [DataFile::new("a", ""), DataFile::new("a//b", "1"), DataFile::new("vendor/x/y.go", "")];
    let mut checked = check_files(&files);
    let want = json!({
        "valid": ["a"],
        "sizes": [0],
        "omitted": [{"path": "vendor/x/y.go", "reason": "file is in vendor directory"}],
        "invalid": [{"path": "a//b", "reason": "file path is not clean"}],
        "size_error": null,
    });
    assert_eq!(to_value(&checked).unwrap(), want);
    checked.size_error = Some(SizeError::Contents);
    assert_eq!(to_value(&checked).unwrap()["size_error"], SizeError::Contents.to_string());
    let unportable = check_portable("aux.go").unwrap_err();
    let want = json!({"element": "aux.go", "reason": "names a device on Windows"});
    assert_eq!(to_value(unportable).unwrap(), want);
}
