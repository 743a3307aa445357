//! Which go.mod file a zip has.

use gomod_archive::{Archive, Limits, ReadToVecError};
use gomod_zip::{DataFile, MAX_GO_MOD, create, read_go_mod};

fn go_mod(files: &[DataFile]) -> Result<Vec<u8>, ReadToVecError> {
    let module = "x.y/m@v1.0.0".parse().unwrap();
    let mut zip = Vec::new();
    create(&mut zip, &module, files).unwrap();
    read_go_mod(&Archive::open(&*zip, &Limits::default()).unwrap(), &module)
}

#[test]
fn the_file_at_the_top_counts_and_else_a_module_line() {
    let (file, below) = (DataFile::new("go.mod", "module a.b/c\n"), DataFile::new("d/GO.MOD.txt", "no\n"));
    assert_eq!(go_mod(&[below, file]).unwrap(), b"module a.b/c\n");
    assert_eq!(go_mod(&[DataFile::new("m.go", "")]).unwrap(), b"module x.y/m\n");
    let full = vec![b'\n'; usize::try_from(MAX_GO_MOD).unwrap()];
    assert_eq!(go_mod(&[DataFile::new("go.mod", full.clone())]).unwrap(), full);
}
