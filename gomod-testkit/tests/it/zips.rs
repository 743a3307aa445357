//! A second reader, the `zip` crate, finds in a zip what was put into it.

use std::io::{Cursor, Read as _};

use gomod_testkit::{ModuleZip, source_text};
use zip::{CompressionMethod, ZipArchive};

fn open(data: Vec<u8>) -> ZipArchive<Cursor<Vec<u8>>> {
    ZipArchive::new(Cursor::new(data)).unwrap()
}

fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, index: usize) -> (String, Vec<u8>) {
    let mut file = archive.by_index(index).unwrap();
    let mut data = Vec::new();
    file.read_to_end(&mut data).unwrap();
    (String::from_utf8_lossy(file.name_raw()).into_owned(), data)
}

#[test]
fn plain() {
    let text = source_text(7, 100_000);
    let zip = ModuleZip::new("example.com/m", "v1.0.0")
        .file("go.mod", "module example.com/m\n")
        .file("dir/größe.go", text.clone())
        .file("stored.go", text.clone())
        .stored()
        .file("empty", "");
    assert_eq!(zip.build(), zip.clone().build());
    let mut archive = open(zip.build());
    let entries: Vec<_> = (0..archive.len()).map(|index| read(&mut archive, index)).collect();
    let name = |name: &str| format!("example.com/m@v1.0.0/{name}");
    assert_eq!(
        entries,
        [
            (name("go.mod"), b"module example.com/m\n".to_vec()),
            (name("dir/größe.go"), text.clone()),
            (name("stored.go"), text),
            (name("empty"), Vec::new()),
        ]
    );
    assert_eq!(archive.by_index(2).unwrap().compression(), CompressionMethod::Stored);
}

#[test]
fn names_stay_as_they_are() {
    let odd = ["/etc/evil.txt", "m@v1/../evil.txt", "a\\b", "a//b", "./a", "C:\\x", "con", "\u{feff}x", ""];
    for name in odd {
        let mut archive = open(ModuleZip::new("m", "v1").raw_name(name, "data").build());
        assert_eq!(read(&mut archive, 0), (name.to_owned(), b"data".to_vec()));
    }
    let zip = ModuleZip::new("m", "v1").raw_name([b'a', 0xff], "data").build();
    assert_eq!(open(zip).by_index(0).unwrap().name_raw(), [b'a', 0xff]);
}

#[test]
fn odd() {
    let zip = ModuleZip::new("m", "v1")
        .file("run", "#!/bin/sh\n")
        .mode(0o100_755)
        .file("link", "run")
        .mode(0o120_777)
        .directory("dir")
        .file("größe", "x")
        .comment("made by hand");
    assert_eq!(zip.build(), zip.clone().build());
    let mut archive = open(zip.build());
    assert_eq!(archive.comment(), b"made by hand");
    let mut mode = |index| archive.by_index(index).unwrap().unix_mode();
    assert_eq!([mode(0), mode(1), mode(2), mode(3)], [0o100_755, 0o120_777, 0o40_755, 0o100_644].map(Some));
    assert_eq!(read(&mut archive, 0).1, b"#!/bin/sh\n");
    assert_eq!(read(&mut archive, 3).0, "m@v1/größe");
    assert!(archive.by_index(2).unwrap().is_dir());
}

#[test]
fn twice() {
    let zip = ModuleZip::new("m", "v1").file("a", "first").file("a", "second").build();
    let headers = zip.windows(4).filter(|window| window == b"PK\x01\x02").count();
    assert_eq!(headers, 2);
}

#[test]
fn source_text_is_deterministic_and_compresses_like_source() {
    let text = source_text(42, 50_000);
    assert_eq!(text, source_text(42, 50_000));
    assert_ne!(text, source_text(43, 50_000));
    assert!(text.starts_with(&source_text(42, 10_000)));
    assert_eq!(source_text(1, 0), b"");
    let packed = ModuleZip::new("m", "v1").file("a.go", text.clone()).build().len();
    assert!((text.len() / 8..text.len() / 2).contains(&packed), "{packed} of {}", text.len());
}
