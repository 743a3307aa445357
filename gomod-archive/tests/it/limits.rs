//! However an archive is made, one pass over it yields and reads no more than `max_content_bytes`; work that is cancelled
//! ends; no call starts more threads than there is work for, or than `MAX_THREADS`.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use gomod_archive::{
    Archive, CancelToken, ContentTooLarge, Limits, MAX_THREADS, ReadAt, ReadError, Sink, Threads,
};
use gomod_testkit::{Bomb, ModuleZip};

const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two");

/// Adds up what it is given.
struct Sum<'a>(&'a AtomicU64);

impl Sink for Sum<'_> {
    type Error = ReadError;
    type Out = Result<(), ReadError>;

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result
    }
}

/// Counts the bytes that are read.
struct Counting<'a>(&'a [u8], AtomicU64);

impl ReadAt for Counting<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<usize> {
        let read = self.0.read_at(buf, offset)?;
        self.1.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }

    fn size(&self) -> std::io::Result<u64> {
        self.0.size()
    }
}

/// The bytes that come out, those that are read for it, and the errors, of one pass over a zip.
fn pass(zip: &[u8], limits: &Limits) -> (u64, u64, Vec<Option<ReadError>>) {
    let archive = Archive::open(Counting(zip, AtomicU64::new(0)), limits).expect("a zip");
    let opened = archive.reader().1.load(Ordering::Relaxed);
    let inflated = AtomicU64::new(0);
    let results = archive.read_all(TWO, |_, _| Some(Sum(&inflated)));
    let read = archive.reader().1.load(Ordering::Relaxed) - opened;
    let errors = results.into_iter().map(|result| result.and_then(Result::err)).collect();
    (inflated.into_inner(), read, errors)
}

fn limit(bytes: u64) -> Limits {
    Limits::new().max_content_bytes(bytes)
}

#[test]
fn no_bomb_comes_to_more_than_the_limit() {
    // What is read besides compressed data: local headers and data descriptors.
    let slack = |entries: usize| entries as u64 * 200;
    let bombs = [
        ("every size is true", Bomb::new(64).entries(100, |i| format!("x{i}"))),
        ("names are those of a module", Bomb::new(64).entries(100, |i| format!("m@v1.0.0/{i}"))),
        ("names are not clean", Bomb::new(64).entries(100, |i| format!("m@v1.0.0/../{i}"))),
        ("one name", Bomb::new(64).entries(100, |_| "m@v1.0.0/a")),
        ("more than is declared", Bomb::new(64).entries(100, |i| format!("x{i}")).declared(100_000)),
        ("nothing is declared", Bomb::new(64).entries(1000, |i| format!("x{i}")).declared(0)),
        ("large entries", Bomb::new(3000).entries(3, |i| format!("x{i}"))),
        (
            "more is declared than there is",
            Bomb::new(1).entries(1000, |i| format!("x{i}")).declared(u32::MAX - 1),
        ),
    ];
    for (name, bomb) in bombs {
        let zip = bomb.build();
        for max in [0, 1 << 20, 70 << 20] {
            for whole in [0, 1 << 20] {
                let (inflated, read, errors) = pass(&zip, &limit(max).max_whole_entry_bytes(whole));
                assert!(inflated <= max, "{name}: {inflated} of {max}");
                assert!(read <= max + slack(errors.len()), "{name}: {read} read for {max}");
            }
        }
        let archive = Archive::open(&*zip, &Limits::default()).expect("a zip");
        let small = name.contains("declared") && !name.starts_with("more is");
        assert_eq!(archive.check_content().is_ok(), small, "{name}");
    }
}

#[test]
fn the_limit_is_inclusive_and_counts_what_is_declared() {
    let zip = ModuleZip::new("m", "v1")
        .file("a", vec![b'a'; 1000])
        .file("b", "bb")
        .stored()
        .file("c", "c")
        .stored();
    let zip = zip.directory("d").build();
    let refused = |max| {
        let (_, _, errors) = pass(&zip, &limit(max));
        let is_refused = |error: &Option<ReadError>| matches!(error, Some(ReadError::ContentTooLarge(error)) if error.limit == max);
        assert!(errors.iter().all(|error| error.is_none() || is_refused(error)), "{errors:?}");
        errors.iter().map(is_refused).collect::<Vec<_>>()
    };
    assert_eq!(refused(1003), [false; 4]);
    assert_eq!(refused(1002), [false, false, true, false]);
    // One that does not fit leaves the room to the next.
    assert_eq!(refused(3), [true, false, false, false]);
    assert_eq!(refused(0), [true, true, true, false]);
}

#[test]
fn every_reader_is_bounded() {
    let zip = Bomb::new(600).entries(1, |_| "a").build();
    let archive = Archive::open(&*zip, &Limits::default()).expect("a zip");
    let entry = &archive.entries()[0];
    let too_large = |error: &ReadError| matches!(error, ReadError::ContentTooLarge(ContentTooLarge { .. }));
    let error = archive.read(entry, |_| Err(ReadError::Checksum)).expect_err("too large");
    assert!(too_large(&error), "{error}");
    assert_eq!(error.to_string(), "content of the zip file is too large (limit is 524288000 bytes)");
    assert!(archive.read_to_vec(entry, u64::MAX).is_err());
    assert!(archive.check_content().is_err());
    let archive = Archive::open(&*zip, &limit(600 << 20)).expect("a zip");
    assert!(archive.check_content().is_ok());
    let (inflated, _, errors) = pass(&zip, &limit(600 << 20));
    assert!(inflated == 600 << 20 && errors[0].is_none());
}

/// Sizes that no data stands behind cost nothing: the entry is read, and is cut short as it is for Go.
#[test]
fn a_false_size_is_found_out_as_before() {
    let mut zip = ModuleZip::new("m", "v1").file("a", "aaaa").stored().file("b", "b").build();
    let at = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("a directory");
    zip[at + 24..at + 28].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let (_, _, errors) = pass(&zip, &Limits::default());
    assert!(matches!(errors[..], [Some(ReadError::UnexpectedEof), None]), "{errors:?}");
}

/// Cancels at the first bytes.
struct Cancelling<'a>(&'a CancelToken);

impl Sink for Cancelling<'_> {
    type Error = ReadError;
    type Out = (usize, Result<(), ReadError>);

    fn write(&mut self, _: &[u8]) -> Result<(), ReadError> {
        self.0.cancel();
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        (1, result)
    }
}

#[test]
fn cancelled_work_ends_between_two_pieces_and_between_two_entries() {
    let large = Bomb::new(400).entries(1, |_| "a").build();
    let many = (0..1000).fold(ModuleZip::new("m", "v1"), |zip, i| zip.file(&format!("{i}"), "x")).build();
    for (zip, is_cut) in [(large, true), (many, false)] {
        let archive = Archive::open(&*zip, &Limits::default()).expect("a zip");
        for threads in [1, 2, 7] {
            let token = CancelToken::new();
            let count = NonZeroUsize::new(threads).expect("threads");
            let of = Threads::new(count).cancelled_by(&token);
            let results = archive.read_all(&of, |_, _| Some(Cancelling(&token)));
            let begun: Vec<_> = results.into_iter().flatten().collect();
            assert!(begun.len() <= threads, "{} of {threads}", begun.len());
            if is_cut {
                assert!(matches!(begun[..], [(1, Err(ReadError::Cancelled(_)))]), "{begun:?}");
            }
            assert!(archive.read_all(&of, |_, _| Some(Cancelling(&token))).iter().all(Option::is_none));
        }
    }
}

#[test]
fn no_more_threads_are_started_than_stated() {
    let names = 0..5000;
    let zip = names.fold(ModuleZip::new("m", "v1"), |zip, i| zip.file(&format!("{i}"), "x")).build();
    let archive = Archive::open(&*zip, &Limits::default()).expect("a zip");
    let seen = Mutex::new(HashSet::new());
    archive.read_all(NonZeroUsize::MAX, |_, _| {
        // As long as this one waits, the others have to be taken by other threads.
        thread::yield_now();
        seen.lock().expect("a lock").insert(thread::current().id());
        None::<Cancelling<'_>>
    });
    let seen = seen.into_inner().expect("a lock").len();
    assert!((1..=MAX_THREADS.get()).contains(&seen), "{seen} threads");
}
