//! The laws of reading: no bytes make it panic or read more than the file has; what was packed comes out; and
//! neither the reader's manners, nor the number of threads, nor the size up to which entries are read whole has
//! any influence on a result.

use std::cell::Cell;
use std::fs;
use std::io::{self, Cursor};
use std::num::NonZeroUsize;
use std::sync::Mutex;

use gomod_archive::{Archive, Limits, ReadAt, ReadError, ReadToVecError, Sink};
use gomod_testkit::ModuleZip;
use gomod_testkit::vectors::{zip_cases, zip_index};
use proptest::prelude::*;
use proptest::sample::Index;

/// What reading an archive to its end gives, or why it cannot be opened.
type Contents = Result<Vec<(Vec<u8>, Result<Vec<u8>, String>)>, String>;

struct Collect(Vec<u8>);

impl Sink for Collect {
    type Error = ReadError;
    type Out = Result<Vec<u8>, String>;

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result.map_err(|error| error.to_string()).map(|()| self.0)
    }
}

fn contents<R: ReadAt + Sync>(reader: R, limits: &Limits, threads: usize) -> Contents {
    let archive = Archive::open(reader, limits).map_err(|error| error.to_string())?;
    let threads = NonZeroUsize::new(threads).expect("threads");
    let read = archive.read_all(threads, |_, entry| {
        // Mutations may declare anything; the laws hold for small entries as well.
        Some(Collect(Vec::new())).filter(|_| entry.size() < 1 << 20)
    });
    let read = read.into_iter().map(|read| read.unwrap_or_else(|| Err("large".into())));
    Ok(archive.entries().iter().map(|entry| entry.name().to_vec()).zip(read).collect())
}

fn whole(file: &[u8]) -> Contents {
    contents(file, &Limits::new(), 1)
}

fn in_pieces(file: &[u8]) -> Contents {
    contents(file, &Limits::new().max_whole_entry_bytes(0), 1)
}

/// Gives one byte at a time, and interrupts every other read.
struct Grudging<'a>(&'a [u8], Mutex<bool>);

impl ReadAt for Grudging<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut interrupt = self.1.lock().expect("a lock");
        *interrupt = !*interrupt;
        if *interrupt {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = buf.len().min(1);
        self.0.read_at(&mut buf[..length], offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

/// Fails a test when more is asked for than there is.
struct Bounded<'a>(&'a [u8]);

impl ReadAt for Bounded<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        assert!(buf.len() <= self.0.len(), "a buffer of {} bytes", buf.len());
        self.0.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
}

/// The small zips of the corpus.
fn corpus() -> Vec<Vec<u8>> {
    let cases = zip_cases(&zip_index());
    let light = cases.iter().filter(|case| case.line.get("heavy").is_none());
    light.map(|case| fs::read(&case.file).expect("a zip")).filter(|file| file.len() < 20_000).collect()
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let file = prop::sample::select(corpus());
    let values = prop_oneof![Just(0), Just(u64::MAX), Just(0xffff_ffff), 0..300_u64, any::<u64>()];
    let change = (any::<Index>(), values, prop::sample::select(vec![1_usize, 2, 4, 8]));
    let cut = prop::option::weighted(0.2, any::<Index>());
    (file, prop::collection::vec(change, 1..4), cut).prop_map(|(mut file, changes, cut)| {
        for (at, value, width) in changes {
            if file.is_empty() {
                break;
            }
            let at = at.index(file.len());
            let end = file.len().min(at + width);
            file[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
        }
        if let Some(cut) = cut.filter(|_| !file.is_empty()) {
            file.truncate(cut.index(file.len()));
        }
        file
    })
}

fn files() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>, bool)>> {
    let repetitive = (any::<Vec<u8>>(), 1..400_usize).prop_map(|(bytes, times)| bytes.repeat(times));
    let data = prop_oneof![any::<Vec<u8>>(), repetitive];
    prop::collection::vec((prop::collection::vec(any::<u8>(), 0..20), data, any::<bool>()), 0..12)
}

proptest! {
    #[test]
    fn any_bytes(file in any::<Vec<u8>>(), end in any::<[u8; 18]>()) {
        let _ = contents(Bounded(&file), &Limits::new(), 1);
        let file = [file.as_slice(), b"PK\x05\x06", &end].concat();
        let _ = contents(Bounded(&file), &Limits::new(), 1);
    }

    #[test]
    fn mutations(file in mutated()) {
        let expected = contents(Bounded(&file), &Limits::new(), 1);
        prop_assert_eq!(&in_pieces(&file), &expected);
        prop_assert_eq!(&contents(file.as_slice(), &Limits::new(), 3), &expected);
        prop_assert_eq!(&contents(Grudging(&file, Mutex::default()), &Limits::new(), 2), &expected);
        prop_assert_eq!(&contents(Mutex::new(Cursor::new(&file)), &Limits::new(), 2), &expected);
    }

    #[test]
    fn what_was_packed_comes_out(files in files(), comment in prop::collection::vec(any::<u8>(), 0..30)) {
        let mut zip = ModuleZip::new("example.com/m", "v1.0.0").comment(comment.clone());
        let mut expected = Vec::new();
        for (name, data, stored) in files {
            // A name that ends with a slash is a directory and has no data.
            let name = [name.as_slice(), b"."].concat();
            zip = zip.raw_name(name.as_slice(), data.as_slice());
            zip = if stored { zip.stored() } else { zip };
            expected.push((name, Ok(data)));
        }
        let file = zip.build();
        prop_assert_eq!(&whole(&file), &Ok(expected.clone()));
        prop_assert_eq!(&in_pieces(&file), &Ok(expected));
        // A comment that holds an end record of its own is another matter.
        if !comment.windows(4).any(|window| window == b"PK\x05\x06") {
            let archive = Archive::open(file, &Limits::new()).expect("an archive");
            prop_assert_eq!(archive.comment(), &comment);
        }
    }
}

#[test]
fn large_entries_come_in_pieces() {
    let data: Vec<u8> = (0..3_000_000_u32).flat_map(|number| (number / 3).to_le_bytes()).collect();
    let zip = ModuleZip::new("example.com/m", "v1.0.0");
    let file = zip.file("deflated", data.clone()).file("stored", data.clone()).stored().build();
    let archive = Archive::open(file, &Limits::new()).expect("an archive");
    for entry in archive.entries() {
        let (mut bytes, largest) = (Vec::new(), Cell::new(0));
        archive
            .read(entry, |piece| {
                largest.set(largest.get().max(piece.len()));
                bytes.extend_from_slice(piece);
                Ok::<_, ReadError>(())
            })
            .expect("its data");
        assert!(largest.get() <= 64 << 10);
        assert!(bytes == data);
    }
}

#[test]
fn the_caller_ends_the_reading() {
    #[derive(Debug)]
    struct Enough;
    impl From<ReadError> for Enough {
        fn from(error: ReadError) -> Self {
            panic!("{error}")
        }
    }
    let file = ModuleZip::new("example.com/m", "v1.0.0").file("f", vec![7; 1 << 20]).build();
    for limits in [Limits::new(), Limits::new().max_whole_entry_bytes(0)] {
        let archive = Archive::open(file.as_slice(), &limits).expect("an archive");
        let mut calls = 0;
        let result = archive.read(&archive.entries()[0], |_| {
            calls += 1;
            Err(Enough)
        });
        assert!(result.is_err());
        assert_eq!(calls, 1);
    }
}

#[test]
fn limits() {
    let file = ModuleZip::new("example.com/m", "v1.0.0").file("f", "12345").file("g", "").build();
    let open =
        |limits: Limits| Archive::open(file.as_slice(), &limits).map(|_| ()).map_err(|e| e.to_string());
    assert_eq!(open(Limits::new().max_entries(2)), Ok(()));
    assert_eq!(open(Limits::new().max_entries(1)), Err("more than 1 entries in zip file".into()));
    let directory = 2 * (46 + "example.com/m@v1.0.0/f".len() as u64);
    assert_eq!(open(Limits::new().max_directory_bytes(directory)), Ok(()));
    let less = directory - 1;
    assert_eq!(
        open(Limits::new().max_directory_bytes(less)),
        Err(format!("zip directory larger than {less} bytes"))
    );

    let archive = Archive::open(file.as_slice(), &Limits::new()).expect("an archive");
    let first = &archive.entries()[0];
    assert_eq!(archive.read_to_vec(first, 5).expect("its data"), b"12345");
    assert!(matches!(archive.read_to_vec(first, 4), Err(ReadToVecError::TooLarge { size: 5, limit: 4 })));
}

#[test]
fn errors_of_the_reader_are_passed_on() {
    /// Cannot read what lies before a position.
    struct Broken(Vec<u8>, u64);
    impl ReadAt for Broken {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            if offset < self.1 {
                Err(io::ErrorKind::PermissionDenied.into())
            } else {
                self.0.read_at(buf, offset)
            }
        }

        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }
    }
    let file = ModuleZip::new("example.com/m", "v1.0.0").file("f", vec![0; 100]).build();
    // An end of more than the kilobyte that is looked at first.
    let file = [file, vec![0; 1000]].concat();
    let error =
        Archive::open(Broken(file.clone(), u64::MAX), &Limits::new()).map(|_| ()).expect_err("no bytes");
    assert!(matches!(error, gomod_archive::OpenError::Io { .. }), "{error}");
    let archive = Archive::open(Broken(file, 1), &Limits::new()).expect("an archive");
    let error = archive.read(&archive.entries()[0], |_| Ok::<_, ReadError>(())).expect_err("no bytes");
    assert!(matches!(error, ReadError::Io { offset: 0, .. }), "{error}");
}
