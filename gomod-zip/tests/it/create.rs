//! What goes wrong while a zip is made, and what its bytes are.

use std::error::Error as _;
use std::io::{self, Read, Write};

use gomod_module::ModuleVersion;
use gomod_testkit::source_text;
use gomod_zip::{
    CheckError, CreateError, Created, DataFile, FileKind, FileStat, MAX_GO_MOD, SourceFile, check_files,
    create,
};
use sha2::{Digest as _, Sha256};

use crate::go_side::hex;

fn make(writer: impl Write, files: &[&dyn SourceFile]) -> Result<Created, CreateError> {
    create(writer, &ModuleVersion::parse("x.y/m", "v1.0.0").unwrap(), files)
}

/// A file that says one size and has another.
struct Liar {
    declared: u64,
    content: &'static [u8],
}

impl SourceFile for Liar {
    fn path(&self) -> &[u8] {
        b"liar"
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(FileStat::new(FileKind::Regular, self.declared))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.content))
    }
}

/// A file that cannot be opened, or read to its end.
struct Broken {
    opens: bool,
}

impl SourceFile for Broken {
    fn path(&self) -> &[u8] {
        b"broken"
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(FileStat::new(FileKind::Regular, 10))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        if self.opens { Ok(Box::new(b"12345".chain(NoMore))) } else { Err(io::Error::other("it is closed")) }
    }
}

struct NoMore;

impl Read for NoMore {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("no more"))
    }
}

/// A disk with so many bytes left.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = bytes.len().min(self.0);
        self.0 -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One release, one sequence of bytes, on every machine: when the encoder changes, so does this hash.
#[test]
fn the_bytes_of_a_zip_are_these() {
    let files: Vec<_> =
        [("go.mod", 40), ("a/b.go", 5_000), ("a/été.go", 300_000), ("empty", 0), ("z", 65_536)]
            .into_iter()
            .map(|(path, length)| DataFile::new(path, source_text(length as u64, length)))
            .chain([DataFile::new("zeros", vec![0; 1_000_000]), DataFile::new("noise", noise(200_000))])
            .collect();
    let m = ModuleVersion::parse("example.com/golden", "v1.2.3").unwrap();
    let mut zip = Vec::new();
    create(&mut zip, &m, &files).unwrap();
    let hash = hex(&Sha256::digest(&zip));
    assert_eq!(
        (zip.len(), &*hash),
        (289_014, "a083039b297b0b84dda9be309f15bdd5add5edc7058d4da56d0ac0c5f89ade33")
    );
}

/// Bytes that cannot be compressed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}

#[test]
fn nothing_is_written_of_an_invalid_list() {
    let mut zip = Vec::new();
    let error =
        make(&mut zip, &[&DataFile::new("fine", ""), &DataFile::new("a'", ""), &DataFile::new("FINE", "")]);
    let Err(CreateError::Check(CheckError::Files(errors))) = error else { panic!("{error:?}") };
    assert_eq!(errors.as_slice().len(), 2);
    assert!(zip.is_empty());
}

#[test]
fn a_file_must_not_grow_and_may_shrink_in_a_list() {
    let error = make(io::sink(), &[&Liar { declared: 3, content: b"four" }]).unwrap_err();
    assert_eq!(error.to_string(), r#"file "liar" is larger than declared size"#);
    assert!(matches!(error, CreateError::LargerThanDeclared { declared: 3, .. }));
    let error = make(io::sink(), &[&Liar { declared: 0, content: b"x" }]).unwrap_err();
    assert!(matches!(error, CreateError::LargerThanDeclared { declared: 0, .. }));
    // As in Go: what a list declares is a limit.
    assert_eq!(make(io::sink(), &[&Liar { declared: 9, content: b"four" }]).unwrap().bytes, 4);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    for (opens, text, cause) in
        [(false, "cannot open broken", "it is closed"), (true, "cannot read broken", "no more")]
    {
        let mut zip = Vec::new();
        let error = make(&mut zip, &[&DataFile::new("a", "a"), &Broken { opens }]).unwrap_err();
        assert_eq!((error.to_string(), error.source().unwrap().to_string()), (text.into(), cause.into()));
        let opened = gomod_archive::Archive::open(zip, &gomod_archive::Limits::default());
        assert!(opened.is_err(), "what was written looks complete");
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_strikes() {
    let file = DataFile::new("noise", noise(100_000));
    let size = usize::try_from(make(io::sink(), &[&file]).unwrap().zip_size).unwrap();
    assert!(make(Full(size), &[&file]).is_ok());
    for room in [0, 1, 29, 40, 60_000, size - 23, size - 22, size - 1] {
        let error = make(Full(room), &[&file]).unwrap_err();
        let CreateError::Write(source) = &error else { panic!("{error:?}") };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    }
}

#[test]
fn a_name_can_be_too_long_for_a_zip() {
    let fits = 65_535 - "x.y/m@v1.0.0/".len();
    assert!(make(io::sink(), &[&DataFile::new("n".repeat(fits), "")]).is_ok());
    let error = make(io::sink(), &[&DataFile::new("n".repeat(fits + 1), "")]).unwrap_err();
    assert!(matches!(error, CreateError::NameTooLong { .. }), "{error:?}");
}

/// Walking from each name up to its root, and hashing every path on the way, would be 10^12 steps here.
#[test]
fn deep_names_cost_no_more_than_their_length() {
    let deep = "a/".repeat(30_000);
    let mut files: Vec<_> = (0..300).map(|i| DataFile::new(format!("{deep}{i}"), "")).collect();
    files.push(DataFile::new(format!("{deep}b/go.mod"), ""));
    files.push(DataFile::new(format!("{deep}b/c"), ""));
    let checked = check_files(&files);
    assert_eq!((checked.valid.len(), checked.omitted.len()), (300, 2));
    assert_eq!(checked.largest_directories(3).len(), 3);
}

/// More than [`MAX_GO_MOD`] is never read, whatever a file says of itself.
#[test]
fn a_go_mod_without_an_end_is_not_read_to_it() {
    struct Endless;
    impl SourceFile for Endless {
        fn path(&self) -> &[u8] {
            b"go.mod"
        }

        fn stat(&self) -> io::Result<FileStat> {
            Ok(FileStat::new(FileKind::Regular, MAX_GO_MOD))
        }

        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(io::repeat(b'\n')))
        }
    }
    assert!(check_files(&[Endless]).is_valid());
    let error = make(io::sink(), &[&Endless]).unwrap_err();
    assert!(matches!(error, CreateError::LargerThanDeclared { .. }), "{error:?}");
}
