//! What is hostile is refused before anything is read or written, its error has a bounded text, and what is cancelled ends
//! and leaves nothing.

use std::cell::Cell;
use std::error::Error as _;
use std::fs;
use std::io::{self, Read};
use std::num::NonZeroUsize;

use gomod_archive::{Archive, CancelToken, Limits, ReadAt, Threads};
use gomod_module::ModuleVersion;
use gomod_testkit::{Bomb, ModuleZip};
use gomod_zip::{
    CheckDirError, CheckError, CreateError, DataFile, DiffError, FileKind, FileStat, Options, SourceFile,
    UnzipError, check_dir_cancellable, check_zip, create_cancellable, create_from_dir_cancellable, diff,
    unzip,
};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn module() -> ModuleVersion {
    ModuleVersion::parse("x.y/m", "v1.0.0").unwrap()
}

fn zip() -> ModuleZip {
    ModuleZip::new("x.y/m", "v1.0.0")
}

#[test]
fn a_bomb_is_neither_extracted_nor_compared() {
    let names = ["x#", "x.y/m@v1.0.0/#", "x.y/m@v1.0.0/a/../#"];
    let root = tempfile::tempdir().unwrap();
    for name in names {
        let zip = Bomb::new(1 << 10).entries(5000, |i| name.replace('#', &i.to_string())).build();
        let bomb = Archive::open(&*zip, &Limits::default()).unwrap();
        assert!(!check_zip(&bomb, &module()).is_valid());
        let target = root.path().join("target");
        assert!(matches!(unzip(&bomb, &module(), &target, &Options::new()), Err(UnzipError::Check(_))));
        assert!(!target.exists());
        let other = self::zip().file("a", "1").build();
        let other = Archive::open(&*other, &Limits::default()).unwrap();
        assert!(diff(&other, &module(), &bomb, &module(), TWO).is_err());
        assert!(diff(&bomb, &module(), &other, &module(), TWO).is_err());
    }
}

/// Overlapping entries of modest sizes, of which more is read than may be: the limit of the archive holds too.
#[test]
fn the_limit_of_the_archive_counts() {
    let zip = zip().file("a", "1234").file("b", "5678").build();
    let archive = Archive::open(&*zip, &Limits::new().max_content_bytes(7)).unwrap();
    assert!(check_zip(&archive, &module()).is_valid());
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("target");
    let error = unzip(&archive, &module(), &target, &Options::new()).unwrap_err();
    assert!(matches!(error, UnzipError::ContentTooLarge(_)) && !target.exists(), "{error}");
    let error = diff(&archive, &module(), &archive, &module(), TWO).unwrap_err();
    assert!(matches!(error, DiffError::ContentTooLarge { .. }), "{error}");
}

#[test]
fn the_text_of_an_error_is_bounded() {
    let bad = |count: usize| {
        let files = (0..count).fold(self::zip(), |zip, i| zip.raw_name(format!("other/{i}"), ""));
        let zip = files.build();
        let archive = Archive::open(&*zip, &Limits::default()).unwrap();
        check_zip(&archive, &module()).into_result().unwrap_err()
    };
    for (count, lines, last) in [
        (1, 1, "other/0: path does not have prefix \"x.y/m@v1.0.0/\""),
        (10, 10, "other/9: path does not have prefix \"x.y/m@v1.0.0/\""),
        (11, 11, "and 1 more"),
        (40_000, 11, "and 39990 more"),
    ] {
        let error = bad(count);
        let text = error.to_string();
        assert_eq!((text.lines().count(), text.lines().last()), (lines, Some(last)));
        let CheckError::Files(files) = error else { panic!("{text}") };
        assert_eq!(files.as_slice().len(), count, "all of them can be had");
    }
}

/// Nor does it grow with the names, whatever is wrong with them.
#[test]
fn the_text_of_an_error_is_bounded_for_long_names() {
    let names: [fn(usize) -> String; 4] = [
        |i| "other".repeat(12_000) + &i.to_string(),
        |i| format!("x.y/m@v1.0.0/{i}{}", ":".repeat(60_000)),
        |_| format!("x.y/m@v1.0.0/{}", "a".repeat(60_000)),
        |i| format!("x.y/m@v1.0.0/{}", ["k", "K"][i % 2].repeat(60_000)),
    ];
    for name in names {
        let zip = (0..20).fold(zip(), |zip, i| zip.raw_name(name(i), "")).build();
        let archive = Archive::open(&*zip, &Limits::default()).unwrap();
        let error = check_zip(&archive, &module()).into_result().unwrap_err();
        assert!(error.to_string().len() < 20_000, "{} bytes", error.to_string().len());
    }
}

/// A zip whose reader cancels at the nth read.
struct CancelAt(Vec<u8>, CancelToken, std::sync::atomic::AtomicUsize);

impl ReadAt for CancelAt {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if self.2.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) == 1 {
            self.1.cancel();
        }
        self.0.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

#[test]
fn a_cancelled_extraction_leaves_nothing() {
    let large = vec![7; 3 << 20];
    let files = (0..50).fold(zip(), |zip, i| zip.file(&format!("d{i}/f"), vec![1; 1000]));
    let zip = files.file("large", large.clone()).stored().file("large2", large).build();
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("above/target");
    for threads in [1, 2] {
        let mut ended = 0;
        for read in (1..120).step_by(7) {
            let token = CancelToken::new();
            let reader = CancelAt(zip.clone(), token.clone(), read.into());
            let archive = Archive::open(reader, &Limits::default()).unwrap();
            let threads = Threads::new(NonZeroUsize::new(threads).unwrap()).cancelled_by(&token);
            match unzip(&archive, &module(), &dir, &Options::new().threads(threads)) {
                Err(UnzipError::Cancelled(_)) => assert!(fs::read_dir(root.path()).unwrap().next().is_none()),
                Err(error) => panic!("{error}"),
                Ok(_) => {
                    ended += 1;
                    fs::remove_dir_all(root.path().join("above")).unwrap();
                }
            }
        }
        assert!(ended < 9, "the token was looked at: {ended}");
    }
}

#[test]
fn a_cancelled_comparison_ends() {
    let zip = (0..50).fold(zip(), |zip, i| zip.file(&format!("{i}"), vec![1; 1000])).build();
    let token = CancelToken::new();
    let old = Archive::open(CancelAt(zip.clone(), token.clone(), 10.into()), &Limits::default()).unwrap();
    let new = Archive::open(zip, &Limits::default()).unwrap();
    let threads = Threads::new(TWO).cancelled_by(&token);
    let error = diff(&old, &module(), &new, &module(), threads).unwrap_err();
    assert!(matches!(error, DiffError::Cancelled(_)), "{error}");
}

/// A file that never ends, and cancels when it has been read from for a while.
struct Endless(CancelToken, Cell<usize>);

impl SourceFile for Endless {
    fn path(&self) -> &[u8] {
        b"endless"
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(FileStat::new(FileKind::Regular, 400 << 20))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Zeros(self)))
    }
}

struct Zeros<'a>(&'a Endless);

impl Read for Zeros<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let reads = &self.0.1;
        reads.set(reads.get() + 1);
        if reads.get() == 5 {
            self.0.0.cancel();
        }
        buf.fill(0);
        Ok(buf.len())
    }
}

#[test]
fn a_cancelled_zip_is_not_made() {
    let token = CancelToken::new();
    let files = [Endless(token.clone(), Cell::new(0))];
    let error = create_cancellable(io::sink(), &module(), &files, &token).unwrap_err();
    assert!(matches!(error, CreateError::Cancelled(_)) && error.source().is_none(), "{error}");
    assert!(files[0].1.get() < 10, "read on");

    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), "1").unwrap();
    let mut zip = Vec::new();
    let created = create_from_dir_cancellable(&mut zip, &module(), dir.path(), &token);
    assert!(matches!(created, Err(CreateError::Cancelled(_))) && zip.is_empty());
    assert!(matches!(check_dir_cancellable(dir.path(), &token), Err(CheckDirError::Cancelled(_))));
    let files = [DataFile::new("a", "1")];
    assert!(create_cancellable(&mut zip, &module(), &files, &CancelToken::new()).is_ok());
}
