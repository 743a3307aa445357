use std::fs;
use std::num::NonZeroUsize;

use gomod_archive::{Archive, Limits, ReadError, Sink};
use gomod_module::ModuleVersion;
use gomod_zip::{Options, check_prefix, check_zip, unzip};

const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two is not zero");
/// Nothing is read of entries that are larger.
const LARGE: u64 = 1 << 20;

/// The content of an entry.
struct Content(Vec<u8>);

impl Sink for Content {
    type Error = ReadError;
    type Out = Result<Vec<u8>, String>;

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(self, result: Result<(), ReadError>) -> Self::Out {
        result.map(|()| self.0).map_err(|error| error.to_string())
    }
}

type Contents = Vec<Option<Result<Vec<u8>, String>>>;

fn contents(archive: &Archive<&[u8]>, threads: NonZeroUsize) -> Contents {
    archive.read_all(threads, |_, entry| (entry.size() <= LARGE).then(|| Content(Vec::new())))
}

/// An archive says the same of itself and of its contents for one thread and for two, in pieces and as a whole; what is
/// read has the size that the directory states.
pub fn zip_directory(data: &[u8]) {
    let limits = Limits::new().max_entries(1000);
    let Ok(archive) = Archive::open(data, &limits) else { return };
    let whole = contents(&archive, NonZeroUsize::MIN);
    assert_eq!(contents(&archive, TWO), whole);
    let in_pieces = Archive::open(data, &limits.max_whole_entry_bytes(0)).expect("it was opened");
    let verdict = |contents: &Contents| -> Vec<_> {
        contents.iter().map(|read| read.as_ref().map(|read| read.as_ref().ok().cloned())).collect()
    };
    assert_eq!(verdict(&contents(&in_pieces, NonZeroUsize::MIN)), verdict(&whole));
    for (entry, read) in archive.entries().iter().zip(whole) {
        if let Some(Ok(content)) = read {
            assert_eq!(content.len() as u64, entry.size());
        }
    }
}

/// Only a zip that passes the check is extracted, and then as many files as are valid; else nothing is left.
pub fn check_unzip(data: &[u8]) {
    let m = ModuleVersion::parse("example.com/m", "v1.0.0").expect("a module");
    let Ok(archive) = Archive::open(data, &Limits::new().max_entries(1000)) else { return };
    if archive.entries().iter().map(|entry| entry.size().min(LARGE * 8)).sum::<u64>() >= LARGE * 8 {
        return;
    }
    let checked = check_zip(&archive, &m);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let target = dir.path().join("target");
    match unzip(&archive, &m, &target, &Options::new().threads(TWO)) {
        Ok(unzipped) => {
            assert!(checked.is_valid() && check_prefix(&archive, &m).is_ok());
            assert!(unzipped.files <= checked.valid.len());
        }
        Err(_) => assert!(!target.exists(), "something is left"),
    }
    assert!(fs::read_dir(dir.path()).expect("the directory").count() <= 1);
}
