//! What a zip holds decides its hash, however it is read.

use std::error::Error as _;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_sum::{FileHash, HashBuilder, HashZipError, hash_zip, hash_zip_file};
use gomod_testkit::ModuleZip;

fn hash(zip: &[u8], threads: usize) -> Result<String, HashZipError> {
    let archive = Archive::open(zip, &Limits::default()).unwrap();
    hash_zip(&archive, NonZeroUsize::new(threads).unwrap()).map(|h1| h1.to_string())
}

fn expected(files: &[(&str, &[u8])]) -> String {
    let mut hashes = HashBuilder::new();
    for (name, content) in files {
        hashes.push(name, FileHash::of(content)).unwrap();
    }
    hashes.finish().to_string()
}

fn zip() -> ModuleZip {
    ModuleZip::new("x.y/m", "v1.0.0")
}

#[test]
fn known_values() {
    let one = zip().file("a.txt", "hello\n");
    assert_eq!(hash(&one.clone().build(), 1).unwrap(), "h1:hCySKV6DJnFlwT/GHnjbPCuLoaLN/KPFZESdIrJXnI4=");
    let two = one.file("go.mod", "module x.y/m\n");
    assert_eq!(hash(&two.build(), 1).unwrap(), "h1:Lg5xpJnqb9R1FbfLbg9Dw3MNkphmhDxqshiFWPm0nuE=");
    assert_eq!(hash(&zip().build(), 1).unwrap(), "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

#[test]
fn directories_count_as_empty_files() {
    let zip = zip().directory("d").file("d/a", "1").build();
    assert_eq!(hash(&zip, 2).unwrap(), expected(&[("x.y/m@v1.0.0/d/", b""), ("x.y/m@v1.0.0/d/a", b"1")]));
}

#[test]
fn of_duplicates_the_last_content_counts_for_each() {
    let zip = zip().raw_name("a", "first").raw_name("b", "other").raw_name("a", "second").build();
    assert_eq!(hash(&zip, 2).unwrap(), expected(&[("a", b"second"), ("a", b"second"), ("b", b"other")]));
}

#[test]
fn of_duplicates_only_the_last_is_read() {
    let broken = |order: &[(&str, &str)]| {
        let zip = order.iter().fold(zip(), |zip, (name, data)| zip.raw_name(*name, *data).stored());
        let mut bytes = zip.build();
        let at = bytes.windows(6).position(|window| window == b"broken").unwrap();
        bytes[at] ^= 1;
        hash(&bytes, 1)
    };
    assert_eq!(
        broken(&[("a", "broken"), ("a", "whole")]).unwrap(),
        expected(&[("a", b"whole"), ("a", b"whole")])
    );
    assert!(broken(&[("a", "whole"), ("a", "broken")]).is_err());
}

#[test]
fn the_first_broken_entry_by_name_is_named_whatever_the_threads() {
    let zip = (0..50).rev().fold(zip(), |zip, i| {
        zip.raw_name(format!("f{i:02}"), if i % 10 == 3 { "broken" } else { "whole" }).stored()
    });
    let mut bytes = zip.build();
    while let Some(at) = bytes.windows(6).position(|window| window == b"broken") {
        bytes[at] = b'x';
    }
    for threads in [1, 2, 7] {
        let error = hash(&bytes, threads).unwrap_err();
        assert_eq!(error.to_string(), r#"read zip entry "f03""#);
        assert!(error.source().is_some());
    }
}

#[test]
fn a_newline_is_refused_and_other_odd_bytes_are_not() {
    let odd = zip().raw_name(b"a\xff\r\t\0", "1").build();
    let mut hashes = HashBuilder::new();
    hashes.push(b"a\xff\r\t\0", FileHash::of(b"1")).unwrap();
    assert_eq!(hash(&odd, 1).unwrap(), hashes.finish().to_string());

    let error = hash(&zip().raw_name("a\nb", "1").build(), 1).unwrap_err();
    assert!(matches!(error, HashZipError::Name(_)));
}

#[test]
fn a_file_that_is_no_zip_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.zip");
    let hash = || hash_zip_file(&path, NonZeroUsize::MIN);
    assert!(matches!(hash().unwrap_err(), HashZipError::File { .. }));
    std::fs::write(&path, "no zip").unwrap();
    let error = hash().unwrap_err();
    assert!(matches!(error, HashZipError::Zip { .. }));
    assert_eq!(error.source().unwrap().to_string(), "not a valid zip file");
}
