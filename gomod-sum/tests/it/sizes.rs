//! Files are read in pieces, hashed by turns and padded: sizes at the edges of all three have the hash of their bytes,
//! whatever lies beside them and on any number of threads.

use std::fs;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits};
use gomod_sum::{FileHash, HashBuilder, HashZipError, hash_dir, hash_zip};
use gomod_testkit::{ModuleZip, source_text};

const SIZES: [usize; 21] = [
    0,
    1,
    55,
    56,
    63,
    64,
    65,
    119,
    120,
    128,
    4000,
    (64 << 10) - 1,
    64 << 10,
    (64 << 10) + 1,
    (64 << 10) + 63,
    128 << 10,
    200_000,
    (1 << 20) - 1,
    1 << 20,
    (1 << 20) + 1,
    3 << 20,
];

#[test]
fn sizes_at_the_edges() {
    // Each size beside others: up, down, and by turns.
    let mut sizes = SIZES.to_vec();
    sizes.extend(SIZES.iter().rev());
    sizes.extend((0..SIZES.len()).map(|i| SIZES[i * 7 % SIZES.len()]));
    let dir = tempfile::tempdir().unwrap();
    let mut zip = ModuleZip::new("m", "v1.0.0");
    let mut hashes = HashBuilder::new();
    for (i, size) in sizes.into_iter().enumerate() {
        let (name, content) = (format!("f{i}"), source_text(i as u64, size));
        hashes.push(format!("m@v1.0.0/{name}"), FileHash::of(&content)).unwrap();
        fs::write(dir.path().join(&name), &content).unwrap();
        zip = zip.file(&name, content);
        if i % 3 == 0 {
            zip = zip.stored();
        }
    }
    let (zip, expected) = (zip.build(), hashes.finish());
    let archive = Archive::open(&zip[..], &Limits::default()).unwrap();
    for threads in [1, 2, 3, 100] {
        let threads = NonZeroUsize::new(threads).unwrap();
        assert_eq!(hash_dir(dir.path(), "m@v1.0.0", threads).unwrap(), expected);
        assert_eq!(hash_zip(&archive, threads).unwrap(), expected);
    }
}

/// Long files are read last, and yet the error that counts is the first in the order of the names.
#[cfg(target_os = "linux")]
#[test]
fn the_first_file_that_cannot_be_read_is_the_error() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a-long", "c-long", "e-long"] {
        fs::write(dir.path().join(name), source_text(1, 2 << 20)).unwrap();
    }
    for name in ["b", "d"] {
        // A regular file to look at, whose first byte cannot be read.
        std::os::unix::fs::symlink("/proc/self/mem", dir.path().join(name)).unwrap();
    }
    for threads in [1, 2, 3] {
        let error = hash_dir(dir.path(), "m@v1.0.0", NonZeroUsize::new(threads).unwrap()).unwrap_err();
        let gomod_sum::HashDirError::Io { operation: "read", path, .. } = error else { panic!("{error}") };
        assert_eq!(path, dir.path().join("b"));
    }
}

#[test]
fn an_entry_that_is_bad_in_the_end_has_no_hash() {
    for size in [100, 1 << 20, (1 << 20) + 1] {
        let mut zip = ModuleZip::new("m", "v1.0.0").file("good", source_text(1, 1000));
        zip = zip.file("bad", source_text(2, size)).stored();
        let mut zip = zip.build();
        let content = source_text(2, size);
        let at = zip.windows(64).position(|window| window == &content[..64]).unwrap();
        zip[at] ^= 1;
        let archive = Archive::open(&zip[..], &Limits::default()).unwrap();
        for threads in [1, 2] {
            let error = hash_zip(&archive, NonZeroUsize::new(threads).unwrap()).unwrap_err();
            let HashZipError::Entry { name, .. } = error else { panic!("{error}") };
            assert_eq!(name, b"m@v1.0.0/bad");
        }
    }
}
