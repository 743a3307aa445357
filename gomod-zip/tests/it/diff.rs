//! Comparing zips that are odd.

use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits, ReadError};
use gomod_module::ModuleVersion;
use gomod_testkit::ModuleZip;
use gomod_zip::{ChangeCause, Diff, DiffError, MAX_ZIP_FILE, Side, SizeError, diff};
use sha2::{Digest as _, Sha256};

fn compare(old: &[u8], new: &[u8]) -> Result<Diff, DiffError> {
    let m = ModuleVersion::parse("x.y/m", "v1.0.0").unwrap();
    let open = |zip| Archive::open(zip, &Limits::default()).unwrap();
    let one = diff(&open(old), &m, &open(new), &m, NonZeroUsize::MIN);
    let two = diff(&open(old), &m, &open(new), &m, NonZeroUsize::new(3).unwrap());
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
    one
}

fn zip() -> ModuleZip {
    ModuleZip::new("x.y/m", "v1.0.0")
}

#[test]
fn the_same_names_are_compared_in_their_order() {
    let old = zip().file("a", *b"1").file("a", *b"2").file("b", *b"").build();
    let new = zip().file("b", *b"").file("a", *b"1").file("a", *b"3").file("a", *b"4").build();
    let diff = compare(&old, &new).unwrap();
    assert_eq!((diff.changed.len(), diff.added.len(), diff.removed.len(), diff.unchanged), (1, 1, 0, 2));
    assert_eq!(diff.changed[0].old.sha256, <[u8; 32]>::from(Sha256::digest(b"2")));
    assert_eq!(diff.changed[0].new.sha256, <[u8; 32]>::from(Sha256::digest(b"3")));
    assert_eq!(diff.added[0].content.sha256, <[u8; 32]>::from(Sha256::digest(b"4")));
}

#[test]
fn order_times_modes_and_compression_do_not_matter_and_directories_do() {
    let old = zip().file("a", *b"1").stored().file("b", *b"2").mode(0o100_755).comment(*b"c").build();
    let new = zip().file("b", *b"2").file("a", *b"1").build();
    assert!(compare(&old, &new).unwrap().is_empty());
    let new =
        zip().file("b", *b"2").file("a", *b"1").directory("d").raw_name(*b"x.y/m@v1.0.0/", *b"").build();
    let diff = compare(&old, &new).unwrap();
    assert_eq!(
        diff.added.iter().map(|file| file.path.as_slice()).collect::<Vec<_>>(),
        [b"".as_slice(), b"d/"]
    );
}

/// Where the pieces of a large file part a line ending.
#[test]
fn line_endings_are_found_across_pieces() {
    let crlf: Vec<u8> = b"0123456789\r\n".repeat(200_000);
    let lf: Vec<u8> = b"0123456789\n".repeat(200_000);
    for shift in 0..13 {
        let prefix = "x".repeat(shift);
        let old = zip().file("text", [prefix.as_bytes(), &crlf].concat()).build();
        let new = zip().file("text", [prefix.as_bytes(), &lf].concat()).build();
        assert!(compare(&old, &new).unwrap().changed[0].line_endings_only);
    }
    let new = zip().file("text", [&lf[1..], b"\n"].concat()).build();
    assert!(!compare(&zip().file("text", crlf).build(), &new).unwrap().changed[0].line_endings_only);
}

#[test]
fn the_zip_at_fault_is_named() {
    let good = zip().file("a", *b"1").build();
    let foreign = zip().raw_name(*b"x.y/m@v1.0.1/a", *b"").build();
    let Err(DiffError::Prefix { side: Side::New, source, .. }) = compare(&good, &foreign) else { panic!() };
    assert_eq!(source.name, b"x.y/m@v1.0.1/a");

    let mut damaged = zip().file("a", *b"content").stored().build();
    let at = damaged.windows(7).position(|window| window == b"content").unwrap();
    damaged[at] ^= 1;
    let error = compare(&damaged, &good).unwrap_err();
    assert_eq!(error.to_string(), "cannot read x.y/m@v1.0.0/a of the old zip");
    assert!(matches!(error, DiffError::Read { side: Side::Old, source: ReadError::Checksum, .. }));
}

/// Nothing is read of a zip that says that it holds too much.
#[test]
fn a_bomb_is_not_read() {
    let mut bomb = zip().file("a", *b"1").build();
    let directory = bomb.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bomb[directory + 24..directory + 28]
        .copy_from_slice(&u32::try_from(MAX_ZIP_FILE + 1).unwrap().to_le_bytes());
    let error = compare(&bomb, &bomb).unwrap_err();
    assert!(
        matches!(error, DiffError::Size { side: Side::Old, source: SizeError::Contents, .. }),
        "{error:?}"
    );
}

/// The pointer names the SHA-256 of the file; what `git archive` replaces is all that differs.
#[test]
fn why_a_file_differs_is_proven_by_the_two_contents() {
    let picture: Vec<u8> = (0..=255).cycle().take(5120).collect();
    let sha256 = Sha256::digest(&picture).into();
    let pointer = gomod_module::LfsPointer { sha256, size: 5120 }.to_text();
    let cause = |old: &[u8], new: &[u8]| {
        let [old, new] = [old, new].map(|content| zip().file("file", content).build());
        compare(&old, &new).unwrap().changed[0].cause
    };
    let pointer = pointer.as_bytes();
    assert_eq!(cause(pointer, &picture), Some(ChangeCause::LfsPointer { pointer: Side::Old }));
    assert_eq!(cause(&picture, pointer), Some(ChangeCause::LfsPointer { pointer: Side::New }));
    assert_eq!(cause(pointer, &picture[1..]), None);
    let expanded = Some(ChangeCause::ExportSubst { placeholders: Side::Old });
    assert_eq!(cause(b"v = $Format:%H$\n", b"v = 0123abc\n"), expanded);
    assert_eq!(cause(b"v = 1\n", b"v = 2\n"), None);
}
